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
#[path = "../suite/mod.rs"]
mod suite;
#[allow(dead_code)]
#[path = "../restore/tables.rs"]
mod tables;
mod traffic;

use anyhow::{Context, Result, ensure};
use program::Programs;
use serde_json::Value;
use std::path::Path;
use std::process::ExitCode;
use suite::Options;

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
    suite::end("metrics", run())
}

fn run() -> Result<bool> {
    let options = Options::read(USAGE, &["--prometheus"], &[])?;
    let programs =
        Programs { ours: options.path("--ours")?, reference: options.path("--reference")?, pairs: 0, seed: 1 };
    let prometheus = options.path("--prometheus")?;
    suite::needs_ip_vs()?;
    Ok(suite::prove(&options.chosen(&PROOFS)?, |proof| proof(&programs, &prometheus)))
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
