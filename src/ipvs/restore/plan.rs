//! The changes that make a live table the desired one, and how to undo each.
//!
//! What is equal is not touched. First services are made, each with its servers, and those that stay are edited and
//! given their new servers; only then are servers and services removed. So a service that stays is never without its
//! servers, and a refusal among the first changes is met before anything is gone that cannot come back as it was.

use super::desired::{Desired, Others, WantedDaemon, WantedService, is_mixed, slot};
use super::equality::{same_daemon, same_server, same_service, same_timeouts};
use super::live::LiveTable;
use crate::ipvs::model::{Change, ListedServer, ListedService, StopDaemon, SyncDaemon};
use std::ops::Range;

/// A change, and the line that asked for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    /// What to do.
    pub change: Change,
    /// The line, 0 for what no line names, such as the removal of what the file leaves out.
    pub line: u32,
    undo: Range<u32>,
}

/// All that is to be done. Each step is to be complete before the next one begins.
#[derive(Debug, Default)]
pub struct Plan {
    /// The changes in order.
    pub changes: Vec<Planned>,
    /// Where the removals begin.
    pub removals: usize,
    /// Where the zeroing of counters begins, which nothing can undo.
    pub zeroes: usize,
    /// What undoes each change, in the order in which it is done.
    undo: Vec<Change>,
}

impl Plan {
    /// Looks at the live table and compares. `undoable` keeps what is needed to undo the changes.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn new<L: LiveTable>(live: &mut L, desired: &Desired, undoable: bool) -> Result<Self, L::Error> {
        let (services, servers) = desired.places();
        let mut planner = Planner {
            desired,
            undoable,
            met_services: vec![false; services],
            met_servers: vec![false; servers],
            makes: Plan::default(),
            removals: Plan::default(),
            zeroes: Vec::new(),
            mixed_goes: false,
        };
        planner.daemons_that_stop(live)?;
        planner.timeouts(live)?;
        planner.services(live)?;
        planner.new_services();
        planner.daemons_that_start(live)?;
        Ok(planner.finish())
    }

    /// What undoes a change, in the order in which it is to be done. Nothing undoes the zeroing of counters.
    pub fn undo(&self, planned: &Planned) -> &[Change] {
        &self.undo[planned.undo.start as usize..planned.undo.end as usize]
    }

    fn push(&mut self, change: Change, line: u32, undo: impl IntoIterator<Item = Change>) {
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

struct Planner<'d> {
    desired: &'d Desired,
    undoable: bool,
    met_services: Vec<bool>,
    met_servers: Vec<bool>,
    makes: Plan,
    removals: Plan,
    zeroes: Vec<(Change, u32)>,
    /// Whether a server of another family than its service's goes: no daemon can start before.
    mixed_goes: bool,
}

