//! The one loop that changes the kernel's table: batch by batch, with what undoes them kept in a journal if wanted.

use super::live::{BATCH, LiveTable, Report};
use super::plan::{Plan, Planned};
use crate::ipvs::model::{Change, Errno};
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

/// What undoes the changes that were made: in the order in which it was noted, and so to be done from the end.
#[derive(Debug, Default)]
pub struct Journal(Vec<Change>);

impl Journal {
    fn note(&mut self, plan: &Plan, planned: &Planned) {
        self.0.extend(plan.undo(planned).iter().rev());
    }
}

/// How a loop over changes ended.
#[derive(Debug, Default)]
pub struct Applied {
    /// How many changes were made.
    pub made: usize,
    /// Those that were refused: their places in the plan and the error numbers.
    pub refused: Vec<(usize, Errno)>,
    /// Whether it was told to stop before the last one.
    pub stopped: bool,
}

/// Makes the changes of a range. With a journal it ends after the first batch with a refusal, for all is to be undone.
///
/// # Errors
/// When it is unknown which changes of the last batch were made; a journal then undoes all of them.
pub fn apply<L: LiveTable>(
    live: &mut L,
    plan: &Plan,
    range: Range<usize>,
    mut journal: Option<&mut Journal>,
    stop: &AtomicBool,
    report: &mut impl Report,
) -> Result<Applied, L::Error> {
    let mut applied = Applied::default();
    for start in range.clone().step_by(BATCH) {
        if stop.load(Ordering::Relaxed) {
            applied.stopped = true;
            break;
        }
        let batch = &plan.changes[start..range.end.min(start + BATCH)];
        let known = applied.refused.len();
        let outcome = live.apply(batch.iter().map(|planned| &planned.change), &mut applied.refused);
        let mut refused = applied.refused[known..].iter().map(|(index, _)| *index).peekable();
        for (index, planned) in batch.iter().enumerate() {
            if refused.next_if_eq(&index).is_some() {
                continue;
            }
            if let Some(journal) = &mut journal {
                journal.note(plan, planned);
            }
            if outcome.is_ok() {
                applied.made += 1;
                report.made(&planned.change);
            }
        }
        outcome?;
        applied.refused[known..].iter_mut().for_each(|(index, _)| *index += start);
        report.progress(start + batch.len(), plan.changes.len());
        if journal.is_some() && !applied.refused.is_empty() {
            break;
        }
    }
    Ok(applied)
}

/// Undoes what a journal has noted, and returns what could not be undone.
///
/// # Errors
/// When it is unknown what was undone.
pub fn undo<L: LiveTable>(live: &mut L, journal: &Journal) -> Result<Vec<(Change, Errno)>, L::Error> {
    let mut refused = Vec::new();
    let mut failed = Vec::new();
    for batch in journal.0.rchunks(BATCH) {
        refused.clear();
        live.apply(batch.iter().rev(), &mut refused)?;
        let undone = |errno| matches!(errno, Errno::EEXIST | Errno::ENOENT | Errno::ESRCH);
        // What is gone needs no removal and what is there no adding: a batch of unknown outcome is undone as a whole.
        failed.extend(
            refused
                .iter()
                .filter(|(_, errno)| !undone(*errno))
                .map(|(index, errno)| (batch[batch.len() - 1 - index], *errno)),
        );
    }
    Ok(failed)
}
