//! Whole listings against what the reference printed: `recorded/table.txt` says which commands made the table.

use super::{Names, TablePrinter, rules, title};
use crate::ipvs::model::{
    Family, Forwarding, Info, ListedServer, ListedService, Netmask, Protocol, RealServer, ServiceKey, Stats, Tunnel,
    TunnelFlags, TunnelType, VirtualService,
};
use crate::program::listing::{Format, View};
use crate::program::names::NameService;
use std::net::{IpAddr, Ipv4Addr};

const RECORDED: &str = include_str!("recorded/table.txt");

const STATS: Stats = Stats {
    connections: 1,
    in_packets: 22,
    out_packets: 333,
    in_bytes: 123_456_789,
    out_bytes: 99_999_999_999,
    connection_rate: 666_666,
    in_packet_rate: 100_000_000,
    out_packet_rate: 88_888_888,
    in_byte_rate: 123_456_789,
    out_byte_rate: 4_294_967_295,
};

/// The hosts and services files of the recording.
pub struct RecordedNames;

impl NameService for RecordedNames {
    fn host_address(&self, _: &str) -> Option<Ipv4Addr> {
        None
    }

    fn service_port(&self, _: &str, _: Protocol) -> Option<u16> {
        None
    }

    fn host_name(&self, address: IpAddr) -> Option<String> {
        let name = match address.to_string().as_str() {
            "10.1.0.1" => "vip.example.org",
            "10.1.0.2" => "a-very-long-host-name-of-a-virtual-service.with-a-domain.example.org",
            "10.1.0.11" => "real1.example.org",
            "10.1.0.12" => "a-real-server-with-a-long-name.example.org",
            "10.1.0.13" => "exactly-23-chars-longxx",
            "10.1.0.14" => "exactly-24-chars-longxxx",
            "2001:db8::1" => "vip6.example.org",
            "2001:db8::12" => "another-quite-long-ipv6-host-name.with-a-long-domain.example.net",
            _ => return None,
        };
        Some(name.into())
    }

    fn service_name(&self, port: u16, protocol: Protocol) -> Option<String> {
        let name = match (port, protocol) {
            (80, Protocol::Tcp) => "http",
            (443, Protocol::Tcp) => "https",
            (8080, Protocol::Tcp) => "http-alt",
            (53, Protocol::Udp) => "domain",
            (5060, Protocol::Udp) => "sip",
            (5672, Protocol::Sctp) => "amqp",
            _ => return None,
        };
        Some(name.into())
    }
}

pub fn service(protocol: Protocol, address: &str, port: u16, scheduler: &str) -> VirtualService {
    let address: IpAddr = address.parse().unwrap();
    VirtualService::new(ServiceKey::Address { protocol, address, port }, scheduler.parse().unwrap())
}

pub fn mark(mark: u32, family: Family, scheduler: &str) -> VirtualService {
    VirtualService::new(ServiceKey::mark(mark, family), scheduler.parse().unwrap())
}

pub fn server(address: &str, port: u16, forwarding: Forwarding) -> RealServer {
    RealServer { forwarding, ..RealServer::new(address.parse::<IpAddr>().unwrap(), port) }
}

fn tunnel(address: &str, port: u16, kind: TunnelType, tunnel_port: u16, flags: TunnelFlags) -> RealServer {
    RealServer { tunnel: Tunnel { kind, port: tunnel_port, flags }, ..server(address, port, Forwarding::Tunnel) }
}

