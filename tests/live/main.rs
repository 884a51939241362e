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
#[path = "../suite/mod.rs"]
mod suite;
mod terminal;
mod traffic;
mod views;

use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use nix::mount::{MsFlags, mount};

use crate::programs::Programs;

/// The files that stand in for those of /etc.
const ETC: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/live/etc");
use crate::suite::Options;

const USAGE: &str = "usage: live --ours PATH --reference PATH [--loading] [--only TEXT]
  --loading    only what needs a kernel whose ip_vs is not loaded
  --only TEXT  the tests whose name contains TEXT";

/// A name, and what has to hold.
type Test = (&'static str, fn(&Programs) -> Result<()>);

fn main() -> ExitCode {
    suite::end("live", run())
}

fn run() -> Result<bool> {
    let options = Options::read(USAGE, &[], &["--loading"])?;
    let loading = options.has("--loading");
    let programs = Programs { ours: options.path("--ours")?, reference: options.path("--reference")?, resolver: "" };
    let loaded = Path::new("/proc/net/ip_vs").exists();
    if !loading {
        suite::needs_ip_vs()?;
    }
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
    Ok(play(&programs, &options.chosen(&tests)?))
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
    suite::sum_up(tests.len(), failed)
}
