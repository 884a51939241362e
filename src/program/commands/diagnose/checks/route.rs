//! Whether packets reach the servers.

use super::super::facts::{Facts, Way};
use super::super::finding::{About, Findings};
use crate::ipvs::model::Protocol;
use crate::ipvs::model::{Forwarding, ServiceKey};
use crate::program::network::Route;

/// There is a route to each server.
pub fn route(facts: &Facts, findings: &mut Findings) {
    let network = match &facts.network {
        Ok(network) => network,
        Err(why) => return findings.unknown(About::Host, why.as_str()),
    };
    for (entry, listed) in facts.servers() {
        let address = listed.server.key.address;
        let about = About::Server(entry.service.service.key, listed.server.key);
        match network.routes.get(&address) {
            Some(Route::Local) => findings.good(about, "it is this host itself"),
            Some(Route::Out { link, gateway, .. }) => {
                let link = network.link(*link).map_or("a link", |link| link.name.as_str());
                let by = gateway.map_or(String::new(), |gateway| format!(" and the gateway {gateway}"));
                findings.good(about, format!("it is reached by {link}{by}"));
            }
            Some(Route::None(why)) => findings.fault(
                about,
                format!("there is no route to {address}: {why}"),
                format!("Set its link up, or add a route: ip route add {address} via GATEWAY"),
            ),
            None => findings.unknown(about, "the route was not asked for"),
        }
    }
}

/// Each server, or the gateway to it, answers when its hardware address is asked for.
pub fn neighbour(facts: &Facts, findings: &mut Findings) {
    for way in facts.ways().filter(|way| way.link.asks) {
        let Way { listed, network, link, gateway, .. } = way;
        let next = gateway.unwrap_or(listed.server.key.address);
        let whose = if gateway.is_some() { format!("its gateway {next}") } else { "it".to_owned() };
        match network.neighbour(link.index, next).map(|neighbour| neighbour.known) {
            Some(true) => {
                findings.good(way.about(), format!("the hardware address of {whose} is known on {}", link.name))
            }
            Some(false) => findings.fault(
                way.about(),
                format!("{whose} does not say its hardware address on {}", link.name),
                format!("Is it up, and on the same network? To see it: arping -I {} {next}", link.name),
            ),
            None => findings.unknown(way.about(), format!("no packet has gone to {whose} of late")),
        }
    }
}

/// Something listens where a server is this host itself.
pub fn local_server(facts: &Facts, findings: &mut Findings) {
    let Ok(network) = &facts.network else { return };
    for (entry, listed) in facts.servers() {
        let server = listed.server.key;
        if network.routes.get(&server.address) != Some(&Route::Local) {
            continue;
        }
        let service = entry.service.service.key;
        let about = About::Server(service, server);
        // Only masquerading changes where a packet is to go.
        let (protocol, address, port) = match (service, listed.server.forwarding) {
            (ServiceKey::Address { protocol, .. }, Forwarding::Masquerading) => (protocol, server.address, server.port),
            (ServiceKey::Address { protocol, address, port }, _) => (protocol, address, port),
            (ServiceKey::FirewallMark { .. }, _) => continue,
        };
        if port == 0 || !matches!(protocol, Protocol::Tcp | Protocol::Udp) {
            continue;
        }
        let place = crate::ipvs::model::ServerKey::new(address, port);
        match &facts.sockets {
            Ok(sockets) if sockets.take(protocol, address, port) => {
                findings.good(about, format!("something listens on {place}"));
            }
            Ok(_) => findings.fault(
                about,
                format!("it is this host itself, where nothing listens on {protocol} {place}"),
                format!("Start a server that listens on {place}."),
            ),
            Err(why) => findings.unknown(about, why.as_str()),
        }
    }
}
