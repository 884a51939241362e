//! What a drain tells people, line by line.

use super::counts::Counts;
use super::obstacle::Obstacle;
use super::progress::{Drain, Sight, State};
use super::target::Target;
use crate::ipvs::model::{Change, ServiceFlags, VirtualService};
use crate::program::processes::Place;
use crate::program::render::rules::{self, command};

/// What stands in the way, in one sentence or two.
pub fn obstacle(obstacle: &Obstacle) -> String {
    match obstacle {
        Obstacle::LastServer(key) => {
            format!("No other server of {key} has a weight: new clients are refused while this one has none.")
        }
        Obstacle::OthersFull(key) => {
            format!(
                "Every other server of {key} is at its upper threshold: new clients are refused while this one has no weight."
            )
        }
        Obstacle::RefusesWithoutFallback(service) => format!(
            "The scheduler {} of {} refuses some new clients while a server has weight 0. To send them elsewhere: {}",
            service.scheduler,
            service.key,
            with_fallback(service)
        ),
        Obstacle::RefusesAlways(service) => format!(
            "The scheduler {} of {} refuses the new clients of some virtual addresses, or of all, while a server has \
             weight 0. They go elsewhere when it is removed.",
            service.scheduler, service.key
        ),
        Obstacle::Templates { service, waits } => format!(
            "{} is persistent: clients who come back within {} s still get this server{}. To send them elsewhere: \
             sysctl -w net.ipv4.vs.expire_quiescent_template=1",
            service.key,
            service.timeout,
            if *waits { ", and are waited for" } else { " until it is removed" }
        ),
        Obstacle::PortReuse => "Clients who use a port again still get their old server. To send them elsewhere: \
             sysctl -w net.ipv4.vs.conn_reuse_mode=1"
            .to_owned(),
        Obstacle::CutAtLimit(orphans_end) => format!("At the time limit, {}", fate(*orphans_end)),
        Obstacle::Manager(name, Place::Unknown) => format!(
            "{name} runs, which sets weights too: it may undo this, unless it is of another network namespace, which cannot \
             be read."
        ),
        Obstacle::Manager(name, Place::Here) => format!("{name} runs here, which sets weights too: it may undo this."),
    }
}

/// What becomes of the connections of a server that is removed.
pub fn fate(orphans_end: Option<bool>) -> &'static str {
    match orphans_end {
        Some(true) => "connections that are left end at their next packet (net.ipv4.vs.expire_nodest_conn is 1).",
        _ => "connections that are left hang, for their packets are dropped (net.ipv4.vs.expire_nodest_conn is 0).",
    }
}

fn with_fallback(service: &VirtualService) -> String {
    command(&Change::EditService(VirtualService { flags: service.flags | ServiceFlags::SCHED1, ..*service }))
}

/// The command that gives a target its old weight, and leaves what else somebody may change of it meanwhile.
pub fn putting_back(target: &Target) -> String {
    weighted(target, &rules::weight_command(&target.service.key, &target.server.key, target.server.weight))
}

/// The command that adds a target again.
pub fn adding(target: &Target) -> String {
    weighted(target, &command(&Change::AddServer(target.service.key, target.server)))
}

/// Where nobody knows the old weight, the command has a word in its place.
fn weighted(target: &Target, command: &str) -> String {
    match target.old_weight() {
        Some(_) => command.to_owned(),
        None => command.replacen(" -w 0", " -w WEIGHT", 1),
    }
}

/// That a target takes no new connections from now on, and how to undo that.
pub fn begun(target: &Target) -> [String; 2] {
    let what = match target.old_weight() {
        Some(weight) => format!("weight {weight} is 0 now."),
        None => "its weight is 0 already.".to_owned(),
    };
    [format!("{target}: {what}"), format!("To put it back: {}", putting_back(target))]
}

/// Connections of a target.
pub fn counts(target: &Target, Counts { active, inactive, persistent }: Counts) -> String {
    match is_persistent(target) || persistent > 0 {
        true => format!("{active} active, {inactive} inactive, {persistent} persistent"),
        false => format!("{active} active, {inactive} inactive"),
    }
}

/// The one line of a terminal: what is left, how that has changed, and the time.
pub fn status(drain: &Drain<'_>) -> String {
    let (now, targets) = (drain.counts(), drain.targets());
    // The time comes first, since the end of a long line is cut.
    let mut parts = vec![match drain.left() {
        Some(left) => format!("{} s left", left.as_secs()),
        None => format!("{} s so far", drain.elapsed().as_secs()),
    }];
    if targets.len() > 1 {
        let drained = drain.seen().iter().filter(|seen| seen.is_drained()).count();
        parts.push(format!("{drained} of {} drained", targets.len()));
    }
    let before = drain.before().unwrap_or(now);
    parts.push(count("active", now.active, before.active));
    parts.push(count("inactive", now.inactive, before.inactive));
    if now.persistent > 0 || targets.iter().any(is_persistent) {
        parts.push(count("persistent", now.persistent, before.persistent));
    }
    parts.join(", ")
}

fn count(kind: &str, now: u64, before: u64) -> String {
    match i128::from(now) - i128::from(before) {
        0 => format!("{now} {kind}"),
        change => format!("{now} {kind} ({change:+})"),
    }
}

fn is_persistent(target: &Target) -> bool {
    target.service.flags.contains(ServiceFlags::PERSISTENT)
}

/// How it ended for a target. `made` says whether what the end asks for has been done; nothing else is said of that.
pub fn ended(drain: &Drain<'_>, index: usize, changes: &[Change]) -> Vec<String> {
    let target = &drain.targets()[index];
    let left = counts(target, drain.seen()[index].counts);
    let seconds = drain.elapsed().as_secs();
    let removed = changes.contains(&target.removal());
    let put_back = target.is_edited_by(changes);
    let first = match drain.state() {
        State::Draining => return Vec::new(),
        State::Drained if removed => format!("no connections after {seconds} s; it is removed."),
        State::Drained => format!("no connections after {seconds} s; it stays at weight 0."),
        State::TimeLimit if removed => format!("{left} at the time limit of {seconds} s; it is removed all the same."),
        State::TimeLimit if put_back => {
            format!("{left} at the time limit of {seconds} s; its weight is {} again.", target.server.weight)
        }
        // Nobody knows what it had before.
        State::TimeLimit if drain.restores_weight() => {
            format!("{left} at the time limit of {seconds} s; it stays at weight 0, as it was found.")
        }
        State::TimeLimit => format!("{left} at the time limit of {seconds} s; it stays at weight 0."),
        State::Changed(_) => match drain.change_of_others(index) {
            Some(sight) => return vec![format!("{target}: {}", change_of_others(sight))],
            None => format!("{left}; it stays at weight 0."),
        },
        State::Interrupted(_) => {
            format!("interrupted with {left}; it stays at weight 0. The same command again goes on with it.")
        }
    };
    let mut lines = vec![format!("{target}: {first}")];
    if removed {
        lines.push(format!("To add it again: {}", adding(target)));
    } else if !put_back {
        lines.push(format!("To put it back: {}", putting_back(target)));
        lines.push(format!("To remove it now: {}", command(&target.removal())));
    }
    lines
}

fn change_of_others(sight: &Sight) -> String {
    match sight {
        Sight::Server { listed, .. } => {
            format!("somebody else set its weight to {}. It is left so.", listed.server.weight)
        }
        Sight::NoServer => "somebody else has removed it.".to_owned(),
        Sight::NoService => "somebody else has removed the service.".to_owned(),
    }
}
