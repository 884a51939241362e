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
mod traffic;

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};

use crate::player::{SIDE_BY_SIDE, Test, own_files, play};
use crate::programs::Programs;

const USAGE: &str = "usage: watch --ours PATH --reference PATH [--only TEXT | --picture]
  --only TEXT  the tests whose name contains TEXT
  --picture    in their place, print a picture of the screen: an SVG";

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            println!("watch: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<bool> {
    let (mut ours, mut reference, mut only, mut picture) = (None, None, String::new(), false);
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().with_context(|| format!("{word} wants a value\n{USAGE}"));
        match word.as_str() {
            "--ours" => ours = Some(value()?),
            "--reference" => reference = Some(value()?),
            "--only" => only = value()?,
            "--picture" => picture = true,
            _ => bail!("{word} is no option\n{USAGE}"),
        }
    }
    let programs = Programs { ours: ours.context(USAGE)?.into(), reference: reference.context(USAGE)?.into() };
    ensure!(Path::new("/proc/net/ip_vs").exists(), "this kernel has no ip_vs: run the suite in the lab, tests/lab/run");
    namespace::use_own_names(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/live/etc")))?;
    if picture {
        own_files()?;
        println!("{}", picture::take(&programs)?);
        return Ok(true);
    }
    // The longest first.
    let tests = [cost::TESTS, figures::TESTS, keys::TESTS, ends::TESTS].concat();
    let tests: Vec<_> = tests.into_iter().filter(|(name, _)| name.contains(&only)).collect();
    ensure!(!tests.is_empty(), "no test's name contains '{only}'");
    let failed = play("watch", &programs, &tests, SIDE_BY_SIDE);
    println!("{} passed, {failed} failed", tests.len() - failed);
    Ok(failed == 0)
}
