//! What stands in the way of a drain, found before anything is changed. How schedulers treat a server of weight 0 was
//! measured on Linux 6.1, 6.12 and 7.2; `tests/drain` measures it again.

use super::facts::Facts;
use super::target::Target;
use crate::ipvs::model::{ListedServer, ServiceEntry, ServiceFlags, ServiceKey, Snapshot, VirtualService};
use crate::program::draining::Draining;
use crate::program::processes::Place;

/// Something that a drain meets.
#[derive(Clone, Debug, PartialEq)]
pub enum Obstacle {
    /// No other server of the service has a weight, so that new clients are refused.
    LastServer(ServiceKey),
    /// Every other server with a weight is at its upper threshold, so that new clients are refused.
    OthersFull(ServiceKey),
    /// The scheduler keeps giving the server its share of new clients, who are refused. A flag of the service sends them
    /// elsewhere.
    RefusesWithoutFallback(VirtualService),
    /// The same, and there is no such flag.
    RefusesAlways(VirtualService),
    /// Persistent clients who come back are sent to the server still (`expire_quiescent_template` is 0).
    Templates {
        /// The service.
        service: VirtualService,
        /// Whether the drain waits for them.
        waits: bool,
    },
    /// A client who uses its port again gets its old server, at weight 0 too.
    PortReuse,
    /// At the time limit the server is to be removed with its connections: whether they end at their next packet
    /// (`expire_nodest_conn` is 1), or hang.
    CutAtLimit(Option<bool>),
    /// A program that sets weights too, in this network namespace or one that is not known.
    Manager(&'static str, Place),
}

impl Obstacle {
    /// Whether it takes `--force` to go on.
    pub fn refuses(&self) -> bool {
        matches!(self, Self::LastServer(_))
    }
}

/// All of them, in the order in which they matter.
pub fn find(table: &Snapshot, targets: &[Target], facts: &Facts, draining: &Draining) -> Vec<Obstacle> {
    let mut found = Vec::new();
    let mut services: Vec<_> = targets.iter().map(|target| &target.service).collect();
    services.dedup();
    for service in services {
        let Some(entry) = table.service(&service.key) else { continue };
        let of_service = |target: &&Target| target.service.key == service.key;
        let targets: Vec<_> = targets.iter().filter(of_service).collect();
        let mut others = others(entry, &targets).peekable();
        if others.peek().is_some() {
            found.extend(scheduler(service));
            if others.all(is_full) {
                found.push(Obstacle::OthersFull(service.key));
            }
        } else if targets.iter().any(|target| target.server.weight != 0) {
            found.push(Obstacle::LastServer(service.key));
        }
        if service.flags.contains(ServiceFlags::PERSISTENT) && !facts.templates_expire() {
            found.push(Obstacle::Templates { service: *service, waits: !draining.ignore_persistent });
        }
    }
    if facts.ports_stay() {
        found.push(Obstacle::PortReuse);
    }
    if draining.remove && draining.force && !draining.restore_weight && draining.limit.is_some() {
        found.push(Obstacle::CutAtLimit(facts.orphans_end));
    }
    found.extend(facts.managers.iter().map(|(name, place)| Obstacle::Manager(name, *place)));
    found
}

/// The servers that new clients may find instead.
fn others<'e>(entry: &'e ServiceEntry, targets: &'e [&Target]) -> impl Iterator<Item = &'e ListedServer> {
    let is_target = |key| targets.iter().any(|target| target.server.key == key);
    entry.servers.iter().filter(move |listed| listed.server.weight > 0 && !is_target(listed.server.key))
}

fn is_full(listed: &ListedServer) -> bool {
    let upper = listed.server.upper_threshold;
    upper > 0 && u64::from(listed.active) + u64::from(listed.inactive) >= upper.into()
}

/// What the hash schedulers do: `dh` and `sh` give a server of weight 0 a share of the hash as if it had weight 1, `mh` the
/// share of its last weight, and refuse those clients; the fallback flags look further. All others pass it over.
fn scheduler(service: &VirtualService) -> Option<Obstacle> {
    match service.scheduler.as_bytes() {
        b"sh" | b"mh" if !service.flags.contains(ServiceFlags::SCHED1) => {
            Some(Obstacle::RefusesWithoutFallback(*service))
        }
        b"dh" => Some(Obstacle::RefusesAlways(*service)),
        _ => None,
    }
}
