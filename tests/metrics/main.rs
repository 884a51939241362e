//! Proves the metrics of `--prometheus` by Debian's promtool, node_exporter and Prometheus. Runs as root on a kernel with ip_vs:
//! `tests/lab/run -- EXECUTABLE --ours PATH --reference PATH --prometheus FOLDER`, of which the last has the three programs.

// A test program: what it prints is for the terminal.
#![allow(clippy::print_stdout)]

mod dashboard;
mod format;
mod monitor;
// Other suites have more uses for these four.
#[allow(dead_code)]
#[path = "../differential/namespace.rs"]
mod namespace;
#[allow(dead_code)]
#[path = "../live/network.rs"]
mod network;
#[allow(dead_code)]
#[path = "../restore/program.rs"]
mod program;
#[allow(dead_code)]
#[path = "../restore/tables.rs"]
mod tables;
mod traffic;

use anyhow::{Context, Result, bail, ensure};
use program::Programs;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

const USAGE: &str = "usage: metrics --ours PATH --reference PATH --prometheus FOLDER [--only TEXT]
  --only TEXT  the proofs whose name contains TEXT";

/// A proof is given the folder of Prometheus's programs, and says what it has found.
type Proof = fn(&Programs, &Path) -> Result<String>;

const PROOFS: [(&str, Proof); 3] = [
    ("promtool-and-json", format::is_valid_and_equal),
    ("estimation-and-files", format::estimation_and_files),
    ("dashboard", dashboard::answers),
];

fn main() -> ExitCode {
    match run() {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            println!("metrics: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<usize> {
    let mut words = std::env::args().skip(1);
    let (mut ours, mut reference, mut prometheus, mut only) = (None, None, None, String::new());
    while let Some(word) = words.next() {
        let mut value = || words.next().with_context(|| format!("{word} wants a value\n{USAGE}"));
        match word.as_str() {
            "--ours" => ours = Some(value()?),
            "--reference" => reference = Some(value()?),
            "--prometheus" => prometheus = Some(PathBuf::from(value()?)),
            "--only" => only = value()?,
            _ => bail!("{word} is no option\n{USAGE}"),
        }
    }
    let programs =
        Programs { ours: ours.context(USAGE)?.into(), reference: reference.context(USAGE)?.into(), pairs: 0, seed: 1 };
    let prometheus = prometheus.context(USAGE)?;
    ensure!(Path::new("/proc/net/ip_vs").exists(), "this kernel has no ip_vs: run the suite in the lab, tests/lab/run");
    let (mut passed, mut failed) = (0, 0);
    for (name, proof) in PROOFS.iter().filter(|(name, _)| name.contains(&only)) {
        let started = Instant::now();
        match proof(&programs, &prometheus) {
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

/// What ours prints with these words, of which there is to be no complaint.
fn printed(programs: &Programs, words: &str) -> Result<String> {
    let outcome = programs.ipvsadm(&words.split_ascii_whitespace().collect::<Vec<_>>())?;
    ensure!(outcome.status == 0 && outcome.stderr.is_empty(), "ipvsadm {words}: {outcome:?}");
    Ok(outcome.stdout)
}

/// A document of ours.
fn document(programs: &Programs, words: &str) -> Result<Value> {
    serde_json::from_str(&printed(programs, words)?).with_context(|| format!("ipvsadm {words}"))
}
