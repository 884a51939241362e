//! The kernel's replies as the model's values: captured ones, made ones, broken ones; read quickly and as typed
//! messages.

use super::attributes::*;
use super::captured::{captured, captured_as, emitted};
use super::command::*;
use super::message::IpvsMessage;
use super::reply_random::{attributes_of_server, attributes_of_service, reply};
use super::{decode, settings};
use crate::ipvs::error::KernelError;
use crate::ipvs::model::*;
use netlink_packet_core::{DefaultNla, Nla};
use netlink_packet_generic::ctrl::nlas::GenlCtrlAttrs;
use std::net::IpAddr;
use std::num::NonZero;

// The kernel's replies to `ipvsadm -L -n` on Linux 7.2, without their generic header.
const SERVICE: &str = "2c01010006000100020000000600020011000000140003000a0000020000000000000000000000000600040013c4000008000600777272000c00070003000000ffffffff080008003c00000008000900ffffffff5c000a000800010000000000080002000000000008000300000000000c00040000000000000000000c0005000000000000000000080006000000000008000700000000000800080000000000080009000000000008000a00000000007c000c000c00010000000000000000000c00020000000000000000000c00030000000000000000000c00040000000000000000000c00050000000000000000000c00060000000000000000000c00070000000000000000000c00080000000000000000000c00090000000000000000000c000a000000000000000000";
const SERVER: &str = "500102001400010020010db800000000000000000000000506000200005000000800030002000000080004000100000005000d000000000006000e000000000006000f00000000000800050000000000080006000000000008000700000000000800080000000000080009000000000006000b000a0000005c000a000800010000000000080002000000000008000300000000000c00040000000000000000000c0005000000000000000000080006000000000008000700000000000800080000000000080009000000000008000a00000000007c000c000c00010000000000000000000c00020000000000000000000c00030000000000000000000c00040000000000000000000c00050000000000000000000c00060000000000000000000c00070000000000000000000c00080000000000000000000c00090000000000000000000c000a000000000000000000";

/// A reply with one service, read both ways.
fn service(bytes: &[u8]) -> Result<ListedService, KernelError> {
    let plain = IpvsMessage::reply(IPVS_CMD_NEW_SERVICE, bytes)?.service();
    let quick = decode::service(bytes, true);
    assert_eq!(format!("{quick:?}"), format!("{plain:?}"));
    quick
}

/// A reply with one server of a service of this family, read both ways.
fn server(bytes: &[u8], family: Family) -> Result<ListedServer, KernelError> {
    let plain = IpvsMessage::reply(IPVS_CMD_NEW_DEST, bytes)?.server(family);
    let quick = decode::server(bytes, family, true);
    assert_eq!(format!("{quick:?}"), format!("{plain:?}"));
    quick
}

fn reply_of_service(attributes: &[ServiceAttribute]) -> Vec<u8> {
    reply(CommandAttribute::Service(attributes.to_vec()))
}

fn reply_of_server(attributes: &[ServerAttribute]) -> Vec<u8> {
    reply(CommandAttribute::Server(attributes.to_vec()))
}

/// A service without counters.
fn plain_service() -> (VirtualService, Vec<ServiceAttribute>) {
    let service = VirtualService::new(ServiceKey::tcp([10, 0, 0, 1], 80), "rr".parse().unwrap());
    let mut attributes = attributes_of_service(&service.into());
    attributes.retain(|attribute| !matches!(attribute, ServiceAttribute::Stats(_) | ServiceAttribute::Stats64(_)));
    (service, attributes)
}

/// A server as kernels before 3.18 send it, without its counters.
fn old_server() -> (RealServer, Vec<ServerAttribute>) {
    let mut server = RealServer::new([10, 1, 0, 1], 8080);
    (server.forwarding, server.weight) = (Forwarding::Masquerading, i32::MAX);
    (server.upper_threshold, server.lower_threshold) = (100, 50);
    let mut attributes = attributes_of_server(&ListedServer::from(server));
    let newer = |attribute: &ServerAttribute| matches!(attribute.kind() & 0xff, 10..=15);
    attributes.retain(|attribute| !newer(attribute));
    (server, attributes)
}

