//! Whole drains: status, output, and the changes that were made.

use super::super::{Table, drain};
use super::{draining, target};
use crate::ipvs::client::Client;
use crate::ipvs::error::KernelError;
use crate::ipvs::model::{
    Change, Errno, Info, ListedServer, RealServer, ServerKey, ServiceEntry, ServiceFlags, ServiceKey, Snapshot,
};
use crate::program::context::{Context, Host, Stream};
use crate::program::draining::Draining;
use crate::program::kernel::ConnectError;
use crate::program::names::System;
use crate::program::output_file::Replacement;
use std::cell::Cell;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// What happens to a table before a look.
type Happening = (usize, fn(&mut Simulated));

/// A table with one service, 192.0.2.1:80, and what happens to it.
struct Simulated {
    entry: ServiceEntry,
    /// How often it was read.
    reads: usize,
    happenings: Vec<Happening>,
    changes: Vec<Change>,
    gone: bool,
}

impl Simulated {
    fn new(happenings: &[Happening]) -> Self {
        let servers = [1, 2].map(|last| {
            ListedServer::from(RealServer { key: ServerKey::new([10, 0, 0, last], 80), ..target(80).server })
        });
        let entry = ServiceEntry { service: target(80).service.into(), servers: servers.to_vec() };
        Self { entry, reads: 0, happenings: happenings.to_vec(), changes: Vec::new(), gone: false }
    }

    /// The server that is drained.
    fn server(&mut self) -> &mut ListedServer {
        &mut self.entry.servers[0]
    }
}

impl Table for Simulated {
    fn read(&mut self, _: Option<ServiceKey>) -> Result<Snapshot, KernelError> {
        self.reads += 1;
        let reads = self.reads;
        for (_, happening) in self.happenings.clone().iter().filter(|(before, _)| *before == reads) {
            happening(self);
        }
        if self.gone {
            return Err(KernelError::Refused(Errno::ESRCH));
        }
        let info = Info { version: 0, connection_table_size: 0 };
        Ok(Snapshot { info, services: vec![self.entry.clone()], timeouts: None, daemons: None })
    }

    fn make(&mut self, change: &Change) -> Result<(), KernelError> {
        self.changes.push(*change);
        match change {
            Change::EditServer(_, server) => self.server().server = *server,
            Change::DeleteServer(_, key) => self.entry.servers.retain(|listed| listed.server.key != *key),
            other => panic!("{other:?}"),
        }
        Ok(())
    }
}

/// What is in a file at a time.
type Content = fn(Duration) -> &'static str;

/// A machine whose clock goes on when it waits.
#[derive(Default)]
struct Clockwork {
    now: Cell<Duration>,
    terminal: bool,
    /// When a signal comes, and which.
    signal: Option<(Duration, i32)>,
    /// By their paths.
    files: Vec<(&'static str, Content)>,
}

impl Host for Clockwork {
    fn connect(&self) -> Result<Client, ConnectError> {
        panic!("the table is there")
    }

