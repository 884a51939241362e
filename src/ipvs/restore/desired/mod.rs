//! The table that a file asks for: its changes played, in order, over an empty table or, with `--noflush`, the live one.
//!
//! A change fails here as it would in the kernel, with the same error number, where the state of the table alone
//! decides. What only the kernel can judge (whether it has a scheduler, whether an address is unicast) shows when the
//! changes are made; then the lines are played again, with what is known of them.
//!
//! *A line that fails changes nothing that is live.* What it wanted to be there stays as it is, with its servers: the
//! file says that it is to be there, if not how.

mod play;

pub use play::Trouble;

use super::lines::{Line, ServicePattern};
use super::live::Live;
use crate::ipvs::model::{DaemonState, RealServer, ServerKey, ServiceKey, SyncDaemon, Timeouts, VirtualService};
use rustc_hash::{FxHashMap, FxHashSet};

/// Ends the list of a service's servers.
const NONE: u32 = u32::MAX;

/// What becomes of live services, or of a service's live servers, of which the file says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Others {
    /// They go: the file is the whole table.
    Remove,
    /// They are [`Standing::Untouched`]: the file adds to the table.
    Keep,
    /// They are [`Standing::Refused`]: a line failed that may have meant them.
    Spare,
}

/// How a service or a server stands after the lines.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Standing<S> {
    /// It is to be there as the line says.
    Wanted {
        /// Its settings.
        settings: S,
        /// The line that gave them.
        line: Line,
    },
    /// It is as it lives, if it does: no line has changed it yet.
    Untouched,
    /// A line that wanted it was refused. It stays as it lives; then later lines find it, and may also add it anew.
    Refused,
    /// A line that wanted it failed, for the file has it not. It stays if it lives, but no line finds it.
    Missed,
    /// It is to go.
    Gone,
}

/// What is wanted of a service.
#[derive(Clone, Debug)]
pub struct WantedService {
    /// What identifies it.
    pub key: ServiceKey,
    /// How it stands.
    pub standing: Standing<VirtualService>,
    /// The line that added it, or was refused; `None` for one that no line adds.
    pub since: Option<Line>,
    /// What becomes of its live servers that no line names.
    pub others: Others,
    /// The line that zeroes its counters.
    pub zeroed: Option<Line>,
    first: u32,
    last: u32,
}

/// What is wanted of a server.
#[derive(Clone, Debug)]
pub struct WantedServer {
    /// How it stands.
    pub standing: Standing<RealServer>,
    /// The line that added it, or was refused; `None` for one that no line adds.
    pub since: Option<Line>,
    next: u32,
}

/// What is wanted of one of the two daemons.
#[derive(Clone, Copy, Debug, Default)]
pub struct WantedDaemon {
    /// Its settings; `None` when it is not to run.
    pub daemon: Option<SyncDaemon>,
    /// The line that says so.
    pub line: Option<Line>,
}

/// A table as it is wanted.
#[derive(Debug)]
pub struct Desired<'l> {
    /// What lives; `None` when that is not known.
    live: Option<&'l Live>,
    services: Vec<WantedService>,
    servers: Vec<WantedServer>,
    /// Services before this place are of a table that was cleared since.
    cleared: u32,
    by_service: FxHashMap<ServiceKey, u32>,
    by_server: FxHashMap<(u32, ServerKey), u32>,
    /// Servers of another family than their service's, of those wanted or untouched: the kernel has no sync daemon
    /// beside them.
    mixed: usize,
    others: Others,
    /// Whether objects of a document are played, not lines.
    pub of_document: bool,
    may_be_meant: FxHashSet<ServicePattern>,
    /// The timeouts to set and the last line that sets one.
    pub timeouts: Option<(Timeouts, Line)>,
    /// The line that zeroes all counters.
    pub zeroed: Option<Line>,
    /// Master and backup.
    pub daemons: [WantedDaemon; 2],
}

