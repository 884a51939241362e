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
    with_key(key, |key| then(Request { command, attributes: &[Attribute::nest(IPVS_CMD_ATTR_SERVICE, &[key])] }))
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
        let pieces = [key, &scheduler, engine, &settings];
        then(Request { command, attributes: &[Attribute::nest(IPVS_CMD_ATTR_SERVICE, &pieces)] })
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
        then(&[Attribute::nest(IPVS_CMD_ATTR_SERVICE, &[key]), Attribute::nest(IPVS_CMD_ATTR_DEST, server)])
    })
}

fn with_daemon<R>(command: u8, daemon: &[Attribute<'_>], then: impl FnOnce(Request<'_>) -> R) -> R {
    then(Request { command, attributes: &[Attribute::nest(IPVS_CMD_ATTR_DAEMON, &[daemon])] })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::scripted::hex;
    use crate::model::{DaemonState, Family, Forwarding, Name, Protocol, ServiceFlags, Tunnel};
    use netlink_packet_core::Emitable;

    fn encoded(change: Change) -> (u8, Vec<u8>) {
        with_change(&change, |request| {
            let mut bytes = vec![0xee; request.buffer_len()];
            request.emit(&mut bytes);
            (request.command, bytes)
        })
    }

    /// The reference sends whole services and servers where a key is enough: drops the attributes that nobody reads.
    fn only(captured: &[u8], service: &[u16], server: &[u16]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for nest in fields(captured, command_attribute).map(Result::unwrap) {
            let kept = if nest.kind == IPVS_CMD_ATTR_SERVICE { service } else { server };
            let start = bytes.len();
            bytes.extend([0, 0, nest.kind as u8, 0x80]);
            for field in fields(nest.value, service_attribute).map(Result::unwrap) {
                if kept.contains(&field.kind) {
                    bytes.extend((field.value.len() as u16 + 4).to_ne_bytes());
                    bytes.extend(field.kind.to_ne_bytes());
                    bytes.extend(field.value);
                    bytes.resize(bytes.len().next_multiple_of(4), 0);
                }
            }
            let length = (bytes.len() - start) as u16;
            bytes[start..start + 2].copy_from_slice(&length.to_ne_bytes());
        }
        bytes
    }

    const KEY: &[u16] = &[1, 2, 3, 4, 5];
    const SERVER_KEY: &[u16] = &[1, 2, 11];

    fn key(protocol: Protocol, address: &str, port: u16) -> ServiceKey {
        ServiceKey::Address { protocol, address: address.parse().unwrap(), port }
    }

    fn service(key: ServiceKey, scheduler: &str) -> VirtualService {
        VirtualService {
            key,
            scheduler: scheduler.into(),
            flags: ServiceFlags(0),
            timeout: 0,
            netmask: Netmask::single(key.family()),
            persistence_engine: Name::default(),
        }
    }

    fn server(address: &str, port: u16, forwarding: Forwarding) -> RealServer {
        RealServer {
            key: ServerKey { address: address.parse().unwrap(), port },
            forwarding,
            weight: 1,
            upper_threshold: 0,
            lower_threshold: 0,
            tunnel: Tunnel::default(),
        }
    }

    #[test]
    fn services_as_the_reference_sends_them() {
        let udp = |port| key(Protocol::UDP, "10.0.0.2", port);
        // ipvsadm -A -t 10.0.0.1:80 -s rr
        let http = service(key(Protocol::TCP, "10.0.0.1", 80), "rr");
        let bytes = hex(
            "5400018006000100020000000600020006000000140003000a000001000000000000000000000000060004000050000007000600727200000c00070000000000ffffffff080008000000000008000900ffffffff",
        );
        assert_eq!(encoded(Change::AddService(http)), (IPVS_CMD_NEW_SERVICE, bytes));
        // ipvsadm -E -t 10.0.0.1:80 -s wrr
        let bytes = hex(
            "5400018006000100020000000600020006000000140003000a000001000000000000000000000000060004000050000008000600777272000c00070000000000ffffffff080008000000000008000900ffffffff",
        );
        let edit = Change::EditService(VirtualService { scheduler: "wrr".into(), ..http });
        assert_eq!(encoded(edit), (IPVS_CMD_SET_SERVICE, bytes));
        // ipvsadm -A -t [2001:db8::1]:443 -s wlc -p 300 -M 64
        let bytes = hex(
            "54000180060001000a00000006000200060000001400030020010db80000000000000000000000010600040001bb000008000600776c63000c00070001000000ffffffff080008002c0100000800090040000000",
        );
        let https = VirtualService {
            flags: ServiceFlags(ServiceFlags::PERSISTENT),
            timeout: 300,
            netmask: Netmask::Prefix(64),
            ..service(key(Protocol::TCP, "2001:db8::1", 443), "wlc")
        };
        assert_eq!(encoded(Change::AddService(https)), (IPVS_CMD_NEW_SERVICE, bytes));
        // ipvsadm -A -u 10.0.0.2:5060 -p 60 -M 255.255.255.0 --pe sip
        let bytes = hex(
            "5c00018006000100020000000600020011000000140003000a0000020000000000000000000000000600040013c4000008000600776c630008000b00736970000c00070001000000ffffffff080008003c00000008000900ffffff00",
        );
        let sip = VirtualService {
            flags: ServiceFlags(ServiceFlags::PERSISTENT),
            timeout: 60,
            netmask: Netmask::Mask([255, 255, 255, 0].into()),
            persistence_engine: "sip".into(),
            ..service(udp(5060), "wlc")
        };
        assert_eq!(encoded(Change::AddService(sip)), (IPVS_CMD_NEW_SERVICE, bytes));
        // ipvsadm -A -f 7 -6 -s lc
        let bytes = hex(
            "38000180060001000a0000000800050007000000070006006c6300000c00070000000000ffffffff08000800000000000800090080000000",
        );
        let mark = service(ServiceKey::FirewallMark { mark: 7, family: Family::Inet6 }, "lc");
        assert_eq!(encoded(Change::AddService(mark)), (IPVS_CMD_NEW_SERVICE, bytes));
    }

    #[test]
    fn service_keys_as_the_reference_sends_them() {
        let http = key(Protocol::TCP, "10.0.0.1", 80);
        // ipvsadm -D -t 10.0.0.1:80; ipvsadm -Z -t 10.0.0.1:80
        let captured = hex(
            "5400018006000100020000000600020006000000140003000a000001000000000000000000000000060004000050000005000600000000000c00070000000000ffffffff080008000000000008000900ffffffff",
        );
        let bytes = only(&captured, KEY, &[]);
        assert_eq!(encoded(Change::DeleteService(http)), (IPVS_CMD_DEL_SERVICE, bytes.clone()));
        assert_eq!(encoded(Change::Zero(Some(http))), (IPVS_CMD_ZERO, bytes));
        // ipvsadm -D -f 7
        let captured = hex(
            "3800018006000100020000000800050007000000070006006c6300000c00070000000000ffffffff080008000000000008000900ffffffff",
        );
        let mark = ServiceKey::FirewallMark { mark: 7, family: Family::Inet };
        assert_eq!(encoded(Change::DeleteService(mark)), (IPVS_CMD_DEL_SERVICE, only(&captured, KEY, &[])));
        // ipvsadm -Z; ipvsadm -C
        assert_eq!(encoded(Change::Zero(None)), (IPVS_CMD_ZERO, Vec::new()));
        assert_eq!(encoded(Change::Flush), (IPVS_CMD_FLUSH, Vec::new()));
    }

    #[test]
    fn servers_as_the_reference_sends_them() {
        let all: Vec<u16> = (1..=15).collect();
        let http = key(Protocol::TCP, "10.0.0.1", 80);
        // ipvsadm -a -t 10.0.0.1:80 -r 10.1.0.1:8080 -m -w 5 -x 100 -y 50
        let captured = hex(
            "5400018006000100020000000600020006000000140003000a000001000000000000000000000000060004000050000005000600000000000c00070000000000ffffffff080008000000000008000900ffffffff6000028006000b0002000000140001000a010001000000000000000000000000060002001f9000000800030000000000080004000500000005000d000000000006000e000000000006000f000000000008000500640000000800060032000000",
        );
        let masquerading = RealServer {
            weight: 5,
            upper_threshold: 100,
            lower_threshold: 50,
            ..server("10.1.0.1", 8080, Forwarding::MASQUERADING)
        };
        let add = Change::AddServer(http, masquerading);
        assert_eq!(encoded(add), (IPVS_CMD_NEW_DEST, only(&captured, KEY, &all)));
        let edit = Change::EditServer(http, masquerading);
        assert_eq!(encoded(edit), (IPVS_CMD_SET_DEST, only(&captured, KEY, &all)));
        // ipvsadm -a -t 10.0.0.1:80 -r 10.1.0.3 -i --tun-type gue --tun-port 6080 --tun-csum
        let captured = hex(
            "5400018006000100020000000600020006000000140003000a000001000000000000000000000000060004000050000005000600000000000c00070000000000ffffffff080008000000000008000900ffffffff6000028006000b0002000000140001000a01000300000000000000000000000006000200005000000800030002000000080004000100000005000d000100000006000e0017c0000006000f000100000008000500000000000800060000000000",
        );
        let gue = RealServer {
            tunnel: Tunnel { kind: Tunnel::GUE, port: 6080, flags: Tunnel::CSUM },
            ..server("10.1.0.3", 80, Forwarding::TUNNEL)
        };
        assert_eq!(encoded(Change::AddServer(http, gue)), (IPVS_CMD_NEW_DEST, only(&captured, KEY, &all)));
        // ipvsadm -a -t 10.0.0.1:80 -r [2001:db8::5]:80 -i
        let captured = hex(
            "5400018006000100020000000600020006000000140003000a000001000000000000000000000000060004000050000005000600000000000c00070000000000ffffffff080008000000000008000900ffffffff6000028006000b000a0000001400010020010db800000000000000000000000506000200005000000800030002000000080004000100000005000d000000000006000e000000000006000f000000000008000500000000000800060000000000",
        );
        let mixed = server("2001:db8::5", 80, Forwarding::TUNNEL);
        assert_eq!(encoded(Change::AddServer(http, mixed)), (IPVS_CMD_NEW_DEST, only(&captured, KEY, &all)));
        // ipvsadm -d -f 7 -r 10.1.0.9
        let captured = hex(
            "380001800600010002000000080005000700000005000600000000000c00070000000000ffffffff080008000000000008000900ffffffff6000028006000b0002000000140001000a01000900000000000000000000000006000200000000000800030003000000080004000100000005000d000000000006000e000000000006000f000000000008000500000000000800060000000000",
        );
        let mark = ServiceKey::FirewallMark { mark: 7, family: Family::Inet };
        let delete = Change::DeleteServer(mark, server("10.1.0.9", 0, Forwarding::ROUTE).key);
        assert_eq!(encoded(delete), (IPVS_CMD_DEL_DEST, only(&captured, KEY, SERVER_KEY)));
    }

    #[test]
    fn timeouts_and_daemons_as_the_reference_sends_them() {
        // ipvsadm --set 900 120 300
        let bytes = hex("08000400840300000800050078000000080006002c010000");
        let set = Change::SetTimeouts(Timeouts { tcp: 900, tcp_fin: 120, udp: 300 });
        assert_eq!(encoded(set), (IPVS_CMD_SET_CONFIG, bytes));
        // ipvsadm --start-daemon master --mcast-interface v0 --syncid 5
        let bytes = hex("1c000380080001000100000007000200763000000800030005000000");
        let master = SyncDaemon {
            state: DaemonState::Master,
            interface: "v0".into(),
            syncid: 5,
            sync_maxlen: 0,
            mcast_group: None,
            mcast_port: 0,
            mcast_ttl: 0,
        };
        assert_eq!(encoded(Change::StartDaemon(master)), (IPVS_CMD_NEW_DAEMON, bytes));
        // ipvsadm --start-daemon backup --mcast-interface v0 --syncid 6 --sync-maxlen 1000 --mcast-group 224.0.0.99
        //   --mcast-port 9000 --mcast-ttl 3
        let bytes = hex(
            "3c00038008000100020000000700020076300000080003000600000006000400e80300000600070028230000050008000300000008000500e0000063",
        );
        let backup = SyncDaemon {
            state: DaemonState::Backup,
            syncid: 6,
            sync_maxlen: 1000,
            mcast_group: Some([224, 0, 0, 99].into()),
            mcast_port: 9000,
            mcast_ttl: 3,
            ..master
        };
        assert_eq!(encoded(Change::StartDaemon(backup)), (IPVS_CMD_NEW_DAEMON, bytes));
        // ipvsadm --start-daemon master --mcast-interface v0 --mcast-group ff02::81
        let bytes =
            hex("3000038008000100010000000700020076300000080003000000000014000600ff020000000000000000000000000081");
        let inet6 = SyncDaemon { syncid: 0, mcast_group: Some("ff02::81".parse().unwrap()), ..master };
        assert_eq!(encoded(Change::StartDaemon(inet6)), (IPVS_CMD_NEW_DAEMON, bytes));
        // ipvsadm --stop-daemon backup --syncid 6
        let bytes = hex("1c000380080001000200000005000200000000000800030006000000");
        let stop = Change::StopDaemon(StopDaemon { state: DaemonState::Backup, syncid: 6 });
        assert_eq!(encoded(stop), (IPVS_CMD_DEL_DAEMON, bytes));
    }
}
