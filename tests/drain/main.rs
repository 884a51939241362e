//! Draining on a real kernel with real clients: what it promises, by every way to forward, every scheduler and every end.
//! Runs as root on a kernel with ip_vs: `tests/lab/run -- EXECUTABLE --ours PATH --reference PATH`. Each test has network
//! namespaces of its own.

// A test program: what it prints is for the terminal, nothing reads it but people and the closing line's counter.
#![allow(clippy::print_stdout)]

mod clients;
mod datagrams;
mod director;
mod documents;
mod downloads;
mod ends;
mod everywhere;
#[allow(dead_code)] // other suites use more of it
#[path = "../live/keepalived_process.rs"]
mod keepalived_process;
mod managers;
#[path = "../differential/namespace.rs"]
mod namespace;
#[path = "../live/network.rs"]
mod network;
mod persistent;
mod player;
mod programs;
mod recipes;
mod reuse;
mod schedulers;
mod settings;
#[path = "../suite/mod.rs"]
mod suite;
mod terminal;

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;

use crate::player::{SIDE_BY_SIDE, Test, play};
use crate::programs::Programs;
use crate::suite::Options;

const USAGE: &str = "usage: drain --ours PATH --reference PATH [--only TEXT]
  --only TEXT  the tests whose name contains TEXT";

fn main() -> ExitCode {
    suite::end("drain", run())
}

fn run() -> Result<bool> {
    let options = Options::read(USAGE, &[], &[])?;
    let programs = Programs { ours: options.path("--ours")?, reference: options.path("--reference")? };
    suite::needs_ip_vs()?;
    namespace::use_own_names(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/live/etc")))?;
    // The longest first.
    let all = [
        recipes::TESTS,
        downloads::TESTS,
        persistent::TESTS,
        schedulers::TESTS,
        everywhere::TESTS,
        settings::TESTS,
        ends::TESTS,
        managers::TESTS,
        datagrams::TESTS,
        documents::TESTS,
        terminal::TESTS,
        reuse::TESTS,
    ];
    let tests = options.chosen(&all.concat())?;
    let failed = play("drain", &programs, &tests, SIDE_BY_SIDE);
    Ok(suite::sum_up(tests.len(), failed))
}
