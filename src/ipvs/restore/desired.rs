//! The table that a file asks for: its changes played, in order, over an empty table or a copy of the live one.
//!
//! A change fails here as it would in the kernel, with the same error number, where the state of the table alone
//! decides. What only the kernel can judge (whether it has a scheduler, whether an address is unicast) shows when the
//! changes are made.

use crate::ipvs::model::{
    Change, DaemonState, Errno, ListedServer, RealServer, ServerKey, ServiceKey, SyncDaemon, Timeouts, VirtualService,
};
use rustc_hash::FxHashMap;

/// Ends the list of a service's servers.
const NONE: u32 = u32::MAX;

/// What becomes of live services and servers of which the file says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Others {
    /// They go: the file is the whole table.
    Remove,
    /// They stay: the file adds to the table.
    Keep,
}

/// A service that is wanted, or wanted gone.
#[derive(Clone, Debug)]
pub struct WantedService {
    /// Its settings.
    pub service: VirtualService,
    /// The line that gave it these settings, 0 for none.
    pub line: u32,
    /// Whether it is wanted.
    pub present: bool,
    /// What becomes of its live servers that no line names.
    pub others: Others,
    /// The line that zeroes its counters, 0 for none.
    pub zeroed: u32,
    first: u32,
    last: u32,
}

/// A server that is wanted, or wanted gone.
#[derive(Clone, Debug)]
pub struct WantedServer {
    /// Its settings.
    pub server: RealServer,
    /// The line that added it, 0 for none.
    pub added: u32,
    /// The line that gave it these settings, 0 for none.
    pub line: u32,
    /// Whether it is wanted.
    pub present: bool,
    next: u32,
}

/// What is wanted of one of the two daemons.
#[derive(Clone, Copy, Debug, Default)]
pub struct WantedDaemon {
    /// Its settings; `None` when it is not to run.
    pub daemon: Option<SyncDaemon>,
    /// The line that says so, 0 for none.
    pub line: u32,
}

/// A table as it is wanted.
#[derive(Clone, Debug)]
pub struct Desired {
    services: Vec<WantedService>,
    servers: Vec<WantedServer>,
    by_service: FxHashMap<ServiceKey, u32>,
    by_server: FxHashMap<(u32, ServerKey), u32>,
    /// Wanted servers of another family than their service's: the kernel has no sync daemon beside them.
    mixed: usize,
    /// What becomes of live services that no line names.
    pub others: Others,
    /// The timeouts to set and the last line that sets one.
    pub timeouts: Option<(Timeouts, u32)>,
    /// The line that zeroes all counters, 0 for none.
    pub zeroed: u32,
    /// Master and backup.
    pub daemons: [WantedDaemon; 2],
}

impl Desired {
    /// An empty table beside which `daemons` run.
    pub fn new(others: Others, daemons: &[SyncDaemon]) -> Self {
        let mut desired = Self {
            services: Vec::new(),
            servers: Vec::new(),
            by_service: FxHashMap::default(),
            by_server: FxHashMap::default(),
            mixed: 0,
            others,
            timeouts: None,
            zeroed: 0,
            daemons: Default::default(),
        };
        for daemon in daemons {
            desired.daemons[slot(daemon.state)].daemon = Some(*daemon);
        }
        desired
    }

    /// Makes room for what so many changes may add.
    pub fn reserve(&mut self, changes: usize) {
        self.servers.reserve(changes);
        self.by_server.reserve(changes);
    }

    /// Takes in a live service, as if it had always been wanted.
    pub fn keep(&mut self, service: &VirtualService, servers: &[ListedServer]) {
        let index = self.push_service(service, 0, Others::Keep);
        for listed in servers {
            self.push_server(index, &service.key, &listed.server, 0);
        }
    }

    /// Plays one change.
    ///
    /// # Errors
    /// The number of the error with which the kernel would refuse it.
    pub fn play(&mut self, line: u32, change: &Change) -> Result<(), Errno> {
        match change {
            Change::AddService(service) => match self.present(&service.key) {
                Ok(_) => return Err(Errno::EEXIST),
                Err(_) => {
                    // In the place of one that went, of which no server is left.
                    let others = if self.by_service.contains_key(&service.key) { Others::Remove } else { self.others };
                    self.push_service(service, line, others);
                }
            },
            Change::EditService(service) => {
                let index = self.present(&service.key)?;
                let wanted = &mut self.services[index as usize];
                (wanted.service, wanted.line) = (*service, line);
            }
            Change::DeleteService(key) => {
                let index = self.present(key)?;
                self.services[index as usize].present = false;
                self.mixed -= self.servers_of(index).filter(|(_, wanted)| is_mixed(key, &wanted.server.key)).count();
            }
            Change::AddServer(key, server) => {
                let index = self.settings(key, server)?;
                match self.by_server.get(&(index, server.key)) {
                    Some(found) if self.servers[*found as usize].present => return Err(Errno::EEXIST),
                    Some(&found) => {
                        let wanted = &mut self.servers[found as usize];
                        (wanted.server, wanted.added, wanted.line, wanted.present) = (*server, line, line, true);
                        self.mixed += usize::from(is_mixed(key, &server.key));
                    }
                    None => self.push_server(index, key, server, line),
                }
            }
            Change::EditServer(key, server) => {
                let index = self.settings(key, server)?;
                let wanted = self.present_server(index, &server.key)?;
                (wanted.server, wanted.line) = (*server, line);
            }
            Change::DeleteServer(key, server) => {
                let index = self.present(key)?;
                self.present_server(index, server)?.present = false;
                self.mixed -= usize::from(is_mixed(key, server));
            }
            Change::Flush => {
                self.services.iter_mut().for_each(|wanted| wanted.present = false);
                (self.mixed, self.others) = (0, Others::Remove);
            }
            Change::Zero(Some(key)) => {
                let index = self.present(key)?;
                self.services[index as usize].zeroed = line;
            }
            Change::Zero(None) => self.zeroed = line,
            Change::SetTimeouts(new) => {
                let (old, _) = self.timeouts.unwrap_or_default();
                self.timeouts = Some((overlay(old, *new), line));
            }
            Change::StartDaemon(daemon) => {
                let wanted = &mut self.daemons[slot(daemon.state)];
                if self.mixed > 0 {
                    return Err(Errno::EINVAL);
                }
                // One that runs already, before any line of ours, is made to run as the line says.
                if wanted.daemon.is_some() && wanted.line > 0 {
                    return Err(Errno::EEXIST);
                }
                *wanted = WantedDaemon { daemon: Some(*daemon), line };
            }
            Change::StopDaemon(stop) => {
                let wanted = &mut self.daemons[slot(stop.state)];
                wanted.daemon.take().ok_or(Errno::ESRCH)?;
                wanted.line = line;
            }
        }
        Ok(())
    }

