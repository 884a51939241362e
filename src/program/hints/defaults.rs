//! What `-E` and `-e` take away: whatever is not given gets its default again. The reference says nothing when a server
//! that was masqueraded is reached by direct routing from then on, because `-m` was not given.

use crate::ipvs::client::{Client, Query};
use crate::ipvs::filter::TableFilter;
use crate::ipvs::model::{Change, Forwarding, RealServer, ServiceFlags, VirtualService};
use crate::program::cli::Walk;
use crate::program::cli::options::{Kind, Opt};

/// What is edited, as it was.
pub enum Live {
    /// A service.
    Service(VirtualService),
    /// A real server.
    Server(RealServer),
}

/// Looks at what a change is about to edit.
pub fn before(client: &mut Client, change: &Change) -> Option<Live> {
    match change {
        Change::EditService(service) => {
            client.service(&service.key, false).ok().map(|listed| Live::Service(listed.service))
        }
        Change::EditServer(service, server) => {
            let filter = TableFilter::of(*service);
            let table = client.snapshot(Query { filter: Some(&filter), ..Query::default() }).ok()?;
            let mut servers = table.services.first()?.servers.iter();
            servers.find(|listed| listed.server.key == server.key).map(|listed| Live::Server(listed.server))
        }
        _ => None,
    }
}

impl Live {
    /// What it had and was not given again, for the user.
    pub fn lost(&self, words: &[&str], change: &Change) -> Option<String> {
        let (command, had) = match (self, change) {
            (Self::Service(before), Change::EditService(after)) => ("-E", of_service(before, after)),
            (Self::Server(before), Change::EditServer(_, after)) => ("-e", of_server(before, after)),
            _ => return None,
        };
        let had = had.into_iter().filter(|(opt, _)| !is_given(words, *opt));
        let had: Vec<String> = had.filter_map(|(_, words)| words).collect();
        let had = had.join(" ");
        (!had.is_empty())
            .then(|| format!("what {command} is not given gets its default again, without --keep; it was {had}"))
    }
}

fn is_given(words: &[&str], opt: Opt) -> bool {
    let mut given = Walk::new(words).map_while(Result::ok);
    given.any(|option| matches!(option.spec.kind, Kind::Option(given) if given.first() == opt.first()))
}

/// Each option with the words that would have kept what it sets.
fn of_service(before: &VirtualService, after: &VirtualService) -> Vec<(Opt, Option<String>)> {
    let flags = before.flags - after.flags;
    let persistent = flags.contains(ServiceFlags::PERSISTENT);
    vec![
        (Opt::Scheduler, (before.scheduler != after.scheduler).then(|| format!("-s {}", before.scheduler))),
        (Opt::Persistent, persistent.then(|| format!("-p {}", before.timeout))),
        (Opt::Netmask, (before.netmask != after.netmask).then(|| format!("-M {}", before.netmask))),
        (Opt::Pe, before.persistence_engine.map(|engine| format!("--pe {engine}"))),
        (Opt::Ops, flags.contains(ServiceFlags::ONEPACKET).then(|| "-o".to_owned())),
        (Opt::SchedFlags, flags.intersects(ServiceFlags::SCHEDULER).then(|| "-b ...".to_owned())),
    ]
}

fn of_server(before: &RealServer, after: &RealServer) -> Vec<(Opt, Option<String>)> {
    let method = match before.forwarding {
        // A local server is that by itself, whatever was asked for.
        _ if before.forwarding == after.forwarding => None,
        Forwarding::Masquerading => Some("-m".to_owned()),
        Forwarding::Tunnel => Some("-i".to_owned()),
        _ => None,
    };
    let number = |option, before: u32, after| (before != after).then(|| format!("{option} {before}"));
    vec![
        (Opt::Gatewaying, method),
        (Opt::Weight, (before.weight != after.weight).then(|| format!("-w {}", before.weight))),
        (Opt::UThreshold, number("-x", before.upper_threshold, after.upper_threshold)),
        (Opt::LThreshold, number("-y", before.lower_threshold, after.lower_threshold)),
    ]
}
