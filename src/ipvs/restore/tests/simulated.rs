//! A kernel's table for tests, with the kernel's rules.

use crate::ipvs::model::*;
use crate::ipvs::restore::{BATCH, LiveTable, Report};
use std::num::NonZero;

/// Called before each change with its number, counted from 1. It may change the table as another program would, and
/// refuse the change.
pub type Hook<'h> = Box<dyn FnMut(&mut Tables, usize) -> Result<(), Errno> + 'h>;

/// What the kernel keeps.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tables {
    pub services: Vec<(VirtualService, Vec<RealServer>)>,
    pub timeouts: Timeouts,
    pub daemons: Vec<SyncDaemon>,
}

/// A kernel, and the work that it had.
#[derive(Default)]
pub struct Kernel<'h> {
    pub tables: Tables,
    /// How many changes it was asked for.
    pub asked: usize,
    /// How many of them named a scheduler or persistence engine that it has not.
    pub looked_for_modules: usize,
    /// How often its services were listed.
    pub looks: usize,
    /// The change before which it fails.
    pub fails_at: Option<usize>,
    pub hook: Option<Hook<'h>>,
}

/// What the kernel alone can judge: that it has no such scheduler, takes no such address, has no such interface, and some
/// values of its own.
pub fn judged(change: &Change) -> Result<(), Errno> {
    match change {
        Change::AddService(service) | Change::EditService(service) if is_missing(service) => Err(Errno::ENOENT),
        Change::AddService(service) | Change::EditService(service)
            if service.flags.contains(ServiceFlags::ONEPACKET) =>
        {
            Err(Errno::EINVAL)
        }
        Change::AddServer(_, server) if server.key.address.is_multicast() => Err(Errno::EINVAL),
        Change::AddServer(_, server) | Change::EditServer(_, server) if server.weight == 99 => Err(Errno::EINVAL),
        Change::StartDaemon(daemon) if daemon.interface.as_bytes() == b"nix" => Err(Errno::ENODEV),
        Change::SetTimeouts(new) if new.tcp == NonZero::new(u32::MAX) => Err(Errno::EINVAL),
        _ => Ok(()),
    }
}

fn is_missing(service: &VirtualService) -> bool {
    service.scheduler.as_bytes().starts_with(b"bogus")
}

impl Tables {
    pub fn find(&self, key: &ServiceKey) -> Result<usize, Errno> {
        self.services.iter().position(|(service, _)| service.key == *key).ok_or(Errno::ESRCH)
    }

    pub fn servers_of(&self, key: &ServiceKey) -> &[RealServer] {
        self.find(key).map_or(&[], |at| &self.services[at].1)
    }

    /// The order in which things were added does not count.
    pub fn sorted(mut self) -> Self {
        for (_, servers) in &mut self.services {
            servers.sort_by_key(|server| (server.key.address, server.key.port));
        }
        self.services.sort_by_key(|(service, _)| format!("{:?}", service.key));
        self.daemons.sort_by_key(|daemon| daemon.state.number());
        self
    }

    /// Makes a change as the kernel does.
    pub fn make(&mut self, change: &Change) -> Result<(), Errno> {
        self.play(change, judged(change))
    }

