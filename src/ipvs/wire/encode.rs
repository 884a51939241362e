//! The model as attributes: what each command sends. With `decode`, all byte order lives here.
//!
//! Addresses and ports travel in network byte order, all other numbers in the host's; a daemon's port is one of those.

use super::attributes::*;
use super::message::*;
use super::writer::{byte, four_bytes, header, name, nest, two_bytes};
use crate::ipvs::model::{
    Change, Family, Netmask, RealServer, ServerKey, ServiceKey, StopDaemon, SyncDaemon, Timeouts, Tunnel,
    VirtualService,
};
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZero;

/// The command that makes a change.
pub(crate) fn command(change: &Change) -> u8 {
    match change {
        Change::AddService(_) => IPVS_CMD_NEW_SERVICE,
        Change::EditService(_) => IPVS_CMD_SET_SERVICE,
        Change::DeleteService(_) => IPVS_CMD_DEL_SERVICE,
        Change::AddServer(..) => IPVS_CMD_NEW_DEST,
        Change::EditServer(..) => IPVS_CMD_SET_DEST,
        Change::DeleteServer(..) => IPVS_CMD_DEL_DEST,
        Change::Flush => IPVS_CMD_FLUSH,
        Change::Zero(_) => IPVS_CMD_ZERO,
        Change::SetTimeouts(_) => IPVS_CMD_SET_CONFIG,
        Change::StartDaemon(_) => IPVS_CMD_NEW_DAEMON,
        Change::StopDaemon(_) => IPVS_CMD_DEL_DAEMON,
    }
}

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
        Change::SetTimeouts(timeouts) => set_timeouts(out, timeouts),
        Change::StartDaemon(daemon) => nest(out, IPVS_CMD_ATTR_DAEMON, |out| start_daemon(out, daemon)),
        Change::StopDaemon(daemon) => nest(out, IPVS_CMD_ATTR_DAEMON, |out| stop_daemon(out, daemon)),
    }
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
            union_address(out, IPVS_SVC_ATTR_ADDR, *address);
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
    union_address(out, IPVS_DEST_ATTR_ADDR, key.address);
    out.extend_from_slice(&port(IPVS_DEST_ATTR_PORT, key.port));
}

fn set_timeouts(out: &mut Vec<u8>, timeouts: &Timeouts) {
    let kinds = [IPVS_CMD_ATTR_TIMEOUT_TCP, IPVS_CMD_ATTR_TIMEOUT_TCP_FIN, IPVS_CMD_ATTR_TIMEOUT_UDP];
    for (kind, seconds) in kinds.into_iter().zip([timeouts.tcp, timeouts.tcp_fin, timeouts.udp]) {
        // The kernel leaves a timeout as it is for which it gets 0, as the reference sends it.
        out.extend_from_slice(&number(kind, seconds.map_or(0, NonZero::get)));
    }
}

/// Like the reference, sends only those of the later options that are set.
fn start_daemon(out: &mut Vec<u8>, daemon: &SyncDaemon) {
    out.extend_from_slice(&number(IPVS_DAEMON_ATTR_STATE, daemon.state.number()));
    name(out, IPVS_DAEMON_ATTR_MCAST_IFN, daemon.interface);
    out.extend_from_slice(&number(IPVS_DAEMON_ATTR_SYNC_ID, daemon.syncid));
    if let Some(length) = daemon.sync_maxlen {
        out.extend_from_slice(&short(IPVS_DAEMON_ATTR_SYNC_MAXLEN, length.get()));
    }
    if let Some(port) = daemon.mcast_port {
        out.extend_from_slice(&short(IPVS_DAEMON_ATTR_MCAST_PORT, port.get()));
    }
    if let Some(ttl) = daemon.mcast_ttl {
        out.extend_from_slice(&byte(IPVS_DAEMON_ATTR_MCAST_TTL, ttl.get()));
    }
    match daemon.mcast_group {
        Some(IpAddr::V4(group)) => out.extend_from_slice(&four_bytes(IPVS_DAEMON_ATTR_MCAST_GROUP, group.octets())),
        Some(group) => union_address(out, IPVS_DAEMON_ATTR_MCAST_GROUP6, group),
        None => {}
    }
}

