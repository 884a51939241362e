//! Sync daemons: what this end of them can know of both.

use super::super::facts::Facts;
use super::super::finding::{About, Findings};
use crate::ipvs::model::{DaemonState, Family, ServiceKey, SyncDaemon};
use crate::program::network::{Network, Route};
use std::net::IpAddr;

/// The group that the kernel takes where none is given.
const GROUP: &str = "224.0.0.81";

/// The interface can carry what the daemon sends or is to hear, and something has come.
pub fn daemons(facts: &Facts, findings: &mut Findings) {
    let daemons = facts.table.daemons.as_deref().unwrap_or_default();
    for daemon in daemons {
        let seen = described(daemon);
        let wrong = match &facts.network {
            Ok(network) => wrong(network, daemon),
            Err(why) => {
                findings.unknown(About::Host, format!("{seen}: {why}"));
                continue;
            }
        };
        match (wrong, &facts.synced) {
            (Some((wrong, advice)), _) => findings.fault(About::Host, format!("{seen}: {wrong}"), advice),
            (None, _) if daemon.state == DaemonState::Master => {
                let other = "the other director needs a backup daemon with the same";
                findings.good(About::Host, format!("{seen}; {other}"));
            }
            (None, Ok(0)) => findings.unknown(
                About::Host,
                format!("{seen}: no connection has come from a master yet, which needs the same"),
            ),
            (None, Ok(number)) => findings.good(About::Host, format!("{seen}: {number} connections have come")),
            (None, Err(why)) => findings.unknown(About::Host, format!("{seen}: {why}")),
        }
    }
}

/// What has to be the same at both ends.
fn described(daemon: &SyncDaemon) -> String {
    let group = daemon.mcast_group.map_or(GROUP.to_owned(), |group| group.to_string());
    let port = daemon.mcast_port.map_or(8848, u16::from);
    format!("{} daemon on {}, sync id {}, group {group}, port {port}", daemon.state, daemon.interface, daemon.syncid)
}

/// What is wrong with the interface, and what to do.
fn wrong(network: &Network, daemon: &SyncDaemon) -> Option<(String, String)> {
    let name = daemon.interface.to_string();
    let Some(link) = network.link_named(&name) else {
        return Some((format!("there is no interface {name}"), "Start the daemon on another one.".to_owned()));
    };
    let family = daemon.mcast_group.map_or(Family::Inet, Family::of);
    if !(link.up && link.carrier) {
        return Some((format!("{name} is down"), format!("See to its cable, or: ip link set {name} up")));
    }
    if !link.multicast {
        return Some((format!("{name} carries no multicast"), format!("To let it: ip link set {name} multicast on")));
    }
    let has_address = |link| network.addresses.iter().any(|own| own.link == link && Family::of(own.address) == family);
    if daemon.state == DaemonState::Master && !has_address(link.index) {
        return Some((format!("{name} has no {family} address to send from"), "Give it one.".to_owned()));
    }
    None
}

/// With `backup_only`, a director with a backup daemon leaves all packets alone: it must not have the addresses.
pub fn backup_only(facts: &Facts, findings: &mut Findings) {
    let daemons = facts.table.daemons.as_deref().unwrap_or_default();
    if !daemons.iter().any(|daemon| daemon.state == DaemonState::Backup) {
        return;
    }
    let name = "net.ipv4.vs.backup_only";
    let addresses = facts.services().filter_map(|entry| match entry.service.service.key {
        ServiceKey::Address { address, .. } => Some(address),
        ServiceKey::FirewallMark { .. } => None,
    });
    let is_here = |address: &IpAddr| {
        facts.network.as_ref().is_ok_and(|network| network.routes.get(address) == Some(&Route::Local))
    };
    match facts.settings.ip_vs("backup_only") {
        Some(Ok(0)) => findings.good(About::Host, format!("{name} is 0")),
        Some(Ok(_)) => match addresses.into_iter().find(is_here) {
            Some(address) => findings.fault(
                About::Host,
                format!("{name} is 1 and a backup daemon runs: ip_vs leaves packets alone, though {address} is here"),
                format!("Stop the backup daemon where the addresses are, or: sysctl -w {name}=0"),
            ),
            None => findings.good(About::Host, format!("{name} is 1, and the addresses are elsewhere")),
        },
        Some(Err(why)) => findings.unknown(About::Host, why),
        None => {}
    }
}
