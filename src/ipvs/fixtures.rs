//! Material of the tests: bytes as they were captured, and values that look random and are the same in each run.

use crate::ipvs::model::*;
use std::net::IpAddr;
use std::num::NonZero;

/// Bytes from hexadecimal digits.
pub(crate) fn hex(digits: &str) -> Vec<u8> {
    (0..digits.len()).step_by(2).map(|start| u8::from_str_radix(&digits[start..start + 2], 16).unwrap()).collect()
}

/// Numbers that look random and are the same in each run (xorshift), and the model's values with such numbers.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        (self.next() >> 16) as usize % limit
    }

    pub(crate) fn one_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }

    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    /// A number of any width: small ones are as likely as large ones.
    pub(crate) fn number(&mut self) -> u64 {
        let bits = self.below(65) as u32;
        self.next() & u64::MAX.checked_shr(64 - bits).unwrap_or(0)
    }

    pub(crate) fn address(&mut self) -> IpAddr {
        match self.one_in(3) {
            true => (u128::from(self.next()) << 64 | u128::from(self.number())).to_be_bytes().into(),
            false => (self.next() as u32).to_be_bytes().into(),
        }
    }

    fn address_of(&mut self, family: Family) -> IpAddr {
        loop {
            let address = self.address();
            if Family::of(address) == family {
                return address;
            }
        }
    }

    pub(crate) fn name(&mut self) -> Name {
        let name: Vec<u8> = (0..self.below(16)).map(|_| 1 + self.below(255) as u8).collect();
        Name::cut(&name, name.len())
    }

    pub(crate) fn service_key(&mut self) -> ServiceKey {
        match self.one_in(4) {
            true => ServiceKey::mark(self.number() as u32, self.pick(&[Family::Inet, Family::Inet6])),
            false => ServiceKey::Address {
                protocol: Protocol::from_number(self.pick(&[6, 17, 132, 1, u16::MAX])),
                address: self.address(),
                port: self.number() as u16,
            },
        }
    }

    pub(crate) fn service(&mut self) -> VirtualService {
        let mut service = VirtualService::new(self.service_key(), self.name());
        service.flags = ServiceFlags::from_bits_retain(self.number() as u32).difference(ServiceFlags::HASHED);
        service.timeout = self.number() as u32;
        service.netmask = match service.key.family() {
            Family::Inet => Netmask::Mask((self.next() as u32).to_be_bytes().into()),
            Family::Inet6 => Netmask::Prefix(self.number() as u32),
        };
        service.persistence_engine = self.one_in(2).then(|| self.name());
        service
    }

    pub(crate) fn server(&mut self, family: Family) -> RealServer {
        let address = if self.one_in(4) { self.address() } else { self.address_of(family) };
        let mut server = RealServer::new(address, self.number() as u16);
        server.forwarding = Forwarding::from_number(self.below(8) as u32);
        server.weight = self.number() as i32;
        server.upper_threshold = self.number() as u32;
        server.lower_threshold = self.number() as u32;
        if self.one_in(2) {
            server.tunnel = Tunnel {
                kind: TunnelType::from_number(self.number() as u8),
                port: self.number() as u16,
                flags: TunnelFlags::from_bits_retain(self.number() as u16),
            };
        }
        server
    }

    pub(crate) fn stats(&mut self) -> Stats {
        Stats {
            connections: self.number(),
            in_packets: self.number(),
            out_packets: self.number(),
            in_bytes: self.number(),
            out_bytes: self.number(),
            connection_rate: self.number(),
            in_packet_rate: self.number(),
            out_packet_rate: self.number(),
            in_byte_rate: self.number(),
            out_byte_rate: self.number(),
        }
    }

    pub(crate) fn timeouts(&mut self) -> Timeouts {
        let mut seconds = || NonZero::new(self.number() as u32);
        Timeouts { tcp: seconds(), tcp_fin: seconds(), udp: seconds() }
    }

    pub(crate) fn daemon(&mut self) -> SyncDaemon {
        let mut daemon = SyncDaemon::new(self.pick(&[DaemonState::Master, DaemonState::Backup]), self.name());
        daemon.syncid = self.number() as u32;
        daemon.sync_maxlen = NonZero::new(self.number() as u16);
        daemon.mcast_group = self.one_in(2).then(|| self.address());
        daemon.mcast_port = NonZero::new(self.number() as u16);
        daemon.mcast_ttl = NonZero::new(self.number() as u8);
        daemon
    }

    pub(crate) fn change(&mut self) -> Change {
        let key = self.service_key();
        match self.below(11) {
            0 => Change::AddService(self.service()),
            1 => Change::EditService(self.service()),
            2 => Change::DeleteService(key),
            3 => Change::AddServer(key, self.server(key.family())),
            4 => Change::EditServer(key, self.server(key.family())),
            5 => Change::DeleteServer(key, self.server(key.family()).key),
            6 => Change::Flush,
            7 => Change::Zero(self.one_in(2).then_some(key)),
            8 => Change::SetTimeouts(self.timeouts()),
            9 => Change::StartDaemon(self.daemon()),
            _ => {
                let daemon = self.daemon();
                Change::StopDaemon(StopDaemon { state: daemon.state, syncid: daemon.syncid })
            }
        }
    }
}
