//! `--watch` on a real terminal (tmux) and a real kernel: what its screen says is what other programs count, each key does
//! what it says, and the terminal is as it was after any end. Runs as root on a kernel with ip_vs:
//! `tests/lab/run -- EXECUTABLE --ours PATH --reference PATH`. Each test has network namespaces of its own.

// A test program: what it prints is for the terminal, nothing reads it but people and the closing line's counter.
#![allow(clippy::print_stdout)]

mod cost;
mod ends;
mod figures;
mod keys;
#[path = "../differential/namespace.rs"]
mod namespace;
#[path = "../live/network.rs"]
mod network;
mod pane;
mod picture;
#[path = "../drain/player.rs"]
mod player;
// The drain suite has more uses for it.
#[allow(dead_code)]
#[path = "../drain/programs.rs"]
mod programs;
#[path = "../suite/mod.rs"]
mod suite;
mod traffic;

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;

use crate::player::{SIDE_BY_SIDE, Test, own_files, play};
use crate::programs::Programs;
use crate::suite::Options;

const USAGE: &str = "usage: watch --ours PATH --reference PATH [--only TEXT | --picture]
  --only TEXT  the tests whose name contains TEXT
  --picture    in their place, print a picture of the screen: an SVG";

fn main() -> ExitCode {
    suite::end("watch", run())
}

fn run() -> Result<bool> {
    let options = Options::read(USAGE, &[], &["--picture"])?;
    let programs = Programs { ours: options.path("--ours")?, reference: options.path("--reference")? };
    suite::needs_ip_vs()?;
    namespace::use_own_names(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/live/etc")))?;
    if options.has("--picture") {
        own_files()?;
        println!("{}", picture::take(&programs)?);
        return Ok(true);
    }
    // The longest first.
    let all = [cost::TESTS, figures::TESTS, keys::TESTS, ends::TESTS].concat();
    let tests = options.chosen(&all)?;
    let failed = play("watch", &programs, &tests, SIDE_BY_SIDE);
    Ok(suite::sum_up(tests.len(), failed))
}
