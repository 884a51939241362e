//! Restoring a table so that what stays keeps its traffic: the file is read and judged as a whole, compared with the
//! live table, and only the difference is made.
//!
//! ```text
//! text → lines (numbered changes) → desired (the table they make) → plan (live against desired) → apply (with undo)
//! ```

mod apply;
mod desired;
mod equality;
mod lines;
mod live;
mod plan;
#[cfg(test)]
mod simulated;
#[cfg(test)]
mod tests;

pub use lines::{BadLine, Command, Script};
pub use live::{BATCH, LiveTable, Report};
pub use plan::{Plan, Planned};

use crate::ipvs::model::{Change, Errno};
use apply::Journal;
use desired::{Desired, Others};
use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

/// How to restore.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// All or nothing: any failing line leaves the table as it was.
    pub atomic: bool,
    /// Add to the table instead of replacing it.
    pub noflush: bool,
}

/// A change that failed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Failed {
    /// The line that asked for it, 0 for none.
    pub line: u32,
    /// What was to be done.
    pub change: Change,
    /// The kernel's error number, positive; or the one that the kernel would have given.
    pub errno: Errno,
}

/// What became of the changes that were made when not all could be.
#[derive(Debug)]
pub enum Undone<E> {
    /// Nothing was made, or all was undone.
    All,
    /// These could not be undone.
    But(Vec<Failed>),
    /// It is unknown what was undone.
    Unknown(E),
}

/// How a restore ended.
#[derive(Debug)]
pub struct Outcome<E> {
    /// The lines that failed, in order, after the changes without a line.
    pub failed: Vec<Failed>,
    /// How many changes were made.
    pub made: usize,
    /// How many changes were left when it was told to stop, or when the kernel failed.
    pub left: usize,
    /// Whether it was told to stop.
    pub stopped: bool,
    /// What ended it before its time.
    pub error: Option<E>,
    /// With [`Options::atomic`], when anything went wrong.
    pub undone: Option<Undone<E>>,
}

/// Plays the lines over an empty table and returns those that fail whatever the kernel says. Which daemons run is not
/// known here, so that a line which stops one is taken to succeed; nor is the table to which [`Options::noflush`] adds.
pub fn check(script: &Script<'_>, noflush: bool) -> Vec<Failed> {
    if noflush {
        return Vec::new();
    }
    let (_, mut failed) = play(Desired::new(Others::Remove, &[]), &script.commands, &BTreeMap::new());
    failed.retain(|failed| !matches!(failed.change, Change::StopDaemon(_)));
    failed
}

/// The changes that a restore would make, and the lines that would fail.
///
/// # Errors
/// When the table cannot be read.
pub fn differences<L: LiveTable>(
    live: &mut L,
    script: &Script<'_>,
    noflush: bool,
) -> Result<(Plan, Vec<Failed>), L::Error> {
    let base = base(live, script, noflush)?;
    let (desired, failed) = play(base, &script.commands, &BTreeMap::new());
    Ok((Plan::new(live, &desired, false)?, failed))
}

/// Restores. `stop` is looked at between batches of changes.
pub fn restore<L: LiveTable>(
    live: &mut L,
    script: &Script<'_>,
    options: Options,
    stop: &AtomicBool,
    report: &mut impl Report,
) -> Outcome<L::Error> {
    let mut outcome = Outcome { failed: Vec::new(), made: 0, left: 0, stopped: false, error: None, undone: None };
    let mut journal = options.atomic.then(Journal::default);
    if let Err(error) = rounds(live, script, options, stop, report, &mut journal, &mut outcome) {
        outcome.error = Some(error);
    }
    outcome.failed.sort_by_key(|failed| failed.line);
    if let Some(journal) = journal {
        if outcome.error.is_some() || outcome.stopped || !outcome.failed.is_empty() {
            outcome.undone = Some(match apply::undo(live, &journal) {
                Ok(failed) if failed.is_empty() => Undone::All,
                Ok(failed) => {
                    let failed = failed.into_iter().map(|(change, errno)| Failed { line: 0, change, errno });
                    Undone::But(failed.collect())
                }
                Err(error) => Undone::Unknown(error),
            });
        }
    }
    outcome
}

