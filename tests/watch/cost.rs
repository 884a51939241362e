//! Memory does not grow with time, and a table of 50,000 servers can be scrolled.

use std::fmt::Write;
use std::fs;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::Test;
use crate::network::Network;
use crate::pane::Pane;
use crate::programs::Programs;

pub const TESTS: &[Test] = &[("cost/a large table", a_large_table), ("cost/memory", memory)];

/// Rules of so many services with five servers each.
fn rules(services: usize) -> String {
    let mut rules = String::new();
    for service in 0..services {
        let address = format!("10.1.{}.{}:80", service / 250, service % 250 + 1);
        let _ = writeln!(rules, "-A -t {address} -s wlc");
        for server in 0..5 {
            let place = service * 5 + server;
            let _ =
                writeln!(rules, "-a -t {address} -r 10.2.{}.{}:80 -m -w {}", place / 250, place % 250 + 1, server + 1);
        }
    }
    rules
}

fn load(programs: &Programs, services: usize) -> Result<()> {
    fs::write("/mnt/rules", rules(services))?;
    let restore = format!("{} -R </mnt/rules", programs.ours.display());
    crate::network::shell(&restore)
}

/// The resident set in KiB, and the time on processors in seconds.
fn used(pane: &Pane) -> Result<(u64, f64)> {
    let process = pane.process()?;
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    let kib = line.trim().split(' ').next().unwrap_or_default().parse()?;
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    let behind = stat.rsplit_once(')').context("no name")?.1;
    let ticks = |place: usize| behind.split_whitespace().nth(place).and_then(|word| word.parse::<f64>().ok());
    Ok((kib, (ticks(11).context("no time")? + ticks(12).context("no time")?) / 100.0))
}

fn a_large_table(programs: &Programs) -> Result<()> {
    let _network = Network::new()?;
    load(programs, 10_000)?;
    let pane = Pane::start(programs, (140, 50), &[], "-Ln --watch=3600")?;
    pane.wait_for("10000 services, 50000 servers")?;
    // There is no second look at the table meanwhile. What scrolling costs is what is drawn: all keys
    // cost no more than one look.
    let (_, look) = used(&pane)?;
    for _ in 0..5 {
        pane.press(&["NPage"; 20].join(" "))?;
    }
    pane.press("End")?;
    pane.until("the last row is in sight", |lines| lines.iter().any(|line| line.contains("10.2.199.250:80")))?;
    let keys = used(&pane)?.1 - look;
    ensure!(keys < 1.5 * look, "101 keys took {keys:.2} s of processor time, the first look {look:.2} s");
    pane.press("/ 1 9 9 . 2 5 0")?;
    pane.wait_for("1 services, 1 servers")?;
    pane.press("Escape q")?;
    pane.ended(0)
}

/// The resident set after the first intervals is that after many more.
fn memory(programs: &Programs) -> Result<()> {
    const INTERVALS: u32 = 20;
    let _network = Network::new()?;
    load(programs, 1000)?;
    let pane = Pane::start(programs, (140, 50), &[], "-Ln --watch")?;
    pane.wait_for("interval 2.")?;
    pane.press("Right")?;
    thread::sleep(Duration::from_secs(6));
    let (before, _) = used(&pane)?;
    thread::sleep(Duration::from_secs(2) * INTERVALS);
    let (after, _) = used(&pane)?;
    ensure!(after <= before + before / 50, "{before} KiB, and {after} KiB after {INTERVALS} intervals");
    Ok(())
}
