//! The changes that make a live table the desired one, and how to undo each.
//!
//! What is equal is not touched. First services are made, each with its servers, and those that stay are edited and
//! given their new servers; only then are servers and services removed. So a service that stays is never without its
//! servers, and a refusal among the first changes is met before anything is gone that cannot come back as it was.

use super::desired::{
    Desired, Others, Standing, WantedDaemon, WantedService, count_mixed, is_mixed, same_timeouts, slot,
};
use super::lines::Line;
use super::live::{Live, LiveService};
use super::object::Object;
use crate::ipvs::equality::{same_daemon, same_server, same_service};
use crate::ipvs::model::{Change, RealServer, ServiceKey, StopDaemon, SyncDaemon};
use rustc_hash::FxHashSet;
use std::ops::Range;

/// A change, and the line that asked for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    /// What to do.
    pub change: Change,
    /// The line; `None` for what no line names, such as the removal of what the file leaves out.
    pub line: Option<Line>,
    undo: Range<u32>,
}

/// How many of both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Services.
    pub services: usize,
    /// Servers.
    pub servers: usize,
}

/// The live table, as we know it.
#[derive(Clone, Copy)]
pub struct Tables<'t> {
    /// Before we changed it.
    pub before: &'t Live,
    /// Now.
    pub now: &'t Live,
    /// What we have changed.
    pub ours: &'t FxHashSet<Object>,
}

/// All that is to be done. Each step is to be complete before the next one begins.
#[derive(Debug, Default)]
pub struct Plan {
    /// The changes in order.
    pub changes: Vec<Planned>,
    /// What the file leaves out and stays nevertheless, for a line that failed may mean it.
    pub spared: Count,
    /// What goes, servers with their services.
    pub removed: Count,
    /// Where the removals begin.
    removals: usize,
    /// Where the zeroing of counters begins, which nothing can undo.
    zeroes: usize,
    /// What undoes each change, in the order in which it is done.
    undo: Vec<Change>,
}

impl Plan {
    /// Compares. `undoable` keeps what is needed to undo the changes.
    pub fn new(tables: &Tables<'_>, desired: &Desired<'_>, undoable: bool) -> Self {
        let (services, servers) = desired.places();
        let mut planner = Planner {
            tables: *tables,
            desired,
            undoable,
            met_services: vec![false; services],
            met_servers: vec![false; servers],
            makes: Self::default(),
            removals: Self::default(),
            zeroes: Vec::new(),
            mixed_goes: false,
        };
        planner.daemons_that_stop();
        planner.timeouts();
        planner.live_services();
        planner.new_services();
        planner.daemons_that_start();
        planner.finish()
    }

    /// The steps: what is made, what is removed, what is zeroed.
    pub fn steps(&self) -> [Range<usize>; 3] {
        [0..self.removals, self.removals..self.zeroes, self.zeroes..self.changes.len()]
    }

    /// What undoes a change, in the order in which it is to be done. Nothing undoes the zeroing of counters.
    pub fn undo(&self, planned: &Planned) -> &[Change] {
        &self.undo[planned.undo.start as usize..planned.undo.end as usize]
    }

    fn push(&mut self, change: Change, line: Option<Line>, undo: impl IntoIterator<Item = Change>) {
        let start = self.undo.len() as u32;
        self.undo.extend(undo);
        self.changes.push(Planned { change, line, undo: start..self.undo.len() as u32 });
    }

    fn append(&mut self, mut other: Self) {
        let shift = self.undo.len() as u32;
        self.undo.append(&mut other.undo);
        self.changes.extend(
            other
                .changes
                .into_iter()
                .map(|planned| Planned { undo: planned.undo.start + shift..planned.undo.end + shift, ..planned }),
        );
    }
}

struct Planner<'p, 'l> {
    tables: Tables<'p>,
    desired: &'p Desired<'l>,
    undoable: bool,
    met_services: Vec<bool>,
    met_servers: Vec<bool>,
    makes: Plan,
    removals: Plan,
    zeroes: Vec<(Change, Line)>,
    /// Whether a server of another family than its service's goes: no daemon can start before.
    mixed_goes: bool,
}

