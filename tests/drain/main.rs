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
mod terminal;

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};

use crate::player::{SIDE_BY_SIDE, Test, play};
use crate::programs::Programs;

const USAGE: &str = "usage: drain --ours PATH --reference PATH [--only TEXT]
  --only TEXT  the tests whose name contains TEXT";

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            println!("drain: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<bool> {
    let (mut ours, mut reference, mut only) = (None, None, String::new());
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().with_context(|| format!("{word} wants a value\n{USAGE}"));
        match word.as_str() {
            "--ours" => ours = Some(value()?),
            "--reference" => reference = Some(value()?),
            "--only" => only = value()?,
            _ => bail!("{word} is no option\n{USAGE}"),
        }
    }
    let programs = Programs { ours: ours.context(USAGE)?.into(), reference: reference.context(USAGE)?.into() };
    ensure!(Path::new("/proc/net/ip_vs").exists(), "this kernel has no ip_vs: run the suite in the lab, tests/lab/run");
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
    let tests: Vec<_> = all.concat().into_iter().filter(|(name, _)| name.contains(&only)).collect();
    ensure!(!tests.is_empty(), "no test's name contains '{only}'");
    let failed = play("drain", &programs, &tests, SIDE_BY_SIDE);
    println!("{} passed, {failed} failed", tests.len() - failed);
    Ok(failed == 0)
}
