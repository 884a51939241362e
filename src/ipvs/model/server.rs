//! Real servers: where a virtual service's connections go. The kernel calls them destinations.

use super::{Family, Forwarding, Stats, Tunnel};
use std::net::IpAddr;

/// What identifies a real server within its service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ServerKey {
    /// The address; of another family than the service's only for tunnelling.
    pub address: IpAddr,
    /// The port.
    pub port: u16,
}

impl ServerKey {
    /// The family of the server's address.
    pub fn family(&self) -> Family {
        Family::of(self.address)
    }
}

/// A real server as an administrator defines it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RealServer {
    /// What identifies it.
    pub key: ServerKey,
    /// The forwarding method.
    pub forwarding: Forwarding,
    /// The weight, 0..=2147483647; 0 takes no new connections.
    pub weight: i32,
    /// No new connections at this many; 0 for no limit.
    pub upper_threshold: u32,
    /// New connections again below this many; 0 for none set.
    pub lower_threshold: u32,
    /// How packets are wrapped when tunnelling.
    pub tunnel: Tunnel,
}

/// A real server as the kernel lists it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ListedServer {
    /// The server.
    pub server: RealServer,
    /// Connections that carry data.
    pub active: u32,
    /// Connections that are ending or idle.
    pub inactive: u32,
    /// Connection templates of persistent clients.
    pub persistent: u32,
    /// What it has carried.
    pub stats: Stats,
}
