//! What can be known of a file without a kernel.

use super::lines::{Line, Script};
use super::schedulers::{UnknownName, is_persistence_engine, is_scheduler};
use super::steps::{self, Refusals};
use super::{Failed, Findings};
use crate::ipvs::model::{Change, Errno};
use std::collections::HashMap;

/// What was found in a file.
#[derive(Debug)]
pub struct Checked {
    /// What fails whatever the kernel says, and lines that repeat others.
    pub findings: Findings,
    /// Schedulers and persistence engines that no kernel is known to have: this one may have them.
    pub unknown: Vec<UnknownName>,
}

/// Plays the lines over an empty table, or with `noflush` over any, and returns what is wrong with them whatever the
/// kernel says. Which daemons run is not known here, so that a line which stops one is taken to succeed.
pub fn check(script: &Script<'_>, noflush: bool) -> Checked {
    let (_, mut findings) = steps::play(script, None, noflush, &Refusals::default());
    let bad = words_of_bad_lines(script);
    findings.failed.retain(|failed| !matches!(failed.change, Change::StopDaemon(_)) && !is_after(script, &bad, failed));
    Checked { findings, unknown: unknown_names(script) }
}

/// The schedulers and persistence engines of a file that no kernel is known to have.
pub fn unknown_names(script: &Script<'_>) -> Vec<UnknownName> {
    script.commands.iter().flat_map(|command| unknown_names_of(command.line, &command.change)).collect()
}

fn unknown_names_of(line: Line, change: &Change) -> impl Iterator<Item = UnknownName> {
    let service = match change {
        Change::AddService(service) | Change::EditService(service) => Some(service),
        _ => None,
    };
    service.into_iter().flat_map(move |service| {
        let scheduler = Some(service.scheduler).filter(|name| !is_scheduler(*name));
        let engine = service.persistence_engine.filter(|name| !is_persistence_engine(*name));
        let scheduler = scheduler.map(|name| UnknownName::Scheduler(line, name));
        scheduler.into_iter().chain(engine.map(|name| UnknownName::PersistenceEngine(line, name)))
    })
}

/// Whether a line may fail only because an earlier one, about the same service, does not parse.
fn is_after(script: &Script<'_>, bad: &HashMap<&str, Line>, failed: &Failed) -> bool {
    let Some(line) = failed.line.filter(|_| matches!(failed.errno, Errno::ESRCH | Errno::ENOENT)) else { return false };
    // Of the words, the service comes first.
    let service = values(script, line).next();
    service.and_then(|service| bad.get(service)).is_some_and(|first| *first < line)
}

/// What stands in lines that do not parse, each with the first of them.
fn words_of_bad_lines<'t>(script: &Script<'t>) -> HashMap<&'t str, Line> {
    let lines = script.bad.iter().map(|bad| bad.line).rev();
    lines.flat_map(|line| values(script, line).map(move |word| (word, line))).collect()
}

/// The words of a line that are no options.
fn values<'t>(script: &Script<'t>, line: Line) -> impl Iterator<Item = &'t str> + use<'t> {
    script.line(line).split_ascii_whitespace().filter(|word| !word.starts_with('-') && *word != "ipvsadm")
}
