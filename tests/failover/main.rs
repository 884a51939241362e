//! Two directors with keepalived and the kernel's sync daemons, as `docs/high-availability.md` sets them up: whatever
//! fails, every client keeps its connection. Runs as root on a kernel with ip_vs: `tests/lab/run -- EXECUTABLE --ours PATH`.

// A test program: what it prints is for the terminal, nothing reads it but people and the closing line's counter.
#![allow(clippy::print_stdout)]

mod clients;
mod director;
mod network;
mod page;
mod pair;
mod requests;
mod scenarios;
mod servers;
mod show;
mod talker;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};

use crate::pair::Pair;
use crate::scenarios::{SCENARIOS, Scenario};

const USAGE: &str = "usage: failover --ours PATH [--only TEXT | --show]
  --only TEXT  the scenarios whose name contains TEXT
  --show       no test: one failover, shown step by step";

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            println!("failover: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<bool> {
    let (mut ours, mut only, mut show) = (PathBuf::new(), String::new(), false);
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().with_context(|| format!("{word} wants a value\n{USAGE}"));
        match word.as_str() {
            "--ours" => ours = value()?.into(),
            "--reference" => drop(value()?), // every suite is given it
            "--only" => only = value()?,
            "--show" => show = true,
            _ => bail!("{word} is no option\n{USAGE}"),
        }
    }
    ensure!(ours.is_absolute() && ours.is_file(), "no program at '{}' (absolute path)\n{USAGE}", ours.display());
    ensure!(Path::new("/proc/net/ip_vs").exists(), "this kernel has no ip_vs: run the suite in the lab, tests/lab/run");
    let scenarios: Vec<_> = SCENARIOS.into_iter().filter(|(name, _)| name.contains(&only)).collect();
    ensure!(!scenarios.is_empty(), "no scenario's name contains '{only}'");
    let started = Instant::now();
    let mut pair = Pair::new(&ours)?;
    if show {
        return show::show(&mut pair).map(|()| true);
    }
    println!("failover: network, servers and directors: {:.1} s", started.elapsed().as_secs_f64());
    Ok(play(&mut pair, &scenarios))
}

fn play(pair: &mut Pair, scenarios: &[Scenario]) -> bool {
    let mut failed = 0;
    for (round, (name, scenario)) in scenarios.iter().enumerate() {
        let started = Instant::now();
        match pair.settle().and_then(|()| scenario(pair, round)) {
            Ok(found) => println!("failover: {name}: {:.1} s: {found}", started.elapsed().as_secs_f64()),
            Err(error) => {
                failed += 1;
                let text = format!("{error:#}\n{}\n{}", pair.first.log(), pair.second.log());
                println!("FAILED {name}\n    {}", text.replace('\n', "\n    "));
            }
        }
    }
    println!("{} passed, {failed} failed", scenarios.len() - failed);
    failed == 0
}
