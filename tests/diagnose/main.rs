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
mod table;
mod way;

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};

use crate::player::{SIDE_BY_SIDE, Test, play};
use crate::programs::Programs;

const USAGE: &str = "usage: diagnose --ours PATH --reference PATH [--only TEXT]
  --only TEXT  the tests whose name contains TEXT";

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            println!("diagnose: {error:#}");
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
    let (kernel, rules) = (kernel::tests(), rules::tests()?);
    let all = [pair::TESTS, way::TESTS, forwarding::TESTS, table::TESTS, &kernel, &rules, lists::TESTS].concat();
    let tests: Vec<Test> = all.into_iter().filter(|(name, _)| name.contains(&only)).collect();
    ensure!(!tests.is_empty(), "no test's name contains '{only}'");
    let failed = play("diagnose", &programs, &tests, SIDE_BY_SIDE);
    println!("{} passed, {failed} failed", tests.len() - failed);
    Ok(failed == 0)
}
