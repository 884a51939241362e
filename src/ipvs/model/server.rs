//! Real servers: where a virtual service's connections go. The kernel calls them destinations.

use super::{Family, Stats};
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

/// How packets reach the server: the low bits of the kernel's connection flags (`IP_VS_CONN_F_FWD_MASK`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Forwarding(pub u32);

impl Forwarding {
    /// The bits that hold the method (`IP_VS_CONN_F_FWD_MASK`).
    pub const MASK: u32 = 0x7;
    /// Masquerading, `-m` (`IP_VS_CONN_F_MASQ`).
    pub const MASQUERADING: Self = Self(0);
    /// The load balancer itself (`IP_VS_CONN_F_LOCALNODE`): decided by the kernel.
    pub const LOCAL: Self = Self(1);
    /// Tunnelling, `-i` (`IP_VS_CONN_F_TUNNEL`).
    pub const TUNNEL: Self = Self(2);
    /// Direct routing, `-g` (`IP_VS_CONN_F_DROUTE`).
    pub const ROUTE: Self = Self(3);
    /// Cache bypass (`IP_VS_CONN_F_BYPASS`): decided by the kernel.
    pub const BYPASS: Self = Self(4);
}

/// How a tunnelling server's packets are wrapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct Tunnel {
    /// `IP_VS_CONN_F_TUNNEL_TYPE_*`: [`Tunnel::IPIP`], [`Tunnel::GUE`] or [`Tunnel::GRE`].
    pub kind: u8,
    /// The UDP port of gue, else 0.
    pub port: u16,
    /// `IP_VS_TUNNEL_ENCAP_FLAG_*`.
    pub flags: u16,
}

impl Tunnel {
    /// `IP_VS_CONN_F_TUNNEL_TYPE_IPIP`.
    pub const IPIP: u8 = 0;
    /// `IP_VS_CONN_F_TUNNEL_TYPE_GUE`.
    pub const GUE: u8 = 1;
    /// `IP_VS_CONN_F_TUNNEL_TYPE_GRE`.
    pub const GRE: u8 = 2;
    /// `IP_VS_TUNNEL_ENCAP_FLAG_NOCSUM`.
    pub const NOCSUM: u16 = 0;
    /// `IP_VS_TUNNEL_ENCAP_FLAG_CSUM`.
    pub const CSUM: u16 = 1;
    /// `IP_VS_TUNNEL_ENCAP_FLAG_REMCSUM`.
    pub const REMCSUM: u16 = 2;
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
