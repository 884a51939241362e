//! Every system call of every command fails once, and every answer of the kernel is wrong once: whatever goes wrong between the program and the kernel, the table is the
//! old one or the new one, or a clear error says otherwise; the status is right, and nothing hangs. Runs as root on a kernel
//! with ip_vs: `tests/lab/run -- EXECUTABLE --ours PATH`.

// A test program: what it prints is for the terminal.
#![allow(clippy::print_stdout)]

mod answers;
mod commands;
#[allow(dead_code)] // other suites use more of it
#[path = "../differential/namespace.rs"]
mod namespace;
mod play;
mod received;
mod tracer;

use anyhow::{Context, Result, bail, ensure};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const USAGE: &str = "usage: faults --ours PATH [--only TEXT] [--step N]
  --only TEXT  the commands whose words contain TEXT
  --step N     every Nth fault only (1)";

fn main() -> ExitCode {
    match run() {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            println!("faults: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<usize> {
    let (mut ours, mut only, mut step) = (None, String::new(), 1);
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().with_context(|| format!("{word} wants a value\n{USAGE}"));
        match word.as_str() {
            "--ours" => ours = Some(PathBuf::from(value()?)),
            // Every suite is given it; the faults are ours alone.
            "--reference" => drop(value()?),
            "--only" => only = value()?,
            "--step" => step = value()?.parse().context("--step wants a number")?,
            _ => bail!("{word} is no option\n{USAGE}"),
        }
    }
    let ours = ours.context(USAGE)?;
    ensure!(Path::new("/proc/net/ip_vs").exists(), "this kernel has no ip_vs: run the suite in the lab, tests/lab/run");
    let (mut passed, mut failed) = (0, 0);
    for command in commands::ALL.iter().filter(|command| command.line.contains(&only)) {
        match play::play(&ours, command, step) {
            Ok(faults) => {
                passed += 1;
                println!("ok   {}: {faults} faults", command.line);
            }
            Err(error) => {
                failed += 1;
                println!("FAIL {}: {error:#}", command.line);
            }
        }
    }
    ensure!(passed + failed > 0, "no command contains '{only}'");
    println!("{passed} passed, {failed} failed");
    Ok(failed)
}
