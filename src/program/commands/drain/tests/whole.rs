//! Whole drains: status, output, and the changes that were made.

use super::simulated::{Clockwork, Content, Simulated, run, run_into};
use super::{draining, target};
use crate::ipvs::model::{Change, ServiceFlags};
use crate::program::context::Host;
use crate::program::draining::Draining;
use std::io::{self, Write};
use std::time::Duration;

const TARGET: &str = "TCP 192.0.2.1:80 -> 10.0.0.1:80";
const PUT_BACK: &str = "To put it back: ipvsadm -e -t 192.0.2.1:80 -r 10.0.0.1:80 -w 3 --keep";
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
        "{TARGET}: weight 3 is 0 now.\n{PUT_BACK}\n{TARGET}: 2 active, 0 inactive\n{TARGET}: 2 active, 1 inactive\n\
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
    let unknown = "To put it back: ipvsadm -e -t 192.0.2.1:80 -r 10.0.0.1:80 -w WEIGHT --keep\n";
    assert!(out.starts_with(&format!("{TARGET}: its weight is 0 already.\n{unknown}")), "{out}");
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
        status("4 s left, 3 active, 1 inactive, 0 persistent"),
        status("3 s left, 1 active (-2), 2 inactive (+1), 0 persistent"),
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
        links: vec![("/proc/self/ns/net", "net:[1]"), ("/proc/23/ns/net", "net:[1]")],
        ..Clockwork::default()
    };
    let (status, _, err) = run(&mut table, &host, &draining());
    assert_eq!((status, host.now().as_secs()), (Ok(0), 3));
    assert!(err.starts_with("Warning: TCP 192.0.2.1:80 is persistent: "), "{err}");
    assert!(err.ends_with("Warning: keepalived runs here, which sets weights too: it may undo this.\n"), "{err}");
}

#[test]
fn programs_of_other_network_namespaces() {
    let warned = |links: &[(&'static str, &'static str)]| {
        let files: Vec<(_, Content)> =
            vec![("/proc/1/comm", |_| "keepalived\n"), ("/proc/23/comm", |_| "keepalived\n")];
        let host = Clockwork { files, links: links.to_vec(), ..Clockwork::default() };
        run(&mut Simulated::new(&[]), &host, &draining()).2
    };
    let [here, one, two] = ["/proc/self/ns/net", "/proc/1/ns/net", "/proc/23/ns/net"];
    assert_eq!(warned(&[(here, "net:[1]"), (one, "net:[2]"), (two, "net:[3]")]), "");
    assert!(warned(&[(here, "net:[1]"), (one, "net:[2]"), (two, "net:[1]")]).contains("keepalived runs here"));
    // Somebody else's process.
    let unknown = warned(&[(here, "net:[1]"), (one, "net:[2]")]);
    assert!(
        unknown.contains("may undo this, unless it is of another network namespace, which cannot be read"),
        "{unknown}"
    );
}

#[test]
fn a_weight_that_nobody_knows_is_not_put_back() {
    let mut table = Simulated::new(&[(1, |table| table.server().active = 1)]);
    table.server().server.weight = 0;
    let (status, _, err) = run(&mut table, &Clockwork::default(), &Draining { restore_weight: true, ..draining() });
    assert_eq!((status, &table.changes[..]), (Ok(3), &[][..]));
    let first =
        format!("{TARGET}: 1 active, 0 inactive at the time limit of 5 s; it stays at weight 0, as it was found.\n");
    assert!(err.starts_with(&first), "{err}");
}

/// Each look is at one service, over netlink, and never at the connection table.
#[test]
fn nothing_else_is_read() {
    let mut table = Simulated::new(&[(1, |table| table.server().active = 1), (4, |table| table.server().active = 0)]);
    let host = Clockwork::default();
    let everywhere = Draining { service: None, port: None, ..draining() };
    assert_eq!(run(&mut table, &host, &everywhere).0, Ok(0));
    assert!(!table.whole);
    let opened: Vec<_> = host.opened.take().into_iter().map(|path| path.display().to_string()).collect();
    let settings = ["conn_reuse_mode", "expire_nodest_conn", "expire_quiescent_template"];
    let expected = ["/proc/1/comm".to_owned(), "/proc/23/comm".to_owned()];
    let expected = expected.into_iter().chain(settings.map(|name| format!("/proc/sys/net/ipv4/vs/{name}")));
    assert_eq!(opened, expected.collect::<Vec<_>>());
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
