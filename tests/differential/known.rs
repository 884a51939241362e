//! The known differences: each is deliberate, has its heading in docs/differences.md, and is required, not just
//! allowed. What they do to a restore's messages is in `restore.rs`.

use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::case::Command;
use crate::narrowed;
use crate::program::{Outcome, Status};

/// One difference: when the reference's outcome calls for it, and what ours has to be then.
pub struct Known {
    /// The heading of docs/differences.md that gives the reason.
    pub heading: &'static str,
    pub applies: fn(&Command, &Outcome) -> bool,
    pub wants: fn(&Command, &Outcome, &Outcome) -> bool,
}

/// Heading of the differences that `restore.rs` knows.
pub const RESTORE: &str = "Restore names lines";

/// Heading of the differences that `wrapper.rs` knows.
pub const WRAPPER: &str = "ipvsadm-restore applies a file as a whole";

/// Headings of differences within those of [`WRAPPER`].
pub const KEEPS: &str = "A line that fails changes nothing that is live";
pub const REPEATS: &str = "A line that says what an earlier one says";

/// What the reference says of `-6` where no `-f` stands before it.
pub const IPV6_BEFORE_MARK: &[u8] = b"-6 used before -f\n\n";

/// What ours says of it.
pub const OUR_IPV6_BEFORE_MARK: &[u8] = b"-6 is for firewall marks only: give -f MARK before it\n";

pub const KNOWN: &[Known] = &[
    narrowed::SEVERAL_SERVICES,
    narrowed::SOME_SERVERS,
    narrowed::CONNECTIONS_OF,
    Known {
        heading: "A save whose names do not restore",
        applies: |command, reference| {
            is_save_with_names(command) && (names_twice(&reference.stdout) || names_ipv6(&reference.stdout))
        },
        wants: |_, reference, ours| {
            ours.status == reference.status
                && ours.stdout == unsigned_marks(&reference.stdout)
                && ours.stderr.starts_with(b"warning: this will not restore: ")
        },
    },
    Known {
        heading: "Help text",
        applies: |_, reference| reference.stderr.starts_with(b"ipvsadm-save: Script to save "),
        wants: |command, reference, ours| match asks_for_help(command) {
            true => is_our_wrappers_help(ours),
            false => is_our_usage(reference, ours),
        },
    },
    Known { heading: "Help text", applies: |_, reference| is_help(reference), wants: |_, r, o| is_our_help(r, o) },
    Known {
        heading: "Version text",
        applies: |_, reference| is_version(reference),
        wants: |_, _, o| is_our_version(o),
    },
    Known {
        heading: "Firewall marks of 2^31 and more",
        applies: |_, reference| reference.stdout != unsigned_marks(&reference.stdout),
        wants: |_, reference, ours| {
            ours.status == reference.status
                && ours.stderr == reference.stderr
                && ours.stdout == unsigned_marks(&reference.stdout)
        },
    },
    Known {
        heading: "A scheduler flag list without a flag",
        applies: |command, reference| reference.status == Status::Signal(11) && has_empty_flags(command),
        wants: |_, _, ours| is_refusal(ours, &["flag"]),
    },
    Known {
        heading: "-6 without a firewall mark",
        applies: |_, reference| reference.stderr == IPV6_BEFORE_MARK,
        wants: |_, reference, ours| {
            ours.status == reference.status && ours.stdout.is_empty() && ours.stderr == OUR_IPV6_BEFORE_MARK
        },
    },
];

/// Fails when a known difference has no heading in `docs/differences.md`.
pub fn check_headings(project: &Path) -> Result<()> {
    let path = project.join("docs/differences.md");
    let text = std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    let headings: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix('#'))
        .map(|line| line.trim_start_matches('#').trim())
        .collect();
    for heading in KNOWN.iter().map(|known| known.heading).chain([RESTORE, WRAPPER, KEEPS, REPEATS]) {
        ensure!(headings.contains(&heading), "{} has no heading '{heading}'", path.display());
    }
    Ok(())
}

fn is_help(outcome: &Outcome) -> bool {
    outcome.stdout.starts_with(b"ipvsadm v1.31 ") && contains(&outcome.stdout, b"\nUsage:\n")
}

/// Our help is in our words, but names every option that the reference's names.
fn is_our_help(reference: &Outcome, ours: &Outcome) -> bool {
    let text = String::from_utf8_lossy(&ours.stdout);
    let named: Vec<&str> = options(&text).collect();
    ours.status == reference.status
        && ours.stderr == reference.stderr
        && options(&String::from_utf8_lossy(&reference.stdout)).all(|option| named.contains(&option))
}

