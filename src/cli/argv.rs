//! The program's own arguments, matched by clap in canonical form (`--long` or `--long=value`).
//!
//! What clap cannot express or say in the reference's words (popt's clusters and values, operands, the order of
//! errors) the walk in `popt` has settled. clap matches the canonical words against a command declared from the one
//! table, and the order in which options act is read back from its indices. The whole table as a clap command makes
//! the help.

use super::options::{OPTIONS, Spec, Value};
use super::popt::{Given, Words};
use clap::{Arg, ArgAction, ArgMatches, Command};
use std::borrow::Cow;

/// Stands for an option without a value, so that clap keeps an index for each occurrence. No word holds a NUL.
const ABSENT: &str = "\0";

/// The whole table as a clap command, for the help.
pub fn command() -> Command {
    declare(OPTIONS.iter())
}

/// Matches the options of a walk by clap and returns them with clap's values, in clap's order.
///
/// Only the options that were given are declared to clap: declaring all sixty costs more than matching them.
pub fn through_clap(mut words: Words<'_>) -> Words<'_> {
    let mut used: Vec<&'static Spec> = Vec::with_capacity(words.options.len());
    for given in &words.options {
        if !used.contains(&given.spec) {
            used.push(given.spec);
        }
    }
    let canonical = words.options.iter().map(|given| match &given.value {
        Some(value) => format!("--{}={value}", given.spec.long),
        None => format!("--{}", given.spec.long),
    });
    // The walk took names and arities from the same table, so that a refusal would be a defect of `declare`; a test
    // plays thousands of lines both ways.
    if let Ok(matches) = declare(used.iter().copied()).try_get_matches_from(canonical) {
        words.options = in_order(&matches, &used, &words.options);
    }
    words
}

fn in_order<'w>(matches: &ArgMatches, used: &[&'static Spec], walked: &[Given<'w>]) -> Vec<Given<'w>> {
    let mut found: Vec<(usize, &'static Spec, Option<String>)> = Vec::with_capacity(walked.len());
    for spec in used {
        let indices = matches.indices_of(spec.long).into_iter().flatten();
        let values = matches.get_many::<String>(spec.long).into_iter().flatten();
        found
            .extend(indices.zip(values).map(|(index, value)| (index, *spec, (value != ABSENT).then(|| value.clone()))));
    }
    found.sort_unstable_by_key(|(index, ..)| *index);
    let words = walked.iter().map(|given| given.word);
    found
        .into_iter()
        .zip(words)
        .map(|((_, spec, value), word)| Given { spec, value: value.map(Cow::Owned), word })
        .collect()
}

fn declare(specs: impl Iterator<Item = &'static Spec>) -> Command {
    let command = Command::new("ipvsadm").no_binary_name(true).disable_help_flag(true).disable_version_flag(true);
    command.args(specs.map(arg))
}

fn arg(spec: &'static Spec) -> Arg {
    let arg = Arg::new(spec.long)
        .long(spec.long)
        .action(ArgAction::Append)
        .default_missing_value(ABSENT)
        .help(spec.help)
        .help_heading(spec.heading);
    let arg = match spec.value {
        Value::None => arg.num_args(0),
        Value::Required(name) => arg.num_args(1).require_equals(true).value_name(name),
        Value::Optional(name) => arg.num_args(0..=1).require_equals(true).value_name(name),
    };
    let mut shorts = spec.short.chars();
    match shorts.next() {
        Some(first) => arg.short(first).visible_short_aliases(shorts.collect::<Vec<_>>()),
        None => arg,
    }
}

#[cfg(test)]
mod tests {
    use super::super::popt::split;
    use super::*;

    #[test]
    fn the_whole_declaration_is_sound() {
        command().debug_assert();
    }

    /// Both ways give the same options in the same order, whatever the words: 20,000 lines of random words.
    #[test]
    fn clap_and_the_walk_agree() {
        let pieces =
            ["-A", "-Ln", "-p", "-p5", "-p=", "-t", "=x", "--stats", "--tcp-service=", "-nw", "5", "--", "", "-", "-X"];
        let more =
            ["--persistent", "--persistent=7", "-s", "\u{fc}", "-Q", "--weight", "-6", "--sort", "-C", "-a b", "--x"];
        let all: Vec<&str> = pieces.iter().chain(&more).copied().collect();
        let mut seed = 1u32;
        let mut next = |below: usize| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 8) as usize % below
        };
        for _ in 0..20_000 {
            let words: Vec<&str> = (0..next(8)).map(|_| all[next(all.len())]).collect();
            let walk = || split(words.iter().copied());
            assert_eq!(through_clap(walk()), walk(), "{words:?}");
        }
    }
}