impl Planner<'_, '_> {
    /// A daemon that only stops does so first: beside one, the kernel takes no servers of another family.
    fn daemons_that_stop(&mut self) {
        for daemon in &self.tables.now.daemons {
            if let WantedDaemon { daemon: None, line: Some(line) } = self.desired.daemons[slot(daemon.state)] {
                self.makes.push(stop(daemon), Some(line), [Change::StartDaemon(*daemon)]);
            }
        }
    }

    /// One that runs otherwise than wanted stops at the last moment.
    fn daemons_that_start(&mut self) {
        let plan = if self.mixed_goes { &mut self.removals } else { &mut self.makes };
        for wanted in &self.desired.daemons {
            let Some(daemon) = wanted.daemon else { continue };
            match self.tables.now.daemons.iter().find(|running| running.state == daemon.state) {
                Some(running) if wanted.line.is_none() || same_daemon(running, &daemon) => continue,
                Some(running) => plan.push(stop(running), wanted.line, [Change::StartDaemon(*running)]),
                None => {}
            }
            plan.push(Change::StartDaemon(daemon), wanted.line, [stop(&daemon)]);
        }
    }

    fn timeouts(&mut self) {
        if let (Some((wanted, line)), Some(old)) = (self.desired.timeouts, self.tables.now.timeouts) {
            if !same_timeouts(old, wanted) {
                self.makes.push(Change::SetTimeouts(wanted), Some(line), [Change::SetTimeouts(old)]);
            }
        }
    }

    fn live_services(&mut self) {
        for live in &self.tables.now.services {
            let key = live.service.key;
            let Some((place, wanted)) = self.desired.service(&key) else {
                match self.desired.unnamed(&key) {
                    Others::Remove => self.service_that_goes(live),
                    Others::Keep => {}
                    Others::Spare => self.makes.spared.services += 1,
                }
                continue;
            };
            // A table that changes while it is read may show a service twice.
            if std::mem::replace(&mut self.met_services[place as usize], true) {
                continue;
            }
            match &wanted.standing {
                Standing::Wanted { settings, line } => {
                    if !same_service(&live.service, settings) {
                        let undo = [Change::EditService(live.service)];
                        self.makes.push(Change::EditService(*settings), Some(*line), undo);
                    }
                }
                Standing::Untouched | Standing::Refused | Standing::Missed => {
                    if !self.service_as_before(live) {
                        continue;
                    }
                }
                Standing::Gone => {
                    self.service_that_goes(live);
                    continue;
                }
            }
            self.live_servers(place, wanted, live);
            self.new_servers(place, &key);
            self.zeroes.extend(wanted.zeroed.map(|line| (Change::Zero(Some(key)), line)));
        }
    }

    /// The live servers of a service that stays.
    fn live_servers(&mut self, place: u32, wanted: &WantedService, service: &LiveService) {
        let key = service.service.key;
        for old in &service.servers {
            let Some((place, named)) = self.desired.server(place, &old.key) else {
                match wanted.others {
                    Others::Remove => self.server_that_goes(&key, old),
                    others => {
                        let spared = others == Others::Spare && wanted.standing != Standing::Missed;
                        self.makes.spared.servers += usize::from(spared);
                        self.server_as_before(&key, old);
                    }
                }
                continue;
            };
            if std::mem::replace(&mut self.met_servers[place as usize], true) {
                continue;
            }
            match &named.standing {
                Standing::Wanted { settings, line } => {
                    if !same_server(old, settings) {
                        let undo = [Change::EditServer(key, *old)];
                        self.makes.push(Change::EditServer(key, *settings), Some(*line), undo);
                    }
                }
                Standing::Untouched | Standing::Refused | Standing::Missed => self.server_as_before(&key, old),
                Standing::Gone => self.server_that_goes(&key, old),
            }
        }
    }

