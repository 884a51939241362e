//! A real server of a document.

use super::address;
use super::judge::{Judge, number, or_null, word};
use super::node::Node;
use crate::ipvs::model::{Forwarding, RealServer, ServerKey, ServiceKey, Tunnel, TunnelFlags, TunnelType};
use crate::program::cli::limits::{self, INT_MAX};

const KEYS: [&str; 10] =
    ["address", "port", "names", "forwarding", "tunnel", "weight", "thresholds", "connections", "counters", "rates"];
/// Old kernels list a server of their own machine as local, however it was added, and find that out by themselves.
const FORWARDING: [(&str, Forwarding); 4] = [
    ("direct", Forwarding::Route),
    ("masquerade", Forwarding::Masquerading),
    ("tunnel", Forwarding::Tunnel),
    ("local", Forwarding::Route),
];
const TUNNELS: [(&str, TunnelType); 3] =
    [("ipip", TunnelType::Ipip), ("gue", TunnelType::Gue), ("gre", TunnelType::Gre)];
const CHECKSUMS: [(&str, TunnelFlags); 3] =
    [("none", TunnelFlags::NOCSUM), ("outer", TunnelFlags::CSUM), ("remote", TunnelFlags::REMCSUM)];

/// Reads a server of a service, whose key may not be known; `None` when anything is wrong.
pub fn server(judge: &mut Judge, node: Node<'_>, service: Option<ServiceKey>) -> Option<RealServer> {
    let mut object = judge.object(node, &KEYS)?;
    let port = service.map_or(0, |service| service.port());
    if !object.has("address") {
        judge.at("address", |judge| judge.wrong("is missing"));
    }
    let ip = judge.value(&mut object, "address", None, |node| address(node).map(Some));
    let port = judge.value(&mut object, "port", port.into(), number(0, u16::MAX.into()));
    let forwarding = judge.value(&mut object, "forwarding", Forwarding::Route, word(&FORWARDING));
    let weight = judge.value(&mut object, "weight", 1, number(0, INT_MAX));
    let thresholds = judge.member(&mut object, "thresholds", thresholds).unwrap_or(Some((0, 0)));
    let tunnel = judge.member(&mut object, "tunnel", tunnel).unwrap_or(Some(None));
    let ip = ip.flatten();
    if let (Some(service), Some(ip), Some(forwarding)) = (service, ip, forwarding) {
        let wrong = limits::families(&service, &ServerKey::new(ip, 0), forwarding).err();
        wrong.into_iter().for_each(|error| judge.at("address", |judge| judge.wrong(error.to_string())));
    }
    if matches!((forwarding, tunnel), (Some(Forwarding::Route | Forwarding::Masquerading), Some(Some(_)))) {
        judge.at("tunnel", |judge| judge.wrong("must be null, since the forwarding is not \"tunnel\""));
    }
    let mut server = RealServer::new(ip?, port? as u16);
    server.forwarding = forwarding?;
    server.weight = weight? as i32;
    (server.upper_threshold, server.lower_threshold) = thresholds?;
    server.tunnel = tunnel?.unwrap_or_default();
    Some(server)
}

/// The upper and the lower one.
fn thresholds(judge: &mut Judge, node: Node<'_>) -> Option<(u32, u32)> {
    let mut object = judge.object(node, &["upper", "lower"])?;
    let upper = judge.value(&mut object, "upper", 0, number(0, INT_MAX));
    let lower = judge.value(&mut object, "lower", 0, number(0, INT_MAX));
    Some((upper?, lower?))
}

fn tunnel(judge: &mut Judge, node: Node<'_>) -> Option<Option<Tunnel>> {
    if node == Node::Null {
        return Some(None);
    }
    let mut object = judge.object(node, &["type", "port", "checksum"])?;
    let kind = judge.value(&mut object, "type", TunnelType::Ipip, word(&TUNNELS));
    let port = judge.value(&mut object, "port", None, or_null(number(1, u16::MAX.into())));
    let flags = judge.value(&mut object, "checksum", None, or_null(word(&CHECKSUMS)));
    let kind = kind?;
    match (kind, port) {
        (TunnelType::Gue, Some(None)) => judge.at("port", |judge| judge.wrong("is missing, which gue needs")),
        (TunnelType::Ipip | TunnelType::Gre, Some(Some(_))) => {
            judge.at("port", |judge| judge.wrong(format!("must be null, since the type is {kind}")));
        }
        _ => {}
    }
    match (kind, flags.flatten()) {
        (TunnelType::Ipip, Some(_)) => {
            judge.at("checksum", |judge| judge.wrong("must be null, since the type is ipip"));
        }
        (TunnelType::Gre, Some(TunnelFlags::REMCSUM)) => {
            judge.at("checksum", |judge| judge.wrong("must be \"none\" or \"outer\", since the type is gre"));
        }
        _ => {}
    }
    Some(Some(Tunnel { kind, port: port?.unwrap_or(0) as u16, flags: flags?.unwrap_or_default() }))
}
