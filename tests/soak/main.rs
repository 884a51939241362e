//! Everything at once for minutes, on a real kernel: restores of changing files, a keepalived that reloads, listings, watches, and
//! traffic through it all. Nothing of what stays is lost, every listing is well-formed, and no program grows. Runs as root
//! on a kernel with ip_vs: `tests/lab/run -- EXECUTABLE --ours PATH --reference PATH [--minutes N]`.

// A test program: what it prints is for the terminal.
#![allow(clippy::print_stdout)]

mod clients;
mod control;
mod files;
#[path = "../live/keepalived_process.rs"]
mod keepalived_process;
mod lasting;
mod listings;
// Other suites have more uses for these.
#[allow(dead_code)]
#[path = "../differential/namespace.rs"]
mod namespace;
#[allow(dead_code)]
#[path = "../live/network.rs"]
mod network;
#[allow(dead_code)]
#[path = "../restore/program.rs"]
mod program;
mod requests;
mod soak;
#[allow(dead_code)]
#[path = "../restore/tables.rs"]
mod tables;
mod text;
mod workers;

use anyhow::{Context, Result, bail, ensure};
use program::Programs;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

const USAGE: &str = "usage: soak --ours PATH --reference PATH [--minutes N] [--only TEXT]
  --minutes N  how long it soaks (1)
  --only TEXT  the proofs whose name contains TEXT";

/// A proof is given how long to go on, and says what it has found.
type Proof = fn(&Programs, Duration) -> Result<String>;

const PROOFS: [(&str, Proof); 3] =
    [("spoilt-listings-are-found", control::listings), ("a-loss-is-found", control::requests), ("soak", soak::soak)];

fn main() -> ExitCode {
    match run() {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            println!("soak: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<usize> {
    let mut words = std::env::args().skip(1);
    let (mut ours, mut reference, mut minutes, mut only) = (None, None, 1, String::new());
    while let Some(word) = words.next() {
        let mut value = || words.next().with_context(|| format!("{word} wants a value\n{USAGE}"));
        match word.as_str() {
            "--ours" => ours = Some(value()?),
            "--reference" => reference = Some(value()?),
            "--minutes" => minutes = value()?.parse().context("--minutes wants a number")?,
            "--only" => only = value()?,
            _ => bail!("{word} is no option\n{USAGE}"),
        }
    }
    let programs =
        Programs { ours: ours.context(USAGE)?.into(), reference: reference.context(USAGE)?.into(), pairs: 0, seed: 1 };
    ensure!(Path::new("/proc/net/ip_vs").exists(), "this kernel has no ip_vs: run the suite in the lab, tests/lab/run");
    namespace::use_own_names(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/differential/etc")))?;
    let (mut passed, mut failed) = (0, 0);
    for (name, proof) in PROOFS.iter().filter(|(name, _)| name.contains(&only)) {
        let started = Instant::now();
        match proof(&programs, Duration::from_secs(60 * minutes)) {
            Ok(found) => {
                passed += 1;
                println!("ok   {name} ({:.1} s): {found}", started.elapsed().as_secs_f64());
            }
            Err(error) => {
                failed += 1;
                println!("FAIL {name}: {error:#}");
            }
        }
    }
    ensure!(passed + failed > 0, "no proof's name contains '{only}'");
    println!("{passed} passed, {failed} failed");
    Ok(failed)
}
