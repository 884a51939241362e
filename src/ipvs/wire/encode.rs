//! The attributes of the command that makes a change, written straight into the buffer that is sent: a restore has one
//! for each service and real server. A test holds them equal to the [typed messages](super::request).

use super::attributes::*;
use super::command::Command;
use super::message::IpvsMessage;
use super::request::union_address;
use super::writer::{byte, four_bytes, header, name, nest, two_bytes};
use crate::ipvs::model::{Change, Family, Netmask, RealServer, ServerKey, ServiceKey, Tunnel, VirtualService};
use netlink_packet_core::Emitable;
use std::net::IpAddr;

/// Appends the attributes of the command that makes a change.
pub(crate) fn attributes(out: &mut Vec<u8>, change: &Change) {
    match change {
        Change::AddService(service) | Change::EditService(service) => put_service(out, service),
        Change::DeleteService(key) | Change::Zero(Some(key)) => service_key(out, key),
        Change::AddServer(service, server) | Change::EditServer(service, server) => put_server(out, service, server),
        Change::DeleteServer(service, server) => {
            service_key(out, service);
            nest(out, IPVS_CMD_ATTR_DEST, |out| server_key(out, service.family(), server));
        }
        Change::Flush | Change::Zero(None) => {}
        // Nobody sends thousands of these.
        Change::SetTimeouts(_) | Change::StartDaemon(_) | Change::StopDaemon(_) => {
            let message = IpvsMessage::from(change);
            let start = out.len();
            out.resize(start + message.buffer_len(), 0);
            message.emit(&mut out[start..]);
        }
    }
}

/// The command that makes a change.
pub(crate) fn command(change: &Change) -> u8 {
    Command::from(change).number()
}

/// Appends what names a service: its key. The kernel needs no more to find it.
pub(crate) fn service_key(out: &mut Vec<u8>, key: &ServiceKey) {
    nest(out, IPVS_CMD_ATTR_SERVICE, |out| put_key(out, key));
}

fn put_service(out: &mut Vec<u8>, service: &VirtualService) {
    nest(out, IPVS_CMD_ATTR_SERVICE, |out| {
        put_key(out, &service.key);
        name(out, IPVS_SVC_ATTR_SCHED_NAME, service.scheduler);
        // An engine cannot be taken away by an empty name: the kernel looks for one of that name.
        if let Some(engine) = service.persistence_engine {
            name(out, IPVS_SVC_ATTR_PE_NAME, engine);
        }
        // struct ip_vs_flags: the flags, and the mask of those that are meant.
        out.extend_from_slice(&header(IPVS_SVC_ATTR_FLAGS, 12));
        out.extend_from_slice([service.flags.bits(), u32::MAX].map(u32::to_ne_bytes).as_flattened());
        let netmask = match service.netmask {
            Netmask::Mask(mask) => mask.octets(),
            Netmask::Prefix(length) => length.to_ne_bytes(),
        };
        let rest = [number(IPVS_SVC_ATTR_TIMEOUT, service.timeout), four_bytes(IPVS_SVC_ATTR_NETMASK, netmask)];
        out.extend_from_slice(rest.as_flattened());
    });
}

fn put_server(out: &mut Vec<u8>, service: &ServiceKey, server: &RealServer) {
    service_key(out, service);
    nest(out, IPVS_CMD_ATTR_DEST, |out| {
        server_key(out, service.family(), &server.key);
        let share = [
            number(IPVS_DEST_ATTR_FWD_METHOD, server.forwarding.number()),
            four_bytes(IPVS_DEST_ATTR_WEIGHT, server.weight.to_ne_bytes()),
        ];
        out.extend_from_slice(share.as_flattened());
        // The kernel takes absent ones for zeros, and reading each costs it more than all that we do for it.
        if server.tunnel != Tunnel::default() {
            let tunnel = [
                byte(IPVS_DEST_ATTR_TUN_TYPE, server.tunnel.kind.number()),
                port(IPVS_DEST_ATTR_TUN_PORT, server.tunnel.port),
                short(IPVS_DEST_ATTR_TUN_FLAGS, server.tunnel.flags.bits()),
            ];
            out.extend_from_slice(tunnel.as_flattened());
        }
        let thresholds = [
            number(IPVS_DEST_ATTR_U_THRESH, server.upper_threshold),
            number(IPVS_DEST_ATTR_L_THRESH, server.lower_threshold),
        ];
        out.extend_from_slice(thresholds.as_flattened());
    });
}

fn put_key(out: &mut Vec<u8>, key: &ServiceKey) {
    let family = short(IPVS_SVC_ATTR_AF, key.family().number());
    match key {
        ServiceKey::Address { protocol, address, port: number } => {
            out.extend_from_slice([family, short(IPVS_SVC_ATTR_PROTOCOL, protocol.number())].as_flattened());
            nf_inet_addr(out, IPVS_SVC_ATTR_ADDR, *address);
            out.extend_from_slice(&port(IPVS_SVC_ATTR_PORT, *number));
        }
        ServiceKey::FirewallMark { mark, .. } => {
            out.extend_from_slice([family, number(IPVS_SVC_ATTR_FWMARK, *mark)].as_flattened());
        }
    }
}

/// The kernel takes a server for one of the service's family when it is not told which.
fn server_key(out: &mut Vec<u8>, service: Family, key: &ServerKey) {
    if key.family() != service {
        out.extend_from_slice(&short(IPVS_DEST_ATTR_ADDR_FAMILY, key.family().number()));
    }
    nf_inet_addr(out, IPVS_DEST_ATTR_ADDR, key.address);
    out.extend_from_slice(&port(IPVS_DEST_ATTR_PORT, key.port));
}

fn short(kind: u16, value: u16) -> [u8; 8] {
    two_bytes(kind, value.to_ne_bytes())
}

fn number(kind: u16, value: u32) -> [u8; 8] {
    four_bytes(kind, value.to_ne_bytes())
}

fn port(kind: u16, port: u16) -> [u8; 8] {
    two_bytes(kind, port.to_be_bytes())
}

fn nf_inet_addr(out: &mut Vec<u8>, kind: u16, address: IpAddr) {
    out.extend_from_slice(&header(kind, 20));
    out.extend_from_slice(&union_address(address));
}
