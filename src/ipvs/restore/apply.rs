//! The one place that changes the kernel's table: batch by batch, with what undoes them kept in a journal if wanted.

use super::live::{BATCH, LiveTable, Report};
use super::plan::{Plan, Planned};
use super::schedulers::Asked;
use crate::ipvs::model::{Change, Errno, VirtualService};
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

/// Makes changes, and counts them.
pub struct Maker<'m, L, R> {
    /// The kernel.
    pub table: &'m mut L,
    /// Is told of each change.
    pub report: &'m mut R,
    /// Looked at between batches.
    pub stop: &'m AtomicBool,
    /// With it, all is to be undone after a refusal, so that nothing is made after a batch with one.
    pub journal: Option<Journal>,
    /// What the kernel said of schedulers and persistence engines.
    pub asked: Asked,
    /// How many changes were made.
    pub made: usize,
    /// How many may have been made, in a batch whose answer did not come.
    pub unknown: usize,
    /// How many of the last plan have had their turn.
    pub reached: usize,
}

impl<'m, L: LiveTable, R: Report> Maker<'m, L, R> {
    /// Begins.
    pub fn new(table: &'m mut L, report: &'m mut R, stop: &'m AtomicBool, journal: Option<Journal>) -> Self {
        Self { table, report, stop, journal, asked: Asked::default(), made: 0, unknown: 0, reached: 0 }
    }

    /// Whether it was told to stop.
    pub fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Makes the changes of a step, and returns those that were refused: their places in the plan and the errors. It
    /// ends before its time when it is told to stop.
    ///
    /// # Errors
    /// When it is unknown which changes of the last batch were made; a journal then undoes all of them.
    pub fn make(&mut self, plan: &Plan, step: Range<usize>) -> Result<Vec<(usize, Errno)>, L::Error> {
        let mut refused = Vec::new();
        self.reached = step.start;
        while self.reached < step.end && !self.is_stopped() {
            let batch = self.next_batch(plan, self.reached..step.end, &mut refused);
            self.send(plan, &batch, &mut refused)?;
            self.report.progress(self.reached, plan.changes.len());
            if self.journal.is_some() && !refused.is_empty() {
                break;
            }
        }
        Ok(refused)
    }

    /// Takes the places of the next changes to be sent. A service with names that the kernel has not goes to the
    /// refused ones without being sent; one whose names are doubtful ends the batch.
    fn next_batch(&mut self, plan: &Plan, from: Range<usize>, refused: &mut Vec<(usize, Errno)>) -> Vec<usize> {
        let mut batch = Vec::with_capacity(from.len().min(BATCH));
        for place in from {
            self.reached = place + 1;
            let service = service_of(&plan.changes[place].change);
            if service.is_some_and(|service| self.asked.are_missing(service)) {
                refused.push((place, Errno::ENOENT));
                continue;
            }
            batch.push(place);
            if batch.len() == BATCH || service.is_some_and(|service| self.asked.are_doubtful(service)) {
                break;
            }
        }
        batch
    }

    fn send(&mut self, plan: &Plan, batch: &[usize], refused: &mut Vec<(usize, Errno)>) -> Result<(), L::Error> {
        let mut answers = Vec::new();
        let outcome = self.table.apply(batch.iter().map(|place| &plan.changes[*place].change), &mut answers);
        let mut answers = answers.into_iter().peekable();
        for (index, place) in batch.iter().enumerate() {
            let planned = &plan.changes[*place];
            let errno = answers.next_if(|(refused, _)| *refused == index).map(|(_, errno)| errno);
            if let Some(service) = service_of(&planned.change).filter(|_| outcome.is_ok()) {
                self.asked.note(service, errno.map_or(Ok(()), Err));
            }
            if let Some(errno) = errno {
                refused.push((*place, errno));
                continue;
            }
            if let Some(journal) = &mut self.journal {
                journal.note(plan, planned);
            }
            if outcome.is_ok() {
                self.made += 1;
                self.report.made(&planned.change);
            } else {
                self.unknown += 1;
            }
        }
        outcome
    }

    /// Asks for one change. A name that the kernel has not is not asked for again.
    ///
    /// # Errors
    /// When it is unknown whether it was made; else the inner error says why it was refused.
    pub fn ask(&mut self, change: &Change) -> Result<Result<(), Errno>, L::Error> {
        let service = service_of(change);
        if service.is_some_and(|service| self.asked.are_missing(service)) {
            return Ok(Err(Errno::ENOENT));
        }
        let mut refused = Vec::new();
        self.unknown += 1;
        self.table.apply(std::iter::once(change), &mut refused)?;
        self.unknown -= 1;
        let answer = refused.first().map_or(Ok(()), |(_, errno)| Err(*errno));
        if let Some(service) = service {
            self.asked.note(service, answer);
        }
        if answer.is_ok() {
            self.made += 1;
            self.report.made(change);
        }
        Ok(answer)
    }

    /// Undoes what the journal has noted, and returns what could not be undone.
    ///
    /// # Errors
    /// When it is unknown what was undone.
    pub fn undo(&mut self) -> Result<Vec<(Change, Errno)>, L::Error> {
        let Journal(noted) = self.journal.take().unwrap_or_default();
        let mut failed = Vec::new();
        for batch in noted.rchunks(BATCH) {
            let mut refused = Vec::new();
            self.table.apply(batch.iter().rev(), &mut refused)?;
            let undone = |errno| matches!(errno, Errno::EEXIST | Errno::ENOENT | Errno::ESRCH);
            // What is gone needs no removal and what is there no adding: a batch of unknown outcome is undone as a whole.
            let left = refused.iter().filter(|(_, errno)| !undone(*errno));
            failed.extend(left.map(|(index, errno)| (batch[batch.len() - 1 - index], *errno)));
        }
        Ok(failed)
    }
}

/// The service that a change makes or edits.
fn service_of(change: &Change) -> Option<&VirtualService> {
    match change {
        Change::AddService(service) | Change::EditService(service) => Some(service),
        _ => None,
    }
}
