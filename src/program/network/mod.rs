//! The network of this host, as far as it decides where packets go: links, addresses, neighbours, and the route to each
//! address that is asked for. `rtnetlink` reads it, and changes nothing.

mod objects;
mod rtnetlink;

pub use rtnetlink::read;

use std::collections::BTreeMap;
use std::net::IpAddr;

/// Of one network namespace.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Network {
    /// The links.
    pub links: Vec<Link>,
    /// The addresses of this host.
    pub addresses: Vec<Address>,
    /// What is known of the hosts on its links.
    pub neighbours: Vec<Neighbour>,
    /// The way to each address that was asked for.
    pub routes: BTreeMap<IpAddr, Route>,
    /// Whether a link has a traffic classifier (tc), which may do anything to packets that come in.
    pub classifies: bool,
}

/// A network interface.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// The kernel's number.
    pub index: u32,
    /// The name, such as `eth0`.
    pub name: String,
    /// An administrator has set it up.
    pub up: bool,
    /// It has a carrier.
    pub carrier: bool,
    /// Packets stay on this host: a loopback or dummy device.
    pub stays: bool,
    /// It asks for the hardware addresses of hosts (ARP, neighbour discovery).
    pub asks: bool,
    /// It carries multicast.
    pub multicast: bool,
    /// The longest packet, in bytes.
    pub mtu: u32,
}

/// An address of this host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address {
    /// The link's number.
    pub link: u32,
    /// The address.
    pub address: IpAddr,
    /// The length of its network's prefix.
    pub prefix: u8,
}

/// A host on a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Neighbour {
    /// The link's number.
    pub link: u32,
    /// Its address.
    pub address: IpAddr,
    /// Whether its hardware address is known; false where it was asked for and did not answer.
    pub known: bool,
}

/// Where packets to an address go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// To this host itself.
    Local,
    /// Out by a link.
    Out {
        /// The link's number.
        link: u32,
        /// The next host, where the address is not on the link itself.
        gateway: Option<IpAddr>,
        /// The longest packet that passes, in bytes, where the kernel knows of a limit.
        mtu: Option<u32>,
    },
    /// Nowhere, and why.
    None(String),
}

impl Network {
    /// The link of a number.
    pub fn link(&self, index: u32) -> Option<&Link> {
        self.links.iter().find(|link| link.index == index)
    }

    /// The link of a name.
    pub fn link_named(&self, name: &str) -> Option<&Link> {
        self.links.iter().find(|link| link.name == name)
    }

    /// The address entry of this host that is this address.
    pub fn own(&self, address: IpAddr) -> Option<&Address> {
        self.addresses.iter().find(|own| own.address == address)
    }

    /// Whether an address is in the network of one of this host's addresses on a link.
    pub fn is_on_link(&self, link: u32, address: IpAddr) -> bool {
        self.addresses.iter().any(|own| own.link == link && own.has_in_network(address))
    }

    /// The entry of a neighbour.
    pub fn neighbour(&self, link: u32, address: IpAddr) -> Option<&Neighbour> {
        self.neighbours.iter().find(|neighbour| neighbour.link == link && neighbour.address == address)
    }
}

impl Address {
    fn has_in_network(&self, other: IpAddr) -> bool {
        let (own, other, length) = match (self.address, other) {
            (IpAddr::V4(own), IpAddr::V4(other)) => (u128::from(own.to_bits()), u128::from(other.to_bits()), 32),
            (IpAddr::V6(own), IpAddr::V6(other)) => (own.to_bits(), other.to_bits(), 128),
            _ => return false,
        };
        let host_bits = u32::from(self.prefix).abs_diff(length);
        (own ^ other).checked_shr(host_bits).unwrap_or(0) == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_a_network() {
        let on = |own: &str, prefix, other: &str| {
            Address { link: 1, address: own.parse().unwrap(), prefix }.has_in_network(other.parse().unwrap())
        };
        assert!(on("10.0.1.1", 24, "10.0.1.255") && !on("10.0.1.1", 24, "10.0.2.1"));
        assert!(on("10.0.1.1", 32, "10.0.1.1") && !on("10.0.1.1", 32, "10.0.1.0"));
        assert!(on("10.0.1.1", 0, "192.0.2.1") && !on("10.0.1.1", 0, "::1"));
        assert!(on("2001:db8::1", 64, "2001:db8::9") && !on("2001:db8::1", 64, "2001:db8:1::9"));
        assert!(on("2001:db8::1", 0, "::") && on("2001:db8::1", 128, "2001:db8::1"));
    }
}
