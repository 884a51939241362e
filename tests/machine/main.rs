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
#[allow(dead_code)]
#[path = "../restore/tables.rs"]
mod tables;
mod traffic;
mod watching;

use anyhow::{Context, Result, bail, ensure};
use namespace::Namespace;
use program::Programs;
use serde_json::Value;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

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
    match run() {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            println!("machine: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<usize> {
    let mut words = std::env::args().skip(1);
    let (mut ours, mut reference, mut tables, mut only) = (None, None, 50, String::new());
    while let Some(word) = words.next() {
        let mut value = || words.next().with_context(|| format!("{word} wants a value\n{USAGE}"));
        match word.as_str() {
            "--ours" => ours = Some(value()?),
            "--reference" => reference = Some(value()?),
            "--tables" => tables = value()?.parse().context("--tables")?,
            "--only" => only = value()?,
            _ => bail!("{word} is no option\n{USAGE}"),
        }
    }
    let (ours, reference) = (ours.context(USAGE)?.into(), reference.context(USAGE)?.into());
    let programs = Programs { ours, reference, pairs: tables, seed: 1 };
    ensure!(Path::new("/proc/net/ip_vs").exists(), "this kernel has no ip_vs: run the suite in the lab, tests/lab/run");
    namespace::use_own_names(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/machine/etc")))?;
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
