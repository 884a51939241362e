//! Metrics to the letter, and the rules of the format for any table.

use super::*;
use crate::ipvs::fixtures::Random;
use crate::ipvs::model::*;
use crate::program::render::recorded::{mark, server, service};
use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::num::NonZero;

const INFO: Info = Info { version: 0x1_0201, connection_table_size: 4096 };

fn empty() -> Snapshot {
    Snapshot { info: INFO, services: Vec::new(), timeouts: Some(Timeouts::default()), daemons: Some(Vec::new()) }
}

fn text(snapshot: &Snapshot, estimation: bool) -> String {
    let mut out = Vec::new();
    write(&mut out, snapshot, estimation).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn an_empty_table() {
    let expected = "\
# HELP ipvs_connection_table_size Buckets of the connection table.
# TYPE ipvs_connection_table_size gauge
ipvs_connection_table_size 4096
# HELP ipvs_estimation_enabled Whether the kernel brings counters up to date: 0 where they stand still, whatever the traffic.
# TYPE ipvs_estimation_enabled gauge
ipvs_estimation_enabled 0
";
    assert_eq!(text(&empty(), false), expected);
}

/// A table with a service of each kind.
fn some() -> Snapshot {
    let stats =
        Stats { connections: 7, in_packets: 1, out_packets: 2, in_bytes: 3, out_bytes: u64::MAX, ..Stats::default() };
    let persistent = VirtualService {
        flags: ServiceFlags::PERSISTENT | ServiceFlags::SCHED1 | ServiceFlags::SCHED2,
        timeout: 300,
        persistence_engine: "a\"b\\c\nd".parse().ok(),
        ..service(Protocol::Tcp, "10.0.0.1", 80, "sh")
    };
    let tunnel = Tunnel { kind: TunnelType::Gue, port: 6080, flags: TunnelFlags::CSUM };
    let real = RealServer {
        weight: 5,
        upper_threshold: 20,
        lower_threshold: 10,
        tunnel,
        ..server("10.0.0.2", 80, Forwarding::Tunnel)
    };
    let listed = ListedServer { active: 1, inactive: 2, persistent: 3, stats, ..real.into() };
    let marks = [Family::Inet, Family::Inet6].map(|family| mark(8, family, "rr"));
    let [four, six] = marks.map(|service| ServiceEntry { service: service.into(), servers: Vec::new() });
    let entry = ServiceEntry { service: ListedService { stats, ..persistent.into() }, servers: vec![listed] };
    let timeouts = Timeouts { tcp: NonZero::new(900), tcp_fin: NonZero::new(120), udp: None };
    let daemon = SyncDaemon {
        syncid: 7,
        mcast_port: NonZero::new(8848),
        ..SyncDaemon::new(DaemonState::Backup, "eth0".parse().unwrap())
    };
    Snapshot { services: vec![entry, four, six], timeouts: Some(timeouts), daemons: Some(vec![daemon]), ..empty() }
}

#[test]
fn a_table_to_the_letter() {
    let text = text(&some(), true);
    let service =
        r#"{local_address="10.0.0.1",local_port="80",proto="tcp",local_mark="",remote_address="",remote_port="""#;
    let server = r#"{local_address="10.0.0.1",local_port="80",proto="tcp",local_mark="",remote_address="10.0.0.2",remote_port="80""#;
    let mark = r#"{local_address="",local_port="",proto="ipv6",local_mark="8",remote_address="",remote_port="""#;
    for line in [
        "# HELP ipvs_service_connections_total Connections scheduled.".to_owned(),
        "# TYPE ipvs_service_connections_total counter".to_owned(),
        format!("ipvs_service_connections_total{service}}} 7"),
        format!("ipvs_service_outgoing_bytes_total{service}}} 18446744073709551615"),
        format!("ipvs_service_connections_total{mark}}} 0"),
        format!(
            "ipvs_service_info{service},scheduler=\"sh\",scheduler_flags=\"sh-fallback,sh-port\",one_packet=\"false\",\
             persistence_timeout_seconds=\"300\",persistence_netmask=\"255.255.255.255\",\
             persistence_engine=\"a\\\"b\\\\c\\nd\"}} 1"
        ),
        format!(
            "ipvs_service_info{mark},scheduler=\"rr\",scheduler_flags=\"\",one_packet=\"false\",\
             persistence_timeout_seconds=\"\",persistence_netmask=\"\",persistence_engine=\"\"}} 1"
        ),
        format!("ipvs_server_incoming_packets_total{server}}} 1"),
        "# TYPE ipvs_server_weight gauge".to_owned(),
        format!("ipvs_server_weight{server}}} 5"),
        format!("ipvs_server_active_connections{server}}} 1"),
        format!("ipvs_server_inactive_connections{server}}} 2"),
        format!("ipvs_server_persistent_connections{server}}} 3"),
        format!("ipvs_server_upper_threshold{server}}} 20"),
        format!("ipvs_server_lower_threshold{server}}} 10"),
        format!(
            "ipvs_server_info{server},forwarding=\"tunnel\",tunnel_type=\"gue\",tunnel_port=\"6080\",\
             tunnel_checksum=\"outer\"}} 1"
        ),
        "ipvs_timeout_seconds{kind=\"tcp\"} 900".to_owned(),
        "ipvs_timeout_seconds{kind=\"tcp_fin\"} 120".to_owned(),
        "ipvs_estimation_enabled 1".to_owned(),
        "ipvs_sync_daemon_info{state=\"backup\",interface=\"eth0\",sync_id=\"7\",sync_maxlen_bytes=\"\",\
         multicast_group=\"\",multicast_port=\"8848\",multicast_ttl=\"\"} 1"
            .to_owned(),
    ] {
        assert_eq!(text.lines().filter(|other| *other == line).count(), 1, "{line} in\n{text}");
    }
    assert!(!text.contains("kind=\"udp\""));
}

/// Each metric has one head, all its samples behind it, and no sample twice.
#[test]
fn samples_stand_together_and_are_told_apart() {
    let mut random = Random(1);
    for _ in 0..200 {
        let services = (0..random.below(20)).map(|_| random_entry(&mut random));
        let mut known = BTreeSet::new();
        let services = services.filter(|entry| known.insert(entry.service.service.key.to_string())).collect();
        let text = text(&Snapshot { services, ..some() }, true);
        let (mut metric, mut heads, mut samples) = ("", BTreeSet::new(), BTreeSet::new());
        for line in text.lines() {
            if let Some(head) = line.strip_prefix("# HELP ") {
                metric = head.split(' ').next().unwrap();
                assert!(heads.insert(metric), "{metric} twice");
            } else if !line.starts_with("# TYPE ") {
                let (sample, value) = line.rsplit_once(' ').unwrap();
                assert_eq!(sample.split('{').next(), Some(metric));
                assert!(value.parse::<u64>().is_ok(), "{line}");
                assert!(samples.insert(sample), "{sample} twice");
            }
        }
    }
}

fn random_entry(random: &mut Random) -> ServiceEntry {
    let servers: BTreeSet<_> = (0..random.below(8)).map(|_| random.address()).collect();
    let servers = servers.into_iter().map(|address| RealServer::new(address, 80).into()).collect();
    ServiceEntry { service: random.service().into(), servers }
}

#[test]
fn a_large_table_goes_out_in_pieces_and_a_writer_that_fails_ends_it() {
    struct Pieces(Vec<usize>, usize);
    impl Write for Pieces {
        fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
            self.0.push(piece.len());
            if self.0.len() > self.1 { Err(ErrorKind::StorageFull.into()) } else { Ok(piece.len()) }
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let servers = (0..5000).map(|port| RealServer::new([10, 0, 0, 2], port).into()).collect();
    let service = service(Protocol::Tcp, "10.0.0.1", 80, "rr").into();
    let snapshot = Snapshot { services: vec![ServiceEntry { service, servers }], ..empty() };
    let mut pieces = Pieces(Vec::new(), usize::MAX);
    write(&mut pieces, &snapshot, true).unwrap();
    let (last, others) = pieces.0.split_last().unwrap();
    assert!(
        others.len() > 50 && others.iter().all(|length| ((60 << 10)..(70 << 10)).contains(length)) && *last < 70 << 10
    );
    let mut full = Pieces(Vec::new(), 3);
    assert_eq!(write(&mut full, &snapshot, true).unwrap_err().kind(), ErrorKind::StorageFull);
    assert_eq!(full.0.len(), 4);
}
