//! A line that fails changes nothing that is live.

use crate::program::{Programs, first_difference, shell};
use anyhow::{Context, Result, ensure};
use std::io::Read;
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

/// A service that carries traffic, one beside it, and a last one.
const LIVE: &str = "-A -t 10.9.0.1:80 -s wrr
-a -t 10.9.0.1:80 -r 10.9.0.2:8080 -m -w 1
-a -t 10.9.0.1:80 -r 10.9.0.3:8080 -m -w 0
-A -u 10.9.0.1:53 -s rr
-a -u 10.9.0.1:53 -r 10.9.0.2:53 -g -w 1 -x 9 -y 3
-A -f 7 -s rr
";

/// What to put in the place of what; the lines that fail; what changes, as `--diff` shows it and as `--verbose` says it.
type Case = (&'static str, &'static [(&'static str, &'static str)], &'static [u32], &'static str, &'static str);

const CASES: [Case; 9] = [
    ("the scheduler is misspelt", &[("-s wrr", "-s wwr")], &[1], "-E -t 10.9.0.1:80 -s wwr\n", ""),
    (
        "and the lines of its servers are done",
        &[("-s wrr", "-s wwr"), ("-r 10.9.0.3:8080 -m -w 0", "-r 10.9.0.3:8080 -m -w 3")],
        &[1],
        "-E -t 10.9.0.1:80 -s wwr\n-e -t 10.9.0.1:80 -r 10.9.0.3:8080 -m -w 3\n",
        "-e -t 10.9.0.1:80 -r 10.9.0.3:8080 -m -w 3\n",
    ),
    (
        "a server without a line stays too",
        &[("-s wrr", "-s wwr"), ("-a -t 10.9.0.1:80 -r 10.9.0.3:8080 -m -w 0\n", "")],
        &[1],
        "-E -t 10.9.0.1:80 -s wwr\n-d -t 10.9.0.1:80 -r 10.9.0.3:8080\n",
        "",
    ),
    ("an edit is refused", &[("-A -f 7 -s rr\n", "-A -f 7 -s rr\n-E -f 7 -s wwr\n")], &[7], "-E -f 7 -s wwr\n", ""),
    ("thresholds are exchanged", &[("-x 9 -y 3", "-x 3 -y 9")], &[5], "", ""),
    ("the line of a service is lost", &[("-A -u 10.9.0.1:53 -s rr\n", "")], &[4], "", ""),
    ("an edit without its service", &[("-A -f 7 ", "-E -f 7 ")], &[6], "", ""),
    (
        "a new service is refused, with its servers",
        &[("-A -f 7 -s rr\n", "-A -f 7 -s rr\n-A -f 8 -s wwr\n-a -f 8 -r 10.9.0.2\n")],
        &[7, 8],
        "-A -f 8 -s wwr\n-a -f 8 -r 10.9.0.2:0 -g -w 1\n",
        "",
    ),
    (
        "a deleted line still removes",
        &[("-s wrr", "-s wwr"), ("-A -f 7 -s rr\n", "")],
        &[1],
        "-E -t 10.9.0.1:80 -s wwr\n-D -f 7\n",
        "-D -f 7\n",
    ),
];

pub fn changes_nothing_that_is_live(programs: &Programs) -> Result<String> {
    shell("for n in 1 2 3; do ip addr add 10.9.0.$n/32 dev lo; done")?;
    let server = TcpListener::bind("10.9.0.2:8080")?;
    for (what, replaced, failing, diff, verbose) in CASES {
        one_case(programs, &server, replaced, failing, diff, verbose).with_context(|| what.to_owned())?;
    }
    Ok(format!("{} ways to fail", CASES.len()))
}

fn one_case(
    programs: &Programs,
    server: &TcpListener,
    replaced: &[(&str, &str)],
    failing: &[u32],
    diff: &str,
    verbose: &str,
) -> Result<()> {
    programs.restored(LIVE)?;
    let mut client = TcpStream::connect("10.9.0.1:80").context("connecting through the service")?;
    let mut connection = server.accept()?.0;
    let before = programs.full()?;
    let file = replaced.iter().fold(LIVE.to_owned(), |file, (old, new)| file.replacen(old, new, 1));
    let shown = programs.restore(&["--diff"], &file)?;
    ensure!(shown.stdout == diff, "--diff: {shown:?}");
    let atomic = programs.restore(&["--atomic"], &file)?;
    ensure!(atomic.status == 255 && programs.full()? == before, "--atomic: {atomic:?}");
    let outcome = programs.restore(&["--verbose"], &file)?;
    ensure!(outcome.status == 255 && outcome.stdout == verbose, "{outcome:?}");
    let named: Vec<u32> = outcome
        .stderr
        .lines()
        .filter_map(|line| line.strip_prefix("line ")?.split_once(": ")?.0.parse().ok())
        .collect();
    ensure!(named == failing, "other lines failed: {outcome:?}");
    if verbose.is_empty() {
        let after = programs.full()?;
        ensure!(after == before, "{}", first_difference(&before, &after));
    }
    // The connection lives, and so does its entry in the kernel's table.
    std::io::Write::write_all(&mut connection, b"alive")?;
    let mut text = [0; 5];
    client.set_read_timeout(Some(Duration::from_secs(60)))?;
    client.read_exact(&mut text).context("the connection is dead")?;
    let connections = programs.ipvsadm(&["-Lnc"])?.stdout;
    ensure!(connections.contains("ESTABLISHED"), "the connection is forgotten:\n{connections}");
    programs.reference(&["-C"], "")?;
    Ok(())
}
