//! How a restore ended: what its last lines say, and its status.

use super::messages::{Messages, count, fails, failures, part, refusal};
use crate::ipvs::error::KernelError;
use crate::ipvs::restore::{Count, Outcome, Script, Undone};
use crate::ipvs::text;
use crate::program::cli::RestoreOptions;

/// Tells how a restore ended, and its status.
pub fn conclude(script: &Script<'_>, outcome: &Outcome<KernelError>, options: &RestoreOptions) -> (Vec<u8>, u8) {
    let mut told = Messages::new(script, options.verbose).findings(&outcome.findings).text();
    let fails = fails(script, &outcome.findings);
    let mut last = Vec::new();
    if outcome.stopped {
        last.push("Interrupted.".to_owned());
    }
    if let Some(error) = &outcome.error {
        last.push(format!("cannot talk to the kernel: {error}"));
    }
    if fails {
        let failures = failures(script, &outcome.findings);
        last.push(format!("{failures} failed{}.", if failures.are_all() { "" } else { rest(outcome) }));
    }
    last.extend(left(outcome));
    last.extend(spared(outcome.findings.spared, part(script)));
    if script.commands.is_empty() && !fails {
        last.extend(cleared(outcome, script));
    }
    last.iter().for_each(|line| told = format!("{told}{line}\n"));
    told += &undone(outcome);
    let ended = outcome.stopped || outcome.error.is_some();
    (text::encode(&told).into_owned(), if fails || ended { 255 } else { 0 })
}

/// `2 of 7 lines do`, `1 of 1 line does`.
pub fn bad(script: &Script<'_>) -> String {
    let total = script.commands.len() + script.bad.len() + script.unresolved.len();
    let does = if script.bad.len() == 1 { "does" } else { "do" };
    format!("{} of {} {does}", script.bad.len(), count(total, "line"))
}

/// What is done with the other lines.
fn rest(outcome: &Outcome<KernelError>) -> &'static str {
    let ended = outcome.stopped || outcome.error.is_some() || outcome.undone.is_some();
    if ended { "" } else { "; the others are applied" }
}

/// What is left to do, where it ended before its time and nothing is undone.
fn left(outcome: &Outcome<KernelError>) -> Option<String> {
    if !(outcome.stopped || outcome.error.is_some()) || outcome.undone.is_some() {
        return None;
    }
    let unknown = match outcome.unknown {
        0 => String::new(),
        unknown => format!(" of {unknown} more it is not known,"),
    };
    Some(format!("{} changes are made,{unknown} {} are left: restore again to make them.", outcome.made, outcome.left))
}

fn spared(Count { services, servers }: Count, part: &str) -> Option<String> {
    let what = match (services, servers) {
        (0, 0) => return None,
        (0, servers) => count(servers, "server"),
        (services, 0) => count(services, "service"),
        (services, servers) => format!("{} and {}", count(services, "service"), count(servers, "server")),
    };
    let stay = if services + servers == 1 { "stays" } else { "stay" };
    Some(format!("{what} that no {part} names may be meant by {part}s that failed, and {stay}."))
}

/// What input without rules has removed.
fn cleared(outcome: &Outcome<KernelError>, script: &Script<'_>) -> Option<String> {
    let input = if script.has_lines { "rules in the input" } else { "services in the document" };
    let Count { services, servers } = outcome.findings.removed;
    let were = format!("{} and {}", count(services, "service"), count(servers, "server"));
    (services > 0 && outcome.error.is_none()).then(|| format!("There were no {input}: {were} are removed."))
}

/// What became of `--atomic`.
fn undone(outcome: &Outcome<KernelError>) -> String {
    match &outcome.undone {
        None => String::new(),
        Some(Undone::All) => "The table is as it was.\n".to_owned(),
        Some(Undone::But(failed)) => {
            let failed: String = failed.iter().map(|failed| refusal(failed, false) + "\n").collect();
            format!("The table is as it was, but for these changes:\n{failed}")
        }
        Some(Undone::Unknown(error)) => {
            format!("Undoing failed ({error}): the table is neither the old one nor the new one.\n")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stays_and_what_stay() {
        let told = |services, servers| spared(Count { services, servers }, "line").unwrap_or_default();
        assert_eq!(told(0, 0), "");
        assert_eq!(told(0, 1), "1 server that no line names may be meant by lines that failed, and stays.");
        assert_eq!(
            told(2, 1),
            "2 services and 1 server that no line names may be meant by lines that failed, and stay."
        );
    }
}
