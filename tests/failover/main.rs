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
#[path = "../suite/mod.rs"]
mod suite;
mod talker;

use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;

use crate::pair::Pair;
use crate::scenarios::{SCENARIOS, Scenario};
use crate::suite::Options;

const USAGE: &str = "usage: failover --ours PATH [--only TEXT | --show]
  --only TEXT  the scenarios whose name contains TEXT
  --show       no test: one failover, shown step by step";

fn main() -> ExitCode {
    suite::end("failover", run())
}

fn run() -> Result<bool> {
    let options = Options::read(USAGE, &[], &["--show"])?;
    let ours = options.path("--ours")?;
    suite::needs_ip_vs()?;
    let scenarios = options.chosen(&SCENARIOS)?;
    let started = Instant::now();
    let mut pair = Pair::new(&ours)?;
    if options.has("--show") {
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
    suite::sum_up(scenarios.len(), failed)
}
