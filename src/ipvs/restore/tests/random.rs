//! Random tables and files.

use crate::ipvs::fixtures::tables::Tables;
use crate::ipvs::model::*;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::num::NonZero;

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

    /// The same with many lines that the kernel alone refuses.
    pub fn changes_with_refusals(&mut self, count: usize) -> Vec<Change> {
        let mut changes = self.changes(count);
        for change in &mut changes {
            match change {
                Change::AddService(service) | Change::EditService(service) => match self.below(8) {
                    0..=2 => service.scheduler = self.pick(&["bogus1", "bogus2", "bogus3"]).parse().unwrap(),
                    3 => service.flags = ServiceFlags::ONEPACKET,
                    _ => {}
                },
                Change::AddServer(_, server) | Change::EditServer(_, server) => match self.below(6) {
                    0 if server.key.address.is_ipv4() => server.key.address = [224, 0, 0, 1].into(),
                    1 | 2 => server.weight = 99,
                    _ => {}
                },
                Change::SetTimeouts(timeouts) if self.below(2) == 0 => timeouts.tcp = NonZero::new(u32::MAX),
                Change::StartDaemon(daemon) if self.below(2) == 0 => daemon.interface = "nix".parse().unwrap(),
                _ => {}
            }
        }
        changes
    }

    pub fn daemon(&mut self) -> SyncDaemon {
        let state = self.pick(&[DaemonState::Master, DaemonState::Backup]);
        let interface = self.pick(&["eth0", "eth1"]).parse().unwrap();
        SyncDaemon { sync_maxlen: NonZero::new(1400), ..SyncDaemon::new(state, interface) }
    }
}