fn table() -> Vec<(VirtualService, Vec<RealServer>)> {
    use crate::ipvs::model::ServiceFlags as F;
    const MASQUERADING: Forwarding = Forwarding::Masquerading;
    let (tcp, udp) = (Protocol::Tcp, Protocol::Udp);
    vec![
        (
            service(tcp, "10.1.0.1", 80, "rr"),
            vec![
                server("10.1.0.11", 8080, MASQUERADING),
                RealServer {
                    weight: 0,
                    upper_threshold: 1000,
                    lower_threshold: 900,
                    ..server("10.1.0.12", 80, MASQUERADING)
                },
                RealServer { weight: 1_234_567, ..server("10.1.0.13", 80, Forwarding::Route) },
                RealServer {
                    weight: i32::MAX,
                    upper_threshold: 2_147_483_647,
                    ..server("10.1.0.14", 80, Forwarding::Route)
                },
                tunnel("10.1.0.15", 80, TunnelType::Ipip, 0, TunnelFlags::NOCSUM),
                tunnel("10.1.0.16", 80, TunnelType::Gue, 65535, TunnelFlags::REMCSUM),
                tunnel("10.1.0.17", 80, TunnelType::Gue, 1, TunnelFlags::NOCSUM),
                tunnel("10.1.0.18", 80, TunnelType::Gre, 0, TunnelFlags::CSUM),
                tunnel("2001:db8::12", 80, TunnelType::Gue, 6080, TunnelFlags::CSUM),
            ],
        ),
        (
            VirtualService {
                flags: F::SCHED3,
                netmask: Netmask::Mask([255, 0, 0, 0].into()),
                persistence_engine: Some("sip".parse().unwrap()),
                ..service(udp, "10.1.0.1", 2, "sh")
            },
            vec![],
        ),
        (VirtualService { flags: F::SCHED1 | F::SCHED2 | F::ONEPACKET, ..service(udp, "10.1.0.1", 53, "sh") }, vec![]),
        (
            VirtualService {
                flags: F::PERSISTENT | F::SCHED1 | F::SCHED3 | F::ONEPACKET,
                timeout: 60,
                netmask: Netmask::Mask([255, 255, 255, 0].into()),
                persistence_engine: Some("sip".parse().unwrap()),
                ..service(udp, "10.1.0.2", 5060, "wrr")
            },
            vec![server("10.1.0.11", 5060, MASQUERADING)],
        ),
        (service(Protocol::Sctp, "10.1.0.1", 5672, "rr"), vec![server("10.1.0.11", 5672, MASQUERADING)]),
        (
            VirtualService {
                flags: F::PERSISTENT | F::SCHED2,
                timeout: 300,
                netmask: Netmask::Prefix(64),
                ..service(tcp, "2001:db8::1", 443, "mh")
            },
            vec![
                tunnel("10.1.0.12", 443, TunnelType::Gre, 0, TunnelFlags::NOCSUM),
                server("2001:db8::12", 443, MASQUERADING),
            ],
        ),
        (VirtualService { flags: F::PERSISTENT, timeout: 360, ..service(udp, "2001:db8::12", 0, "dh") }, vec![]),
        (mark(7, Family::Inet, "rr"), vec![server("10.1.0.11", 80, MASQUERADING)]),
        (mark(7, Family::Inet6, "rr"), vec![server("2001:db8::5", 80, MASQUERADING)]),
    ]
}

fn listing(view: View, format: Format) -> Vec<u8> {
    let printer = TablePrinter::new(view, format, &RecordedNames);
    let mut out = Vec::new();
    title(&mut out, view, Some(Info { version: 0x01_02_01, connection_table_size: 256 }));
    for (service, servers) in table() {
        printer.service(&mut out, &ListedService { service, stats: STATS });
        for server in servers {
            let listed = ListedServer { server, active: 12, inactive: 345_678, persistent: 9, stats: STATS };
            printer.server(&mut out, &service.key, &listed);
        }
    }
    out
}

fn saved(names: Names<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    for (service, servers) in table() {
        rules::service(&mut out, &service, servers.iter(), names);
    }
    out
}

