//! What identifies virtual services and real servers.

use super::{Family, ParseError, Protocol};
use std::net::{IpAddr, SocketAddr};
use std::{fmt, str::FromStr};

/// What identifies a virtual service in the kernel's table.
///
/// ```
/// use ipvsadm::ipvs::model::{Protocol, ServiceKey};
///
/// let key = ServiceKey::tcp([192, 0, 2, 1], 80);
/// assert_eq!(key.to_string(), "TCP 192.0.2.1:80");
/// assert_eq!("udp [2001:db8::1]:53".parse::<ServiceKey>()?.port(), 53);
/// assert_eq!("FWM 7 IPv6".parse::<ServiceKey>()?.to_string(), "FWM 7 IPv6");
/// # Ok::<_, ipvsadm::ipvs::model::ParseError>(())
/// ```
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
    /// A TCP service.
    pub fn tcp(address: impl Into<IpAddr>, port: u16) -> Self {
        Self::Address { protocol: Protocol::Tcp, address: address.into(), port }
    }

    /// A UDP service.
    pub fn udp(address: impl Into<IpAddr>, port: u16) -> Self {
        Self::Address { protocol: Protocol::Udp, address: address.into(), port }
    }

    /// An SCTP service.
    pub fn sctp(address: impl Into<IpAddr>, port: u16) -> Self {
        Self::Address { protocol: Protocol::Sctp, address: address.into(), port }
    }

    /// The service of a firewall mark, 1..=4294967295.
    pub fn mark(mark: u32, family: Family) -> Self {
        Self::FirewallMark { mark, family }
    }

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

impl fmt::Display for ServiceKey {
    /// As in a listing: `TCP 192.0.2.1:80`, `UDP [2001:db8::1]:53`, `FWM 7`, `FWM 7 IPv6`; always in numbers.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Address { protocol, address, port } => write!(f, "{protocol} {}", SocketAddr::new(address, port)),
            Self::FirewallMark { mark, family: Family::Inet } => write!(f, "FWM {mark}"),
            Self::FirewallMark { mark, family } => write!(f, "FWM {mark} {family}"),
        }
    }
}

impl FromStr for ServiceKey {
    type Err = ParseError;

    /// Reads what is displayed, words in any case.
    fn from_str(text: &str) -> Result<Self, ParseError> {
        let none = || ParseError::new("virtual service", text);
        let (kind, rest) = text.split_once(' ').ok_or_else(none)?;
        if kind.eq_ignore_ascii_case("FWM") {
            let (mark, family) = rest.split_once(' ').unwrap_or((rest, "IPv4"));
            let mark = mark.parse().ok().filter(|mark| *mark > 0).ok_or_else(none)?;
            return Ok(Self::FirewallMark { mark, family: family.parse()? });
        }
        let socket: SocketAddr = rest.parse().map_err(|_| none())?;
        Ok(Self::Address { protocol: kind.parse()?, address: socket.ip(), port: socket.port() })
    }
}

/// What identifies a real server within its service: an address and a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ServerKey {
    /// The address; of another family than the service's only for tunnelling.
    pub address: IpAddr,
    /// The port. Only masquerading can translate it: for the other methods it is the service's, if that has one.
    pub port: u16,
}

impl ServerKey {
    /// The server at an address and a port.
    pub fn new(address: impl Into<IpAddr>, port: u16) -> Self {
        Self { address: address.into(), port }
    }

    /// The family of the server's address.
    pub fn family(&self) -> Family {
        Family::of(self.address)
    }
}

impl From<SocketAddr> for ServerKey {
    fn from(socket: SocketAddr) -> Self {
        Self { address: socket.ip(), port: socket.port() }
    }
}

impl fmt::Display for ServerKey {
    /// `192.0.2.1:80` or `[2001:db8::1]:80`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        SocketAddr::new(self.address, self.port).fmt(f)
    }
}

impl FromStr for ServerKey {
    type Err = ParseError;

    /// Reads what is displayed.
    fn from_str(text: &str) -> Result<Self, ParseError> {
        text.parse::<SocketAddr>().map(Self::from).map_err(|_| ParseError::new("real server", text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_services_lead_back() {
        for text in ["TCP 10.0.0.1:80", "UDP [2001:db8::1]:0", "SCTP 10.0.0.1:65535", "47 10.0.0.1:1", "FWM 4294967295"]
        {
            assert_eq!(text.parse::<ServiceKey>().unwrap().to_string(), text);
        }
        assert_eq!("tcp 10.0.0.1:80".parse(), Ok(ServiceKey::tcp([10, 0, 0, 1], 80)));
        assert_eq!("fwm 7 ipv6".parse(), Ok(ServiceKey::mark(7, Family::Inet6)));
        for text in ["", "TCP", "TCP 10.0.0.1", "ICMP 10.0.0.1:1", "FWM 0", "FWM x", "FWM 1 IPv5", "TCP  10.0.0.1:80"] {
            assert!(text.parse::<ServiceKey>().is_err(), "{text}");
        }
    }

    #[test]
    fn texts_of_servers_lead_back() {
        for text in ["10.0.0.1:80", "[2001:db8::1]:0"] {
            assert_eq!(text.parse::<ServerKey>().unwrap().to_string(), text);
        }
        let error = "10.0.0.1".parse::<ServerKey>().unwrap_err();
        assert_eq!(error.to_string(), "`10.0.0.1` is no real server");
    }
}
