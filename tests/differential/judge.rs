//! Says whether two outcomes of one command are equal, differ as documented, or differ.

use crate::case::Command;
use crate::known::KNOWN;
use crate::program::Outcome;

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Verdict {
    Equal,
    /// Differs as the heading of docs/differences.md says.
    Known(&'static str),
    Different,
}

/// Compares the outcomes of one command. `strict`: a known difference has to be there; it is not when the reference
/// is compared with itself.
pub fn judge(command: &Command, reference: &Outcome, ours: &Outcome, strict: bool) -> Verdict {
    let known = KNOWN.iter().find(|known| strict && (known.applies)(command, reference));
    match known {
        Some(known) if (known.wants)(command, reference, ours) => Verdict::Known(known.heading),
        None if reference == ours => Verdict::Equal,
        _ => Verdict::Different,
    }
}