#[test]
fn every_view_is_as_recorded() {
    let sections = RECORDED.split("### ").skip(1);
    assert_eq!(sections.clone().count(), 15);
    for section in sections {
        let (arguments, expected) = section.split_once('\n').unwrap();
        let mut view = View::Plain;
        let (mut format, mut save) = (Format::default(), false);
        for argument in arguments.split(' ') {
            match argument {
                "-L" => {}
                "-S" => save = true,
                "-n" => format.numeric = true,
                "--exact" => format.exact = true,
                "--stats" => view = View::Stats,
                "--rate" => view = View::Rate,
                "--thresholds" => view = View::Thresholds,
                "--persistent-conn" => view = View::PersistentConnections,
                "--tun-info" => view = View::TunnelInfo,
                other => panic!("no such argument in the recording: {other}"),
            }
        }
        let names: Names<'_> = if format.numeric { None } else { Some(&RecordedNames) };
        let ours = if save { saved(names) } else { listing(view, format) };
        let ours = String::from_utf8(ours).unwrap();
        for (ours, expected) in ours.lines().zip(expected.lines()) {
            assert_eq!(ours, expected, "{arguments}");
        }
        assert_eq!(ours, expected, "{arguments}");
    }
}

#[test]
fn a_single_service_has_no_version_line() {
    let mut out = Vec::new();
    title(&mut out, View::Plain, None);
    assert!(out.starts_with(b"Prot LocalAddress:Port Scheduler Flags\n"));
}

#[test]
fn what_commands_cannot_make_but_a_kernel_may_answer() {
    // `-Ln`, `-Ln --tun-info`, `-Ln --persistent-conn`, with the kernel's answers altered on the way to the reference.
    let line = |view, server, active| {
        let mut out = Vec::new();
        let printer = TablePrinter::new(view, Format { numeric: true, exact: false }, &RecordedNames);
        let listed = ListedServer { server, active, inactive: u32::MAX, persistent: u32::MAX, stats: STATS };
        printer.server(&mut out, &service(Protocol::Tcp, "10.1.0.1", 80, "rr").key, &listed);
        String::from_utf8(out).unwrap()
    };
    let local = server("10.1.0.11", 8080, Forwarding::Local);
    assert_eq!(line(View::Plain, local, 0), "  -> 10.1.0.11:8080               Local   1      0          4294967295\n");
    let bypass = RealServer { weight: -1, ..server("10.1.0.11", 8080, Forwarding::Bypass) };
    assert_eq!(
        line(View::TunnelInfo, bypass, 7),
        "  -> 10.1.0.11:8080               (null)  n/a           -1     7          4294967295\n"
    );
    assert_eq!(
        line(View::PersistentConnections, bypass, u32::MAX),
        "  -> 10.1.0.11:8080               4294967295 4294967295  4294967295 4294967295\n"
    );
    let unknown = tunnel("10.1.0.11", 8080, TunnelType::Other(3), 5, TunnelFlags::CSUM);
    assert_eq!(
        line(View::TunnelInfo, unknown, 0),
        "  -> 10.1.0.11:8080               Tunnel  n/a           1      0          4294967295\n"
    );
}

#[test]
fn ours_prints_large_marks_unsigned_and_whole_counters_of_servers() {
    // Two decided differences: the reference prints FWM -1, and 0 for 2^32 connections of a server.
    let printer = TablePrinter::new(View::Stats, Format { numeric: true, exact: true }, &RecordedNames);
    let key = mark(u32::MAX, Family::Inet6, "rr");
    let stats = Stats { connections: 1 << 32, ..Stats::default() };
    let mut out = Vec::new();
    printer.service(&mut out, &ListedService { service: key, stats });
    let server = server("2001:db8::5", 0, Forwarding::Route);
    printer.server(&mut out, &key.key, &ListedServer { server, active: 0, inactive: 0, persistent: 0, stats });
    assert_eq!(
        String::from_utf8(out).unwrap(),
        "FWM  4294967295 IPv6              4294967296        0        0        0        0\n\
         \x20 -> [2001:db8::5]:0              4294967296        0        0        0        0\n"
    );
}