    /// A service that is to stay as it lives becomes again what it was before us; false when it was not there.
    fn service_as_before(&mut self, live: &LiveService) -> bool {
        if !self.tables.ours.contains(&Object::Service(live.service.key)) {
            return true;
        }
        let Some(before) = self.tables.before.service(&live.service.key) else {
            self.service_that_goes(live);
            return false;
        };
        if !same_service(&live.service, &before.service) {
            self.makes.push(Change::EditService(before.service), None, [Change::EditService(live.service)]);
        }
        true
    }

    fn server_as_before(&mut self, key: &ServiceKey, old: &RealServer) {
        if !self.tables.ours.contains(&Object::Server(*key, old.key)) {
            return;
        }
        match self.tables.before.server(key, &old.key) {
            None => self.server_that_goes(key, old),
            Some(before) if same_server(old, before) => {}
            Some(before) => self.makes.push(Change::EditServer(*key, *before), None, [Change::EditServer(*key, *old)]),
        }
    }

    fn server_that_goes(&mut self, key: &ServiceKey, old: &RealServer) {
        self.makes.removed.servers += 1;
        self.removals.push(Change::DeleteServer(*key, old.key), None, [Change::AddServer(*key, *old)]);
        self.mixed_goes |= is_mixed(key, &old.key);
    }

    /// Its servers go with it.
    fn service_that_goes(&mut self, live: &LiveService) {
        let key = live.service.key;
        self.makes.removed.services += 1;
        self.makes.removed.servers += live.servers.len();
        self.mixed_goes |= count_mixed(&key, &live.servers) > 0;
        // The kernel lists the newest first.
        let servers = live.servers.iter().rev().map(|server| Change::AddServer(key, *server));
        let undo = std::iter::once(Change::AddService(live.service)).chain(servers);
        self.removals.push(Change::DeleteService(key), None, undo.take(if self.undoable { usize::MAX } else { 0 }));
    }

    /// A service that is to stay and has gone meanwhile keeps its lines, which the kernel then refuses.
    fn new_services(&mut self) {
        let unmet = |(place, _): &(u32, _)| !self.met_services[*place as usize];
        let unmet: Vec<_> = self.desired.services().filter(unmet).collect();
        for (place, wanted) in unmet {
            match &wanted.standing {
                Standing::Wanted { settings, line } => {
                    let undo = [Change::DeleteService(settings.key)];
                    self.makes.push(Change::AddService(*settings), Some(*line), undo);
                }
                Standing::Untouched | Standing::Refused => {}
                Standing::Missed | Standing::Gone => continue,
            }
            self.new_servers(place, &wanted.key);
        }
    }

    fn new_servers(&mut self, place: u32, key: &ServiceKey) {
        for (place, settings, line) in self.desired.wanted_servers(place) {
            if !self.met_servers[place as usize] {
                let undo = [Change::DeleteServer(*key, settings.key)];
                self.makes.push(Change::AddServer(*key, *settings), Some(line), undo);
            }
        }
    }

    fn finish(self) -> Plan {
        let Self { tables, desired, mut makes, mut removals, zeroes, .. } = self;
        makes.removals = makes.changes.len();
        let deletes = |planned: &Planned| matches!(planned.change, Change::DeleteService(_));
        let all_go = removals.changes.iter().filter(|planned| deletes(planned)).count() == tables.now.services.len();
        if all_go
            && !removals.changes.is_empty()
            && !desired.services().any(|(_, wanted)| matches!(wanted.standing, Standing::Wanted { .. }))
        {
            // One change in place of many, with what undoes all of them.
            let (gone, rest): (Vec<_>, Vec<_>) = removals.changes.into_iter().partition(deletes);
            let undo = 0..gone.last().map_or(0, |planned| planned.undo.end);
            removals.changes = vec![Planned { change: Change::Flush, line: None, undo }];
            removals.changes.extend(rest);
        }
        makes.append(removals);
        makes.zeroes = makes.changes.len();
        match desired.zeroed {
            Some(line) if !all_go => makes.push(Change::Zero(None), Some(line), []),
            _ => zeroes.into_iter().for_each(|(change, line)| makes.push(change, Some(line), [])),
        }
        makes
    }
}

fn stop(daemon: &SyncDaemon) -> Change {
    Change::StopDaemon(StopDaemon { state: daemon.state, syncid: daemon.syncid })
}
