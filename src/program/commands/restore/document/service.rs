//! A service of a document.

use super::judge::{Judge, Object, boolean, number, or_null, word};
use super::node::Node;
use super::server::server;
use super::{Read, address, name};
use crate::ipvs::model::{Change, Family, Name, Netmask, Protocol, ServiceFlags, ServiceKey, VirtualService};
use crate::program::cli::limits::{self, DEFAULT_PERSISTENCE, DEFAULT_SCHEDULER, MAX_TIMEOUT};
use crate::program::cli::{UsageError, scheduler_flags};
use std::net::IpAddr;

const KEYS: [&str; 13] = [
    "protocol",
    "address",
    "port",
    "names",
    "fwmark",
    "family",
    "scheduler",
    "scheduler_flags",
    "one_packet",
    "persistence",
    "counters",
    "rates",
    "servers",
];
const PROTOCOLS: [(&str, Protocol); 3] = [("tcp", Protocol::Tcp), ("udp", Protocol::Udp), ("sctp", Protocol::Sctp)];
const FAMILIES: [(&str, Family); 2] = [("ipv4", Family::Inet), ("ipv6", Family::Inet6)];

/// Reads a service and its servers.
pub fn service(judge: &mut Judge, node: Node<'_>, read: &mut Read) {
    let Some(mut object) = judge.object(node, &KEYS) else { return };
    let key = key(judge, &mut object);
    if let Some(service) = settings(judge, &mut object, key) {
        read.add(judge, Change::AddService(service));
    }
    judge.member(&mut object, "servers", |judge, node| servers(judge, node, key, read));
}

fn servers(judge: &mut Judge, node: Node<'_>, service: Option<ServiceKey>, read: &mut Read) -> Option<()> {
    let Node::Array(servers) = node else {
        judge.wrong(format!("must be an array, is {node}"));
        return None;
    };
    for (index, node) in servers.into_iter().enumerate() {
        judge.at_element(index, |judge| {
            if let Some((service, server)) = service.zip(server(judge, node, service)) {
                read.add(judge, Change::AddServer(service, server));
            }
        });
    }
    Some(())
}

/// What identifies a service; `None` when that is not known.
fn key(judge: &mut Judge, object: &mut Object<'_>) -> Option<ServiceKey> {
    let mark = judge.value(object, "fwmark", None, or_null(number(1, u32::MAX)));
    let family = judge.value(object, "family", None, |node| word(&FAMILIES)(node).map(Some));
    let protocol = judge.value(object, "protocol", None, or_null(word(&PROTOCOLS)));
    let ip = judge.value(object, "address", None, or_null(address));
    let port = judge.value(object, "port", None, or_null(number(0, u16::MAX.into())));
    if let Some(mark) = mark? {
        for (key, is_there) in [
            ("protocol", matches!(protocol, Some(Some(_)))),
            ("address", matches!(ip, Some(Some(_)))),
            ("port", matches!(port, Some(Some(_)))),
        ] {
            if is_there {
                judge.at(key, |judge| judge.wrong("must be null, since there is a fwmark"));
            }
        }
        return Some(ServiceKey::FirewallMark { mark, family: family?.unwrap_or_default() });
    }
    for (key, is_missing) in [("protocol", protocol == Some(None)), ("address", ip == Some(None))] {
        if is_missing {
            judge.at(key, |judge| judge.wrong("is missing, and there is no fwmark"));
        }
    }
    let address = ip??;
    if family.flatten().is_some_and(|family| family != Family::of(address)) {
        judge.at("family", |judge| judge.wrong(format!("is not the family of the address, {}", Family::of(address))));
    }
    Some(ServiceKey::Address { protocol: protocol??, address, port: port?.unwrap_or(0) as u16 })
}

