//! A large table of which little changes: as many messages as changes, and what is untouched keeps its counters.

use crate::program::{Programs, shell};
use crate::tables::large;
use crate::tracer::{Meddling, run};
use anyhow::{Context, Result, bail, ensure};
use std::io::Read;
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

const SERVICES: usize = 2000;
/// 1 % of 2,000 services with 5 servers each.
const CHANGES: usize = 120;

fn stats(programs: &Programs) -> Result<String> {
    Ok(programs.ipvsadm(&["-L", "-n", "--stats", "-t", "10.9.0.1:80"])?.stdout)
}

/// The counters when all traffic is in them: the kernel brings them up to date every two seconds, a busy one later.
fn stats_at_rest(programs: &Programs) -> Result<String> {
    let mut before = String::new();
    for _ in 0..40 {
        std::thread::sleep(Duration::from_secs(3));
        let now = stats(programs)?;
        if now == before && now.contains("TCP  10.9.0.1:80                         7 ") {
            return Ok(now);
        }
        before = now;
    }
    bail!("no counters to keep:\n{before}")
}

pub fn fewest_messages_and_counters_stay(programs: &Programs) -> Result<String> {
    shell("ip addr add 10.9.0.1/32 dev lo; ip addr add 10.9.0.2/32 dev lo")?;
    let counted = "-A -t 10.9.0.1:80 -s rr\n-a -t 10.9.0.1:80 -r 10.9.0.2:8080 -m\n";
    let a = format!("{}{counted}", large(SERVICES, 5));
    programs.restored(&a)?;
    let server = TcpListener::bind("10.9.0.2:8080")?;
    for _ in 0..7 {
        let mut client = TcpStream::connect("10.9.0.1:80").context("connecting through the service")?;
        drop(server.accept()?);
        client.read_to_end(&mut Vec::new())?;
    }
    let before = stats_at_rest(programs)?;
    // 100 servers change their weight, 10 go, and one service goes in the place of 10 that come without servers.
    let mut changed = 0;
    let mut lines: Vec<String> = Vec::new();
    for (number, line) in a.lines().enumerate() {
        match number {
            _ if number >= SERVICES * 6 => lines.push(line.to_owned()),
            _ if number % 6 == 1 && changed < 100 => {
                changed += 1;
                lines.push(line.replace("-w 1", "-w 3"));
            }
            _ if number % 6 == 2 && number >= 6000 && changed < 110 => changed += 1,
            _ => lines.push(line.to_owned()),
        }
    }
    lines.extend((1..=CHANGES - changed).map(|number| format!("-A -t 10.200.0.{number}:80 -s rr")));
    let b = lines.join("\n");
    let (outcome, sent) = run(programs.start_restore(&[])?, &b, Meddling::default())?;
    ensure!(outcome.status == 0 && outcome.stderr.is_empty(), "{outcome:?}");
    ensure!(sent == CHANGES, "{sent} messages for {CHANGES} changes");
    let after = stats(programs)?;
    ensure!(after == before, "the counters are not what they were:\n{before}{after}");
    let (outcome, sent) = run(programs.start_restore(&[])?, &b, Meddling::default())?;
    ensure!(outcome.status == 0 && sent == 0, "{sent} messages for nothing: {outcome:?}");
    Ok(format!("{SERVICES} x 5, {CHANGES} changes, {CHANGES} messages; then none; counters kept"))
}
