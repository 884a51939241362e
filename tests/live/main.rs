//! Both programs on live tables: set up by keepalived, with real traffic, with names from a name server, on a kernel
//! whose ip_vs is not loaded; and our output as the programs read it that call ipvsadm. Runs as root on a kernel with
//! ip_vs: `tests/lab/run -- EXECUTABLE --ours PATH --reference PATH`; the part `loading` on one started with --no-ipvs.

// A test program: what it prints is for the terminal, nothing reads it but people and the closing line's counter.
#![allow(clippy::print_stdout)]

mod busy;
mod consumers;
mod diagnose;
mod ensure;
mod ensure_lines;
mod examples;
mod keepalived;
mod keepalived_process;
mod loading;
mod name_server;
mod names;
mod names_on_a_screen;
#[path = "../differential/namespace.rs"]
mod namespace;
mod network;
mod output_file;
mod peers;
mod programs;
mod start;
mod terminal;
mod traffic;
mod views;

use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use nix::mount::{MsFlags, mount};

use crate::programs::{Programs, existing};

/// The files that stand in for those of /etc.
const ETC: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/live/etc");

const USAGE: &str = "usage: live --ours PATH --reference PATH [--loading] [--only TEXT]
  --loading    only what needs a kernel whose ip_vs is not loaded
  --only TEXT  the tests whose name contains TEXT";

/// A name, and what has to hold.
type Test = (&'static str, fn(&Programs) -> Result<()>);

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            println!("live: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<bool> {
    let (mut ours, mut reference, mut loading, mut only) = (String::new(), String::new(), false, String::new());
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().with_context(|| format!("{word} wants a value\n{USAGE}"));
        match word.as_str() {
            "--ours" => ours = value()?,
            "--reference" => reference = value()?,
            "--only" => only = value()?,
            "--loading" => loading = true,
            _ => bail!("{word} is no option\n{USAGE}"),
        }
    }
    let programs = Programs { reference: existing(&reference)?, ours: existing(&ours)?, resolver: "" };
    let loaded = Path::new("/proc/net/ip_vs").exists();
    ensure!(
        loaded || loading,
        "this kernel has no ip_vs (no /proc/net/ip_vs): run the suite in the lab, tests/lab/run"
    );
    ensure!(!loaded || !loading, "this kernel has ip_vs already: start it with tests/lab/run --no-ipvs");
    namespace::use_own_names(Path::new(ETC))?;
    use_own_name_server()?;
    let tests = match loading {
        true => [terminal::LOADING_TESTS, loading::TESTS].concat(),
        false => [
            keepalived::TESTS,
            traffic::TESTS,
            diagnose::TESTS,
            ensure::TESTS,
            ensure_lines::TESTS,
            names::TESTS,
            names_on_a_screen::TESTS,
            consumers::TESTS,
            start::TESTS,
            output_file::TESTS,
            examples::TESTS,
            terminal::TESTS,
        ]
        .concat(),
    };
    let tests: Vec<_> = tests.into_iter().filter(|(name, _)| name.contains(&only)).collect();
    ensure!(!tests.is_empty(), "no test's name contains '{only}'");
    Ok(play(&programs, &tests))
}

/// The only name server is the loopback's, which a test may start. The mount namespace is our own already.
fn use_own_name_server() -> Result<()> {
    let (source, target) = (Path::new(ETC).join("resolv.conf"), Path::new("/etc/resolv.conf"));
    mount(Some(&source), target, None::<&Path>, MsFlags::MS_BIND, None::<&Path>)
        .context("mounting our resolv.conf on /etc/resolv.conf, which has to exist")
}

fn play(programs: &Programs, tests: &[Test]) -> bool {
    let mut failed = 0;
    for (name, test) in tests {
        let started = Instant::now();
        match test(programs) {
            Ok(()) => println!("live: {name}: {:.1} s", started.elapsed().as_secs_f64()),
            Err(error) => {
                failed += 1;
                println!("FAILED {name}\n    {}", format!("{error:#}").replace('\n', "\n    "));
            }
        }
    }
    println!("{} passed, {failed} failed", tests.len() - failed);
    failed == 0
}
