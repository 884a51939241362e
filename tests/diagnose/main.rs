//! Each check of `--diagnose` on a real kernel, both ways: a set-up in which nothing is wrong, and the same with one thing
//! broken, of which exactly that is found. Runs as root on a kernel with ip_vs:
//! `tests/lab/run -- EXECUTABLE --ours PATH --reference PATH`. Each case has network namespaces of its own.

// A test program: what it prints is for the terminal, nothing reads it but people and the closing line's counter.
#![allow(clippy::print_stdout)]

mod case;
// Other suites have more uses for these.
#[allow(dead_code)]
#[path = "../drain/clients.rs"]
mod clients;
#[allow(dead_code)]
#[path = "../drain/director.rs"]
mod director;
mod forwarding;
mod kernel;
mod lists;
#[allow(dead_code)]
#[path = "../differential/namespace.rs"]
mod namespace;
#[allow(dead_code)]
#[path = "../live/network.rs"]
mod network;
mod pair;
#[path = "../drain/player.rs"]
mod player;
#[allow(dead_code)]
#[path = "../drain/programs.rs"]
mod programs;
mod rules;
#[path = "../suite/mod.rs"]
mod suite;
mod table;
mod way;

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;

use crate::player::{SIDE_BY_SIDE, Test, play};
use crate::programs::Programs;
use crate::suite::Options;

const USAGE: &str = "usage: diagnose --ours PATH --reference PATH [--only TEXT]
  --only TEXT  the tests whose name contains TEXT";

fn main() -> ExitCode {
    suite::end("diagnose", run())
}

fn run() -> Result<bool> {
    let options = Options::read(USAGE, &[], &[])?;
    let programs = Programs { ours: options.path("--ours")?, reference: options.path("--reference")? };
    suite::needs_ip_vs()?;
    namespace::use_own_names(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/live/etc")))?;
    let (kernel, rules) = (kernel::tests(), rules::tests()?);
    let all = [pair::TESTS, way::TESTS, forwarding::TESTS, table::TESTS, &kernel, &rules, lists::TESTS].concat();
    let tests = options.chosen(&all)?;
    let failed = play("diagnose", &programs, &tests, SIDE_BY_SIDE);
    Ok(suite::sum_up(tests.len(), failed))
}