#[test]
fn a_service_as_the_kernel_sends_it() {
    let expected = VirtualService {
        flags: ServiceFlags::PERSISTENT,
        timeout: 60,
        ..VirtualService::new(ServiceKey::udp([10, 0, 0, 2], 5060), "wrr".parse().unwrap())
    };
    assert_eq!(service(&captured(SERVICE)).unwrap(), expected.into());
    assert!(decode::usual_service(&captured(SERVICE), true).is_some());
    // And so it was sent.
    let mut attributes = attributes_of_service(&expected.into());
    attributes[5] = ServiceAttribute::Flags([3, u32::MAX]);
    assert_eq!(reply_of_service(&attributes), captured(SERVICE));
}

#[test]
fn a_server_of_another_family_than_its_service() {
    let mut expected = RealServer::new("2001:db8::5".parse::<IpAddr>().unwrap(), 80);
    expected.forwarding = Forwarding::Tunnel;
    assert_eq!(server(&captured(SERVER), Family::Inet).unwrap(), expected.into());
    assert!(decode::usual_server(&captured(SERVER), true).is_some());
    assert_eq!(reply_of_server(&attributes_of_server(&expected.into())), captured(SERVER));
}

#[test]
fn a_server_of_an_old_kernel_has_its_services_family_and_no_tunnel() {
    let (expected, attributes) = old_server();
    assert_eq!(attributes.len(), 9);
    let bytes = reply_of_server(&attributes);
    assert_eq!(server(&bytes, Family::Inet).unwrap(), expected.into());
    let other = server(&bytes, Family::Inet6).unwrap().server;
    assert_eq!(other.key.address, "a01:1::".parse::<IpAddr>().unwrap());
}

#[test]
fn wide_counters_win_and_narrow_ones_do() {
    let (_, mut attributes) = plain_service();
    let narrow =
        vec![StatsAttribute::Connections(Counter::Narrow(7)), StatsAttribute::OutBytes(Counter::Wide(1 << 32))];
    attributes.push(ServiceAttribute::Stats(narrow));
    let listed = service(&reply_of_service(&attributes)).unwrap();
    assert_eq!(listed.stats, Stats { connections: 7, out_bytes: 1 << 32, ..Stats::default() });
    // Between them there may be one of no length, for the sake of alignment.
    let pad = StatsAttribute::Other(DefaultNla::new(11, Vec::new()));
    let wide = vec![pad, StatsAttribute::Connections(Counter::Wide((1 << 32) + 7))];
    attributes.insert(0, ServiceAttribute::Stats64(wide));
    let listed = service(&reply_of_service(&attributes)).unwrap();
    assert_eq!(listed.stats, Stats { connections: (1 << 32) + 7, ..Stats::default() });
}

#[test]
fn unknown_attributes_are_skipped_and_kept() {
    let (expected, mut attributes) = plain_service();
    let unknown = |kind, value: &[u8]| ServiceAttribute::Other(DefaultNla::new(kind, value.to_vec()));
    attributes.insert(0, unknown(99, &[1, 2, 3]));
    attributes.extend([unknown(0, &[]), unknown(0x3fff, &[0; 40])]);
    let bytes = reply_of_service(&attributes);
    assert_eq!(service(&bytes).unwrap(), expected.into());
    let message = IpvsMessage::reply(IPVS_CMD_NEW_SERVICE, &bytes).unwrap();
    assert_eq!(message, IpvsMessage::Command(Command::NewService, vec![CommandAttribute::Service(attributes)]));
}

