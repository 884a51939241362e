//! Real servers: where a virtual service's connections go. The kernel calls them destinations.

use super::{Forwarding, ServerKey, Stats, Tunnel};
use std::net::IpAddr;

/// A real server as an administrator defines it.
///
/// ```
/// use ipvsadm::ipvs::model::{Forwarding, RealServer};
///
/// let mut server = RealServer::new([198, 51, 100, 7], 8080);
/// server.forwarding = Forwarding::Masquerading;
/// server.weight = 10;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RealServer {
    /// What identifies it.
    pub key: ServerKey,
    /// The forwarding method.
    pub forwarding: Forwarding,
    /// The weight, 0..=2147483647; 0 takes no new connections. A kernel may list a negative one.
    pub weight: i32,
    /// No new connections at this many; 0 is the kernel's own word for no limit.
    pub upper_threshold: u32,
    /// New connections again below this many; 0 lets the kernel take three quarters of the upper threshold. Never more
    /// than that one.
    pub lower_threshold: u32,
    /// How packets are wrapped when tunnelling.
    pub tunnel: Tunnel,
}

impl RealServer {
    /// A server with what ipvsadm assumes: direct routing, weight 1, no thresholds.
    pub fn new(address: impl Into<IpAddr>, port: u16) -> Self {
        Self {
            key: ServerKey::new(address, port),
            forwarding: Forwarding::Route,
            weight: 1,
            upper_threshold: 0,
            lower_threshold: 0,
            tunnel: Tunnel::default(),
        }
    }
}

/// A real server as the kernel lists it.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
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

impl From<RealServer> for ListedServer {
    /// A server without connections, that has carried nothing.
    fn from(server: RealServer) -> Self {
        Self { server, active: 0, inactive: 0, persistent: 0, stats: Stats::default() }
    }
}
