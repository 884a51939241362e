//! Virtual services: what a client connects to, and how its connections are spread.

use super::{Name, Protocol, ServiceFlags, Stats};
use std::net::{IpAddr, Ipv4Addr};

/// An address family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Family {
    /// `AF_INET`.
    #[default]
    Inet,
    /// `AF_INET6`.
    Inet6,
}

impl Family {
    /// The family that an address belongs to.
    pub fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(_) => Self::Inet,
            IpAddr::V6(_) => Self::Inet6,
        }
    }

    /// The kernel's number of the family (`AF_INET`, `AF_INET6` of linux/socket.h).
    pub fn number(self) -> u16 {
        match self {
            Self::Inet => 2,
            Self::Inet6 => 10,
        }
    }
}

/// What identifies a virtual service in the kernel's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ServiceKey {
    /// A protocol, an address and a port.
    Address {
        /// The transport protocol.
        protocol: Protocol,
        /// The virtual address.
        address: IpAddr,
        /// The port; 0 stands for every port of the address (persistent services only).
        port: u16,
    },
    /// A firewall mark, in one of the two families.
    FirewallMark {
        /// The mark, 1..=4294967295.
        mark: u32,
        /// The family whose packets are meant.
        family: Family,
    },
}

impl ServiceKey {
    /// The family of the service.
    pub fn family(&self) -> Family {
        match self {
            Self::Address { address, .. } => Family::of(*address),
            Self::FirewallMark { family, .. } => *family,
        }
    }

    /// The port, 0 for a firewall mark.
    pub fn port(&self) -> u16 {
        match self {
            Self::Address { port, .. } => *port,
            Self::FirewallMark { .. } => 0,
        }
    }

    /// The protocol by which a port's name is read. Like the reference, TCP for a firewall mark, which it prints in
    /// numbers all the same.
    pub fn protocol(&self) -> Protocol {
        match self {
            Self::Address { protocol, .. } => *protocol,
            Self::FirewallMark { .. } => Protocol::Tcp,
        }
    }
}

/// How wide a persistent client is: one address by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Netmask {
    /// IPv4: any mask, contiguous or not.
    Mask(Ipv4Addr),
    /// IPv6: a prefix length, 1..=128.
    Prefix(u32),
}

impl Netmask {
    /// A single address of the family: 255.255.255.255, or 128.
    pub fn single(family: Family) -> Self {
        match family {
            Family::Inet => Self::Mask(Ipv4Addr::BROADCAST),
            Family::Inet6 => Self::Prefix(128),
        }
    }
}

/// A virtual service as an administrator defines it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VirtualService {
    /// What identifies it.
    pub key: ServiceKey,
    /// The scheduler's name.
    pub scheduler: Name,
    /// Persistence, one-packet scheduling, scheduler flags; `HASHED` is never set here.
    pub flags: ServiceFlags,
    /// The persistence timeout in seconds; 0 when the service is not persistent.
    pub timeout: u32,
    /// The persistence granularity.
    pub netmask: Netmask,
    /// The persistence engine.
    pub persistence_engine: Option<Name>,
}

/// A virtual service as the kernel lists it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ListedService {
    /// The service.
    pub service: VirtualService,
    /// What it has carried.
    pub stats: Stats,
}
