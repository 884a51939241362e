//! What a drain tells programs: a document for each event, of which the last has the exit status.

use super::counts::Counts;
use super::obstacle::Obstacle;
use super::progress::{Drain, Sight, State};
use super::target::Target;
use super::text;
use crate::ipvs::model::Change;
use crate::program::render::json::{
    CountsView, DrainView, DrainedServerView, SCHEMA_VERSION, ServerKeyView, ServiceKeyView, WarningView,
};
use crate::program::render::rules;

/// That nothing is done, and why.
pub fn refused(targets: &[Target], obstacles: &[Obstacle], limit_seconds: Option<u64>, status: u8) -> DrainView {
    DrainView {
        schema_version: SCHEMA_VERSION,
        event: "refused",
        elapsed_seconds: 0,
        limit_seconds,
        exit_status: Some(status),
        servers: targets.iter().map(untouched).collect(),
        warnings: warnings(obstacles),
    }
}

/// Where a drain stands that has not ended.
pub fn event(event: &'static str, drain: &Drain<'_>, obstacles: &[Obstacle]) -> DrainView {
    DrainView {
        schema_version: SCHEMA_VERSION,
        event,
        elapsed_seconds: drain.elapsed().as_secs(),
        limit_seconds: drain.limit_seconds(),
        exit_status: None,
        servers: (0..drain.targets().len()).map(|index| seen(drain, index)).collect(),
        warnings: warnings(obstacles),
    }
}

/// How it ended, when these changes have been made.
pub fn ended(drain: &Drain<'_>, changes: &[Change]) -> DrainView {
    let word = match drain.state() {
        State::Draining | State::Drained => "drained",
        State::TimeLimit => "time_limit",
        State::Changed(_) => "changed",
        State::Interrupted(_) => "interrupted",
    };
    let mut view = event(word, drain, &[]);
    view.exit_status = Some(drain.status());
    for (index, (server, target)) in view.servers.iter_mut().zip(drain.targets()).enumerate() {
        if changes.contains(&target.removal()) {
            (server.state, server.weight, server.remove) = ("removed", None, None);
            server.put_back = text::adding(target);
        } else if target.is_edited_by(changes) {
            (server.state, server.weight) = ("put_back", Some(target.server.weight));
        }
        match drain.change_of_others(index) {
            Some(Sight::Server { listed, .. }) => {
                (server.state, server.weight) = ("changed", Some(listed.server.weight));
            }
            Some(_) => (server.state, server.weight, server.remove) = ("gone", None, None),
            None => {}
        }
    }
    view
}

fn seen(drain: &Drain<'_>, index: usize) -> DrainedServerView {
    let seen = &drain.seen()[index];
    let state = if seen.is_drained() { "drained" } else { "draining" };
    DrainedServerView { state, weight: Some(0), connections: counts(seen.counts), ..untouched(&drain.targets()[index]) }
}

fn untouched(target: &Target) -> DrainedServerView {
    let (service, server) = (&target.service.key, &target.server);
    DrainedServerView {
        service: ServiceKeyView::new(service, None),
        server: ServerKeyView::new(service, &server.key, None),
        state: "unchanged",
        weight_before: server.weight,
        weight: Some(server.weight),
        connections: counts(target.counts),
        put_back: text::putting_back(target),
        remove: Some(rules::command(&target.removal())),
    }
}

fn counts(Counts { active, inactive, persistent }: Counts) -> CountsView {
    CountsView { active, inactive, persistent }
}

fn warnings(obstacles: &[Obstacle]) -> Vec<WarningView> {
    let warning = |obstacle| WarningView { kind: kind(obstacle), message: text::obstacle(obstacle) };
    obstacles.iter().map(warning).collect()
}

fn kind(obstacle: &Obstacle) -> &'static str {
    match obstacle {
        Obstacle::LastServer(_) => "last_server",
        Obstacle::OthersFull(_) => "others_full",
        Obstacle::RefusesWithoutFallback(_) | Obstacle::RefusesAlways(_) => "scheduler_refuses",
        Obstacle::Templates { .. } => "persistent_clients",
        Obstacle::PortReuse => "port_reuse",
        Obstacle::CutAtLimit(_) => "cut_at_limit",
        Obstacle::Manager(..) => "manager",
    }
}
