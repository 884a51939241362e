//! `--watch --json`: what it says of an interval is what was sent in it, whatever way it is forwarded.

use crate::documents::Validator;
use crate::program::{Programs, shell};
use crate::traffic;
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::net::UdpSocket;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A watch that runs.
struct Watch {
    child: Child,
    lines: BufReader<std::process::ChildStdout>,
}

impl Watch {
    fn start(programs: &Programs, words: &str) -> Result<Self> {
        let mut child =
            Command::new(&programs.ours).args(words.split(' ')).stdout(Stdio::piped()).spawn().context("a watch")?;
        let lines = BufReader::new(child.stdout.take().context("no output")?);
        Ok(Self { child, lines })
    }

    /// The document of the next interval.
    fn next(&mut self) -> Result<Value> {
        let mut line = String::new();
        self.lines.read_line(&mut line)?;
        serde_json::from_str(&line).with_context(|| format!("not a document: {line}"))
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The number of new connections that a document tells of its interval, of the service at this port.
fn connections(document: &Value, port: u16) -> Result<f64> {
    let services = document["services"].as_array().context("no services")?;
    let service = services.iter().find(|service| service["port"] == port).context("no service")?;
    let rate = service["interval_rates"]["connections_per_second"].as_f64().unwrap_or(0.0);
    let seconds = document["interval_seconds"].as_f64().context("no time")?;
    Ok(rate * seconds)
}

/// Connections are counted in some interval each, and in all together as many as there were.
pub fn intervals(programs: &Programs) -> Result<String> {
    const CLIENTS: u16 = 200;
    let mut validator = Validator::new("intervals")?;
    traffic::make(programs, 3)?;
    let mut watch = Watch::start(programs, "-Ln --watch --json")?;
    let first = watch.next()?;
    for client in 0..CLIENTS {
        let socket = UdpSocket::bind(("10.201.0.1", 8000 + client))?;
        socket.send_to(b"to be counted", "10.0.0.1:53")?;
    }
    let started = Instant::now();
    let (mut counted, mut documents) = (connections(&first, 53)?, vec![first]);
    while counted.round() < f64::from(CLIENTS) && started.elapsed() < Duration::from_secs(180) {
        let document = watch.next()?;
        counted += connections(&document, 53)?;
        documents.push(document);
    }
    // What the first three clients sent may be in the first interval.
    ensure!((f64::from(CLIENTS)..=f64::from(CLIENTS) + 3.0).contains(&counted.round()), "{counted}: {documents:?}");

    // Nobody replies, which says nothing of UDP; the table changes, and counters are reset.
    let marks = |document: &Value| document["services"].to_string().contains("no_replies");
    ensure!(!documents.iter().any(marks), "{documents:?}");
    programs.reference(&["-Z"], "")?;
    programs.reference(&["-D", "-u", "10.0.0.1:5060"], "")?;
    let changed = loop {
        let document = watch.next()?;
        if document["changes"]["services"]["removed"] == 1 {
            break document;
        }
        ensure!(started.elapsed() < Duration::from_secs(240), "nothing changed: {document}");
    };
    ensure!(changed["counters_reset"] == true, "{changed}");
    documents.push(changed);
    drop(watch);

    let off = Path::new("/proc/sys/net/ipv4/vs/run_estimation").exists();
    if off {
        shell("echo 0 >/proc/sys/net/ipv4/vs/run_estimation")?;
        let mut watch = Watch::start(programs, "-L --watch=2 --json -u 10.0.0.1:53 -r 127.0.0.3 -s rr")?;
        let document = watch.next()?;
        let service = &document["services"][0];
        ensure!(document["estimation"] == false && service["interval_rates"].is_null(), "{document}");
        ensure!(service["servers"].as_array().is_some_and(|servers| servers.len() == 1), "{document}");
        documents.push(document);
    }
    documents.iter().try_for_each(|document| validator.add(document))?;
    Ok(format!("{} connections in {} documents", counted.round(), validator.validate()?))
}
