//! The packets that a rule is for, and whether the first one of a client is one of them.

use crate::ipvs::model::{Family, Protocol};
use ipnetwork::IpNetwork;
use std::net::IpAddr;
use std::ops::RangeInclusive;

/// The first packet that a client sends, as far as it is known: it is of a new connection.
#[derive(Clone, Copy, Debug)]
pub struct First<'l> {
    /// The link that it comes by.
    pub link: Option<&'l str>,
    /// The family.
    pub family: Family,
    /// The protocol.
    pub protocol: Option<Protocol>,
    /// Where it goes.
    pub address: Option<IpAddr>,
    /// Its port there.
    pub port: Option<u16>,
}

/// What packets have that a rule is for.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// What it looks at, and wants there.
    pub kind: Kind,
    /// It is for all others.
    pub not: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    Family(Family),
    /// One of these, by name or number.
    Protocol(Vec<String>),
    /// To one of these networks.
    To(Vec<IpNetwork>),
    /// To one of these ports.
    Port(Vec<RangeInclusive<u16>>),
    /// The states of connection tracking, in lower case.
    State(Vec<String>),
    /// Its destination was replaced by netfilter.
    Translated,
    /// The links that they come by.
    In(Vec<String>),
    /// The link that they leave by.
    Out(String),
    /// They are of a connection of ip_vs.
    Ipvs,
    /// What is not understood.
    Other,
}

/// What other rules do that conditions depend on.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Elsewhere {
    /// A rule replaces destinations.
    pub translates: bool,
    /// A rule keeps packets from connection tracking.
    pub untracks: bool,
}

impl Condition {
    /// Whether a packet is meant; `None` where that depends on what is not known.
    pub fn holds(&self, packet: &First<'_>, elsewhere: Elsewhere) -> Option<bool> {
        let holds = match &self.kind {
            Kind::Family(family) => Some(*family == packet.family),
            Kind::Protocol(names) => packet.protocol.map(|own| names.iter().any(|name| protocol(name) == Some(own))),
            Kind::To(networks) => packet.address.map(|own| networks.iter().any(|network| network.contains(own))),
            Kind::Port(ranges) => packet.port.map(|own| ranges.iter().any(|range| range.contains(&own))),
            Kind::State(states) => {
                let has = |state: &str| states.iter().any(|listed| listed == state);
                let tracked = !elsewhere.untracks || has("new") == has("untracked");
                tracked.then(|| has("new"))
            }
            Kind::Translated => (!elsewhere.translates).then_some(false),
            Kind::In(links) => match packet.link {
                Some(own) => Some(links.iter().any(|link| is_link(link, own))),
                // Clients elsewhere come by some other one.
                None => links.iter().all(|link| link == "lo").then_some(false),
            },
            Kind::Out(_) | Kind::Ipvs | Kind::Other => None,
        };
        holds.map(|holds| holds != self.not)
    }
}

/// Those that packets here may have.
fn protocol(name: &str) -> Option<Protocol> {
    match name {
        "vrrp" | "carp" => Some(Protocol::from_number(112)),
        other => other.parse().ok(),
    }
}

/// Whether a link has a name, or begins with one that ends so.
pub fn is_link(wanted: &str, own: &str) -> bool {
    wanted == own || wanted.strip_suffix(['+', '*']).is_some_and(|begin| own.starts_with(begin))
}