    /// Makes a change of which the kernel says `verdict` when nothing is wrong with it by the rules of the table.
    pub fn play(&mut self, change: &Change, verdict: Result<(), Errno>) -> Result<(), Errno> {
        match change {
            Change::AddService(service) => {
                if self.find(&service.key).is_ok() {
                    return Err(Errno::EEXIST);
                }
                verdict?;
                self.services.insert(0, (*service, Vec::new()));
            }
            Change::EditService(service) => {
                let at = self.find(&service.key)?;
                verdict?;
                self.services[at].0 = *service;
            }
            Change::DeleteService(key) => drop(self.services.remove(self.find(key)?)),
            Change::AddServer(key, server) => {
                let (at, place) = self.find_for(key, server)?;
                if place.is_some() {
                    return Err(Errno::EEXIST);
                }
                verdict?;
                self.services[at].1.insert(0, *server);
            }
            Change::EditServer(key, server) => {
                let (at, place) = self.find_for(key, server)?;
                let place = place.ok_or(Errno::ENOENT)?;
                verdict?;
                self.services[at].1[place] = *server;
            }
            Change::DeleteServer(key, server) => {
                let servers = &mut { self.find(key).map(|at| &mut self.services[at].1)? };
                let at = servers.iter().position(|other| other.key == *server).ok_or(Errno::ENOENT)?;
                servers.remove(at);
            }
            Change::Flush => self.services.clear(),
            Change::Zero(key) => key.map_or(Ok(0), |key| self.find(&key)).map(drop)?,
            Change::SetTimeouts(new) => {
                verdict?;
                let old = self.timeouts;
                self.timeouts = Timeouts {
                    tcp: new.tcp.or(old.tcp),
                    tcp_fin: new.tcp_fin.or(old.tcp_fin),
                    udp: new.udp.or(old.udp),
                };
            }
            Change::StartDaemon(daemon) => {
                self.no_mixed_server()?;
                verdict?;
                if self.daemons.iter().any(|other| other.state == daemon.state) {
                    return Err(Errno::EEXIST);
                }
                self.daemons.push(*daemon);
            }
            Change::StopDaemon(stop) => {
                let at = self.daemons.iter().position(|daemon| daemon.state == stop.state).ok_or(Errno::ESRCH)?;
                self.daemons.remove(at);
            }
        }
        Ok(())
    }

    fn find_for(&self, key: &ServiceKey, server: &RealServer) -> Result<(usize, Option<usize>), Errno> {
        let at = self.find(key)?;
        if key.family() != server.key.family() && !self.daemons.is_empty() {
            return Err(Errno::EINVAL);
        }
        if server.lower_threshold > server.upper_threshold {
            return Err(Errno::ERANGE);
        }
        Ok((at, self.services[at].1.iter().position(|other| other.key == server.key)))
    }

    fn no_mixed_server(&self) -> Result<(), Errno> {
        let mixed = |(service, servers): &(VirtualService, Vec<RealServer>)| {
            servers.iter().any(|server| server.key.family() != service.key.family())
        };
        if self.services.iter().any(mixed) { Err(Errno::EINVAL) } else { Ok(()) }
    }
}

impl Kernel<'_> {
    pub fn with(tables: &Tables) -> Self {
        Self { tables: tables.clone(), ..Self::default() }
    }
}

impl LiveTable for Kernel<'_> {
    type Error = &'static str;

    fn services(&mut self) -> Result<Vec<ListedService>, Self::Error> {
        self.looks += 1;
        Ok(self.tables.services.iter().map(|(service, _)| ListedService::from(*service)).collect())
    }

    fn servers(&mut self, key: &ServiceKey, servers: &mut Vec<ListedServer>) -> Result<(), Self::Error> {
        servers.clear();
        servers.extend(self.tables.servers_of(key).iter().map(|server| ListedServer::from(*server)));
        Ok(())
    }

    fn timeouts(&mut self) -> Result<Timeouts, Self::Error> {
        Ok(self.tables.timeouts)
    }

    fn daemons(&mut self) -> Result<Vec<SyncDaemon>, Self::Error> {
        Ok(self.tables.daemons.clone())
    }

    fn apply<'c>(
        &mut self,
        changes: impl Iterator<Item = &'c Change>,
        refused: &mut Vec<(usize, Errno)>,
    ) -> Result<(), Self::Error> {
        for (index, change) in changes.enumerate() {
            assert!(index < BATCH);
            self.asked += 1;
            if let Change::AddService(service) | Change::EditService(service) = change {
                self.looked_for_modules += usize::from(is_missing(service));
            }
            if self.fails_at == Some(self.asked) {
                return Err("the socket is gone");
            }
            let judged = self.hook.as_mut().map_or(Ok(()), |hook| hook(&mut self.tables, self.asked));
            if let Err(errno) = judged.and_then(|()| self.tables.make(change)) {
                refused.push((index, errno));
            }
        }
        Ok(())
    }
}

/// Notes the changes that were made.
#[derive(Default)]
pub struct Noted(pub Vec<Change>);

impl Report for Noted {
    fn made(&mut self, change: &Change) {
        self.0.push(*change);
    }

    fn progress(&mut self, done: usize, planned: usize) {
        assert!(done <= planned);
    }
}