/// Whether `ipvsadm-save` is asked for its help, which the reference does not know.
fn asks_for_help(command: &Command) -> bool {
    command.words.iter().any(|word| *word == b"-h" || *word == b"--help")
}

fn is_our_wrappers_help(ours: &Outcome) -> bool {
    ours.status == Status::Exit(0) && ours.stderr.is_empty() && contains(&ours.stdout, b"\nUsage: ipvsadm-save ")
}

/// The wrapper's two lines, in our words.
fn is_our_usage(reference: &Outcome, ours: &Outcome) -> bool {
    ours.status == reference.status
        && ours.stdout == reference.stdout
        && ours.stderr.starts_with(b"ipvsadm-save: ")
        && ours.stderr.iter().filter(|byte| **byte == b'\n').count() == 2
        && contains(&ours.stderr, b"[-n]")
}

/// The words of a help text that are options: `-A|E` counts as `-A`.
fn options(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))
        .filter(|word| word.starts_with("--") && word.len() > 3 || word.starts_with('-') && word.len() == 2)
}

fn is_save_with_names(command: &Command) -> bool {
    command.words[0].ends_with(b"ipvsadm-save") && !command.words.iter().any(|word| word == b"-n" || word == b"--full")
}

/// Whether two rules of a save name one service or server: the words before its other options are the same.
fn names_twice(save: &[u8]) -> bool {
    let mut known = std::collections::HashSet::new();
    let text = String::from_utf8_lossy(save);
    let named = text.lines().filter_map(|line| {
        [" -s ", " -g ", " -m ", " -i "]
            .iter()
            .filter_map(|option| line.find(option))
            .min()
            .map(|end| line[..end].to_owned())
    });
    named.into_iter().any(|name| !known.insert(name))
}

/// Whether a save has the name of an IPv6 address, in brackets.
fn names_ipv6(save: &[u8]) -> bool {
    let text = String::from_utf8_lossy(save);
    let inside = |word: &'_ str| Some(word.strip_prefix('[')?.split_once(']')?.0.to_owned());
    text.split_whitespace().filter_map(inside).any(|name| name.parse::<std::net::Ipv6Addr>().is_err())
}

fn is_version(outcome: &Outcome) -> bool {
    outcome.stdout.starts_with(b"ipvsadm v1.31 ") && outcome.stdout.iter().filter(|byte| **byte == b'\n').count() == 1
}

fn is_our_version(ours: &Outcome) -> bool {
    ours.status == Status::Exit(0) && ours.stderr.is_empty() && is_version(ours)
}

fn has_empty_flags(command: &Command) -> bool {
    command.words.iter().any(|word| word.contains(&b',') && word.iter().all(|byte| b",-b=".contains(byte)))
        || command.words.iter().any(|word| word.starts_with(b"--sched-flags=,"))
}

/// Status 2, nothing on stdout, one line on stderr that names these.
fn is_refusal(ours: &Outcome, names: &[&str]) -> bool {
    let text = String::from_utf8_lossy(&ours.stderr);
    ours.status == Status::Exit(2)
        && ours.stdout.is_empty()
        && text.ends_with('\n')
        && text.lines().count() == 1
        && names.iter().all(|name| text.contains(name))
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

/// A listing or save of the reference with its negative firewall marks as they should be; columns keep their places.
pub fn unsigned_marks(stdout: &[u8]) -> Vec<u8> {
    let text = stdout.split_inclusive(|byte| *byte == b'\n');
    text.flat_map(|line| unsigned_mark(line).unwrap_or_else(|| line.to_vec())).collect()
}

fn unsigned_mark(line: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(line).ok()?;
    let (before, rest) = match text.strip_prefix("FWM  ") {
        Some(rest) => ("FWM  ", rest),
        None => text.split_at(text.find(" -f -").filter(|_| text.starts_with('-'))? + 4),
    };
    let (number, after) = rest.split_at(rest.find([' ', '\n'])?);
    let signed: i32 = number.parse().ok().filter(|mark| *mark < 0)?;
    let unsigned = (signed as u32).to_string();
    let mut line = format!("{before}{unsigned}{after}");
    // A padded name: the blanks after it make up for the other length.
    if let Some(gap) = after.find("  ").filter(|_| before.starts_with("FWM")) {
        let at = before.len() + unsigned.len() + gap;
        match unsigned.len().checked_sub(number.len()) {
            Some(longer) => line.replace_range(at..at + longer, ""),
            None => line.insert_str(at, &" ".repeat(number.len() - unsigned.len())),
        }
    }
    Some(line.into_bytes())
}
