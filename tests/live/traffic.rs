//! Real traffic: every view of the same live table by both programs, while connections come, stay and go.

use anyhow::{Context, Result, ensure};

use crate::Test;
use crate::busy::{self, Busy, CONNECTIONS};
use crate::network::Network;
use crate::peers;
use crate::programs::{Programs, squeeze};
use crate::views;

pub const TESTS: &[Test] = &[
    ("traffic/weights", weights),
    ("traffic/every view", every_view),
    ("traffic/counters set to zero", zero),
    ("traffic/weight 0", weight_zero),
    ("traffic/servers and services removed", removed),
    ("traffic/thresholds reached", thresholds),
];

fn weights(programs: &Programs) -> Result<()> {
    let _network = Network::new()?;
    programs.ours("-A -t 192.0.2.1:80 -s wrr")?;
    programs.ours("-a -t 192.0.2.1:80 -r 10.0.1.2:8080 -m -w 7")?;
    programs.same_with("-Ln", &["-> 10.0.1.2:8080 Masq 7 0 0"])?;
    programs.same_views(views::SHORT)
}

fn every_view(programs: &Programs) -> Result<()> {
    let _busy = Busy::new(programs)?;
    let listing = squeeze(&programs.same("-Lnc")?);
    for (protocol, rest) in CONNECTIONS {
        let found = listing.lines().any(|line| line.starts_with(protocol) && line.contains(rest));
        ensure!(found, "no connection '{protocol} {rest}' in\n{listing}");
    }
    ensure!(!listing.contains(":40072 "), "one-packet scheduling leaves no connection:\n{listing}");
    programs.same_with("-Lnc --persistent-conn", &["10.0.1.2:5060 sip call-0123456789@192.0.2.100"])?;
    programs.same_with("-Lc", &["client.example:40001 www.example:http the-second-server"])?;
    programs.same_with("-Ln --stats", &["TCP 192.0.2.1:80 5", "UDP 192.0.2.1:54 3 3 0 114 0"])?;
    programs.same_views(views::ALL)
}

/// By ours and by the reference, one service and all of them, and counting goes on from there.
fn zero(programs: &Programs) -> Result<()> {
    let mut busy = Busy::new(programs)?;
    let counted = ["TCP 192.0.2.1:80 5", "UDP 192.0.2.1:53 1 1 1 38 38"];
    programs.same_with("-Ln --stats", &counted)?;
    programs.ours("-Z -t 192.0.2.1:80")?;
    programs.same_with("-Ln --stats", &["TCP 192.0.2.1:80 0 0 0 0 0\n-> 10.0.1.2:8080 0 0 0 0 0\n", counted[1]])?;
    programs.reference("-Z -u 192.0.2.1:53")?;
    programs.same_with("-Ln --stats", &["UDP 192.0.2.1:53 0 0 0 0 0", "UDP 192.0.2.1:5060 1 1 1 229 229"])?;
    programs.ours("-Z")?;
    programs.same_with("-Ln --stats", &["UDP 192.0.2.1:5060 0 0 0 0 0", "SCTP 192.0.2.1:90 0 0 0 0 0"])?;
    for stream in &mut busy.open {
        peers::exchange(stream)?;
    }
    busy.network.client(|| peers::ask_udp("192.0.2.100:40073", "192.0.2.1:53", "again"))?;
    programs.same_with("-Ln --stats --exact", &["UDP 192.0.2.1:53 1 1 1 33 33"])?;
    programs.same_views(&["-Ln --rate", "-Ln --rate --exact", "-Ln --stats", "-Lnc"])?;
    programs.reference("-Z")?;
    programs.same_with("-Ln --stats", &["UDP 192.0.2.1:53 0 0 0 0 0"])?;
    programs.same_views(views::SHORT)
}