    fn is_terminal(&self, _: Stream) -> bool {
        self.terminal
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Read>> {
        let file = self.files.iter().find(|(name, _)| Path::new(name) == path);
        file.map(|(_, text)| Box::new(text(self.now.get()).as_bytes()) as Box<dyn Read>)
            .ok_or(io::ErrorKind::NotFound.into())
    }

    fn replace(&self, _: &Path) -> io::Result<Box<dyn Replacement>> {
        panic!("a drain writes no file")
    }

    fn folder(&self, _: &Path) -> io::Result<Vec<String>> {
        Ok(vec!["1".to_owned(), "self".to_owned(), "23".to_owned()])
    }

    fn now(&self) -> Duration {
        self.now.get()
    }

    fn wait(&self, time: Duration) {
        self.now.set(self.now.get() + time);
    }

    fn interruption(&self) -> io::Result<Arc<AtomicBool>> {
        Ok(Arc::default())
    }

    fn signal(&self) -> Option<i32> {
        self.signal.filter(|(when, _)| *when <= self.now.get()).map(|(_, signal)| signal)
    }
}

/// Status or failure, output and errors of a drain.
fn run(table: &mut Simulated, host: &Clockwork, draining: &Draining) -> (Result<u8, String>, String, String) {
    let mut out = Vec::new();
    let (status, err) = run_into(&mut out, table, host, draining);
    (status, String::from_utf8(out).unwrap(), err)
}

fn run_into(
    stdout: &mut dyn Write,
    table: &mut Simulated,
    host: &Clockwork,
    draining: &Draining,
) -> (Result<u8, String>, String) {
    let mut err = Vec::new();
    let mut context =
        Context { program: "ipvsadm", stdin: &mut io::empty(), stdout, stderr: &mut err, names: &System, host };
    let status = drain(&mut context, table, draining).map_err(|failure| failure.to_string());
    (status, String::from_utf8(err).unwrap())
}

const TARGET: &str = "TCP 192.0.2.1:80 -> 10.0.0.1:80";
const PUT_BACK: &str = "To put it back: ipvsadm -e -t 192.0.2.1:80 -r 10.0.0.1:80 -g -w 3";
const REMOVE: &str = "To remove it now: ipvsadm -d -t 192.0.2.1:80 -r 10.0.0.1:80";

fn weight(weight: i32) -> Change {
    target(80).at_weight(&target(80).server, weight)
}

#[test]
fn a_server_is_emptied_and_removed() {
    let mut table = Simulated::new(&[
        (1, |table| table.server().active = 2),
        (3, |table| table.server().inactive = 1),
        (5, |table| (table.server().active, table.server().inactive) = (0, 0)),
    ]);
    let (status, out, err) = run(&mut table, &Clockwork::default(), &draining());
    let expected = format!(
        "{TARGET}: weight 3 is 0 now. {PUT_BACK}\n{TARGET}: 2 active, 0 inactive\n{TARGET}: 2 active, 1 inactive\n\
         {TARGET}: no connections after 3 s; it is removed.\n\
         To add it again: ipvsadm -a -t 192.0.2.1:80 -r 10.0.0.1:80 -g -w 3\n"
    );
    assert_eq!((status, out, err), (Ok(0), expected, String::new()));
    assert_eq!(table.changes, [weight(0), target(80).removal()]);
}

#[test]
fn an_idle_server_takes_one_look() {
    let mut table = Simulated::new(&[]);
    let (status, out, _) = run(&mut table, &Clockwork::default(), &Draining { remove: false, ..draining() });
    assert_eq!((status, table.reads), (Ok(0), 2));
    assert!(
        out.ends_with(&format!("no connections after 0 s; it stays at weight 0.\n{PUT_BACK}\n{REMOVE}\n")),
        "{out}"
    );
    assert_eq!(table.changes, [weight(0)]);
}

#[test]
fn the_time_limit() {
    let run = |draining: Draining| {
        let mut table = Simulated::new(&[(1, |table| table.server().active = 2)]);
        let (status, _, err) = run(&mut table, &Clockwork::default(), &draining);
        assert_eq!(status, Ok(3));
        (table.changes, err)
    };
    let left = format!("{TARGET}: 2 active, 0 inactive at the time limit of 5 s");
    let (changes, err) = run(draining());
    assert_eq!(changes, [weight(0)]);
    assert_eq!(err, format!("{left}; it stays at weight 0.\n{PUT_BACK}\n{REMOVE}\n"));
    let (changes, err) = run(Draining { restore_weight: true, ..draining() });
    assert_eq!(changes, [weight(0), weight(3)]);
    assert_eq!(err, format!("{left}; its weight is 3 again.\n"));
    let (changes, err) = run(Draining { force: true, ..draining() });
    assert_eq!(changes, [weight(0), target(80).removal()]);
    assert!(err.contains(&format!("{left}; it is removed all the same.\n")), "{err}");
    assert!(
        err.ends_with(
            "Now connections that are left hang, for their packets are dropped (net.ipv4.vs.expire_nodest_conn is 0).\n"
        ),
        "{err}"
    );
}

#[test]
fn a_last_server_takes_force() {
    let mut table = Simulated::new(&[(1, |table| table.entry.servers.truncate(1))]);
    let (status, out, err) = run(&mut table, &Clockwork::default(), &draining());
    assert_eq!((status, out, table.changes.len()), (Ok(5), String::new(), 0));
    assert!(err.ends_with("Nothing is changed. Give another server a weight, or add --force.\n"), "{err}");
    let mut table = Simulated::new(&[(1, |table| table.entry.servers.truncate(1))]);
    let (status, _, err) = run(&mut table, &Clockwork::default(), &Draining { force: true, ..draining() });
    assert_eq!((status, table.changes.len()), (Ok(0), 2));
    assert!(err.starts_with("Warning: No other server of TCP 192.0.2.1:80 has a weight"), "{err}");
}

#[test]
fn somebody_else() {
    let others: [(fn(&mut Simulated), _); 3] = [
        (|table| table.server().server.weight = 7, "set its weight to 7. It is left so."),
        (|table| table.entry.servers.clear(), "has removed it."),
        (|table| table.gone = true, "has removed the service."),
    ];
    for (happening, expected) in others {
        let mut table = Simulated::new(&[(1, |table| table.server().active = 1), (3, happening)]);
        let (status, _, err) = run(&mut table, &Clockwork::default(), &draining());
        assert_eq!((status, err), (Ok(4), format!("{TARGET}: somebody else {expected}\n")));
        assert_eq!(table.changes, [weight(0)]);
    }
}

#[test]
fn a_signal_leaves_weight_0_and_the_command_goes_on_later() {
    let host = Clockwork { signal: Some((Duration::from_secs(2), 1)), ..Clockwork::default() };
    let mut table = Simulated::new(&[(1, |table| table.server().active = 1), (5, |table| table.server().active = 0)]);
    let (status, _, err) = run(&mut table, &host, &draining());
    assert_eq!((status, &table.changes[..]), (Ok(129), &[weight(0)][..]));
    assert!(
        err.starts_with(&format!("{TARGET}: interrupted with 1 active, 0 inactive; it stays at weight 0.")),
        "{err}"
    );
    let (status, out, _) = run(&mut table, &Clockwork::default(), &draining());
    assert_eq!((status, &table.changes[1..]), (Ok(0), &[target(80).removal()][..]));
    let unknown = "To put it back: ipvsadm -e -t 192.0.2.1:80 -r 10.0.0.1:80 -g -w WEIGHT\n";
    assert!(out.starts_with(&format!("{TARGET}: its weight is 0 already. {unknown}")), "{out}");
}

#[test]
fn one_line_of_a_terminal() {
    let mut table = Simulated::new(&[
        (1, |table| (table.server().active, table.server().inactive) = (3, 1)),
        (3, |table| (table.server().active, table.server().inactive) = (1, 2)),
        (4, |table| (table.server().active, table.server().inactive) = (0, 0)),
    ]);
    table.entry.service.service.flags = ServiceFlags::PERSISTENT;
    let host = Clockwork { terminal: true, ..Clockwork::default() };
    let (_, out, _) = run(&mut table, &host, &draining());
    let status = |text: &str| format!("\r\x1b[K\x1b[?7l{text}\x1b[?7h");
    let expected = [
        status("3 active, 1 inactive, 0 persistent, 4 s left"),
        status("1 active (-2), 2 inactive (+1), 0 persistent (+0), 3 s left"),
        format!("\r\x1b[K{TARGET}: no connections"),
    ];
    assert!(out.contains(&expected.concat()), "{out:?}");
}

#[test]
fn settings_are_read_each_second() {
    let mut table = Simulated::new(&[(1, |table| table.server().persistent = 4)]);
    table.entry.service.service.flags = ServiceFlags::PERSISTENT;
    let template = "/proc/sys/net/ipv4/vs/expire_quiescent_template";
    let host = Clockwork {
        files: vec![
            (template, |now| if now < Duration::from_secs(3) { "0\n" } else { "1\n" }),
            ("/proc/23/comm", |_| "keepalived\n"),
        ],
        ..Clockwork::default()
    };
    let (status, _, err) = run(&mut table, &host, &draining());
    assert_eq!((status, host.now().as_secs()), (Ok(0), 3));
    assert!(err.starts_with("Warning: TCP 192.0.2.1:80 is persistent: "), "{err}");
    assert!(err.ends_with("Warning: keepalived runs here, which sets weights too: it may undo this.\n"), "{err}");
}

#[test]
fn output_that_cannot_be_written_does_not_end_a_drain() {
    struct Full;
    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::Error::from_raw_os_error(libc::ENOSPC))
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut table = Simulated::new(&[]);
    let (status, _) = run_into(&mut Full, &mut table, &Clockwork::default(), &draining());
    assert_eq!(status, Err("cannot write: No space left on device".to_owned()));
    assert_eq!(table.changes, [weight(0), target(80).removal()]);
}
