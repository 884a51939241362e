//! Rules that drop what is sent to this host, before ip_vs or a sync daemon sees it.

use super::super::facts::Facts;
use super::super::finding::{About, Findings};
use super::super::rules::{Fate, Firewall, First};
use crate::ipvs::model::{Family, Protocol, ServiceKey, SyncDaemon};
use std::net::{IpAddr, Ipv4Addr};

/// The group and the port of a daemon for which none is given (`IP_VS_SYNC_GROUP` and `IP_VS_SYNC_PORT` of the kernel).
pub const GROUP: IpAddr = IpAddr::V4(Ipv4Addr::new(224, 0, 0, 81));
pub const PORT: u16 = 8848;

/// Clients pass them.
pub fn firewall(facts: &Facts, findings: &mut Findings) {
    let rules = match &facts.rules {
        Ok(rules) => rules,
        Err(why) => return findings.unknown(About::Host, format!("rules of netfilter: {why}")),
    };
    let firewall = Firewall::of(rules);
    for entry in facts.services() {
        let about = About::service(entry);
        let key = entry.service.service.key;
        let first = first(&key);
        match firewall.fate(&first) {
            Fate::Passes => findings.good(about, "no rule drops all that clients send"),
            Fate::OfSome(rule) => match own_link(facts, &first) {
                Some(link) if firewall.fate(&First { link: Some(link), ..first }) == Fate::Passes => {
                    findings.good(about, format!("no rule drops all that comes by {link}"));
                }
                _ => findings.unknown(about, format!("what some clients send passes, by: {rule}")),
            },
            Fate::Dropped { chain, by } => {
                let [to_iptables, to_nft] = told_of(&key);
                findings.fault(
                    about,
                    format!("{} drops what clients send before ip_vs sees it: {by}", named(&chain)),
                    accepting(&chain, &to_iptables, &to_nft),
                );
            }
        }
    }
}

/// What drops all that a master sends to a daemon here, and what to do.
pub fn of_daemon(facts: &Facts, daemon: &SyncDaemon) -> Option<(String, String)> {
    let (address, port) = (daemon.mcast_group.unwrap_or(GROUP), daemon.mcast_port.map_or(PORT, u16::from));
    let link = daemon.interface.to_string();
    let sent = First {
        link: Some(&link),
        family: Family::of(address),
        protocol: Some(Protocol::Udp),
        address: Some(address),
        port: Some(port),
    };
    let Fate::Dropped { chain, by } = Firewall::of(facts.rules.as_ref().ok()?).fate(&sent) else { return None };
    let [to_iptables, to_nft] = told(address, Protocol::Udp, Some(port));
    let wrong = format!("{} drops what the master sends: {by}", named(&chain));
    Some((wrong, accepting(&chain, &to_iptables, &to_nft)))
}

/// The protocol of VRRP, by which directors tell each other who has the addresses (RFC 9568).
const VRRP: u16 = 112;

/// What the other director says of the addresses comes here.
pub fn vrrp(facts: &Facts, findings: &mut Findings) {
    let Ok(rules) = &facts.rules else { return };
    let firewall = Firewall::of(rules);
    for &family in &facts.vrrp {
        let said = First { link: None, family, protocol: Some(Protocol::from_number(VRRP)), address: None, port: None };
        match firewall.fate(&said) {
            Fate::Dropped { chain, by } => findings.warning(
                About::Host,
                format!("{} drops VRRP, and both directors take the addresses: {by}", named(&chain)),
                accepting(&chain, &format!("-p {VRRP}"), &format!("meta l4proto {VRRP}")),
            ),
            Fate::OfSome(_) | Fate::Passes => findings.good(About::Host, format!("no rule drops all VRRP of {family}")),
        }
    }
}

/// What is known of the first packet to a service.
fn first(key: &ServiceKey) -> First<'static> {
    let family = key.family();
    match *key {
        ServiceKey::Address { protocol, address, port } => First {
            link: None,
            family,
            protocol: Some(protocol),
            address: Some(address),
            // A service of all ports has port 0.
            port: (port != 0).then_some(port),
        },
        ServiceKey::FirewallMark { .. } => First { link: None, family, protocol: None, address: None, port: None },
    }
}

/// The link that has the address, which most clients come by.
fn own_link<'f>(facts: &'f Facts, first: &First<'_>) -> Option<&'f str> {
    let network = facts.network.as_ref().ok()?;
    let own = network.own(first.address?)?;
    network.link(own.link).map(|link| link.name.as_str())
}

/// A chain as people call it.
fn named((table, name): &(String, String)) -> String {
    match table.split_once(' ') {
        Some(("iptables" | "ip6tables", _)) => format!("{table} {name}"),
        _ => format!("nft {table} {name}"),
    }
}

fn accepting((table, name): &(String, String), to_iptables: &str, to_nft: &str) -> String {
    let command = match table.split_once(' ') {
        Some((program @ ("iptables" | "ip6tables"), table)) => {
            format!("{program} -t {table} -I {name} {to_iptables} -j ACCEPT")
        }
        _ => format!("nft insert rule {table} {name} {to_nft} accept"),
    };
    format!("Let the firewall accept it. Until its rules are loaded again: {command}")
}

/// What iptables and nft are told of the packets to a service.
fn told_of(key: &ServiceKey) -> [String; 2] {
    match *key {
        ServiceKey::Address { protocol, address, port } => told(address, protocol, (port != 0).then_some(port)),
        ServiceKey::FirewallMark { mark, .. } => [format!("-m mark --mark {mark}"), format!("meta mark {mark}")],
    }
}

fn told(address: IpAddr, protocol: Protocol, port: Option<u16>) -> [String; 2] {
    let family = if address.is_ipv4() { "ip" } else { "ip6" };
    let protocol = protocol.to_string().to_lowercase();
    match port {
        Some(port) => [
            format!("-d {address} -p {protocol} --dport {port}"),
            format!("{family} daddr {address} {protocol} dport {port}"),
        ],
        None => [format!("-d {address} -p {protocol}"), format!("{family} daddr {address} meta l4proto {protocol}")],
    }
}