/// A server of weight 0 keeps its connections and gets no new ones.
fn weight_zero(programs: &Programs) -> Result<()> {
    let mut busy = Busy::new(programs)?;
    programs.ours("-e -t 192.0.2.1:80 -r 10.0.1.3:8080 -m -w 0")?;
    for port in 41001..41005 {
        let stream = busy.network.client(|| peers::connect_tcp(&format!("192.0.2.100:{port}"), "192.0.2.1:80"))?;
        busy.open.push(stream);
        programs.same_with("-Lnc", &[&format!("192.0.2.100:{port} 192.0.2.1:80 10.0.1.2:8080")])?;
    }
    // The first connection is one of its.
    peers::exchange(&mut busy.open[0]).context("a connection to a server of weight 0")?;
    programs.same_with("-Ln", &["-> 10.0.1.3:8080 Masq 0 2 1"])?;
    programs.same_views(views::SHORT)?;
    programs.reference("-e -t 192.0.2.1:80 -r 10.0.1.3:8080 -m -w 4")?;
    programs.same_with("-Ln", &["-> 10.0.1.3:8080 Masq 4 2 1"])?;
    programs.same_views(views::SHORT)
}

/// Servers and services go while connections use them, come back, and all go.
fn removed(programs: &Programs) -> Result<()> {
    let mut busy = Busy::new(programs)?;
    let kept = "192.0.2.100:40001 192.0.2.1:80 10.0.1.3:8080";
    programs.ours("-d -t 192.0.2.1:80 -r 10.0.1.3:8080")?;
    programs.same_with("-Lnc", &[kept])?;
    programs.same_views(views::SHORT)?;
    programs.ours("-a -t 192.0.2.1:80 -r 10.0.1.3:8080 -m -w 2")?;
    programs.same_views(views::SHORT)?;
    peers::exchange(&mut busy.open[0]).context("a connection to a server that came back")?;
    programs.reference("-d -t 192.0.2.1:80 -r 10.0.1.2:8080")?;
    programs.same_views(views::SHORT)?;
    programs.ours(
        "-D -u 192.0.2.1:53
         -D -t [2001:db8::1]:80
         -D --sctp-service 192.0.2.1:90
         -D -f 7
         -D -f 8 -6
         -D -u 192.0.2.1:5060",
    )?;
    programs.same_views(views::ALL)?;
    programs.reference("-D -t 192.0.2.3:80")?;
    programs.same_views(views::SHORT)?;
    programs.ours("-C")?;
    let empty = programs.same("-Ln")?;
    ensure!(empty.lines().count() == 3, "the table is not empty:\n{empty}");
    programs.same_views(views::SHORT)
}

/// A server whose upper threshold is reached gets no new connection until it is below its lower one.
fn thresholds(programs: &Programs) -> Result<()> {
    let network = Network::new()?;
    busy::serve(&network)?;
    programs.ours(
        "-A -t 192.0.2.8:80 -s rr
         -a -t 192.0.2.8:80 -r 10.0.1.2:8080 -m -x 2 -y 1
         -a -t 192.0.2.8:80 -r 10.0.1.3:8080 -m -x 1",
    )?;
    let connect = |port: u16| network.client(|| peers::connect_tcp(&format!("192.0.2.100:{port}"), "192.0.2.8:80"));
    let _open = [connect(42001)?, connect(42002)?, connect(42003)?];
    programs.same_with("-Ln --thresholds", &["10.0.1.2:8080 2 1 2 0", "10.0.1.3:8080 1 0 1 0"])?;
    ensure!(connect(42004).is_err(), "a connection beyond every threshold");
    programs.same_views(views::SHORT)?;
    programs.ours("-e -t 192.0.2.8:80 -r 10.0.1.3:8080 -m -x 5")?;
    let _more = connect(42005).context("after the threshold was raised")?;
    programs.same_with("-Ln --thresholds", &["10.0.1.3:8080 5 0 2 0"])?;
    programs.same_views(views::SHORT)
}
