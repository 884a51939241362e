//! The checks. A new one is a function of [`Facts`] in a file of its kind, and a row of [`ALL`].

mod answers;
mod kernel;
mod persistence;
mod schedulers;
mod table;

use super::facts::Facts;
use super::finding::{Finding, Findings};

/// A check's name, and what finds.
type Check = (&'static str, fn(&Facts, &mut Findings));

/// In the order in which a client meets what they look at.
const ALL: &[Check] = &[
    ("service", table::service),
    ("servers", table::servers),
    ("weights", table::weights),
    ("thresholds", table::thresholds),
    ("scheduler", schedulers::scheduler),
    ("templates", persistence::templates),
    ("answers", answers::answers),
    ("drop-modes", kernel::drop_modes),
    ("connection-table", kernel::connection_table),
    ("estimation", kernel::estimation),
];

/// What all of them find.
pub fn judge(facts: &Facts) -> Vec<Finding> {
    let all = ALL.iter().flat_map(|(name, check)| {
        let mut findings = Findings::of(name);
        check(facts, &mut findings);
        findings.into_vec()
    });
    all.collect()
}
