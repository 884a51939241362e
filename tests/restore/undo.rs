//! `--atomic`: the old table or the new one, whatever happens on the way.

use crate::program::{Programs, first_difference};
use crate::tables::large;
use crate::tracer::{Meddling, run};
use anyhow::{Result, ensure};
use nix::sys::signal::Signal;
use std::fmt::Write;

/// How many changes lead from [`old`] to [`new`].
const CHANGES: usize = 40;

fn service(number: usize) -> String {
    format!("-t 10.1.0.{number}:80")
}

fn old() -> String {
    let mut file = "--set 900 120 300\n".to_owned();
    for number in 1..=20 {
        let _ = writeln!(file, "-A {} -s rr", service(number));
        for server in 1..=3 {
            let _ = writeln!(file, "-a {} -r 172.16.0.{server}:80 -m -w 1 -x 9", service(number));
        }
    }
    file
}

fn new() -> String {
    let mut file = "--set 800 120 300\n--start-daemon master --mcast-interface lo\n".to_owned();
    for number in (1..=17).chain(21..=24) {
        let scheduler = if number <= 5 { "wlc -p 50" } else { "rr" };
        let _ = writeln!(file, "-A {} -s {scheduler}", service(number));
        for server in 1..=4 {
            let weight = if server == 1 && matches!(number, 6..=10 | 16) { 2 } else { 1 };
            let there = match server {
                3 => !matches!(number, 11..=13),
                4 => matches!(number, 11..=15),
                _ => true,
            };
            if there {
                let _ = writeln!(file, "-a {} -r 172.16.0.{server}:80 -m -w {weight} -x 9", service(number));
            }
        }
    }
    file
}

/// A refusal injected at each change of a plan of 40 mixed ones.
pub fn at_every_change(programs: &Programs) -> Result<String> {
    programs.restored(&old())?;
    let before = programs.full()?;
    let diff = programs.restore(&["--diff"], &new())?;
    ensure!(diff.status == 1 && diff.stdout.lines().count() == CHANGES, "not {CHANGES} changes: {diff:?}");
    for refuse in 1..=CHANGES {
        let meddling = Meddling { refuse: Some(refuse), ..Meddling::default() };
        let (outcome, sent) = run(programs.start_restore(&["--atomic"])?, &new(), meddling)?;
        ensure!(outcome.status == 255 && sent >= refuse, "refusal {refuse} was not met ({sent} sent): {outcome:?}");
        ensure!(outcome.stderr.contains("The table is as it was."), "refusal {refuse}: {outcome:?}");
        let after = programs.full()?;
        ensure!(after == before, "refusal {refuse}: {}", first_difference(&before, &after));
    }
    let (outcome, sent) = run(programs.start_restore(&["--atomic"])?, &new(), Meddling::default())?;
    ensure!(outcome.status == 0 && sent == CHANGES, "without a refusal: {sent} sent, {outcome:?}");
    ensure!(programs.restore(&["--diff"], &new())?.status == 0, "the table is not the new one");
    Ok(format!("a refusal at each of {CHANGES} changes, each undone"))
}

/// A signal between two batches.
pub fn interrupted(programs: &Programs) -> Result<String> {
    let (old, new) = (old(), large(200, 2));
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        for atomic in [true, false] {
            programs.restored(&old)?;
            let before = programs.full()?;
            let meddling = Meddling { signal: Some((signal, 200)), ..Meddling::default() };
            let options: &[&str] = if atomic { &["--atomic"] } else { &[] };
            let (outcome, _) = run(programs.start_restore(options)?, &new, meddling)?;
            ensure!(outcome.status == 255 && outcome.stderr.starts_with("Interrupted."), "{signal}: {outcome:?}");
            let same = programs.full()? == before;
            ensure!(same == atomic, "{signal}, atomic {atomic}: the table is the same: {same}");
            if !atomic {
                ensure!(outcome.stderr.contains("256 changes are made"), "{signal}: {outcome:?}");
                programs.restored(&new)?;
                ensure!(programs.restore(&["--diff"], &new)?.status == 0, "{signal}: it cannot be finished");
            }
        }
    }
    Ok("SIGINT, SIGTERM and SIGHUP, with and without --atomic".to_owned())
}