impl<'l> Desired<'l> {
    /// What is wanted before any line was played, where the table was `live`, or unknown. There will be about so many
    /// `lines`.
    pub fn new(live: Option<&'l Live>, others: Others, lines: usize) -> Self {
        let mut desired = Self {
            live,
            services: Vec::new(),
            servers: Vec::with_capacity(lines),
            cleared: 0,
            by_service: FxHashMap::default(),
            by_server: FxHashMap::with_capacity_and_hasher(lines, Default::default()),
            mixed: 0,
            others,
            of_document: false,
            may_be_meant: FxHashSet::default(),
            timeouts: None,
            zeroed: None,
            daemons: Default::default(),
        };
        let Some(live) = live else { return desired };
        if others == Others::Keep {
            desired.mixed = live.services.iter().map(|live| count_mixed(&live.service.key, &live.servers)).sum();
        }
        for daemon in &live.daemons {
            desired.daemons[slot(daemon.state)].daemon = Some(*daemon);
        }
        desired
    }

    /// What lines say of a service, and its place among all.
    pub fn service(&self, key: &ServiceKey) -> Option<(u32, &WantedService)> {
        let place = self.by_service.get(key).filter(|place| **place >= self.cleared);
        place.map(|place| (*place, &self.services[*place as usize]))
    }

    /// What lines say of a server of the service at a place, and its place among all.
    pub fn server(&self, service: u32, key: &ServerKey) -> Option<(u32, &WantedServer)> {
        self.by_server.get(&(service, *key)).map(|place| (*place, &self.servers[*place as usize]))
    }

    /// Whether a live service of which no line says anything goes. One that a line may mean whose names do not resolve
    /// is spared.
    pub fn unnamed(&self, key: &ServiceKey) -> Others {
        if self.others == Others::Remove && self.may_be_meant(key) { Others::Spare } else { self.others }
    }

    /// The services of the file, in its order, with their places.
    pub fn services(&self) -> impl Iterator<Item = (u32, &WantedService)> {
        (self.cleared..).zip(&self.services[self.cleared as usize..])
    }

    /// The servers that are wanted of the service at a place, in the order of the file, with their places.
    pub fn wanted_servers(&self, service: u32) -> impl Iterator<Item = (u32, &RealServer, Line)> {
        let mut next = self.services[service as usize].first;
        let all = std::iter::from_fn(move || {
            let place = (next != NONE).then_some(next)?;
            let wanted = &self.servers[place as usize];
            next = wanted.next;
            Some((place, wanted))
        });
        all.filter_map(|(place, wanted)| match &wanted.standing {
            Standing::Wanted { settings, line } => Some((place, settings, *line)),
            _ => None,
        })
    }

    /// How many places of services and of servers there are.
    pub fn places(&self) -> (usize, usize) {
        (self.services.len(), self.servers.len())
    }

    fn may_be_meant(&self, key: &ServiceKey) -> bool {
        let ServiceKey::Address { protocol, address, port } = *key else { return false };
        let like = |address, port| self.may_be_meant.contains(&ServicePattern { protocol, address, port });
        !self.may_be_meant.is_empty()
            && (like(Some(address), None) || address.is_ipv4() && (like(None, Some(port)) || like(None, None)))
    }
}

/// The place of a daemon in [`Desired::daemons`].
pub fn slot(state: DaemonState) -> usize {
    match state {
        DaemonState::Master => 0,
        DaemonState::Backup => 1,
    }
}

/// Whether a server is of another family than its service.
pub fn is_mixed(service: &ServiceKey, server: &ServerKey) -> bool {
    service.family() != server.family()
}

/// How many servers are of another family than their service.
pub fn count_mixed(service: &ServiceKey, servers: &[RealServer]) -> usize {
    servers.iter().filter(|server| is_mixed(service, &server.key)).count()
}

/// The timeouts after both were set.
pub fn overlay(old: Timeouts, new: Timeouts) -> Timeouts {
    Timeouts { tcp: new.tcp.or(old.tcp), tcp_fin: new.tcp_fin.or(old.tcp_fin), udp: new.udp.or(old.udp) }
}

/// Whether setting timeouts would change nothing.
pub fn same_timeouts(live: Timeouts, wanted: Timeouts) -> bool {
    overlay(live, wanted) == live
}
