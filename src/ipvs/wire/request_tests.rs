//! What is asked of the kernel, byte for byte as the reference asks it; and the quick writer beside the typed messages.

use super::attributes::CommandAttribute;
use super::captured::captured;
use super::command::*;
use super::encode;
use super::message::IpvsMessage;
use super::writer::{Envelope, append};
use crate::ipvs::fixtures::Random;
use crate::ipvs::model::*;
use netlink_packet_core::{Emitable, NLA_TYPE_MASK, NLM_F_REQUEST, NetlinkMessage, Nla};
use netlink_packet_generic::GenlMessage;
use std::net::IpAddr;
use std::num::NonZero;

fn encoded(change: Change) -> (u8, Vec<u8>) {
    let message = IpvsMessage::from(&change);
    let mut bytes = vec![0; message.buffer_len()];
    message.emit(&mut bytes);
    let mut quick = Vec::new();
    encode::attributes(&mut quick, &change);
    assert_eq!(quick, bytes, "{change:?}");
    (encode::command(&change), bytes)
}

/// The reference sends whole services and servers where a key is enough, and what the kernel assumes of its own accord:
/// drops the attributes that make no difference.
fn only(captured: &[u8], service: &[u16], server: &[u16]) -> Vec<u8> {
    let IpvsMessage::Command(command, mut attributes) = IpvsMessage::reply(IPVS_CMD_NEW_DEST, captured).unwrap() else {
        panic!("no command");
    };
    let kept = |kinds: &[u16], attribute: &dyn Nla| kinds.contains(&(attribute.kind() & NLA_TYPE_MASK));
    for attribute in &mut attributes {
        match attribute {
            CommandAttribute::Service(attributes) => attributes.retain(|attribute| kept(service, attribute)),
            CommandAttribute::Server(attributes) => attributes.retain(|attribute| kept(server, attribute)),
            other => panic!("{other:?}"),
        }
    }
    let message = IpvsMessage::Command(command, attributes);
    let mut bytes = vec![0; message.buffer_len()];
    message.emit(&mut bytes);
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
    let bytes = captured(
        "5400018006000100020000000600020006000000140003000a000001000000000000000000000000060004000050000007000600727200000c00070000000000ffffffff080008000000000008000900ffffffff",
    );
    assert_eq!(encoded(Change::AddService(http)), (IPVS_CMD_NEW_SERVICE, bytes));
    // ipvsadm -E -t 10.0.0.1:80 -s wrr
    let bytes = captured(
        "5400018006000100020000000600020006000000140003000a000001000000000000000000000000060004000050000008000600777272000c00070000000000ffffffff080008000000000008000900ffffffff",
    );
    let edit = Change::EditService(VirtualService { scheduler: "wrr".parse().unwrap(), ..http });
    assert_eq!(encoded(edit), (IPVS_CMD_SET_SERVICE, bytes));
    // ipvsadm -A -t [2001:db8::1]:443 -s wlc -p 300 -M 64
    let bytes = captured(
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
    let bytes = captured(
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
    let bytes = captured(
        "38000180060001000a0000000800050007000000070006006c6300000c00070000000000ffffffff08000800000000000800090080000000",
    );
    let mark = service(ServiceKey::mark(7, Family::Inet6), "lc");
    assert_eq!(encoded(Change::AddService(mark)), (IPVS_CMD_NEW_SERVICE, bytes));
}

#[test]
fn service_keys_as_the_reference_sends_them() {
    let http = tcp("10.0.0.1", 80);
    // ipvsadm -D -t 10.0.0.1:80; ipvsadm -Z -t 10.0.0.1:80
    let whole = captured(
        "5400018006000100020000000600020006000000140003000a000001000000000000000000000000060004000050000005000600000000000c00070000000000ffffffff080008000000000008000900ffffffff",
    );
    let bytes = only(&whole, KEY, &[]);
    assert_eq!(encoded(Change::DeleteService(http)), (IPVS_CMD_DEL_SERVICE, bytes.clone()));
    assert_eq!(encoded(Change::Zero(Some(http))), (IPVS_CMD_ZERO, bytes));
    // ipvsadm -D -f 7
    let whole = captured(
        "3800018006000100020000000800050007000000070006006c6300000c00070000000000ffffffff080008000000000008000900ffffffff",
    );
    let mark = ServiceKey::mark(7, Family::Inet);
    assert_eq!(encoded(Change::DeleteService(mark)), (IPVS_CMD_DEL_SERVICE, only(&whole, KEY, &[])));
    // ipvsadm -Z; ipvsadm -C
    assert_eq!(encoded(Change::Zero(None)), (IPVS_CMD_ZERO, Vec::new()));
    assert_eq!(encoded(Change::Flush), (IPVS_CMD_FLUSH, Vec::new()));
}

#[test]
fn servers_as_the_reference_sends_them() {
    let usual: Vec<u16> = (1..=10).collect();
    let http = tcp("10.0.0.1", 80);
    // ipvsadm -a -t 10.0.0.1:80 -r 10.1.0.1:8080 -m -w 5 -x 100 -y 50
    let whole = captured(
        "5400018006000100020000000600020006000000140003000a000001000000000000000000000000060004000050000005000600000000000c00070000000000ffffffff080008000000000008000900ffffffff6000028006000b0002000000140001000a010001000000000000000000000000060002001f9000000800030000000000080004000500000005000d000000000006000e000000000006000f000000000008000500640000000800060032000000",
    );
    let masquerading = RealServer {
        weight: 5,
        upper_threshold: 100,
        lower_threshold: 50,
        ..server("10.1.0.1", 8080, Forwarding::Masquerading)
    };
    let add = Change::AddServer(http, masquerading);
    assert_eq!(encoded(add), (IPVS_CMD_NEW_DEST, only(&whole, KEY, &usual)));
    let edit = Change::EditServer(http, masquerading);
    assert_eq!(encoded(edit), (IPVS_CMD_SET_DEST, only(&whole, KEY, &usual)));
    // ipvsadm -a -t 10.0.0.1:80 -r 10.1.0.3 -i --tun-type gue --tun-port 6080 --tun-csum
    let whole = captured(
        "5400018006000100020000000600020006000000140003000a000001000000000000000000000000060004000050000005000600000000000c00070000000000ffffffff080008000000000008000900ffffffff6000028006000b0002000000140001000a01000300000000000000000000000006000200005000000800030002000000080004000100000005000d000100000006000e0017c0000006000f000100000008000500000000000800060000000000",
    );
    let gue = RealServer {
        tunnel: Tunnel { kind: TunnelType::Gue, port: 6080, flags: TunnelFlags::CSUM },
        ..server("10.1.0.3", 80, Forwarding::Tunnel)
    };
    let with_tunnel = [&usual[..], &[13, 14, 15]].concat();
    assert_eq!(encoded(Change::AddServer(http, gue)), (IPVS_CMD_NEW_DEST, only(&whole, KEY, &with_tunnel)));
    // ipvsadm -a -t 10.0.0.1:80 -r [2001:db8::5]:80 -i
    let whole = captured(
        "5400018006000100020000000600020006000000140003000a000001000000000000000000000000060004000050000005000600000000000c00070000000000ffffffff080008000000000008000900ffffffff6000028006000b000a0000001400010020010db800000000000000000000000506000200005000000800030002000000080004000100000005000d000000000006000e000000000006000f000000000008000500000000000800060000000000",
    );
    let mixed = server("2001:db8::5", 80, Forwarding::Tunnel);
    let with_family = [&usual[..], &[11]].concat();
    assert_eq!(encoded(Change::AddServer(http, mixed)), (IPVS_CMD_NEW_DEST, only(&whole, KEY, &with_family)));
    // ipvsadm -d -f 7 -r 10.1.0.9
    let whole = captured(
        "380001800600010002000000080005000700000005000600000000000c00070000000000ffffffff080008000000000008000900ffffffff6000028006000b0002000000140001000a01000900000000000000000000000006000200000000000800030003000000080004000100000005000d000000000006000e000000000006000f000000000008000500000000000800060000000000",
    );
    let mark = ServiceKey::mark(7, Family::Inet);
    let delete = Change::DeleteServer(mark, server("10.1.0.9", 0, Forwarding::Route).key);
    assert_eq!(encoded(delete), (IPVS_CMD_DEL_DEST, only(&whole, KEY, SERVER_KEY)));
}

#[test]
fn timeouts_and_daemons_as_the_reference_sends_them() {
    // ipvsadm --set 900 120 300
    let bytes = captured("08000400840300000800050078000000080006002c010000");
    let set =
        Change::SetTimeouts(Timeouts { tcp: NonZero::new(900), tcp_fin: NonZero::new(120), udp: NonZero::new(300) });
    assert_eq!(encoded(set), (IPVS_CMD_SET_CONFIG, bytes));
    // ipvsadm --start-daemon master --mcast-interface v0 --syncid 5
    let bytes = captured("1c000380080001000100000007000200763000000800030005000000");
    let master = SyncDaemon { syncid: 5, ..SyncDaemon::new(DaemonState::Master, "v0".parse().unwrap()) };
    assert_eq!(encoded(Change::StartDaemon(master)), (IPVS_CMD_NEW_DAEMON, bytes));
    // ipvsadm --start-daemon backup --mcast-interface v0 --syncid 6 --sync-maxlen 1000 --mcast-group 224.0.0.99
    //   --mcast-port 9000 --mcast-ttl 3
    let bytes = captured(
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
        captured("3000038008000100010000000700020076300000080003000000000014000600ff020000000000000000000000000081");
    let inet6 = SyncDaemon { syncid: 0, mcast_group: Some("ff02::81".parse().unwrap()), ..master };
    assert_eq!(encoded(Change::StartDaemon(inet6)), (IPVS_CMD_NEW_DAEMON, bytes));
    // ipvsadm --stop-daemon backup --syncid 6
    let bytes = captured("1c000380080001000200000005000200000000000800030006000000");
    let stop = Change::StopDaemon(StopDaemon { state: DaemonState::Backup, syncid: 6 });
    assert_eq!(encoded(stop), (IPVS_CMD_DEL_DAEMON, bytes));
}

#[test]
fn any_change_is_written_as_the_typed_message_is() {
    let mut random = Random(11);
    for sequence in 0..10_000 {
        let change = random.change();
        let mut message = GenlMessage::from_payload(IpvsMessage::from(&change));
        message.set_resolved_family_id(0x1e);
        let mut message = NetlinkMessage::from(message);
        message.header.flags = NLM_F_REQUEST;
        message.header.sequence_number = sequence;
        message.finalize();
        let mut bytes = vec![0; message.buffer_len()];
        message.serialize(&mut bytes);
        let mut quick = Vec::new();
        let envelope = Envelope { family: 0x1e, flags: NLM_F_REQUEST, sequence };
        append(&mut quick, envelope, encode::command(&change), |out| encode::attributes(out, &change));
        assert_eq!(quick, bytes, "{change:?}");
        // And it is read back.
        assert_eq!(NetlinkMessage::<GenlMessage<IpvsMessage>>::deserialize(&bytes).unwrap(), message, "{change:?}");
    }
}
