//! Documents as they are written, and as serde_json reads them back.

use super::*;
use crate::ipvs::fixtures::Random;
use crate::ipvs::model::connection::Connection;
use crate::ipvs::model::*;
use crate::program::render::recorded::{RecordedNames, mark, server, service};
use serde::ser::SerializeSeq;
use serde_json::{Value, json};
use std::io::{Error, ErrorKind};

const INFO: Info = Info { version: 0x1_0201, connection_table_size: 4096 };

struct Services<'a>(&'a [(ListedService, Vec<ListedServer>)]);

impl Elements for Services<'_> {
    fn write<S: SerializeSeq>(self, sequence: &mut S) -> Result<(), S::Error> {
        let mut entries = self.0.iter();
        entries.try_for_each(|(service, servers)| sequence.serialize_element(&ServiceView::new(service, servers, None)))
    }
}

fn text(document: &impl Serialize) -> String {
    let mut out = Vec::new();
    write(&mut out, document).unwrap();
    String::from_utf8(out).unwrap()
}

/// A document, which ends with its one newline, read by serde_json.
fn read(document: &impl Serialize) -> Value {
    let text = text(document);
    assert_eq!(text.find('\n'), Some(text.len() - 1));
    serde_json::from_str(&text).unwrap()
}

#[test]
fn a_table_to_the_letter() {
    let persistent = VirtualService {
        flags: ServiceFlags::PERSISTENT | ServiceFlags::SCHED2,
        timeout: 300,
        ..service(Protocol::Tcp, "10.0.0.1", 80, "sh")
    };
    let entries = [(persistent.into(), vec![server("10.0.0.2", 8080, Forwarding::Masquerading).into()])];
    let services = Array::new(Services(&entries));
    let document = text(&document::Table { head: Head::new(INFO, true), services });
    let expected = concat!(
        r#"{"schema_version":1,"tool_version":""#,
        env!("CARGO_PKG_VERSION"),
        r#"","ipvs_version":"1.2.1","connection_table_size":4096,"estimation":true,"#,
        r#""services":[{"protocol":"tcp","address":"10.0.0.1","port":80,"names":null,"fwmark":null,"family":"ipv4","#,
        r#""scheduler":"sh","scheduler_flags":["sh-port"],"one_packet":false,"#,
        r#""persistence":{"timeout_seconds":300,"netmask":"255.255.255.255","engine":null},"#,
        r#""counters":{"connections":0,"packets_in":0,"packets_out":0,"bytes_in":0,"bytes_out":0},"#,
        r#""rates":{"connections_per_second":0,"packets_in_per_second":0,"packets_out_per_second":0,"#,
        r#""bytes_in_per_second":0,"bytes_out_per_second":0},"#,
        r#""servers":[{"address":"10.0.0.2","port":8080,"names":null,"forwarding":"masquerade","tunnel":null,"#,
        r#""weight":1,"thresholds":{"upper":0,"lower":0},"connections":{"active":0,"inactive":0,"persistent":0},"#,
        r#""counters":{"connections":0,"packets_in":0,"packets_out":0,"bytes_in":0,"bytes_out":0},"#,
        r#""rates":{"connections_per_second":0,"packets_in_per_second":0,"packets_out_per_second":0,"#,
        r#""bytes_in_per_second":0,"bytes_out_per_second":0}}]}]}"#,
        "\n"
    );
    assert_eq!(document, expected);
}

#[test]
fn an_empty_table_has_an_empty_array() {
    let document = text(&document::Table { head: Head::new(INFO, false), services: Array::new(Services(&[])) });
    assert!(document.ends_with("\"estimation\":false,\"services\":[]}\n"), "{document}");
}

