//! Whether servers answer, by the states of their connections.

use super::super::facts::Facts;
use super::super::finding::{About, Findings};
use super::super::states::States;
use crate::ipvs::model::{Forwarding, Protocol, RealServer, ServiceEntry, ServiceKey};

/// So many that wait, and none that was answered, are no accident.
const MANY: u64 = 3;

/// Clients get answers. The director sees the client's side of a connection: one whose client has begun it and not gone
/// on is in the state SYN_RECV.
pub fn answers(facts: &Facts, findings: &mut Findings) {
    let connections = match &facts.connections {
        Ok(connections) => connections,
        Err(why) => return findings.unknown(About::Host, why.as_str()),
    };
    for entry in facts.services().filter(|entry| is_tcp(entry)) {
        let states: Vec<_> = facts
            .of_service(entry)
            .map(|listed| (listed, connections.to(&entry.service.service.key, &listed.server.key)))
            .collect();
        let sum = |count: fn(&States) -> u64| states.iter().map(|(_, states)| count(states)).sum();
        let service =
            Service { entry, all: sum(|states| states.all), served: sum(|states| states.answered() - states.reset) };
        let all = service.all;
        if all == 0 && !states.is_empty() {
            findings.unknown(About::service(entry), "there is no connection to judge by");
        }
        for (listed, states) in states.iter().filter(|(_, states)| states.waiting + states.answered() > 0) {
            let about = About::Server(entry.service.service.key, listed.server.key);
            server(&service, &listed.server, about, states, findings);
        }
    }
}

/// Of a firewall mark that is not known; its connections have states where they are of TCP.
fn is_tcp(entry: &ServiceEntry) -> bool {
    match entry.service.service.key {
        ServiceKey::Address { protocol, .. } => protocol == Protocol::Tcp,
        ServiceKey::FirewallMark { .. } => true,
    }
}

/// A service with the connections to all of its servers.
struct Service<'e> {
    entry: &'e ServiceEntry,
    all: u64,
    /// Those that were answered, and not by a reset.
    served: u64,
}

fn server(service: &Service<'_>, server: &RealServer, about: About, states: &States, findings: &mut Findings) {
    let States { waiting, late, established, ending, reset, .. } = *states;
    let share = states.all * 100 / service.all.max(1);
    let seen = format!(
        "{} connections ({share} % of the service's): {established} established, {ending} ending, {waiting} in SYN_RECV",
        states.all
    );
    let of_late = states.answered_of_late();
    // Only a masqueraded server's own resets pass this host.
    let resets = server.forwarding == Forwarding::Masquerading && reset > 0 && states.answered() == reset;
    if states.answered() == 0 && (late > 0 || waiting >= MANY) || of_late == 0 && late >= MANY {
        findings.fault(
            about,
            format!("{seen}: it does not answer, or its answers do not reach the clients"),
            advice(&service.entry.service.service.key, server),
        );
    } else if late >= MANY && late > of_late {
        findings.warning(
            about,
            format!("{seen}: most clients get no answer"),
            "The server may be overloaded, or somebody sends a flood of SYN packets.",
        );
    } else if resets && reset >= MANY && service.served > 0 {
        findings.warning(
            about,
            format!("{seen}; all that ended were reset, unlike those of other servers: it refuses clients"),
            "There, something must listen, and no firewall refuse it.",
        );
    } else if resets {
        findings.unknown(
            about,
            format!("{seen}; all that ended were reset, by their clients or by a server that refuses them"),
        );
    } else {
        findings.good(about, seen);
    }
}

/// What makes answers go astray, by the way that packets are forwarded.
fn advice(service: &ServiceKey, server: &RealServer) -> String {
    let address = match service {
        ServiceKey::Address { address, .. } => address.to_string(),
        ServiceKey::FirewallMark { .. } => "the virtual address".to_owned(),
    };
    match server.forwarding {
        Forwarding::Route => format!(
            "There, {address} must be on lo, with arp_ignore=1 and arp_announce=2, and something must listen on it; the way \
             to the clients must not be by this host."
        ),
        Forwarding::Tunnel => format!(
            "There, {} must be unwrapped, {address} be on the tunnel's interface with rp_filter=0, and something listen \
             on it; the way to the clients must not be by this host.",
            server.tunnel.kind
        ),
        _ => {
            "There, something must listen, and answers must be routed back through this host, also those to clients on \
              the server's own network."
                .to_owned()
        }
    }
}
