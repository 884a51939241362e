//! Plays one command with each of its faults.

use crate::commands::{Command, Kind, Leaves, TABLE};
use crate::namespace::Namespace;
use crate::tracer::{CALLS, Fault, Outcome, faults, run};
use anyhow::{Context, Result, ensure};
use nix::errno::Errno;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command as Process, Stdio};

const INPUT: &str = "/run/faults.input";

/// A fresh table, in a namespace of its own.
fn prepared(ours: &Path) -> Result<Namespace> {
    let namespace = Namespace::new()?;
    fs::write(INPUT, TABLE)?;
    let status = Process::new(ours).arg("-R").stdin(File::open(INPUT)?).status()?;
    ensure!(status.success(), "the table cannot be made");
    Ok(namespace)
}

fn table(ours: &Path) -> Result<String> {
    let mut save = Process::new(ours);
    let output = save.args(["-S", "--full"]).stdin(Stdio::null()).output().context("saving the table")?;
    ensure!(output.status.success(), "the table cannot be saved");
    Ok(String::from_utf8(output.stdout)?)
}

/// Returns how many faults were played.
pub fn play(ours: &Path, command: &Command, step: usize) -> Result<usize> {
    let mut namespace = prepared(ours)?;
    let old = table(ours)?;
    fs::write(INPUT, command.input)?;
    let (good, calls) = run(ours, command, Path::new(INPUT), None)?;
    let new = table(ours)?;
    ensure!(!calls.is_empty(), "it makes no system call");
    ensure!(good.stderr.is_empty(), "it fails without a fault: {good:?}");
    let mut met = new.clone();
    let all = calls
        .iter()
        .enumerate()
        .flat_map(|(number, place)| faults(*place).into_iter().map(move |fault| (number, *place, fault)));
    let played: Vec<_> = all.step_by(step * command.one_of).collect();
    for (number, place, fault) in played.iter().copied() {
        let (_, name, _) = CALLS[place];
        if met != old {
            drop(namespace);
            namespace = prepared(ours)?;
        }
        fs::write(INPUT, command.input)?;
        let (outcome, _) = run(ours, command, Path::new(INPUT), Some((number, place, fault)))
            .with_context(|| format!("call {number}, {name}: {fault:?}"))?;
        met = table(ours)?;
        judge(ours, command, fault, [&old, &new, &met], &good, &outcome)
            .with_context(|| format!("call {number}, {name}: {fault:?}: {outcome:?}"))?;
        met = table(ours)?;
    }
    drop(namespace);
    Ok(played.len())
}

/// The lines of an output in some order: that of changes is the kernel's, which hashes otherwise in each namespace. How long
/// an interval of a watch was is nobody's choice.
fn lines(output: &str) -> Vec<&str> {
    let mut lines: Vec<_> = output.lines().filter(|line| !line.starts_with("Interval of ")).collect();
    lines.sort_unstable();
    lines
}

/// What holds after a fault.
fn judge(
    ours: &Path,
    command: &Command,
    fault: Fault,
    [old, new, after]: [&String; 3],
    good: &Outcome,
    outcome: &Outcome,
) -> Result<()> {
    ensure!(outcome.status >= 0, "a signal ends it");
    let bearable = match fault {
        Fault::Answer(wrong) => wrong.is_bearable(),
        fault => matches!(fault, Fault::Short | Fault::Error(Errno::EINTR)),
    };
    // A diagnosis that finds something has the status of a failure; only that one says so.
    if outcome.status == good.status && (good.status == 0 || outcome.stderr == good.stderr) {
        let (found, known) = (lines(&outcome.stdout), lines(&good.stdout));
        let other: Vec<_> = found.iter().filter(|line| !known.contains(line)).collect();
        // The last line counts them.
        let told = |line: &&&str| line.starts_with("unknown ") || line.ends_with(" good");
        let told = command.kind == Kind::Diagnosis && !bearable && other.len() > 1 && other.iter().all(told);
        ensure!(found == known || told, "it succeeds with other output: {other:?}");
        ensure!(after == new, "it succeeds, but the table is another one:\n{after}");
        return Ok(());
    }
    ensure!(!bearable, "it fails where it could go on");
    ensure!(matches!(outcome.status, 1 | 2 | 255), "its status is {}", outcome.status);
    ensure!(!outcome.stderr.trim().is_empty(), "it fails and says nothing");
    match command.leaves {
        Leaves::Old => ensure!(after == old, "it fails, and the table is another one:\n{after}"),
        Leaves::OldOrNew => ensure!(after == old || after == new, "it fails half-way:\n{after}"),
        Leaves::Part => {
            fs::write(INPUT, command.input)?;
            run(ours, command, Path::new(INPUT), None)?;
            let again = table(ours)?;
            ensure!(again == *new, "once more makes another table:\n{again}");
        }
    }
    Ok(())
}
