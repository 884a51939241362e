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
#[path = "../suite/mod.rs"]
mod suite;
mod tables;
mod tracer;
mod traffic;
mod undo;
mod words;

use anyhow::Result;
use namespace::Namespace;
use program::Programs;
use std::path::Path;
use std::process::ExitCode;
use suite::Options;

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
    suite::end("restore", run())
}

fn run() -> Result<bool> {
    let options = Options::read(USAGE, &["--pairs", "--seed"], &[])?;
    let (pairs, seed) = (options.number("--pairs", 500)?, options.number("--seed", 1)?);
    let programs = Programs { ours: options.path("--ours")?, reference: options.path("--reference")?, pairs, seed };
    suite::needs_ip_vs()?;
    namespace::use_own_names(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/differential/etc")))?;
    Ok(suite::prove(&options.chosen(&PROOFS)?, |proof| {
        let _home = Namespace::new()?;
        proof(&programs)
    }))
}