fn stop_daemon(out: &mut Vec<u8>, daemon: &StopDaemon) {
    out.extend_from_slice(&number(IPVS_DAEMON_ATTR_STATE, daemon.state.number()));
    name(out, IPVS_DAEMON_ATTR_MCAST_IFN, Default::default());
    out.extend_from_slice(&number(IPVS_DAEMON_ATTR_SYNC_ID, daemon.syncid));
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

/// An IPv4 address fills the first of the four words of `union nf_inet_addr`, the others are 0.
fn union_address(out: &mut Vec<u8>, kind: u16, address: IpAddr) {
    let octets = match address {
        IpAddr::V4(address) => Ipv6Addr::from_bits(u128::from(address.to_bits()) << 96).octets(),
        IpAddr::V6(address) => address.octets(),
    };
    out.extend_from_slice(&header(kind, 20));
    out.extend_from_slice(&octets);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ipvs::fixtures::hex;
    use crate::ipvs::model::{DaemonState, Forwarding, ServiceFlags, TunnelFlags, TunnelType};

    fn encoded(change: Change) -> (u8, Vec<u8>) {
        let mut bytes = Vec::new();
        attributes(&mut bytes, &change);
        (command(&change), bytes)
    }

    /// The reference sends whole services and servers where a key is enough, and what the kernel assumes of its own
    /// accord: drops the attributes that make no difference.
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
    const SERVER_KEY: &[u16] = &[1, 2];

    fn tcp(address: &str, port: u16) -> ServiceKey {
        ServiceKey::tcp(address.parse::<IpAddr>().unwrap(), port)
    }

    fn service(key: ServiceKey, scheduler: &str) -> VirtualService {
        VirtualService::new(key, scheduler.parse().unwrap())
    }

    fn server(address: &str, port: u16, forwarding: Forwarding) -> RealServer {
        RealServer { forwarding, ..RealServer::new(address.parse::<IpAddr>().unwrap(), port) }
    }

    #[test]
    fn services_as_the_reference_sends_them() {
        // ipvsadm -A -t 10.0.0.1:80 -s rr
        let http = service(tcp("10.0.0.1", 80), "rr");
        let bytes = hex(
            "5400018006000100020000000600020006000000140003000a000001000000000000000000000000060004000050000007000600727200000c00070000000000ffffffff080008000000000008000900ffffffff",
        );
        assert_eq!(encoded(Change::AddService(http)), (IPVS_CMD_NEW_SERVICE, bytes));
        // ipvsadm -E -t 10.0.0.1:80 -s wrr
        let bytes = hex(
            "5400018006000100020000000600020006000000140003000a000001000000000000000000000000060004000050000008000600777272000c00070000000000ffffffff080008000000000008000900ffffffff",
        );
        let edit = Change::EditService(VirtualService { scheduler: "wrr".parse().unwrap(), ..http });
        assert_eq!(encoded(edit), (IPVS_CMD_SET_SERVICE, bytes));
        // ipvsadm -A -t [2001:db8::1]:443 -s wlc -p 300 -M 64
        let bytes = hex(
            "54000180060001000a00000006000200060000001400030020010db80000000000000000000000010600040001bb000008000600776c63000c00070001000000ffffffff080008002c0100000800090040000000",
        );
        let https = VirtualService {
            flags: ServiceFlags::PERSISTENT,
            timeout: 300,
            netmask: Netmask::Prefix(64),
            ..service(tcp("2001:db8::1", 443), "wlc")
        };
        assert_eq!(encoded(Change::AddService(https)), (IPVS_CMD_NEW_SERVICE, bytes));
        // ipvsadm -A -u 10.0.0.2:5060 -p 60 -M 255.255.255.0 --pe sip
        let bytes = hex(
            "5c00018006000100020000000600020011000000140003000a0000020000000000000000000000000600040013c4000008000600776c630008000b00736970000c00070001000000ffffffff080008003c00000008000900ffffff00",
        );
        let sip = VirtualService {
            flags: ServiceFlags::PERSISTENT,
            timeout: 60,
            netmask: Netmask::Mask([255, 255, 255, 0].into()),
            persistence_engine: Some("sip".parse().unwrap()),
            ..service(ServiceKey::udp([10, 0, 0, 2], 5060), "wlc")
        };
        assert_eq!(encoded(Change::AddService(sip)), (IPVS_CMD_NEW_SERVICE, bytes));
        // ipvsadm -A -f 7 -6 -s lc
        let bytes = hex(
            "38000180060001000a0000000800050007000000070006006c6300000c00070000000000ffffffff08000800000000000800090080000000",
        );
        let mark = service(ServiceKey::mark(7, Family::Inet6), "lc");
        assert_eq!(encoded(Change::AddService(mark)), (IPVS_CMD_NEW_SERVICE, bytes));
    }

    #[test]
    fn service_keys_as_the_reference_sends_them() {
        let http = tcp("10.0.0.1", 80);
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
        let mark = ServiceKey::mark(7, Family::Inet);
        assert_eq!(encoded(Change::DeleteService(mark)), (IPVS_CMD_DEL_SERVICE, only(&captured, KEY, &[])));
        // ipvsadm -Z; ipvsadm -C
        assert_eq!(encoded(Change::Zero(None)), (IPVS_CMD_ZERO, Vec::new()));
        assert_eq!(encoded(Change::Flush), (IPVS_CMD_FLUSH, Vec::new()));
    }

    #[test]
    fn servers_as_the_reference_sends_them() {
        let usual: Vec<u16> = (1..=10).collect();
        let http = tcp("10.0.0.1", 80);
        // ipvsadm -a -t 10.0.0.1:80 -r 10.1.0.1:8080 -m -w 5 -x 100 -y 50
        let captured = hex(
            "5400018006000100020000000600020006000000140003000a000001000000000000000000000000060004000050000005000600000000000c00070000000000ffffffff080008000000000008000900ffffffff6000028006000b0002000000140001000a010001000000000000000000000000060002001f9000000800030000000000080004000500000005000d000000000006000e000000000006000f000000000008000500640000000800060032000000",
        );
        let masquerading = RealServer {
            weight: 5,
            upper_threshold: 100,
            lower_threshold: 50,
            ..server("10.1.0.1", 8080, Forwarding::Masquerading)
        };
        let add = Change::AddServer(http, masquerading);
        assert_eq!(encoded(add), (IPVS_CMD_NEW_DEST, only(&captured, KEY, &usual)));
        let edit = Change::EditServer(http, masquerading);
        assert_eq!(encoded(edit), (IPVS_CMD_SET_DEST, only(&captured, KEY, &usual)));
        // ipvsadm -a -t 10.0.0.1:80 -r 10.1.0.3 -i --tun-type gue --tun-port 6080 --tun-csum
        let captured = hex(
            "5400018006000100020000000600020006000000140003000a000001000000000000000000000000060004000050000005000600000000000c00070000000000ffffffff080008000000000008000900ffffffff6000028006000b0002000000140001000a01000300000000000000000000000006000200005000000800030002000000080004000100000005000d000100000006000e0017c0000006000f000100000008000500000000000800060000000000",
        );
        let gue = RealServer {
            tunnel: Tunnel { kind: TunnelType::Gue, port: 6080, flags: TunnelFlags::CSUM },
            ..server("10.1.0.3", 80, Forwarding::Tunnel)
        };
        let with_tunnel = [&usual[..], &[13, 14, 15]].concat();
        assert_eq!(encoded(Change::AddServer(http, gue)), (IPVS_CMD_NEW_DEST, only(&captured, KEY, &with_tunnel)));
        // ipvsadm -a -t 10.0.0.1:80 -r [2001:db8::5]:80 -i
        let captured = hex(
            "5400018006000100020000000600020006000000140003000a000001000000000000000000000000060004000050000005000600000000000c00070000000000ffffffff080008000000000008000900ffffffff6000028006000b000a0000001400010020010db800000000000000000000000506000200005000000800030002000000080004000100000005000d000000000006000e000000000006000f000000000008000500000000000800060000000000",
        );
        let mixed = server("2001:db8::5", 80, Forwarding::Tunnel);
        let with_family = [&usual[..], &[11]].concat();
        assert_eq!(encoded(Change::AddServer(http, mixed)), (IPVS_CMD_NEW_DEST, only(&captured, KEY, &with_family)));
        // ipvsadm -d -f 7 -r 10.1.0.9
        let captured = hex(
            "380001800600010002000000080005000700000005000600000000000c00070000000000ffffffff080008000000000008000900ffffffff6000028006000b0002000000140001000a01000900000000000000000000000006000200000000000800030003000000080004000100000005000d000000000006000e000000000006000f000000000008000500000000000800060000000000",
        );
        let mark = ServiceKey::mark(7, Family::Inet);
        let delete = Change::DeleteServer(mark, server("10.1.0.9", 0, Forwarding::Route).key);
        assert_eq!(encoded(delete), (IPVS_CMD_DEL_DEST, only(&captured, KEY, SERVER_KEY)));
    }

    #[test]
    fn timeouts_and_daemons_as_the_reference_sends_them() {
        // ipvsadm --set 900 120 300
        let bytes = hex("08000400840300000800050078000000080006002c010000");
        let set = Change::SetTimeouts(Timeouts {
            tcp: NonZero::new(900),
            tcp_fin: NonZero::new(120),
            udp: NonZero::new(300),
        });
        assert_eq!(encoded(set), (IPVS_CMD_SET_CONFIG, bytes));
        // ipvsadm --start-daemon master --mcast-interface v0 --syncid 5
        let bytes = hex("1c000380080001000100000007000200763000000800030005000000");
        let master = SyncDaemon { syncid: 5, ..SyncDaemon::new(DaemonState::Master, "v0".parse().unwrap()) };
        assert_eq!(encoded(Change::StartDaemon(master)), (IPVS_CMD_NEW_DAEMON, bytes));
        // ipvsadm --start-daemon backup --mcast-interface v0 --syncid 6 --sync-maxlen 1000 --mcast-group 224.0.0.99
        //   --mcast-port 9000 --mcast-ttl 3
        let bytes = hex(
            "3c00038008000100020000000700020076300000080003000600000006000400e80300000600070028230000050008000300000008000500e0000063",
        );
        let backup = SyncDaemon {
            state: DaemonState::Backup,
            syncid: 6,
            sync_maxlen: NonZero::new(1000),
            mcast_group: Some([224, 0, 0, 99].into()),
            mcast_port: NonZero::new(9000),
            mcast_ttl: NonZero::new(3),
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
