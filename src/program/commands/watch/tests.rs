//! Whole watches of a simulated table, on a machine with a clock of the test's making.

use super::*;
use crate::ipvs::error::KernelError;
use crate::ipvs::filter::{ServerFilter, TableFilter};
use crate::ipvs::model::{
    Errno, Forwarding, Info, ListedServer, RealServer, ServiceEntry, ServiceKey, Snapshot, VirtualService,
};
use crate::program::commands::drain::tests::simulated::Clockwork;
use crate::program::names::System;
use std::io::{self, Write};
use std::time::Duration;

/// A table whose servers get so many connections each time that it is read.
pub struct Busy {
    pub services: Vec<ServiceEntry>,
    connections: [u64; 2],
    pub reads: usize,
    /// The reads at whose time the services are not there.
    gone: &'static [usize],
}

impl Busy {
    pub fn new(connections: [u64; 2]) -> Self {
        let service = |key, method| {
            let mut service = VirtualService::new(key, "wlc".parse().unwrap());
            service.timeout = 0;
            let server = |last| {
                let mut server = RealServer::new([10, 0, 0, last], 8080);
                server.forwarding = method;
                ListedServer { active: 7, inactive: 2, ..server.into() }
            };
            ServiceEntry { service: service.into(), servers: [1, 2].map(server).to_vec() }
        };
        let services = vec![
            service(ServiceKey::tcp([192, 0, 2, 1], 80), Forwarding::Masquerading),
            service(ServiceKey::udp([192, 0, 2, 1], 53), Forwarding::Route),
        ];
        Self { services, connections, reads: 0, gone: &[] }
    }
}

impl Table for Busy {
    fn read(&mut self, filter: &TableFilter) -> Result<Snapshot, KernelError> {
        assert!(!filter.chooses_servers(), "shares are those of all servers");
        self.reads += 1;
        if self.gone.contains(&self.reads) {
            return Err(KernelError::Refused(Errno::ESRCH));
        }
        for entry in &mut self.services {
            for (listed, connections) in entry.servers.iter_mut().zip(self.connections) {
                for stats in [&mut listed.stats, &mut entry.service.stats] {
                    stats.connections += connections;
                    stats.in_packets += 3 * connections;
                    stats.in_bytes += 100 * connections;
                    stats.out_packets += 2 * connections;
                    stats.out_bytes += 4000 * connections;
                }
            }
        }
        let info = Info { version: 0x10201, connection_table_size: 4096 };
        let wanted =
            |entry: &&ServiceEntry| filter.services.is_empty() || filter.services.contains(&entry.service.service.key);
        let services = self.services.iter().filter(wanted).cloned().collect();
        Ok(Snapshot { info, services, timeouts: None, daemons: None })
    }
}

/// Status or failure, and output, of a watch that SIGTERM ends after so many seconds.
fn watched(table: &mut Busy, watching: &Watching, seconds: u64) -> (Result<u8, String>, String) {
    let mut out = Vec::new();
    let host = Clockwork { signal: Some((Duration::from_secs(seconds), 15)), ..Clockwork::default() };
    let status = watched_on(&host, table, watching, &mut out);
    (status, String::from_utf8(out).unwrap())
}

fn watched_on(host: &Clockwork, table: &mut Busy, watching: &Watching, stdout: &mut dyn Write) -> Result<u8, String> {
    let mut context =
        Context { program: "ipvsadm", stdin: &mut io::empty(), stdout, stderr: &mut io::sink(), names: &System, host };
    watch(&mut context, table, watching).map_err(|failure| failure.to_string())
}

pub fn watching() -> Watching {
    Watching { filter: TableFilter::default(), every: Duration::from_secs(2), numeric: true, json: false }
}

#[test]
fn a_block_an_interval() {
    let (status, out) = watched(&mut Busy::new([100, 20]), &watching(), 5);
    assert_eq!(status, Ok(143));
    let blocks: Vec<_> = out.split("\n\n").collect();
    assert_eq!(blocks.len(), 2, "{out}");
    assert_eq!(
        blocks[1],
        "\
Interval of 2.0 s, 4 s since the start
Prot LocalAddress:Port                CPS  InPPS OutPPS  InBPS OutBPS ActiveConn InActConn PersistConn Weight Conn% Weight% Marks
  -> RemoteAddress:Port
TCP  192.0.2.1:80                      60    180    120   6000   240K          -         -           -      -     -       -
  -> 10.0.0.1:8080                     50    150    100   5000   200K          7         2           0      1  83.3      50 more
  -> 10.0.0.2:8080                     10     30     20   1000  40000          7         2           0      1  16.7      50 fewer
UDP  192.0.2.1:53                      60    180      -   6000      -          -         -           -      -     -       -
  -> 10.0.0.1:8080                     50    150      -   5000      -          7         2           0      1  83.3      50 more
  -> 10.0.0.2:8080                     10     30      -   1000      -          7         2           0      1  16.7      50 fewer
"
    );
}

