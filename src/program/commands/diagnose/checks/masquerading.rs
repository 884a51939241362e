//! Masquerading: answers come back through this host, which puts the virtual address into them.

use super::super::facts::Facts;
use super::super::finding::{About, Findings};
use crate::ipvs::model::{Family, Forwarding, ServiceKey};
use std::collections::BTreeSet;

/// This host forwards what comes from the servers.
pub fn forwarding(facts: &Facts, findings: &mut Findings) {
    let mut judged = BTreeSet::new();
    for way in facts.ways().filter(|way| way.listed.server.forwarding == Forwarding::Masquerading) {
        let family = way.listed.server.key.family();
        let (path, remedy) = match family {
            Family::Inet => (format!("ipv4/conf/{}/forwarding", way.link.name), "net.ipv4.ip_forward"),
            // One for all links.
            Family::Inet6 => ("ipv6/conf/all/forwarding".to_owned(), "net.ipv6.conf.all.forwarding"),
        };
        let about = About::service(way.entry);
        if !judged.insert((about.to_string(), path.clone())) {
            continue;
        }
        let shut = facts.rules.as_ref().ok().and_then(|rules| rules.forwards_nothing(family));
        if let Some(chain) = shut {
            findings.fault(
                about,
                format!("{chain} lets nothing pass, and drops the answers of masqueraded servers"),
                "Accept there what comes from the servers.",
            );
            continue;
        }
        let name = super::super::facts::name(&path);
        match facts.settings.number(&path) {
            Some(Ok(0)) => findings.fault(
                about,
                format!("{name} is 0: the answers of masqueraded servers are not forwarded to the clients"),
                format!("To forward them: sysctl -w {remedy}=1"),
            ),
            Some(Ok(value)) => findings.good(about, format!("{name} is {value}")),
            Some(Err(why)) => findings.unknown(about, why),
            None => findings.unknown(about, format!("there is no {name}")),
        }
    }
}

/// No client is on a server's own network, where the server answers past this host.
pub fn same_network(facts: &Facts, findings: &mut Findings) {
    for way in facts.ways().filter(|way| way.listed.server.forwarding == Forwarding::Masquerading) {
        let (service, server) = (way.entry.service.service.key, way.listed.server.key);
        if way.gateway.is_some() {
            continue;
        }
        let states =
            facts.connections.as_ref().map(|connections| connections.to(&service, &server)).unwrap_or_default();
        let on_link = |address| way.network.is_on_link(way.link.index, address);
        let masked = facts.masks_clients(&way.link.name);
        let client = states.waiting_client.filter(|client| on_link(*client));
        let shared = matches!(service, ServiceKey::Address { address, .. } if on_link(address));
        let seen = format!("its network on {}", way.link.name);
        let advice = format!(
            "Put such clients on another network, or mask them: net.ipv4.vs.conntrack=1, and iptables -t nat -A POSTROUTING \
             -o {} -m ipvs --vaddr ADDR -j MASQUERADE",
            way.link.name
        );
        match (client, shared) {
            (Some(client), _) if !masked => findings.fault(
                way.about(),
                format!(
                    "the client {client} is on {seen}: the server answers it directly, from an address it did not call"
                ),
                advice,
            ),
            (_, true) if masked => findings.good(way.about(), format!("clients on {seen} are masked")),
            (_, true) if states.answered() > 0 => {
                findings.good(way.about(), format!("the virtual address is on {seen} too, and clients get answers"));
            }
            (_, true) => findings.unknown(
                way.about(),
                format!("the virtual address is on {seen} too: clients there would get no answer, others do"),
            ),
            _ => {}
        }
    }
}

/// Netfilter sees the connections of ip_vs where its rules count on that.
pub fn conntrack(facts: &Facts, findings: &mut Findings) {
    let masquerades = |listed: &crate::ipvs::model::ListedServer| listed.server.forwarding == Forwarding::Masquerading;
    let services: Vec<_> = facts.services().filter(|entry| entry.servers.iter().any(masquerades)).collect();
    if services.is_empty() {
        return;
    }
    let rules = match &facts.rules {
        Ok(rules) => rules,
        Err(why) => return findings.unknown(About::Host, format!("rules of netfilter: {why}")),
    };
    match facts.settings.ip_vs("conntrack") {
        Some(Ok(0)) => {}
        Some(Ok(value)) => return findings.good(About::Host, format!("net.ipv4.vs.conntrack is {value}")),
        Some(Err(why)) => return findings.unknown(About::Host, why),
        // A kernel without netfilter's connection tracking.
        None => return,
    }
    let remedy = "Let netfilter know them: sysctl -w net.ipv4.vs.conntrack=1";
    let mut links: Vec<_> = facts.ways().map(|way| way.link.name.as_str()).collect();
    links.sort_unstable();
    links.dedup();
    if let Some(rule) = rules.drops_unknown() {
        findings.fault(
            About::Host,
            format!("net.ipv4.vs.conntrack is 0, so that netfilter does not know the connections whose answers this drops: {rule}"),
            remedy,
        );
    } else if let Some(rule) = links.iter().find_map(|link| rules.masks(link)) {
        findings.warning(
            About::Host,
            format!("net.ipv4.vs.conntrack is 0, so that clients of ip_vs are not masked by this: {rule}"),
            remedy,
        );
    } else {
        findings.good(About::Host, "net.ipv4.vs.conntrack is 0, and no rule counts on it");
    }
}
