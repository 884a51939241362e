//! Whether packets of clients come to ip_vs.

use super::super::facts::Facts;
use super::super::finding::{About, Findings};
use crate::ipvs::model::{DaemonState, Family, ServiceEntry, ServiceKey};
use crate::program::network::{Network, Route};
use std::net::IpAddr;

/// The virtual addresses are this host's: ip_vs sees packets that are to be delivered here.
pub fn virtual_address(facts: &Facts, findings: &mut Findings) {
    let network = match &facts.network {
        Ok(network) => network,
        Err(why) => return findings.unknown(About::Host, why.as_str()),
    };
    for (entry, address) in by_address(facts) {
        let about = About::service(entry);
        if network.routes.get(&address) == Some(&Route::Local) {
            own(network, about, address, findings);
        } else if entry.service.stats.connections > 0 {
            findings.good(about, format!("{address} is none of this host's addresses, but connections come"));
        } else if let Some(why) = stands_by(facts) {
            findings.unknown(about, format!("{address} is none of this host's addresses; {why}, and it may come yet"));
        } else {
            findings.fault(
                about,
                format!("{address} is none of this host's addresses: no packet for it comes to ip_vs"),
                format!("Put it on the link that clients come by: ip addr add {address}/{} dev LINK", full(address)),
            );
        }
    }
}

fn by_address(facts: &Facts) -> impl Iterator<Item = (&ServiceEntry, IpAddr)> {
    facts.services().filter_map(|entry| match entry.service.service.key {
        ServiceKey::Address { address, .. } => Some((entry, address)),
        ServiceKey::FirewallMark { .. } => None,
    })
}

fn own(network: &Network, about: About, address: IpAddr, findings: &mut Findings) {
    let link = network.own(address).and_then(|own| network.link(own.link));
    match link {
        _ if address.is_loopback() => findings.warning(
            about,
            format!("{address} is a loopback address: only clients on this host reach it"),
            "Use an address of a link for clients elsewhere.",
        ),
        Some(link) if !(link.stays || link.up && link.carrier) => findings.fault(
            about,
            format!("{address} is on {}, which is down", link.name),
            format!("See to its cable, or: ip link set {} up", link.name),
        ),
        Some(link) => findings.good(about, format!("{address} is on {}", link.name)),
        None => findings.good(about, format!("{address} is delivered to this host by a route")),
    }
}

fn full(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

/// Why another director may have the addresses now.
fn stands_by(facts: &Facts) -> Option<&'static str> {
    let daemons = facts.table.daemons.as_deref().unwrap_or_default();
    if facts.keepalived.is_some() {
        Some("keepalived runs")
    } else if daemons.iter().any(|daemon| daemon.state == DaemonState::Backup) {
        Some("a backup sync daemon runs")
    } else {
        None
    }
}

/// Something gives packets the mark of a service.
pub fn mark(facts: &Facts, findings: &mut Findings) {
    for entry in facts.services() {
        let ServiceKey::FirewallMark { mark, family } = entry.service.service.key else { continue };
        let about = About::service(entry);
        let classifies = facts.network.as_ref().is_ok_and(|network| network.classifies);
        if entry.service.stats.connections > 0 {
            findings.good(about, "connections have come by it");
            continue;
        }
        match &facts.rules {
            Ok(rules) if rules.sets_mark(mark, family) => {
                findings.good(about, format!("a rule sets the mark {mark}; no connection has come by it yet"));
            }
            Ok(_) if classifies => {
                findings.unknown(
                    about,
                    format!("no rule of nft or iptables sets the mark {mark}, but tc may: see tc filter show"),
                );
            }
            Ok(_) => findings.fault(
                about,
                format!("no rule of nft or iptables sets the mark {mark}, and no connection has come"),
                format!("Mark packets before they are delivered: {}", marking(mark, family)),
            ),
            Err(why) => findings.unknown(about, format!("whether a rule sets the mark {mark}: {why}")),
        }
    }
}

fn marking(mark: u32, family: Family) -> String {
    let program = if family == Family::Inet6 { "ip6tables" } else { "iptables" };
    format!("{program} -t mangle -A PREROUTING -d ADDR -p tcp --dport PORT -j MARK --set-mark {mark}")
}

/// Packets of clients pass the filter by their source, which drops what would not be answered by the link that it came by.
pub fn reverse_path(facts: &Facts, findings: &mut Findings) {
    let Ok(network) = &facts.network else { return };
    // Any address far away: where the answers to most clients go.
    let Some(&Route::Out { link: way_out, .. }) = network.routes.get(&FAR_AWAY) else { return };
    for (entry, address) in by_address(facts).filter(|(_, address)| address.is_ipv4()) {
        let Some(link) = network.own(address).and_then(|own| network.link(own.link)) else { continue };
        let all = facts.settings.number("ipv4/conf/all/rp_filter");
        let own = facts.settings.number(&format!("ipv4/conf/{}/rp_filter", link.name));
        let strict = match (all, own) {
            (Some(Ok(all)), Some(Ok(own))) => all.max(own) == 1,
            _ => continue,
        };
        if link.stays || link.index == way_out {
            continue;
        }
        let about = About::service(entry);
        let out = network.link(way_out).map_or("another link", |link| link.name.as_str());
        let name = format!("net.ipv4.conf.{}.rp_filter", link.name.replace('.', "/"));
        if !strict {
            findings.good(about, format!("clients may come by {} though answers leave by {out}", link.name));
        } else if entry.service.stats.connections > 0 {
            findings.good(about, format!("{name} is 1, but connections come"));
        } else {
            findings.warning(
                about,
                format!(
                    "{address} is on {}, but this host sends to clients elsewhere by {out}: {name} is 1, and drops what \
                     they send",
                    link.name
                ),
                format!("Send to them by {}, or: sysctl -w {name}=2", link.name),
            );
        }
    }
}

/// An address that is nobody's (TEST-NET-3), so that the route to it is the one to everywhere else.
pub const FAR_AWAY: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(203, 0, 113, 1));
