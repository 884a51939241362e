//! Proves on a real kernel what other programs rely on: documents, filters, counts. Runs as root on a kernel with ip_vs:
//! `tests/lab/run -- EXECUTABLE --ours PATH --reference PATH`. Each proof has a network namespace of its own.

// A test program: what it prints is for the terminal.
#![allow(clippy::print_stdout)]

// The documents, which the test of that name reads too.
#[allow(dead_code)]
#[path = "../documents/blocks.rs"]
mod blocks;
mod counting;
mod documents;
#[allow(dead_code)]
#[path = "../documents/elsewhere.rs"]
mod elsewhere;
mod filters;
mod listed;
// Other suites have more uses for these three.
#[allow(dead_code)]
#[path = "../differential/namespace.rs"]
mod namespace;
mod namespaces;
#[allow(dead_code)]
#[path = "../restore/program.rs"]
mod program;
mod refused;
mod round_trip;
mod scrapers;
mod shown;
#[path = "../suite/mod.rs"]
mod suite;
#[allow(dead_code)]
#[path = "../restore/tables.rs"]
mod tables;
mod traffic;
mod watching;

use anyhow::{Context, Result, ensure};
use namespace::Namespace;
use program::Programs;
use serde_json::Value;
use std::path::Path;
use std::process::ExitCode;
use suite::Options;

const USAGE: &str = "usage: machine --ours PATH --reference PATH [--tables N] [--only TEXT]
  --tables N   so many random tables to and fro [50]
  --only TEXT  the proofs whose name contains TEXT";

/// A proof says what it has found.
type Proof = fn(&Programs) -> Result<String>;

const PROOFS: [(&str, Proof); 13] = [
    ("documents-have-the-schema", documents::have_the_schema),
    ("differences-have-the-schema", documents::differences_have_the_schema),
    ("round-trip", round_trip::of_random_tables),
    ("wrong-documents", refused::wrong_documents),
    ("scrapers-mistakes", scrapers::mistakes),
    ("table-filters", filters::of_the_table),
    ("connection-filters", filters::of_connections),
    ("is-it-there", filters::is_it_there),
    ("intervals", watching::intervals),
    ("namespaces", namespaces::as_inside),
    ("no-namespaces", namespaces::refused),
    ("shown-commands", shown::commands),
    ("a-million-connections", counting::a_million),
];

fn main() -> ExitCode {
    suite::end("machine", run())
}

fn run() -> Result<bool> {
    let options = Options::read(USAGE, &["--tables"], &[])?;
    let pairs = options.number("--tables", 50)?;
    let programs = Programs { ours: options.path("--ours")?, reference: options.path("--reference")?, pairs, seed: 1 };
    suite::needs_ip_vs()?;
    namespace::use_own_names(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/machine/etc")))?;
    Ok(suite::prove(&options.chosen(&PROOFS)?, |proof| {
        let _home = Namespace::new()?;
        proof(&programs)
    }))
}

/// What ours prints with these words, of which there is to be no complaint.
fn printed(programs: &Programs, words: &str) -> Result<String> {
    let outcome = programs.ipvsadm(&words.split(' ').collect::<Vec<_>>())?;
    ensure!(outcome.status == 0 && outcome.stderr.is_empty(), "ipvsadm {words}: {outcome:?}");
    Ok(outcome.stdout)
}

/// A document of ours: one line.
fn document(programs: &Programs, words: &str) -> Result<Value> {
    let text = printed(programs, words)?;
    ensure!(text.find('\n') == Some(text.len() - 1), "ipvsadm {words}: more or less than one line: {text}");
    serde_json::from_str(&text).with_context(|| format!("ipvsadm {words}: {text}"))
}

/// The elements of an array of a document.
fn elements<'v>(document: &'v Value, key: &str) -> Result<&'v Vec<Value>> {
    document[key].as_array().with_context(|| format!("no array '{key}' in {document}"))
}
