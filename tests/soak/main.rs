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
#[path = "../suite/mod.rs"]
mod suite;
#[allow(dead_code)]
#[path = "../restore/tables.rs"]
mod tables;
mod text;
mod workers;

use anyhow::Result;
use program::Programs;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;
use suite::Options;

const USAGE: &str = "usage: soak --ours PATH --reference PATH [--minutes N] [--only TEXT]
  --minutes N  how long it soaks (1)
  --only TEXT  the proofs whose name contains TEXT";

/// A proof is given how long to go on, and says what it has found.
type Proof = fn(&Programs, Duration) -> Result<String>;

const PROOFS: [(&str, Proof); 3] =
    [("spoilt-listings-are-found", control::listings), ("a-loss-is-found", control::requests), ("soak", soak::soak)];

fn main() -> ExitCode {
    suite::end("soak", run())
}

fn run() -> Result<bool> {
    let options = Options::read(USAGE, &["--minutes"], &[])?;
    let programs =
        Programs { ours: options.path("--ours")?, reference: options.path("--reference")?, pairs: 0, seed: 1 };
    let time = Duration::from_secs(60 * options.number("--minutes", 1)?);
    suite::needs_ip_vs()?;
    namespace::use_own_names(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/differential/etc")))?;
    Ok(suite::prove(&options.chosen(&PROOFS)?, |proof| proof(&programs, time)))
}
