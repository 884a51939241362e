//! What our `-R` has to print where the reference leaves the line out: blank lines and lines
//! with `#` are skipped, and each message names its line. The reference's own answers are found by giving it the lines one
//! by one, on a table of its own.

use anyhow::{Result, ensure};

use crate::case::{Case, Command, Step};
use crate::known::{IPV6_BEFORE_MARK, OUR_IPV6_BEFORE_MARK};
use crate::namespace::Namespace;
use crate::play::{run_setup, same_content};
use crate::program::{Outcome, Programs, Role, Status};
use crate::views::{Kind, kind};
use crate::wrapper;

/// The outcome that ours should have for the restore in step `at`, in which it had `ours` and the reference `whole`,
/// and the table as it should be then.
pub fn expected(
    programs: &Programs,
    case: &Case,
    at: usize,
    whole: &Outcome,
    ours: &Outcome,
) -> Result<(Outcome, Namespace)> {
    let namespace = Namespace::new()?;
    let mut expected = None;
    for (index, step) in case.steps[..=at].iter().enumerate() {
        match step {
            Step::Setup(shell) => run_setup(shell)?,
            Step::Run(command) if kind(command) == Kind::Restore => {
                let is_wrapper = command.words[0].ends_with(b"ipvsadm-restore");
                expected = Some(if is_wrapper && index < at {
                    // It has been judged.
                    programs.run(Role::Ours, command)?
                } else if is_wrapper {
                    wrapper::expected(programs, command, &namespace, ours)?
                } else {
                    let replay = line_by_line(programs, command)?;
                    ensure!(
                        index < at || replay.skipped || same_content(&replay.unnumbered, whole),
                        "the reference's lines one by one give\n{}\n    all at once\n{whole}",
                        replay.unnumbered
                    );
                    replay.numbered
                });
            }
            Step::Run(command) if kind(command) == Kind::Other => {
                programs.run(Role::Reference, command)?;
            }
            Step::Run(_) | Step::Look(_) => {}
        }
    }
    Ok((expected.unwrap_or_else(|| whole.clone()), namespace))
}

/// The lines that are not blank, numbered from 1.
pub fn input_lines(input: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let lines = (1..).zip(input.split_inclusive(|byte| *byte == b'\n'));
    lines.filter(|(_, line)| !line.trim_ascii().is_empty())
}

/// What a restore prints: with line numbers, as ours should, and without, as the reference does.
struct Replay {
    numbered: Outcome,
    unnumbered: Outcome,
    /// Lines were left out that the reference would have stumbled over.
    skipped: bool,
}

fn line_by_line(programs: &Programs, command: &Command) -> Result<Replay> {
    let silent = Outcome { status: Status::Exit(0), stdout: Vec::new(), stderr: Vec::new() };
    let mut replay = Replay { numbered: silent.clone(), unnumbered: silent, skipped: false };
    let mut restore = command.clone();
    for (number, line) in input_lines(command.input.as_deref().unwrap_or_default()) {
        if line.trim_ascii_start().starts_with(b"#") {
            replay.skipped = true;
            continue;
        }
        restore.input = Some(line.to_vec());
        let outcome = programs.run(Role::Reference, &restore)?;
        replay.numbered.stdout.extend(&outcome.stdout);
        replay.unnumbered.stdout.extend(&outcome.stdout);
        replay.unnumbered.stderr.extend(&outcome.stderr);
        let stderr = if outcome.stderr == IPV6_BEFORE_MARK { OUR_IPV6_BEFORE_MARK } else { outcome.stderr.as_slice() };
        for message in stderr.split_inclusive(|byte| *byte == b'\n') {
            replay.numbered.stderr.extend(format!("line {number}: ").into_bytes());
            replay.numbered.stderr.extend(message);
        }
        (replay.unnumbered.status, replay.numbered.status) = (outcome.status, outcome.status);
        if ends_the_run(&outcome) {
            break;
        }
    }
    Ok(replay)
}

/// A value, legality or cross-field error, a failing listing, and a line whose first option is no command, end the
/// reference.
fn ends_the_run(outcome: &Outcome) -> bool {
    matches!(outcome.status, Status::Exit(1 | 2)) || outcome.stderr.starts_with(b"Try `")
}