#[test]
fn marks_masks_and_engines() {
    let masked = VirtualService {
        netmask: Netmask::Prefix(65),
        persistence_engine: Some("sip".parse().unwrap()),
        flags: ServiceFlags::ONEPACKET | ServiceFlags::SCHEDULER,
        ..mark(4_000_000_000, Family::Inet6, "rr")
    };
    let listed = read(&ServiceView::new(&masked.into(), &[], None));
    assert_eq!(listed["fwmark"], 4_000_000_000_u32);
    for key in ["protocol", "address", "port", "names"] {
        assert_eq!(listed.get(key), Some(&Value::Null), "{key}");
    }
    assert_eq!(listed["family"], "ipv6");
    assert_eq!(listed["scheduler_flags"], json!(["flag-1", "flag-2", "flag-3"]));
    assert_eq!(listed["one_packet"], true);
    let expected = json!({"timeout_seconds": null, "netmask": "ffff:ffff:ffff:ffff:8000::", "engine": "sip"});
    assert_eq!(listed["persistence"], expected);
    let plain = read(&ServiceSettingsView::new(&mark(1, Family::Inet6, "wlc")));
    assert_eq!(plain["persistence"], Value::Null);
    let whole = VirtualService { netmask: Netmask::Prefix(128), ..persistent(mark(1, Family::Inet6, "wlc")) };
    let netmask = &read(&ServiceSettingsView::new(&whole))["persistence"]["netmask"];
    assert_eq!(netmask, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
}

fn persistent(service: VirtualService) -> VirtualService {
    VirtualService { flags: ServiceFlags::PERSISTENT, timeout: 360, ..service }
}

#[test]
fn forwarding_methods_and_tunnels() {
    let view = |forwarding, tunnel| {
        let server = RealServer { tunnel, weight: -1, ..server("10.0.0.2", 80, forwarding) };
        let view = read(&ServerSettingsView::from(&server));
        assert_eq!(view["weight"], -1);
        (view["forwarding"].clone(), view["tunnel"].clone())
    };
    let tunnel = |kind, port, flags| Tunnel { kind, port, flags };
    let ipip = Tunnel::default();
    for (forwarding, tunnel, expected) in [
        (Forwarding::Route, ipip, json!(["direct", null])),
        (Forwarding::Local, ipip, json!(["local", null])),
        (Forwarding::Bypass, ipip, json!(["bypass", null])),
        (Forwarding::Other(7), ipip, json!(["7", null])),
        (Forwarding::Tunnel, ipip, json!(["tunnel", {"type": "ipip", "port": null, "checksum": null}])),
        (
            Forwarding::Tunnel,
            tunnel(TunnelType::Gue, 6080, TunnelFlags::REMCSUM),
            json!(["tunnel", {"type": "gue", "port": 6080, "checksum": "remote"}]),
        ),
        (
            Forwarding::Tunnel,
            tunnel(TunnelType::Gre, 0, TunnelFlags::CSUM),
            json!(["tunnel", {"type": "gre", "port": null, "checksum": "outer"}]),
        ),
        (
            Forwarding::Masquerading,
            tunnel(TunnelType::Other(9), 0, TunnelFlags::NOCSUM),
            json!(["masquerade", {"type": "9", "port": null, "checksum": "none"}]),
        ),
    ] {
        assert_eq!(json!(view(forwarding, tunnel)), expected);
    }
}

#[test]
fn names_stand_beside_the_numbers() {
    let sip = Connection {
        protocol: "UDP",
        client: ([10, 1, 0, 12].into(), 0),
        virtual_address: ("2001:db8::1".parse().unwrap(), 5060),
        server: ([10, 9, 9, 9].into(), 5060),
        state: "NONE",
        expires: 59,
        engine: Some("sip"),
        engine_data: Some("a\"b\\\u{10fefe}\u{1}"),
    };
    let expected = json!({
        "protocol": "udp",
        "client": {
            "address": "10.1.0.12", "port": 0,
            "names": {"host": "a-real-server-with-a-long-name.example.org", "port": null},
        },
        "virtual": {"address": "2001:db8::1", "port": 5060, "names": {"host": "vip6.example.org", "port": "sip"}},
        "server": {"address": "10.9.9.9", "port": 5060, "names": {"host": null, "port": "sip"}},
        "state": "NONE",
        "expires_seconds": 59,
        "persistence_engine": {"name": "sip", "data": "a\"b\\\u{fffd}\u{1}"},
    });
    assert_eq!(read(&ConnectionView::new(&sip, Some(&RecordedNames))), expected);
    let template = Connection { protocol: "IP", engine: None, engine_data: None, ..sip };
    let view = read(&ConnectionView::new(&template, None));
    assert_eq!((&view["protocol"], &view["persistence_engine"]), (&json!("ip"), &Value::Null));
    assert_eq!(view["client"]["names"], Value::Null);
}

#[test]
fn settings_with_and_without_what_old_kernels_do_not_say() {
    let timeouts = Timeouts { tcp: 900.try_into().ok(), tcp_fin: None, udp: 2_678_400.try_into().ok() };
    let expected = json!({"tcp_seconds": 900, "tcp_fin_seconds": null, "udp_seconds": 2_678_400});
    assert_eq!(read(&TimeoutsView::from(&timeouts)), expected);
    let old = SyncDaemon::new(DaemonState::Backup, "eth0".parse().unwrap());
    let new = SyncDaemon {
        state: DaemonState::Master,
        syncid: 255,
        sync_maxlen: 1472.try_into().ok(),
        mcast_group: Some([224, 0, 0, 81].into()),
        mcast_port: 8848.try_into().ok(),
        mcast_ttl: 255.try_into().ok(),
        ..old
    };
    let daemons = [new, old];
    let daemons = daemons.iter().map(DaemonView::from).collect();
    let expected = json!([
        {
            "state": "master", "interface": "eth0", "sync_id": 255, "sync_maxlen_bytes": 1472,
            "multicast_group": "224.0.0.81", "multicast_port": 8848, "multicast_ttl": 255,
        },
        {
            "state": "backup", "interface": "eth0", "sync_id": 0, "sync_maxlen_bytes": null,
            "multicast_group": null, "multicast_port": null, "multicast_ttl": null,
        },
    ]);
    assert_eq!(read(&document::Daemons { head: Head::new(INFO, true), daemons })["daemons"], expected);
}

/// Numbers of every length, in documents of many pieces: serde_json reads what was meant.
#[test]
fn numbers_are_exact_whatever_their_length() {
    let mut random = Random(12);
    let mut number = || u64::MAX >> random.below(64);
    let entries: Vec<(ListedService, Vec<ListedServer>)> = (0..300)
        .map(|_| {
            let mut listed = ListedService::from(service(Protocol::Udp, "10.0.0.1", 53, "rr"));
            listed.stats =
                Stats { connections: number(), in_bytes: number(), out_byte_rate: number(), ..Stats::default() };
            let mut other = ListedServer::from(server("fd00::1", 53, Forwarding::Route));
            (other.active, other.server.upper_threshold) = (number() as u32, number() as u32);
            (listed, vec![other; 3])
        })
        .collect();
    let document = read(&document::Table { head: Head::new(INFO, true), services: Array::new(Services(&entries)) });
    let services = document["services"].as_array().unwrap();
    assert_eq!(services.len(), entries.len());
    for ((listed, servers), read) in entries.iter().zip(services) {
        assert_eq!(read["counters"]["connections"], listed.stats.connections);
        assert_eq!(read["counters"]["bytes_in"], listed.stats.in_bytes);
        assert_eq!(read["rates"]["bytes_out_per_second"], listed.stats.out_byte_rate);
        for (server, read) in servers.iter().zip(read["servers"].as_array().unwrap()) {
            assert_eq!(read["connections"]["active"], server.active);
            assert_eq!(read["thresholds"]["upper"], server.server.upper_threshold);
        }
    }
}

/// A string may be longer than what is collected before it goes out.
#[test]
fn long_strings_are_whole() {
    for length in [1, 4000, 60_000, 70_000, 200_000] {
        let data = "x\ny".repeat(length / 2);
        let connection = Connection {
            protocol: "UDP",
            client: ([10, 0, 0, 1].into(), 1),
            virtual_address: ([10, 0, 0, 2].into(), 2),
            server: ([10, 0, 0, 3].into(), 3),
            state: "UDP",
            expires: 1,
            engine: Some("sip"),
            engine_data: Some(&data),
        };
        assert_eq!(read(&ConnectionView::new(&connection, None))["persistence_engine"]["data"], data);
    }
}

#[test]
fn a_writer_that_refuses_ends_it() {
    struct Full;
    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(Error::from_raw_os_error(libc::ENOSPC))
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let timeouts = document::Timeouts { head: Head::new(INFO, true), timeouts: (&Timeouts::default()).into() };
    assert_eq!(write(&mut Full, &timeouts).unwrap_err().kind(), ErrorKind::StorageFull);
}

#[test]
fn changes_have_what_is_before_and_after() {
    let old = service(Protocol::Udp, "10.0.0.1", 53, "rr");
    let new = VirtualService { flags: ServiceFlags::ONEPACKET, ..old };
    let line = std::num::NonZero::new(7);
    let edit =
        read(&ChangeView::new(&Change::EditService(new), Some(&Change::EditService(old)), Origin { line, path: None }));
    let key =
        json!({"protocol": "udp", "address": "10.0.0.1", "port": 53, "names": null, "fwmark": null, "family": "ipv4"});
    let settings = |one_packet: bool| {
        let mut settings = key.clone();
        settings["scheduler"] = json!("rr");
        settings["scheduler_flags"] = json!([]);
        settings["one_packet"] = json!(one_packet);
        settings["persistence"] = Value::Null;
        settings
    };
    let expected = json!({
        "command": "edit-service", "service": key, "server": null,
        "before": settings(false), "after": settings(true), "line": 7, "path": null
    });
    assert_eq!(edit, expected);

    let real = server("10.0.0.2", 5353, Forwarding::Masquerading);
    let undo = Change::AddServer(old.key, real);
    let removal = read(&ChangeView::new(&Change::DeleteServer(old.key, real.key), Some(&undo), Origin::default()));
    let listed = json!({
        "address": "10.0.0.2", "port": 5353, "names": null, "forwarding": "masquerade", "tunnel": null, "weight": 1,
        "thresholds": {"upper": 0, "lower": 0}
    });
    assert_eq!(removal["server"], json!({"address": "10.0.0.2", "port": 5353, "names": null}));
    assert_eq!((&removal["before"], &removal["after"]), (&listed, &Value::Null));

    // A timeout that is not set stays.
    let seconds = std::num::NonZero::new;
    let before = Change::SetTimeouts(Timeouts { tcp: seconds(900), tcp_fin: seconds(120), udp: seconds(300) });
    let set = Change::SetTimeouts(Timeouts { tcp: seconds(1000), ..Timeouts::default() });
    let set = read(&ChangeView::new(&set, Some(&before), Origin { line: None, path: Some("x") }));
    assert_eq!(set["before"], json!({"tcp_seconds": 900, "tcp_fin_seconds": 120, "udp_seconds": 300}));
    assert_eq!(set["after"], json!({"tcp_seconds": 1000, "tcp_fin_seconds": 120, "udp_seconds": 300}));
    assert_eq!((&set["path"], &set["line"]), (&json!("x"), &Value::Null));

    let cleared = read(&ChangeView::new(&Change::Flush, Some(&Change::AddService(old)), Origin::default()));
    assert_eq!((&cleared["command"], &cleared["before"]), (&json!("clear"), &Value::Null));
    let started = Change::StartDaemon(SyncDaemon::new(DaemonState::Backup, "lo".parse().unwrap()));
    let started = read(&ChangeView::new(&started, Some(&Change::Flush), Origin::default()));
    assert_eq!((&started["before"], &started["after"]["interface"]), (&Value::Null, &json!("lo")));

    let failed = read(&FailedView::new(None, "no \u{10fee9}", Origin::default()));
    let expected =
        json!({"command": null, "service": null, "server": null, "message": "no \u{fffd}", "line": null, "path": null});
    assert_eq!(failed, expected);
}
