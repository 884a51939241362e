//! A kernel's table for tests, with the kernel's rules, and random tables for it.

use super::{BATCH, LiveTable, Report};
use crate::ipvs::model::*;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
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

#[derive(Default)]
pub struct Kernel<'h> {
    pub tables: Tables,
    /// How many changes it was asked for.
    pub asked: usize,
    /// The change before which it fails.
    pub fails_at: Option<usize>,
    pub hook: Option<Hook<'h>>,
}

impl Tables {
    fn find(&self, key: &ServiceKey) -> Result<usize, Errno> {
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

    fn known(service: &VirtualService) -> Result<(), Errno> {
        if service.scheduler.as_bytes() == b"bogus" { Err(Errno::ENOENT) } else { Ok(()) }
    }

    fn judge(&self, key: &ServiceKey, server: &RealServer) -> Result<(usize, Option<usize>), Errno> {
        let at = self.find(key)?;
        if key.family() != server.key.family() && !self.daemons.is_empty() {
            return Err(Errno::EINVAL);
        }
        if server.lower_threshold > server.upper_threshold {
            return Err(Errno::ERANGE);
        }
        Ok((at, self.services[at].1.iter().position(|other| other.key == server.key)))
    }

    pub fn make(&mut self, change: &Change) -> Result<(), Errno> {
        match change {
            Change::AddService(service) => {
                if self.find(&service.key).is_ok() {
                    return Err(Errno::EEXIST);
                }
                Self::known(service)?;
                self.services.insert(0, (*service, Vec::new()));
            }
            Change::EditService(service) => {
                let at = self.find(&service.key)?;
                Self::known(service)?;
                self.services[at].0 = *service;
            }
            Change::DeleteService(key) => drop(self.services.remove(self.find(key)?)),
            Change::AddServer(key, server) => match self.judge(key, server)? {
                (_, Some(_)) => return Err(Errno::EEXIST),
                (_, None) if server.key.address.is_multicast() => return Err(Errno::EINVAL),
                (at, None) => self.services[at].1.insert(0, *server),
            },
            Change::EditServer(key, server) => match self.judge(key, server)? {
                (at, Some(place)) => self.services[at].1[place] = *server,
                (_, None) => return Err(Errno::ENOENT),
            },
            Change::DeleteServer(key, server) => {
                let servers = &mut { self.find(key).map(|at| &mut self.services[at].1)? };
                let at = servers.iter().position(|other| other.key == *server).ok_or(Errno::ENOENT)?;
                servers.remove(at);
            }
            Change::Flush => self.services.clear(),
            Change::Zero(key) => key.map_or(Ok(0), |key| self.find(&key)).map(drop)?,
            Change::SetTimeouts(new) => {
                let old = self.timeouts;
                self.timeouts = Timeouts {
                    tcp: new.tcp.or(old.tcp),
                    tcp_fin: new.tcp_fin.or(old.tcp_fin),
                    udp: new.udp.or(old.udp),
                };
            }
            Change::StartDaemon(daemon) => {
                let mixed = |(service, servers): &(VirtualService, Vec<RealServer>)| {
                    servers.iter().any(|server| server.key.family() != service.key.family())
                };
                if self.services.iter().any(mixed) {
                    return Err(Errno::EINVAL);
                }
                if daemon.interface.as_bytes() == b"nix" {
                    return Err(Errno::ENODEV);
                }
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
}

impl Kernel<'_> {
    pub fn with(tables: &Tables) -> Self {
        Self { tables: tables.clone(), ..Self::default() }
    }
}

impl LiveTable for Kernel<'_> {
    type Error = &'static str;

    fn services(&mut self) -> Result<Vec<ListedService>, Self::Error> {
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

/// Random numbers that are the same in every run.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    fn service_key(&mut self) -> ServiceKey {
        match self.below(6) {
            0 => ServiceKey::mark(7, self.pick(&[Family::Inet, Family::Inet6])),
            1 => ServiceKey::tcp(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1), 80),
            _ => ServiceKey::Address {
                protocol: self.pick(&[Protocol::Tcp, Protocol::Udp]),
                address: IpAddr::V4(Ipv4Addr::new(10, 0, 0, self.pick(&[1, 2]))),
                port: self.pick(&[80, 443]),
            },
        }
    }

    pub fn service(&mut self) -> VirtualService {
        let key = self.service_key();
        let persistent = self.below(3) == 0;
        let mut service = VirtualService::new(key, self.pick(&["rr", "wlc"]).parse().unwrap());
        if persistent {
            service.flags |= ServiceFlags::PERSISTENT;
            service.timeout = self.pick(&[300, 360]);
        }
        service
    }

    pub fn server(&mut self, service: &ServiceKey, mixed: bool) -> RealServer {
        let other = mixed && self.below(8) == 0;
        let octet = self.below(5) as u8 + 1;
        let address = match (service.family() == Family::Inet) != other {
            true => IpAddr::V4(Ipv4Addr::new(192, 168, 0, octet)),
            false => IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 1, 0, 0, 0, 0, octet.into())),
        };
        RealServer {
            forwarding: if other { Forwarding::Tunnel } else { self.pick(&[Forwarding::Route, Forwarding::Tunnel]) },
            weight: self.pick(&[1, 1, 1, 0, 5]),
            upper_threshold: self.pick(&[0, 10]),
            ..RealServer::new(address, 80)
        }
    }

    /// A table that holds together, as the changes that make it.
    pub fn rules(&mut self) -> Vec<Change> {
        let mut rules = Vec::new();
        for _ in 0..self.below(9) {
            let service = self.service();
            rules.push(Change::AddService(service));
            for _ in 0..self.below(5) {
                rules.push(Change::AddServer(service.key, self.server(&service.key, true)));
            }
        }
        let mut tables = Tables::default();
        rules.retain(|change| tables.make(change).is_ok());
        rules
    }

    /// Any changes, sensible or not.
    pub fn changes(&mut self, count: usize) -> Vec<Change> {
        (0..count).map(|_| self.change()).collect()
    }

    fn change(&mut self) -> Change {
        let service = self.service();
        let key = service.key;
        let mut server = self.server(&key, true);
        server.lower_threshold = self.pick(&[0, 0, 0, 20]);
        match self.below(40) {
            0 => Change::Flush,
            1 => Change::Zero(Some(key)),
            2 => Change::Zero(None),
            3 => Change::SetTimeouts(Timeouts {
                tcp: NonZero::new(self.pick(&[0, 100])),
                tcp_fin: None,
                udp: NonZero::new(self.pick(&[0, 30])),
            }),
            4 => Change::StartDaemon(self.daemon()),
            5 => Change::StopDaemon(StopDaemon { state: self.daemon().state, syncid: 0 }),
            6..=8 => Change::DeleteService(key),
            9..=11 => Change::EditService(service),
            12..=14 => Change::DeleteServer(key, server.key),
            15..=18 => Change::EditServer(key, server),
            19..=26 => Change::AddService(service),
            _ => Change::AddServer(key, server),
        }
    }

    pub fn daemon(&mut self) -> SyncDaemon {
        let state = self.pick(&[DaemonState::Master, DaemonState::Backup]);
        let interface = self.pick(&["eth0", "eth1"]).parse().unwrap();
        SyncDaemon { sync_maxlen: NonZero::new(1400), ..SyncDaemon::new(state, interface) }
    }
}