#[test]
fn missing_and_short_attributes_are_named() {
    let (_, attributes) = plain_service();
    let names = ["AF", "PROTOCOL", "ADDR", "PORT", "SCHED_NAME", "FLAGS", "TIMEOUT", "NETMASK"];
    assert_eq!(attributes.len(), names.len());
    for (missing, name) in names.into_iter().enumerate() {
        let mut attributes = attributes.clone();
        attributes.remove(missing);
        let error = service(&reply_of_service(&attributes)).unwrap_err();
        assert_eq!(error.to_string(), format!("a reply of the kernel has no IPVS_SVC_ATTR_{name}"));
    }
    let (_, attributes) = old_server();
    let names = [
        "ADDR",
        "PORT",
        "FWD_METHOD",
        "WEIGHT",
        "U_THRESH",
        "L_THRESH",
        "ACTIVE_CONNS",
        "INACT_CONNS",
        "PERSIST_CONNS",
    ];
    assert_eq!(attributes.len(), names.len());
    for (short, name) in names.into_iter().enumerate() {
        let mut attributes = attributes.clone();
        attributes[short] = ServerAttribute::Other(DefaultNla::new(attributes[short].kind(), vec![1]));
        let error = server(&reply_of_server(&attributes), Family::Inet).unwrap_err();
        assert_eq!(error.to_string(), format!("a reply of the kernel has a malformed IPVS_DEST_ATTR_{name}"));
    }
    let (_, mut attributes) = plain_service();
    attributes[0] = ServiceAttribute::Family(77);
    let error = service(&reply_of_service(&attributes)).unwrap_err();
    assert_eq!(error.to_string(), "a reply of the kernel has a malformed IPVS_SVC_ATTR_AF");
    assert!(matches!(service(&[]), Err(KernelError::Missing("IPVS_CMD_ATTR_SERVICE"))));
}

#[test]
fn daemons_as_the_kernel_sends_them() {
    // ipvsadm -L --daemon, after --start-daemon master --mcast-interface v0 --syncid 5 and then one with ff02::81
    let bytes = captured(
        "3c00030008000100010000000700020076300000080003000500000006000400c00500000600070090220000050008000100000008000500e0000051",
    );
    let mut expected = SyncDaemon::new(DaemonState::Master, "v0".parse().unwrap());
    (expected.syncid, expected.sync_maxlen) = (5, NonZero::new(1472));
    expected.mcast_group = Some([224, 0, 0, 81].into());
    (expected.mcast_port, expected.mcast_ttl) = (NonZero::new(8848), NonZero::new(1));
    assert_eq!(settings::daemon(&bytes).unwrap(), expected);
    let bytes = captured(
        "4800030008000100010000000700020076300000080003000000000006000400ac0500000600070090220000050008000100000014000600ff020000000000000000000000000081",
    );
    (expected.syncid, expected.sync_maxlen) = (0, NonZero::new(1452));
    expected.mcast_group = Some("ff02::81".parse().unwrap());
    assert_eq!(settings::daemon(&bytes).unwrap(), expected);
    let unknown = settings::daemon(&captured("0c0003000800010003000000"));
    assert!(matches!(unknown, Err(KernelError::Malformed("IPVS_DAEMON_ATTR_STATE"))));
}

#[test]
fn settings_as_the_kernel_sends_them() {
    // ipvsadm -L --timeout
    let reply = captured("08000400840300000800050078000000080006000a000000");
    let expected = Timeouts { tcp: NonZero::new(900), tcp_fin: NonZero::new(120), udp: NonZero::new(10) };
    assert_eq!(settings::timeouts(&reply).unwrap(), expected);
    assert_eq!(settings::timeouts(&[]).unwrap(), Timeouts::default());
    // ipvsadm -L
    let reply = captured_as::<InfoAttribute>("08000100010201000800020000010000");
    assert_eq!(settings::info(&reply).unwrap(), Info { version: 0x10201, connection_table_size: 256 });
    assert!(matches!(settings::info(&[]), Err(KernelError::Missing("IPVS_INFO_ATTR_VERSION"))));
}

#[test]
fn the_family_is_found_among_what_is_not_known() {
    let family = emitted(&[GenlCtrlAttrs::FamilyName("IPVS".to_owned()), GenlCtrlAttrs::FamilyId(0x28)]);
    let newer = emitted(&[DefaultNla::new(77, vec![1, 2, 3])]);
    assert_eq!(settings::family_id(&[newer, family].concat()).unwrap(), 0x28);
    assert!(matches!(settings::family_id(&[]), Err(KernelError::Missing("CTRL_ATTR_FAMILY_ID"))));
}
