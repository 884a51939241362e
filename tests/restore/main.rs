//! Proves on a real kernel what `ipvsadm-restore` promises. Runs as root on a kernel with ip_vs:
//! `tests/lab/run -- EXECUTABLE --ours PATH --reference PATH`. Each proof has a network namespace of its own.

// A test program: what it prints is for the terminal.
#![allow(clippy::print_stdout)]

mod input;
mod killed;
mod lock;
mod messages;
mod names;
#[path = "../differential/namespace.rs"]
mod namespace;
mod program;
mod property;
mod readers;
mod rule;
mod tables;
mod tracer;
mod traffic;
mod undo;
mod words;

use anyhow::{Context, Result, bail, ensure};
use namespace::Namespace;
use program::Programs;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

const USAGE: &str = "usage: restore --ours PATH --reference PATH [--pairs N] [--seed N] [--only TEXT]
  --pairs N    random pairs of tables (500)
  --seed N     their seed (1)
  --only TEXT  the proofs whose name contains TEXT";

/// A proof says what it has found.
type Proof = fn(&Programs) -> Result<String>;

const PROOFS: [(&str, Proof); 18] = [
    ("names-that-a-restore-drops", names::a_save_restores),
    ("words", words::files_and_refused_words),
    ("full-save-changes-nothing", property::full_save_changes_nothing),
    ("fewest-messages-and-counters-stay", messages::fewest_messages_and_counters_stay),
    ("undo-at-every-change", undo::at_every_change),
    ("interrupted", undo::interrupted),
    ("killed", killed::at_random_moments),
    ("failing-line-changes-nothing-live", rule::changes_nothing_that_is_live),
    ("input-without-rules", input::without_rules),
    ("input-of-another-kind", input::of_another_kind),
    ("names-that-do-not-resolve", input::names_that_do_not_resolve),
    ("lock-one-wins", lock::of_many_restores_one_wins),
    ("lock-holder", lock::names_its_holder_and_dies_with_it),
    ("reader-that-waits", readers::a_reader_that_waits_holds_nothing_up),
    ("signals", readers::signals),
    ("no-request-is-lost", traffic::no_request_is_lost),
    ("bad-file-changes-nothing", property::bad_file_changes_nothing),
    ("random-pairs", property::random_pairs),
];

fn main() -> ExitCode {
    match run() {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            println!("restore: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<usize> {
    let mut words = std::env::args().skip(1);
    let (mut ours, mut reference, mut only) = (None, None, String::new());
    let (mut pairs, mut seed) = (500, 1);
    while let Some(word) = words.next() {
        let mut value = || words.next().with_context(|| format!("{word} wants a value\n{USAGE}"));
        match word.as_str() {
            "--ours" => ours = Some(value()?),
            "--reference" => reference = Some(value()?),
            "--pairs" => pairs = value()?.parse().context("--pairs wants a number")?,
            "--seed" => seed = value()?.parse().context("--seed wants a number")?,
            "--only" => only = value()?,
            _ => bail!("{word} is no option\n{USAGE}"),
        }
    }
    let programs =
        Programs { ours: ours.context(USAGE)?.into(), reference: reference.context(USAGE)?.into(), pairs, seed };
    ensure!(Path::new("/proc/net/ip_vs").exists(), "this kernel has no ip_vs: run the suite in the lab, tests/lab/run");
    namespace::use_own_names(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/differential/etc")))?;
    let (mut passed, mut failed) = (0, 0);
    for (name, proof) in PROOFS.iter().filter(|(name, _)| name.contains(&only)) {
        let started = Instant::now();
        let home = Namespace::new()?;
        match proof(&programs) {
            Ok(found) => {
                passed += 1;
                println!("ok   {name} ({:.1} s): {found}", started.elapsed().as_secs_f64());
            }
            Err(error) => {
                failed += 1;
                println!("FAIL {name}: {error:#}");
            }
        }
        drop(home);
    }
    ensure!(passed + failed > 0, "no proof's name contains '{only}'");
    println!("{passed} passed, {failed} failed");
    Ok(failed)
}