impl Planner<'_> {
    /// A daemon that only stops does so first: beside one, the kernel takes no servers of another family.
    fn daemons_that_stop<L: LiveTable>(&mut self, live: &mut L) -> Result<(), L::Error> {
        let stops = |wanted: &WantedDaemon| wanted.line > 0 && wanted.daemon.is_none();
        if !self.desired.daemons.iter().any(stops) {
            return Ok(());
        }
        for daemon in live.daemons()? {
            let wanted = self.desired.daemons[slot(daemon.state)];
            if stops(&wanted) {
                self.makes.push(stop(&daemon), wanted.line, [Change::StartDaemon(daemon)]);
            }
        }
        Ok(())
    }

    /// One that runs otherwise than wanted stops at the last moment.
    fn daemons_that_start<L: LiveTable>(&mut self, live: &mut L) -> Result<(), L::Error> {
        if self.desired.daemons.iter().all(|wanted| wanted.daemon.is_none()) {
            return Ok(());
        }
        let running = live.daemons()?;
        let plan = if self.mixed_goes { &mut self.removals } else { &mut self.makes };
        for wanted in &self.desired.daemons {
            let Some(daemon) = wanted.daemon else { continue };
            match running.iter().find(|running| running.state == daemon.state) {
                Some(running) if wanted.line == 0 || same_daemon(running, &daemon) => continue,
                Some(running) => plan.push(stop(running), wanted.line, [Change::StartDaemon(*running)]),
                None => {}
            }
            plan.push(Change::StartDaemon(daemon), wanted.line, [stop(&daemon)]);
        }
        Ok(())
    }

    fn timeouts<L: LiveTable>(&mut self, live: &mut L) -> Result<(), L::Error> {
        if let Some((wanted, line)) = self.desired.timeouts {
            let old = live.timeouts()?;
            if !same_timeouts(old, wanted) {
                self.makes.push(Change::SetTimeouts(wanted), line, [Change::SetTimeouts(old)]);
            }
        }
        Ok(())
    }

    fn services<L: LiveTable>(&mut self, live: &mut L) -> Result<(), L::Error> {
        let mut servers = Vec::new();
        for listed in &live.services()? {
            match self.desired.service(&listed.service.key) {
                Some((place, wanted)) if wanted.present => {
                    // A table that changes while it is read may show a service twice.
                    if !std::mem::replace(&mut self.met_services[place as usize], true) {
                        live.servers(&listed.service.key, &mut servers)?;
                        self.service_that_stays(place, wanted, listed, &servers);
                    }
                }
                None if self.desired.others == Others::Keep => {}
                _ => self.service_that_goes(live, listed, &mut servers)?,
            }
        }
        Ok(())
    }

    fn service_that_stays(
        &mut self,
        place: u32,
        wanted: &WantedService,
        listed: &ListedService,
        servers: &[ListedServer],
    ) {
        let key = wanted.service.key;
        if !same_service(&listed.service, &wanted.service) {
            self.makes.push(Change::EditService(wanted.service), wanted.line, [Change::EditService(listed.service)]);
        }
        for listed in servers {
            let old = listed.server;
            match self.desired.server(place, &old.key) {
                Some((place, wanted)) if wanted.present => {
                    if std::mem::replace(&mut self.met_servers[place as usize], true) {
                        continue;
                    }
                    if !same_server(&old, &wanted.server) {
                        let undo = [Change::EditServer(key, old)];
                        self.makes.push(Change::EditServer(key, wanted.server), wanted.line, undo);
                    }
                }
                None if wanted.others == Others::Keep => {}
                _ => {
                    self.removals.push(Change::DeleteServer(key, old.key), 0, [Change::AddServer(key, old)]);
                    self.mixed_goes |= is_mixed(&key, &old.key);
                }
            }
        }
        self.new_servers(place, wanted);
        if wanted.zeroed > 0 {
            self.zeroes.push((Change::Zero(Some(key)), wanted.zeroed));
        }
    }

    /// Its servers go with it.
    fn service_that_goes<L: LiveTable>(
        &mut self,
        live: &mut L,
        listed: &ListedService,
        servers: &mut Vec<ListedServer>,
    ) -> Result<(), L::Error> {
        let key = listed.service.key;
        servers.clear();
        if self.undoable || self.desired.daemons.iter().any(|wanted| wanted.line > 0) {
            live.servers(&key, servers)?;
            self.mixed_goes |= servers.iter().any(|listed| is_mixed(&key, &listed.server.key));
        }
        // The kernel lists the newest first.
        let servers = servers.iter().rev().map(|listed| Change::AddServer(key, listed.server));
        let undo = std::iter::once(Change::AddService(listed.service)).chain(servers);
        self.removals.push(Change::DeleteService(key), 0, undo);
        Ok(())
    }

    fn new_services(&mut self) {
        for (place, wanted) in self.desired.services() {
            if !self.met_services[place as usize] {
                let key = wanted.service.key;
                self.makes.push(Change::AddService(wanted.service), wanted.line, [Change::DeleteService(key)]);
                self.new_servers(place, wanted);
            }
        }
    }

    fn new_servers(&mut self, place: u32, service: &WantedService) {
        let key = service.service.key;
        for (place, wanted) in self.desired.servers_of(place) {
            if !self.met_servers[place as usize] {
                let undo = [Change::DeleteServer(key, wanted.server.key)];
                self.makes.push(Change::AddServer(key, wanted.server), wanted.added, undo);
            }
        }
    }

    fn finish(self) -> Plan {
        let Self { desired, mut makes, mut removals, zeroes, .. } = self;
        makes.removals = makes.changes.len();
        let deletes = |planned: &Planned| matches!(planned.change, Change::DeleteService(_));
        if desired.others == Others::Remove
            && desired.services().next().is_none()
            && removals.changes.iter().any(deletes)
        {
            // One change in place of many, with what undoes all of them.
            let (gone, rest): (Vec<_>, Vec<_>) = removals.changes.into_iter().partition(deletes);
            let undo = 0..gone.last().map_or(0, |planned| planned.undo.end);
            removals.changes = vec![Planned { change: Change::Flush, line: 0, undo }];
            removals.changes.extend(rest);
        }
        makes.append(removals);
        makes.zeroes = makes.changes.len();
        let stay = self.met_services.contains(&true);
        if desired.zeroed > 0 && stay {
            makes.push(Change::Zero(None), desired.zeroed, []);
        } else {
            zeroes.into_iter().for_each(|(change, line)| makes.push(change, line, []));
        }
        makes
    }
}

fn stop(daemon: &SyncDaemon) -> Change {
    Change::StopDaemon(StopDaemon { state: daemon.state, syncid: daemon.syncid })
}