    /// Whether a change that the kernel has refused would have come so far at all: an error of the table comes first,
    /// such as the lack of a service that the kernel has refused too.
    ///
    /// # Errors
    /// The number of that error.
    pub fn comes_so_far(&self, change: &Change) -> Result<(), Errno> {
        match change {
            Change::EditService(service) => self.present(&service.key).map(drop),
            Change::AddServer(key, _) => self.present(key).map(drop),
            Change::EditServer(key, server) => {
                let found = self.server(self.present(key)?, &server.key).filter(|(_, wanted)| wanted.present);
                found.map(drop).ok_or(Errno::ENOENT)
            }
            _ => Ok(()),
        }
    }

    /// What is wanted of a service, and its place in [`Desired::services`].
    pub fn service(&self, key: &ServiceKey) -> Option<(u32, &WantedService)> {
        self.by_service.get(key).map(|index| (*index, &self.services[*index as usize]))
    }

    /// What is wanted of a server of the service at a place, and its place among all servers.
    pub fn server(&self, service: u32, key: &ServerKey) -> Option<(u32, &WantedServer)> {
        self.by_server.get(&(service, *key)).map(|index| (*index, &self.servers[*index as usize]))
    }

    /// All services that are wanted, in the order of the file, with their places.
    pub fn services(&self) -> impl Iterator<Item = (u32, &WantedService)> {
        (0..).zip(&self.services).filter(|(_, wanted)| wanted.present)
    }

    /// The servers that are wanted of the service at a place, in the order of the file, with their places.
    pub fn servers_of(&self, service: u32) -> impl Iterator<Item = (u32, &WantedServer)> {
        let mut next = self.services[service as usize].first;
        let all = std::iter::from_fn(move || {
            let place = (next != NONE).then_some(next)?;
            let wanted = &self.servers[place as usize];
            next = wanted.next;
            Some((place, wanted))
        });
        all.filter(|(_, wanted)| wanted.present)
    }

    /// How many places of services and of servers there are.
    pub fn places(&self) -> (usize, usize) {
        (self.services.len(), self.servers.len())
    }

    fn present(&self, key: &ServiceKey) -> Result<u32, Errno> {
        self.service(key).filter(|(_, wanted)| wanted.present).map(|(index, _)| index).ok_or(Errno::ESRCH)
    }

    fn present_server(&mut self, service: u32, key: &ServerKey) -> Result<&mut WantedServer, Errno> {
        let found = self.by_server.get(&(service, *key)).map(|index| &mut self.servers[*index as usize]);
        found.filter(|wanted| wanted.present).ok_or(Errno::ENOENT)
    }

    /// Judges the settings of a server as the kernel does before it looks for the server, and finds its service.
    fn settings(&self, key: &ServiceKey, server: &RealServer) -> Result<u32, Errno> {
        let index = self.present(key)?;
        if is_mixed(key, &server.key) && self.daemons.iter().any(|wanted| wanted.daemon.is_some()) {
            return Err(Errno::EINVAL);
        }
        if server.lower_threshold > server.upper_threshold {
            return Err(Errno::ERANGE);
        }
        Ok(index)
    }

    fn push_service(&mut self, service: &VirtualService, line: u32, others: Others) -> u32 {
        let index = self.services.len() as u32;
        self.services.push(WantedService {
            service: *service,
            line,
            present: true,
            others,
            zeroed: 0,
            first: NONE,
            last: NONE,
        });
        self.by_service.insert(service.key, index);
        index
    }

    fn push_server(&mut self, service: u32, key: &ServiceKey, server: &RealServer, line: u32) {
        let index = self.servers.len() as u32;
        self.servers.push(WantedServer { server: *server, added: line, line, present: true, next: NONE });
        self.by_server.insert((service, server.key), index);
        self.mixed += usize::from(is_mixed(key, &server.key));
        let wanted = &mut self.services[service as usize];
        match wanted.last {
            NONE => wanted.first = index,
            last => self.servers[last as usize].next = index,
        }
        wanted.last = index;
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

/// The timeouts after both were set.
pub fn overlay(old: Timeouts, new: Timeouts) -> Timeouts {
    Timeouts { tcp: new.tcp.or(old.tcp), tcp_fin: new.tcp_fin.or(old.tcp_fin), udp: new.udp.or(old.udp) }
}