#[test]
fn a_document_an_interval() {
    let watching = Watching { json: true, every: Duration::from_secs(10), ..watching() };
    let (status, out) = watched(&mut Busy::new([100, 20]), &watching, 35);
    assert_eq!((status, out.lines().count()), (Ok(143), 3));
    let last: serde_json::Value = serde_json::from_str(out.lines().last().unwrap()).unwrap();
    assert_eq!((&last["elapsed_seconds"], &last["interval_seconds"]), (&30.into(), &10.into()));
    let server = &last["services"][1]["servers"][1];
    assert_eq!(server["interval_rates"]["connections_per_second"], 2);
    assert_eq!(server["interval_rates"]["packets_out_per_second"], serde_json::Value::Null);
    assert_eq!((&server["connection_percent"], &server["marks"][0]), (&16.667.into(), &"fewer".into()));
    assert_eq!(last["services"][0]["counters"]["connections"], 480);
}

/// Shares stay those of all servers.
#[test]
fn filters_narrow_what_is_shown() {
    let server = ServerFilter { address: [10, 0, 0, 2].into(), port: None };
    let services = vec![ServiceKey::tcp([192, 0, 2, 1], 80)];
    let filter = TableFilter { services, server: Some(server), ..TableFilter::default() };
    let (_, out) = watched(&mut Busy::new([100, 20]), &Watching { filter, ..watching() }, 3);
    let lines: Vec<_> = out.lines().skip(3).collect();
    assert_eq!(lines.len(), 2, "{out}");
    assert!(lines[1].starts_with("  -> 10.0.0.2:8080") && lines[1].contains("16.7      50"), "{out}");
}

#[test]
fn a_service_that_is_named_may_go_and_come_back() {
    let services = vec![ServiceKey::tcp([192, 0, 2, 1], 80)];
    let watching = Watching { filter: TableFilter { services, ..TableFilter::default() }, ..watching() };
    let mut table = Busy { gone: &[1], ..Busy::new([1, 1]) };
    assert_eq!(watched(&mut table, &watching, 9).0, Err("No such service".to_owned()));
    // The service is asked for once more, and is back in the next interval.
    let mut table = Busy { gone: &[2, 3], ..Busy::new([1, 1]) };
    let (status, out) = watched(&mut table, &watching, 5);
    let blocks: Vec<_> = out.split("\n\n").collect();
    assert_eq!((status, blocks.len()), (Ok(143), 2), "{out}");
    assert!(blocks[0].contains("The table changed: 1 service removed.") && !blocks[0].contains("TCP"), "{out}");
    assert!(blocks[1].contains("The table changed: 1 service added.") && blocks[1].contains("TCP"), "{out}");
}

#[test]
fn what_spoils_the_figures_is_said() {
    let files = vec![("/proc/sys/net/ipv4/vs/run_estimation", (|_| "0\n") as fn(Duration) -> &'static str)];
    let host = Clockwork { signal: Some((Duration::from_secs(3), 15)), files, ..Clockwork::default() };
    let mut out = Vec::new();
    watched_on(&host, &mut Busy::new([100, 20]), &watching(), &mut out).unwrap();
    let out = String::from_utf8(out).unwrap();
    assert!(out.contains("\nNo rates: the kernel's estimator does not run (net.ipv4.vs.run_estimation is 0,"), "{out}");
    assert!(out.contains("TCP  192.0.2.1:80                       -      -      -      -      -"), "{out}");
}

/// A reader that has gone is an error of writing, and ends the watch.
#[test]
fn a_reader_that_has_gone_ends_it() {
    struct Gone;
    impl Write for Gone {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut table = Busy::new([1, 1]);
    assert!(watched_on(&Clockwork::default(), &mut table, &watching(), &mut Gone).is_err());
    assert_eq!(table.reads, 2);
}