/// The settings of a service; `None` when not all of them are known.
fn settings(judge: &mut Judge, object: &mut Object<'_>, key: Option<ServiceKey>) -> Option<VirtualService> {
    let scheduler = Name::cut(DEFAULT_SCHEDULER, Name::SCHEDULER);
    let scheduler = judge.value(object, "scheduler", scheduler, |node| name(node, Name::SCHEDULER));
    let none = ServiceFlags::empty();
    let flags = judge.member(object, "scheduler_flags", |judge, node| flags(judge, node, scheduler));
    let one_packet = judge.value(object, "one_packet", false, boolean);
    let persistence = judge.member(object, "persistence", |judge, node| persistence(judge, node, key));
    let (flags, persistence) = (flags.unwrap_or(Some(none)), persistence.unwrap_or(Some(Persistence::default())));
    if let (Some(key), Some(persistence)) = (key, &persistence) {
        let wrong = limits::every_port(&key, persistence.timeout.is_some()).err();
        wrong.into_iter().for_each(|error| judge.at("port", |judge| judge.wrong(error.to_string())));
    }
    if let (Some(key), Some(true)) = (key, one_packet) {
        let wrong = limits::one_packet(&key).err();
        wrong.into_iter().for_each(|error| judge.at("one_packet", |judge| judge.wrong(error.to_string())));
    }
    let (key, persistence) = (key?, persistence?);
    let mut service = VirtualService::new(key, scheduler?);
    service.flags = flags?;
    service.flags.set(ServiceFlags::ONEPACKET, one_packet?);
    service.flags.set(ServiceFlags::PERSISTENT, persistence.timeout.is_some());
    service.timeout = persistence.timeout.unwrap_or(0);
    service.netmask = persistence.netmask.unwrap_or(service.netmask);
    service.persistence_engine = persistence.engine;
    Some(service)
}

fn flags(judge: &mut Judge, node: Node<'_>, scheduler: Option<Name>) -> Option<ServiceFlags> {
    let Node::Array(names) = node else {
        judge.wrong(format!("must be an array of scheduler flags, is {node}"));
        return None;
    };
    let mut flags = ServiceFlags::empty();
    for (index, node) in names.iter().enumerate() {
        let flag = judge.at_element(index, |judge| judge.read(node, |node| flag(node, scheduler)));
        flags |= flag.unwrap_or_default();
    }
    Some(flags)
}

/// A flag by its name, of which the scheduler has to be the owner where that is known.
fn flag(node: &Node<'_>, scheduler: Option<Name>) -> Result<ServiceFlags, String> {
    let Node::Text(flag) = node else { return Err("the name of a scheduler flag".to_owned()) };
    let owner = flag.split_once('-').map_or("", |(owner, _)| owner);
    let scheduler = scheduler.as_ref().map_or(owner.as_bytes(), Name::as_bytes);
    match scheduler_flags(flag, scheduler) {
        Ok(flags) if flags.bits().count_ones() == 1 && !flag.contains(',') => Ok(flags),
        Err(UsageError::IncompatibleFlag(_)) => {
            Err(format!("a flag of the scheduler {}", String::from_utf8_lossy(scheduler)))
        }
        _ => Err("one of flag-1, flag-2, flag-3, sh-fallback, sh-port, mh-fallback, mh-port".to_owned()),
    }
}

#[derive(Default)]
struct Persistence {
    /// In seconds; `None` of a service that is not persistent.
    timeout: Option<u32>,
    netmask: Option<Netmask>,
    engine: Option<Name>,
}

fn persistence(judge: &mut Judge, node: Node<'_>, key: Option<ServiceKey>) -> Option<Persistence> {
    if node == Node::Null {
        return Some(Persistence::default());
    }
    let mut object = judge.object(node, &["timeout_seconds", "netmask", "engine"])?;
    let seconds = or_null(number(1, MAX_TIMEOUT));
    let timeout = judge.value(&mut object, "timeout_seconds", Some(DEFAULT_PERSISTENCE), seconds);
    let family = key.map(|key| key.family());
    let netmask = judge.value(&mut object, "netmask", None, |node| netmask(node, family).map(Some));
    let engine = judge.value(&mut object, "engine", None, or_null(|node| name(node, Name::PERSISTENCE_ENGINE)));
    Some(Persistence { timeout: timeout?, netmask: netmask?, engine: engine? })
}

/// A mask of the service's family, where that is known. For IPv6 its ones come before its zeros.
fn netmask(node: &Node<'_>, family: Option<Family>) -> Result<Netmask, String> {
    match address(node) {
        Ok(IpAddr::V4(mask)) if family != Some(Family::Inet6) => Ok(Netmask::Mask(mask)),
        Ok(IpAddr::V6(mask)) if family != Some(Family::Inet) => {
            let length = mask.to_bits().leading_ones();
            let whole = length > 0 && mask.to_bits().count_ones() == length;
            whole.then_some(Netmask::Prefix(length)).ok_or("a mask of leading ones, such as ffff:ffff::".to_owned())
        }
        _ => Err(match family {
            Some(Family::Inet6) => "an IPv6 mask, such as ffff:ffff::".to_owned(),
            _ => "a mask, such as 255.255.255.0".to_owned(),
        }),
    }
}
