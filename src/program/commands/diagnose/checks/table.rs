//! Whether the service is in the table, and has servers that take clients.

use super::super::facts::Facts;
use super::super::finding::{About, Findings};
use crate::ipvs::model::{Change, ListedServer, RealServer, ServerKey, ServiceEntry, ServiceKey, VirtualService};
use crate::program::render::rules::{self, command};
use std::net::IpAddr;

/// The service that is asked for is there, or one near it.
pub fn service(facts: &Facts, findings: &mut Findings) {
    let services = &facts.table.services;
    let Some(asked) = facts.asked.service else {
        if services.is_empty() {
            let advice = "If there should be some, load them: ipvsadm-restore FILE";
            findings.warning(About::Host, "there is no service", advice);
        }
        return;
    };
    let about = About::Service(asked);
    if facts.table.service(&asked).is_some() {
        return findings.good(about, "it is in the table");
    }
    let keys: Vec<_> = services.iter().map(|entry| entry.service.service.key).collect();
    if let Some(whole) = keys.iter().find(|key| takes_every_port(key, &asked)) {
        let advice = format!("Diagnose that one: ipvsadm --diagnose {}", words(whole));
        return findings.warning(about, format!("it is not in the table, but {whole} takes every port"), advice);
    }
    let near: Vec<_> = keys.iter().filter(|key| is_near(key, &asked)).map(ToString::to_string).collect();
    let seen = match near.is_empty() {
        true => "it is not in the table".to_owned(),
        false => format!("it is not in the table, but there is {}", near.join(", ")),
    };
    findings.fault(about, seen, format!("To add it: {}", adding(asked)));
}

/// The words that name a service.
fn words(key: &ServiceKey) -> String {
    command(&Change::DeleteService(*key)).trim_start_matches("ipvsadm -D ").to_owned()
}

fn adding(key: ServiceKey) -> String {
    let scheduler = "wlc".parse().unwrap_or_default();
    command(&Change::AddService(VirtualService::new(key, scheduler)))
}

fn takes_every_port(key: &ServiceKey, asked: &ServiceKey) -> bool {
    match (key, asked) {
        (
            ServiceKey::Address { protocol, address, port: 0 },
            ServiceKey::Address { protocol: wanted, address: wanted_address, .. },
        ) => protocol == wanted && address == wanted_address,
        _ => false,
    }
}

/// The same but for one thing.
fn is_near(key: &ServiceKey, asked: &ServiceKey) -> bool {
    match (*key, *asked) {
        (
            ServiceKey::Address { protocol, address, port },
            ServiceKey::Address { protocol: wanted, address: wanted_address, port: wanted_port },
        ) => {
            let same = [protocol == wanted, address == wanted_address, port == wanted_port];
            same.iter().filter(|same| **same).count() == 2
        }
        (ServiceKey::FirewallMark { mark, .. }, ServiceKey::FirewallMark { mark: wanted, .. }) => mark == wanted,
        _ => false,
    }
}

/// It has servers, and the one that is asked for.
pub fn servers(facts: &Facts, findings: &mut Findings) {
    for entry in facts.services() {
        let about = About::service(entry);
        let key = entry.service.service.key;
        match (entry.servers.len(), facts.asked.server) {
            (0, None) => {
                let advice = format!("To add one: {}", adding_server(key, "ADDR:PORT"));
                findings.fault(about, "it has no servers, and refuses all clients", advice);
            }
            (number, Some(asked)) if facts.of_service(entry).next().is_none() => {
                asked_for(entry, number, asked, findings);
            }
            (1, _) => findings.good(about, "it has one server"),
            (number, _) => findings.good(about, format!("it has {number} servers")),
        }
    }
}

fn adding_server(service: ServiceKey, server: &str) -> String {
    format!("ipvsadm -a {} -r {server}", words(&service))
}

fn asked_for(entry: &ServiceEntry, number: usize, asked: (IpAddr, Option<u16>), findings: &mut Findings) {
    let (address, port) = asked;
    let name = port.map_or(address.to_string(), |port| ServerKey::new(address, port).to_string());
    let same_host = entry.servers.iter().filter(|listed| listed.server.key.address == address);
    let near: Vec<_> = same_host.map(|listed| listed.server.key.to_string()).collect();
    let seen = match near.is_empty() {
        true => format!("it has no server {name} among its {number}"),
        false => format!("it has no server {name}, but {}", near.join(", ")),
    };
    let advice = format!("To add it: {}", adding_server(entry.service.service.key, &name));
    findings.fault(About::service(entry), seen, advice);
}

/// Some of them take new clients by their weight.
pub fn weights(facts: &Facts, findings: &mut Findings) {
    for entry in facts.services().filter(|entry| !entry.servers.is_empty()) {
        let key = entry.service.service.key;
        let weighted = entry.servers.iter().filter(|listed| listed.server.weight > 0).count();
        let all = entry.servers.len();
        let giving = |server: &RealServer| format!("To give it one: {}", rules::weight_command(&key, &server.key, 1));
        match entry.servers.first() {
            Some(first) if weighted == 0 => findings.fault(
                About::service(entry),
                "no server has a weight above 0: new clients are refused",
                giving(&first.server),
            ),
            _ => findings.good(About::service(entry), format!("{weighted} of {all} servers have a weight above 0")),
        }
        if facts.asked.server.is_some() && weighted > 0 {
            for listed in facts.of_service(entry).filter(|listed| listed.server.weight <= 0) {
                let about = About::Server(key, listed.server.key);
                findings.warning(about, "its weight is 0: it gets no new clients", giving(&listed.server));
            }
        }
    }
}

/// How a server stands to its upper threshold. The kernel does not say whether a server is closed by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Load {
    Open,
    /// Between the two: closed if it has been above.
    Between,
    Closed,
}

fn load(listed: &ListedServer) -> Load {
    let RealServer { upper_threshold: upper, lower_threshold: lower, .. } = listed.server;
    let connections = u64::from(listed.active) + u64::from(listed.inactive);
    let reopened = match lower {
        0 => connections * 4 < u64::from(upper) * 3,
        lower => connections < u64::from(lower),
    };
    match upper {
        0 => Load::Open,
        upper if connections >= u64::from(upper) => Load::Closed,
        _ if reopened => Load::Open,
        _ => Load::Between,
    }
}

/// None of them is full, all the less every one.
pub fn thresholds(facts: &Facts, findings: &mut Findings) {
    for entry in facts.services() {
        let takes_clients = |listed: &&ListedServer| listed.server.weight > 0;
        let mut open = entry.servers.iter().filter(takes_clients);
        let any = open.clone().next().is_some();
        let all_closed = any && open.all(|listed| load(listed) == Load::Closed);
        for listed in facts.of_service(entry).filter(|listed| listed.server.upper_threshold > 0) {
            let about = About::Server(entry.service.service.key, listed.server.key);
            let connections = u64::from(listed.active) + u64::from(listed.inactive);
            let upper = listed.server.upper_threshold;
            let seen = format!("{connections} connections, with an upper threshold of {upper}");
            match load(listed) {
                Load::Open => findings.good(about, seen),
                Load::Between => findings.unknown(about, format!("{seen}: it is closed if it has been above that")),
                Load::Closed if all_closed => findings.fault(
                    about,
                    format!("{seen}: it is full, as every server is, and new clients are refused"),
                    "Add servers, or raise the threshold with -e ... -x.",
                ),
                Load::Closed => findings.warning(
                    about,
                    format!("{seen}: it is full, and new clients go elsewhere"),
                    "Add servers, or raise the threshold with -e ... -x.",
                ),
            }
        }
    }
}
