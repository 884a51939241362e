//! Restores of random tables on a simulated kernel.

mod atomic;
mod cases;
mod check;
mod model;
mod property;
mod random;
mod rule;
mod simulated;
mod work;

use super::apply::{Journal, Maker};
use super::desired::{Desired, Others};
use super::live::Live;
use super::*;
use crate::ipvs::fixtures::tables::Tables;
use crate::ipvs::model::{
    Change, DaemonState, Errno, RealServer, ServiceKey, StopDaemon, SyncDaemon, Timeouts, VirtualService,
};
use random::Random;
use simulated::{Kernel, Noted};
use std::num::NonZero;
use std::sync::atomic::{AtomicBool, Ordering};

const REPLACE: Options = Options { atomic: false, noflush: false };
const ATOMIC: Options = Options { atomic: true, noflush: false };
const ADD: Options = Options { atomic: false, noflush: true };

fn line(number: u32) -> Line {
    Line::new(number).unwrap()
}

/// A file of which line N is the Nth change.
fn script(changes: &[Change]) -> Script<'static> {
    let mut script = Script::read("", |_| Ok(None));
    script.commands =
        (1..).zip(changes).map(|(number, change)| Command { line: line(number), change: *change }).collect();
    script
}

/// The table that changes make one by one, as `-R` of the reference makes them.
fn one_by_one(start: &Tables, changes: &[Change]) -> Tables {
    let mut tables = start.clone();
    for change in changes {
        let _ = tables.make(change);
    }
    tables
}

fn run(kernel: &mut Kernel<'_>, changes: &[Change], options: Options) -> (Outcome<&'static str>, Vec<Change>) {
    let mut noted = Noted::default();
    let outcome = restore(kernel, &script(changes), options, &AtomicBool::new(false), &mut noted);
    (outcome, noted.0)
}

/// The numbers of the lines that failed, with the errors.
fn failed(findings: &Findings) -> Vec<(u32, Errno)> {
    let number = |failed: &Failed| failed.line.map_or(0, Line::get);
    findings.failed.iter().map(|failed| (number(failed), failed.errno)).collect()
}

fn is_daemon_or_zero(change: &Change) -> bool {
    matches!(change, Change::StartDaemon(_) | Change::StopDaemon(_) | Change::Zero(_))
}

fn mark(mark: u32) -> ServiceKey {
    ServiceKey::mark(mark, Default::default())
}
