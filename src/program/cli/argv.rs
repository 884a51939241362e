//! The program's own arguments, matched by clap in canonical form (`--long` or `--long=value`).
//!
//! What clap cannot express or say in the reference's words (popt's clusters and values, operands, the order of
//! errors) the walk in `popt` has settled. clap matches the canonical words against a command declared from the one
//! table, and the order in which options act is read back from its indices. The whole table as a clap command makes
//! the help.

use super::UsageError;
use super::options::{OPTIONS, Spec, Value};
use super::popt::{Given, Operands, Options};
use clap::{Arg, ArgAction, ArgMatches, Command};
use std::vec;

/// Stands for an option without a value, so that clap keeps an index for each occurrence. No word holds a NUL.
const ABSENT: &str = "\0";

/// The whole table as a clap command, for the help.
pub fn command() -> Command {
    declare(OPTIONS.iter())
}

/// A walk that has been made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Walked<'w> {
    options: Vec<Given<'w>>,
    error: Option<UsageError>,
    operands: Operands<'w>,
}

impl<'w> Walked<'w> {
    /// Makes a walk.
    pub fn new(mut words: impl Options<'w>) -> Self {
        let mut error = None;
        let options = words.by_ref().map_while(|given| given.map_err(|syntax| error = Some(syntax)).ok()).collect();
        Self { options, error, operands: words.operands().clone() }
    }

    /// Has clap match the options. The walk took names and arities from the same table, so that a refusal would be a
    /// defect of `declare`; a test plays thousands of lines both ways.
    ///
    /// Only the options that were given are declared to clap: declaring all sixty costs more than matching them.
    pub fn matches(&self) -> Option<ArgMatches> {
        let canonical = self.options.iter().map(|given| match given.value {
            Some(value) => format!("--{}={value}", given.spec.long),
            None => format!("--{}", given.spec.long),
        });
        declare(self.used().into_iter()).try_get_matches_from(canonical).ok()
    }

    /// The options with clap's values, in clap's order.
    pub fn in_order<'m>(&'m self, matches: Option<&'m ArgMatches>) -> Ordered<'m> {
        let options = matches.map_or_else(|| self.options.clone(), |matches| self.order(matches));
        Ordered { options: options.into_iter(), error: self.error.clone(), operands: &self.operands }
    }

    fn used(&self) -> Vec<&'static Spec> {
        let mut used: Vec<&'static Spec> = Vec::with_capacity(self.options.len());
        for given in &self.options {
            if !used.contains(&given.spec) {
                used.push(given.spec);
            }
        }
        used
    }

    fn order<'m>(&'m self, matches: &'m ArgMatches) -> Vec<Given<'m>> {
        let mut found: Vec<(usize, &'static Spec, Option<&str>)> = Vec::with_capacity(self.options.len());
        for spec in self.used() {
            let indices = matches.indices_of(spec.long).into_iter().flatten();
            let values = matches.get_many::<String>(spec.long).into_iter().flatten();
            found.extend(
                indices.zip(values).map(|(index, value)| (index, spec, (value != ABSENT).then_some(value.as_str()))),
            );
        }
        found.sort_unstable_by_key(|(index, ..)| *index);
        let words = self.options.iter().map(|given| given.word);
        found.into_iter().zip(words).map(|((_, spec, value), word)| Given { spec, value, word }).collect()
    }
}

/// Options as clap ordered them.
#[derive(Debug)]
pub struct Ordered<'m> {
    options: vec::IntoIter<Given<'m>>,
    error: Option<UsageError>,
    operands: &'m Operands<'m>,
}

impl<'m> Iterator for Ordered<'m> {
    type Item = Result<Given<'m>, UsageError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.options.next().map(Ok).or_else(|| self.error.take().map(Err))
    }
}

impl<'m> Options<'m> for Ordered<'m> {
    fn operands(&self) -> &Operands<'m> {
        self.operands
    }
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
            let walked = Walked::new(split(&words));
            let matches = walked.matches().unwrap();
            assert_eq!(Walked::new(walked.in_order(Some(&matches))), walked, "{words:?}");
        }
    }
}
