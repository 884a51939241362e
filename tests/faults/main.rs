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
#[path = "../suite/mod.rs"]
mod suite;
mod tracer;

use anyhow::Result;
use std::process::ExitCode;
use suite::Options;

const USAGE: &str = "usage: faults --ours PATH [--only TEXT] [--step N]
  --only TEXT  the commands whose words contain TEXT
  --step N     every Nth fault only (1)";

fn main() -> ExitCode {
    suite::end("faults", run())
}

fn run() -> Result<bool> {
    let options = Options::read(USAGE, &["--step"], &[])?;
    let (ours, step) = (options.path("--ours")?, options.number("--step", 1)?);
    suite::needs_ip_vs()?;
    let commands: Vec<_> = commands::ALL.iter().map(|command| (command.line, command)).collect();
    let play = |command| Ok(format!("{} faults", play::play(&ours, command, step)?));
    Ok(suite::prove(&options.chosen(&commands)?, play))
}
