//! Packets that are not changed: the port that they come to, and the hardware address that brings them there.

use super::super::facts::Facts;
use super::super::finding::{About, Findings};
use crate::ipvs::model::{Forwarding, ServiceFlags};

/// The server gets packets at its own port. Only masquerading changes the port, and of a persistent service only where the
/// service has one: its clients may call any port of the address, or with the mark.
pub fn port(facts: &Facts, findings: &mut Findings) {
    for (entry, listed) in facts.servers() {
        let service = &entry.service.service;
        let (server, called) = (listed.server.key, service.key.port());
        let about = About::Server(service.key, server);
        match listed.server.forwarding {
            _ if server.port == 0 => {}
            Forwarding::Route | Forwarding::Tunnel if called == server.port => {
                findings.good(about, format!("packets come to port {called} of it"));
            }
            Forwarding::Route | Forwarding::Tunnel if called != 0 => findings.fault(
                about,
                format!("packets come to port {called} of it, not to {}", server.port),
                "Have the server listen on the service's port, or masquerade with -m.",
            ),
            Forwarding::Masquerading if called == 0 && service.flags.contains(ServiceFlags::PERSISTENT) => {
                findings.warning(
                    about,
                    format!("packets come to the port that the client called, not to {}", server.port),
                    "Have the server listen on that, or let the service not be persistent.",
                );
            }
            _ => {}
        }
    }
}

/// The server is on a link of this host: its hardware address is the only thing that brings packets to it.
pub fn link(facts: &Facts, findings: &mut Findings) {
    for way in facts.ways().filter(|way| way.listed.server.forwarding == Forwarding::Route) {
        match way.gateway {
            None => findings.good(way.about(), format!("it is on the link {}", way.link.name)),
            Some(gateway) => findings.fault(
                way.about(),
                format!("it is behind the gateway {gateway}, which sends packets for the virtual address back here"),
                "Use a tunnel, -i, or put the server on a link of this host.",
            ),
        }
    }
}
