//! Makes a sequence that shows a difference as short as it can: fewer steps, fewer input lines, fewer words.

use anyhow::Result;

use crate::case::{Case, Command, Step, Views};
use crate::play::{Difference, Played, play};
use crate::program::Programs;

/// How often a candidate is tried before the best so far is good enough.
const TRIES: usize = 150;

/// The shortest case found that still differs; `case` itself has this difference.
pub fn shrink(programs: &Programs, case: &Case, difference: &Difference) -> Result<Case> {
    let mut best = case.clone();
    if let Some(step) = difference.step {
        best.steps.truncate(step + 1);
        best.views = Views::None;
    }
    let mut tries = 0;
    let mut smaller = true;
    while smaller && tries < TRIES {
        smaller = false;
        for candidate in candidates(&best) {
            tries += 1;
            if matches!(play(programs, &candidate)?, Played::Different(_)) {
                (best, smaller) = (candidate, true);
                break;
            }
            if tries >= TRIES {
                break;
            }
        }
    }
    Ok(best)
}

/// Every case that is one part shorter, the large parts first.
fn candidates(case: &Case) -> Vec<Case> {
    let mut cases = Vec::new();
    if let Views::These(views) = &case.views {
        for view in views.iter().filter(|_| views.len() > 1) {
            cases.push(Case { views: Views::These(vec![view.clone()]), ..case.clone() });
        }
        cases.push(Case { views: Views::None, ..case.clone() });
    }
    for at in (0..case.steps.len()).rev().filter(|_| case.steps.len() > 1) {
        let mut shorter = case.clone();
        shorter.steps.remove(at);
        cases.push(shorter);
    }
    for (at, step) in case.steps.iter().enumerate() {
        let shorter = match step {
            Step::Run(command) => shorter_inputs(command).into_iter().chain(shorter_words(command)).collect(),
            Step::Setup(_) | Step::Look(_) => Vec::new(),
        };
        for command in shorter {
            let mut case = case.clone();
            case.steps[at] = Step::Run(command);
            cases.push(case);
        }
    }
    cases
}

/// The command with one half, or one line, of its input left out.
fn shorter_inputs(command: &Command) -> Vec<Command> {
    let input = command.input.clone().unwrap_or_default();
    let lines: Vec<&[u8]> = input.split_inclusive(|byte| *byte == b'\n').collect();
    let halves = [&lines[..lines.len() / 2], &lines[lines.len() / 2..]];
    let halves = halves.into_iter().filter(|_| lines.len() > 3).map(<[&[u8]]>::concat);
    let singles =
        (0..lines.len()).filter(|_| lines.len() > 1).map(|at| [&lines[..at], &lines[at + 1..]].concat().concat());
    halves.chain(singles).map(|input| Command { input: Some(input), ..command.clone() }).collect()
}

/// The command with one or two words left out.
fn shorter_words(command: &Command) -> Vec<Command> {
    let mut shorter = Vec::new();
    for count in [2, 1] {
        for at in 1..(command.words.len() + 1).saturating_sub(count) {
            let mut command = command.clone();
            command.words.drain(at..at + count);
            shorter.push(command);
        }
    }
    shorter
}
