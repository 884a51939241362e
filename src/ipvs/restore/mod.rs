//! Restoring a table so that what stays keeps its traffic: the file is read and judged as a whole, compared with the
//! live table, and only the difference is made.
//!
//! ```text
//! text → lines (numbered changes) → desired (the table they make) → plan (live against desired) → apply (with undo)
//! ```
//!
//! `steps` takes them one after the other, `settle` sees to what the kernel refuses, and `check` plays a file without a
//! kernel.
//!
//! *A line that fails changes nothing that is live.* A service or server that a failed line wants to be there (-A, -E, -a,
//! -e) stays exactly as it is, unless another line says what becomes of it. In full:
//!
//! - Refused by the kernel or by its settings, the line leaves its service or server as it lives; later lines find it, if
//!   it lives, and may also add it anew. Of a service, the servers that no line names stay too.
//! - Failing for want of the service or server in the file, it leaves what it names as it lives, but no line finds it.
//! - A line that removes keeps its effect (-d after which -e fails), but where it only made room for one that is refused.
//! - With a name that does not resolve, it leaves what may be meant: all servers of its service, or all services like it.
//! - What no line wants goes. A line that only removes or zeroes wants nothing.
//!
//! ```
//! use ipvsadm::ipvs::model::{Change, ServiceKey, VirtualService};
//! use ipvsadm::ipvs::restore::{Script, Unfit, check};
//!
//! // Rules of our own, a service a line.
//! let rules = "TCP 192.0.2.1:80\nTCP 192.0.2.1:443\n";
//! let script = Script::read(rules, |line| {
//!     let key = line.parse::<ServiceKey>().map_err(|error| Unfit::Bad(error.to_string()))?;
//!     let scheduler = "wlc".parse().map_err(|_| Unfit::Bad("no scheduler".to_owned()))?;
//!     Ok(Some(Change::AddService(VirtualService::new(key, scheduler))))
//! });
//! assert!(script.bad.is_empty());
//! assert_eq!(check(&script, false).findings.failed, []);
//! // And with a `Client`: `differences`, and `restore`, which makes no more than these.
//! ```

mod apply;
mod check;
mod desired;
mod lines;
mod live;
mod object;
mod plan;
mod schedulers;
mod settle;
mod steps;
#[cfg(test)]
mod tests;

pub use check::{Checked, check, unknown_names};
pub use lines::{BadLine, Command, Line, Meant, Script, ServicePattern, Unfit, UnresolvedLine};
pub use live::{BATCH, LiveTable, Report};
pub use plan::{Count, Plan, Planned};
pub use schedulers::{PERSISTENCE_ENGINES, SCHEDULERS, UnknownName};

use crate::ipvs::model::{Change, Errno};
use apply::{Journal, Maker};
use plan::Tables;
use rustc_hash::FxHashSet;
use std::sync::atomic::AtomicBool;
use steps::{Refusals, Steps};

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
    /// The line that asked for it; `None` for one that no line asked for.
    pub line: Option<Line>,
    /// What was to be done.
    pub change: Change,
    /// The kernel's error number, or the one that the kernel would have given.
    pub errno: Errno,
}

/// A line that says exactly what an earlier one has said; it does nothing and is no failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repeated {
    /// The line.
    pub line: Line,
    /// The earlier one.
    pub first: Line,
}

/// What is to be told of a file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Findings {
    /// What failed, in the order of the lines, after what no line asked for. Lines whose names do not resolve fail
    /// too, and are in [`Script::unresolved`].
    pub failed: Vec<Failed>,
    /// The lines that repeat others, in order.
    pub repeated: Vec<Repeated>,
    /// What stays, though the file leaves it out: a line that failed may mean it.
    pub spared: Count,
    /// What goes, or has gone.
    pub removed: Count,
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
    /// What failed, and what else is to be told.
    pub findings: Findings,
    /// How many changes were made.
    pub made: usize,
    /// How many may have been made, when the kernel failed before it answered.
    pub unknown: usize,
    /// How many changes were left when it was told to stop, or when the kernel failed.
    pub left: usize,
    /// Whether it was told to stop.
    pub stopped: bool,
    /// What ended it before its time.
    pub error: Option<E>,
    /// With [`Options::atomic`], when anything went wrong.
    pub undone: Option<Undone<E>>,
}

/// The changes that a restore would make, and what it would find before the kernel is asked. With [`Options::atomic`] the
/// plan also has what undoes each, and so what is there before it.
///
/// # Errors
/// When the table cannot be read.
pub fn differences<L: LiveTable>(
    table: &mut L,
    script: &Script<'_>,
    options: Options,
) -> Result<(Plan, Findings), L::Error> {
    let live = steps::look(table, script)?;
    let (desired, mut findings) = steps::play(script, Some(&live), options.noflush, &Refusals::default());
    let tables = Tables { before: &live, now: &live, ours: &FxHashSet::default() };
    let plan = Plan::new(&tables, &desired, options.atomic);
    (findings.spared, findings.removed) = (plan.spared, plan.removed);
    Ok((plan, findings))
}

/// Restores. `stop` is looked at between batches of changes.
pub fn restore<L: LiveTable>(
    table: &mut L,
    script: &Script<'_>,
    options: Options,
    stop: &AtomicBool,
    report: &mut impl Report,
) -> Outcome<L::Error> {
    let mut maker = Maker::new(table, report, stop, options.atomic.then(Journal::default));
    let mut steps = Steps::new(script, options, &mut maker);
    let error = steps.take().err();
    let (mut findings, left) = (std::mem::take(&mut steps.findings), steps.left);
    findings.failed.sort_by_key(|failed| failed.line);
    let stopped = maker.is_stopped() && left > 0;
    let wrong = error.is_some() || stopped || !findings.failed.is_empty() || !script.unresolved.is_empty();
    let (made, unknown) = (maker.made, maker.unknown);
    let undone = (options.atomic && wrong).then(|| match maker.undo() {
        Ok(failed) if failed.is_empty() => Undone::All,
        Ok(failed) => {
            Undone::But(failed.into_iter().map(|(change, errno)| Failed { line: None, change, errno }).collect())
        }
        Err(error) => Undone::Unknown(error),
    });
    Outcome { findings, made, unknown, left, stopped, error, undone }
}