/// Looks, plans and applies, again with what the kernel's refusals tell: a line that it refused counts as failed, and
/// a table that another program has changed meanwhile is looked at once more.
fn rounds<L: LiveTable>(
    live: &mut L,
    script: &Script<'_>,
    options: Options,
    stop: &AtomicBool,
    report: &mut impl Report,
    journal: &mut Option<Journal>,
    outcome: &mut Outcome<L::Error>,
) -> Result<(), L::Error> {
    let base = base(live, script, options.noflush)?;
    let mut refused_lines = BTreeMap::new();
    let mut looks = 0;
    'look: loop {
        let (desired, failed) = play(base.clone(), &script.commands, &refused_lines);
        outcome.failed = failed;
        if options.atomic && !outcome.failed.is_empty() {
            return Ok(());
        }
        let plan = Plan::new(live, &desired, options.atomic)?;
        outcome.left = plan.changes.len();
        for range in [0..plan.removals, plan.removals..plan.zeroes, plan.zeroes..plan.changes.len()] {
            let applied = apply::apply(live, &plan, range, journal.as_mut(), stop, report)?;
            outcome.made += applied.made;
            outcome.left -= applied.made;
            let refused: Vec<Failed> = applied
                .refused
                .iter()
                .map(|(place, errno)| {
                    let planned = &plan.changes[*place];
                    Failed { line: planned.line, change: planned.change, errno: *errno }
                })
                .collect();
            if applied.stopped {
                outcome.stopped = true;
                outcome.failed.extend(refused);
                return Ok(());
            }
            let known = refused_lines.len();
            refused_lines.extend(
                refused
                    .iter()
                    .filter(|failed| failed.line > 0 && !is_race(failed))
                    .map(|failed| (failed.line, failed.errno)),
            );
            if refused_lines.len() > known {
                if options.atomic {
                    outcome.failed.extend(refused.into_iter().filter(|failed| !is_race(failed)));
                    return Ok(());
                }
                continue 'look;
            }
            if refused.iter().any(is_race) && looks == 0 {
                looks += 1;
                continue 'look;
            }
            outcome.failed.extend(refused);
            if options.atomic && !outcome.failed.is_empty() {
                return Ok(());
            }
        }
        return Ok(());
    }
}

/// The table over which the lines are played, with the daemons that run if any line is about them.
fn base<L: LiveTable>(live: &mut L, script: &Script<'_>, noflush: bool) -> Result<Desired, L::Error> {
    let is_daemon = |change: &Change| matches!(change, Change::StartDaemon(_) | Change::StopDaemon(_));
    let daemons = match script.commands.iter().any(|command| is_daemon(&command.change)) {
        true => live.daemons()?,
        false => Vec::new(),
    };
    if !noflush {
        return Ok(Desired::new(Others::Remove, &daemons));
    }
    let mut base = Desired::new(Others::Keep, &daemons);
    let mut servers = Vec::new();
    for listed in live.services()? {
        live.servers(&listed.service.key, &mut servers)?;
        base.keep(&listed.service, &servers);
    }
    Ok(base)
}

/// Plays the lines, where those in `refused` fail as the kernel has said.
fn play(mut table: Desired, commands: &[Command], refused: &BTreeMap<u32, Errno>) -> (Desired, Vec<Failed>) {
    table.reserve(commands.len());
    let mut failed = Vec::new();
    for Command { line, change } in commands {
        let outcome = match refused.get(line) {
            Some(errno) => table.comes_so_far(change).and(Err(*errno)),
            None => table.play(*line, change),
        };
        if let Err(errno) = outcome {
            failed.push(Failed { line: *line, change: *change, errno });
        }
    }
    (table, failed)
}

/// Whether a refusal says that the table is not as it was when it was looked at: another program has changed it, or a
/// service that was refused before has left its servers without one.
fn is_race(failed: &Failed) -> bool {
    match failed.change {
        Change::AddService(_) | Change::StartDaemon(_) => failed.errno == Errno::EEXIST,
        Change::EditService(_) | Change::DeleteService(_) | Change::Zero(_) | Change::StopDaemon(_) => {
            failed.errno == Errno::ESRCH
        }
        Change::AddServer(..) => matches!(failed.errno, Errno::EEXIST | Errno::ESRCH),
        Change::EditServer(..) | Change::DeleteServer(..) => matches!(failed.errno, Errno::ENOENT | Errno::ESRCH),
        Change::Flush | Change::SetTimeouts(_) => false,
    }
}
