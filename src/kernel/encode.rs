//! The model as attributes: what each command sends. With `decode`, all byte order lives here.
//!
//! Addresses and ports travel in network byte order, all other numbers in the host's; a daemon's port is one of those.

use super::attributes::*;
use super::message::*;
use crate::model::{
    Change, Netmask, RealServer, ServerKey, ServiceKey, StopDaemon, SyncDaemon, Timeouts, VirtualService,
};
use std::net::{IpAddr, Ipv6Addr};

/// Builds the request of a change on the stack and hands it to `then`.
pub(super) fn with_change<R>(change: &Change, then: impl FnOnce(Request<'_>) -> R) -> R {
    match change {
        Change::AddService(service) => with_service(IPVS_CMD_NEW_SERVICE, service, then),
        Change::EditService(service) => with_service(IPVS_CMD_SET_SERVICE, service, then),
        Change::DeleteService(key) => with_service_key(IPVS_CMD_DEL_SERVICE, key, then),
        Change::AddServer(key, server) => with_server(IPVS_CMD_NEW_DEST, key, server, then),
        Change::EditServer(key, server) => with_server(IPVS_CMD_SET_DEST, key, server, then),
        Change::DeleteServer(key, server) => with_service_and(key, &[&server_key(server)], |attributes| {
            then(Request { command: IPVS_CMD_DEL_DEST, attributes })
        }),
        Change::Flush => then(Request { command: IPVS_CMD_FLUSH, attributes: &[] }),
        Change::Zero(Some(key)) => with_service_key(IPVS_CMD_ZERO, key, then),
        Change::Zero(None) => then(Request { command: IPVS_CMD_ZERO, attributes: &[] }),
        Change::SetTimeouts(Timeouts { tcp, tcp_fin, udp }) => then(Request {
            command: IPVS_CMD_SET_CONFIG,
            attributes: &[
                number(IPVS_CMD_ATTR_TIMEOUT_TCP, *tcp),
                number(IPVS_CMD_ATTR_TIMEOUT_TCP_FIN, *tcp_fin),
                number(IPVS_CMD_ATTR_TIMEOUT_UDP, *udp),
            ],
        }),
        Change::StartDaemon(daemon) => with_daemon(IPVS_CMD_NEW_DAEMON, &start_daemon(daemon), then),
        Change::StopDaemon(daemon) => with_daemon(IPVS_CMD_DEL_DAEMON, &stop_daemon(daemon), then),
    }
}

/// A command that names a service and nothing else: the kernel needs no more than its key to find it.
pub(super) fn with_service_key<R>(command: u8, key: &ServiceKey, then: impl FnOnce(Request<'_>) -> R) -> R {
    with_key(key, |key| {
        let service = Attribute { kind: IPVS_CMD_ATTR_SERVICE, value: Value::Nest(&[key]) };
        then(Request { command, attributes: &[service] })
    })
}

fn with_service<R>(command: u8, service: &VirtualService, then: impl FnOnce(Request<'_>) -> R) -> R {
    let scheduler = [name(IPVS_SVC_ATTR_SCHED_NAME, service.scheduler)];
    // An engine cannot be taken away by an empty name: the kernel looks for one of that name.
    let engine = [name(IPVS_SVC_ATTR_PE_NAME, service.persistence_engine)];
    let engine = if service.persistence_engine.is_empty() { &[][..] } else { &engine };
    let settings = [
        Attribute {
            kind: IPVS_SVC_ATTR_FLAGS,
            value: Value::Flags([service.flags.0.to_ne_bytes(), u32::MAX.to_ne_bytes()]),
        },
        number(IPVS_SVC_ATTR_TIMEOUT, service.timeout),
        match service.netmask {
            Netmask::Mask(mask) => Attribute { kind: IPVS_SVC_ATTR_NETMASK, value: Value::U32(mask.octets()) },
            Netmask::Prefix(length) => number(IPVS_SVC_ATTR_NETMASK, length),
        },
    ];
    with_key(&service.key, |key| {
        let value = Value::Nest(&[key, &scheduler, engine, &settings]);
        then(Request { command, attributes: &[Attribute { kind: IPVS_CMD_ATTR_SERVICE, value }] })
    })
}

fn with_server<R>(command: u8, key: &ServiceKey, server: &RealServer, then: impl FnOnce(Request<'_>) -> R) -> R {
    let settings = [
        number(IPVS_DEST_ATTR_FWD_METHOD, server.forwarding.0),
        Attribute { kind: IPVS_DEST_ATTR_WEIGHT, value: Value::U32(server.weight.to_ne_bytes()) },
        byte(IPVS_DEST_ATTR_TUN_TYPE, server.tunnel.kind),
        port(IPVS_DEST_ATTR_TUN_PORT, server.tunnel.port),
        short(IPVS_DEST_ATTR_TUN_FLAGS, server.tunnel.flags),
        number(IPVS_DEST_ATTR_U_THRESH, server.upper_threshold),
        number(IPVS_DEST_ATTR_L_THRESH, server.lower_threshold),
    ];
    with_service_and(key, &[&server_key(&server.key), &settings], |attributes| then(Request { command, attributes }))
}

fn with_service_and<R>(key: &ServiceKey, server: &[&[Attribute<'_>]], then: impl FnOnce(&[Attribute<'_>]) -> R) -> R {
    with_key(key, |key| {
        then(&[
            Attribute { kind: IPVS_CMD_ATTR_SERVICE, value: Value::Nest(&[key]) },
            Attribute { kind: IPVS_CMD_ATTR_DEST, value: Value::Nest(server) },
        ])
    })
}

fn with_daemon<R>(command: u8, daemon: &[Attribute<'_>], then: impl FnOnce(Request<'_>) -> R) -> R {
    let daemon = Attribute { kind: IPVS_CMD_ATTR_DAEMON, value: Value::Nest(&[daemon]) };
    then(Request { command, attributes: &[daemon] })
}

fn with_key<R>(key: &ServiceKey, then: impl FnOnce(&[Attribute<'_>]) -> R) -> R {
    let family = short(IPVS_SVC_ATTR_AF, key.family().number());
    match key {
        ServiceKey::Address { protocol, address, port: number } => then(&[
            family,
            short(IPVS_SVC_ATTR_PROTOCOL, protocol.0),
            union_address(IPVS_SVC_ATTR_ADDR, *address),
            port(IPVS_SVC_ATTR_PORT, *number),
        ]),
        ServiceKey::FirewallMark { mark, .. } => then(&[family, number(IPVS_SVC_ATTR_FWMARK, *mark)]),
    }
}

fn server_key(key: &ServerKey) -> [Attribute<'static>; 3] {
    [
        short(IPVS_DEST_ATTR_ADDR_FAMILY, key.family().number()),
        union_address(IPVS_DEST_ATTR_ADDR, key.address),
        port(IPVS_DEST_ATTR_PORT, key.port),
    ]
}

/// Like the reference, sends only those of the later options that are set.
fn start_daemon(daemon: &SyncDaemon) -> Vec<Attribute<'static>> {
    let mut attributes = vec![
        number(IPVS_DAEMON_ATTR_STATE, daemon.state.number()),
        name(IPVS_DAEMON_ATTR_MCAST_IFN, daemon.interface),
        number(IPVS_DAEMON_ATTR_SYNC_ID, daemon.syncid),
    ];
    if daemon.sync_maxlen != 0 {
        attributes.push(short(IPVS_DAEMON_ATTR_SYNC_MAXLEN, daemon.sync_maxlen));
    }
    if daemon.mcast_port != 0 {
        attributes.push(short(IPVS_DAEMON_ATTR_MCAST_PORT, daemon.mcast_port));
    }
    if daemon.mcast_ttl != 0 {
        attributes.push(byte(IPVS_DAEMON_ATTR_MCAST_TTL, daemon.mcast_ttl));
    }
    attributes.extend(daemon.mcast_group.map(|group| match group {
        IpAddr::V4(group) => Attribute { kind: IPVS_DAEMON_ATTR_MCAST_GROUP, value: Value::U32(group.octets()) },
        IpAddr::V6(group) => Attribute { kind: IPVS_DAEMON_ATTR_MCAST_GROUP6, value: Value::Address(group.octets()) },
    }));
    attributes
}

fn stop_daemon(daemon: &StopDaemon) -> [Attribute<'static>; 3] {
    [
        number(IPVS_DAEMON_ATTR_STATE, daemon.state.number()),
        name(IPVS_DAEMON_ATTR_MCAST_IFN, Default::default()),
        number(IPVS_DAEMON_ATTR_SYNC_ID, daemon.syncid),
    ]
}

fn byte(kind: u16, value: u8) -> Attribute<'static> {
    Attribute { kind, value: Value::U8(value) }
}

fn short(kind: u16, value: u16) -> Attribute<'static> {
    Attribute { kind, value: Value::U16(value.to_ne_bytes()) }
}

fn number(kind: u16, value: u32) -> Attribute<'static> {
    Attribute { kind, value: Value::U32(value.to_ne_bytes()) }
}

fn port(kind: u16, port: u16) -> Attribute<'static> {
    Attribute { kind, value: Value::U16(port.to_be_bytes()) }
}

pub(super) fn name(kind: u16, name: crate::model::Name) -> Attribute<'static> {
    Attribute { kind, value: Value::Name(name) }
}

/// An IPv4 address fills the first of the four words of `union nf_inet_addr`, the others are 0.
fn union_address(kind: u16, address: IpAddr) -> Attribute<'static> {
    let octets = match address {
        IpAddr::V4(address) => Ipv6Addr::from_bits(u128::from(address.to_bits()) << 96).octets(),
        IpAddr::V6(address) => address.octets(),
    };
    Attribute { kind, value: Value::Address(octets) }
}
