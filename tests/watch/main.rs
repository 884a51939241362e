//! `--watch` on a real terminal (tmux) and a real kernel: what its screen says is what other programs count, each key does
//! what it says, and the terminal is as it was after any end. Runs as root on a kernel with ip_vs:
//! `tests/lab/run -- EXECUTABLE --ours PATH --reference PATH`. Each test has network namespaces of its own.

// A test program: what it prints is for the terminal, nothing reads it but people and the closing line's counter.
#![allow(clippy::print_stdout)]

mod cost;
mod ends;
mod figures;
mod keys;
#[path = "../differential/namespace.rs"]
mod namespace;
#[path = "../live/network.rs"]
mod network;
mod pane;
mod picture;
// The drain suite has more uses for it.
#[allow(dead_code)]
#[path = "../drain/programs.rs"]
mod programs;
mod traffic;

use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};

use crate::programs::Programs;

const USAGE: &str = "usage: watch --ours PATH --reference PATH [--only TEXT | --picture]
  --only TEXT  the tests whose name contains TEXT
  --picture    in their place, print a picture of the screen: an SVG";

/// A name, and what has to hold.
type Test = (&'static str, fn(&Programs) -> Result<()>);

/// Most of a test is waiting, so that some can wait side by side.
const SIDE_BY_SIDE: usize = 4;

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            println!("watch: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<bool> {
    let (mut ours, mut reference, mut only, mut picture) = (None, None, String::new(), false);
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().with_context(|| format!("{word} wants a value\n{USAGE}"));
        match word.as_str() {
            "--ours" => ours = Some(value()?),
            "--reference" => reference = Some(value()?),
            "--only" => only = value()?,
            "--picture" => picture = true,
            _ => bail!("{word} is no option\n{USAGE}"),
        }
    }
    let programs = Programs { ours: ours.context(USAGE)?.into(), reference: reference.context(USAGE)?.into() };
    ensure!(Path::new("/proc/net/ip_vs").exists(), "this kernel has no ip_vs: run the suite in the lab, tests/lab/run");
    namespace::use_own_names(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/live/etc")))?;
    if picture {
        own_files()?;
        println!("{}", picture::take(&programs)?);
        return Ok(true);
    }
    // The longest first.
    let tests = [cost::TESTS, figures::TESTS, keys::TESTS, ends::TESTS].concat();
    let tests: Vec<_> = tests.into_iter().filter(|(name, _)| name.contains(&only)).collect();
    ensure!(!tests.is_empty(), "no test's name contains '{only}'");
    let failed = play(&programs, &tests);
    println!("{} passed, {failed} failed", tests.len() - failed);
    Ok(failed == 0)
}

/// Plays tests; how many have failed.
fn play(programs: &Programs, tests: &[Test]) -> usize {
    let (next, failed) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..SIDE_BY_SIDE {
            scope.spawn(|| {
                while let Some(test) = tests.get(next.fetch_add(1, Ordering::Relaxed)) {
                    failed.fetch_add(usize::from(!passes(programs, test)), Ordering::Relaxed);
                }
            });
        }
    });
    failed.into_inner()
}

fn passes(programs: &Programs, (name, test): &Test) -> bool {
    let started = Instant::now();
    match own_files().and_then(|()| test(programs)) {
        Ok(()) => {
            println!("watch: {name}: {:.1} s", started.elapsed().as_secs_f64());
            true
        }
        Err(error) => {
            println!("FAILED {name}\n    {}", format!("{error:#}").replace('\n', "\n    "));
            false
        }
    }
}

/// Gives the calling thread, and what it starts, names of network namespaces of its own, and an empty /mnt.
fn own_files() -> Result<()> {
    unshare(CloneFlags::CLONE_NEWNS).context("making a mount namespace")?;
    for folder in ["/run/netns", "/mnt"] {
        mount(Some("tests"), folder, Some("tmpfs"), MsFlags::empty(), None::<&str>)
            .with_context(|| format!("mounting on {folder}"))?;
    }
    Ok(())
}
