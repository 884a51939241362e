//! The options of `ipvsadm-save`, which clap reads, and of `-S`.

use super::options::Opt;
use super::reply::{Reply, matches};
use super::request::path;
use super::usage::VERSION;
use clap::{Arg, ArgAction, Command, ValueHint};
use std::path::PathBuf;

/// What is to be saved, and where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SaveOptions {
    /// `-n`: numbers instead of names.
    pub numeric: bool,
    /// `--full`: everything that a restore can bring back; always in numbers.
    pub full: bool,
    /// `--output`: the file that is written in place of standard output.
    pub output: Option<PathBuf>,
    /// `--netns` of `ipvsadm-save`: the network namespace to work in.
    pub namespace: Option<String>,
}

impl SaveOptions {
    /// Reads the words of `ipvsadm-save`, without `argv[0]`. Like the reference, words that are no options are ignored.
    ///
    /// # Errors
    /// When they are wrong, for which the reference has status 1, and when they ask for help or the version.
    pub fn parse(words: &[&str]) -> Result<Self, Reply> {
        // To the reference these are no known words, while clap would make something of them.
        if let Some(word) = words.iter().find(|word| word.starts_with("-nn") || matches!(**word, "-" | "--")) {
            return Err(refusal(&format!("unexpected argument '{word}' found")));
        }
        let found = matches(Self::command(), words).map_err(|reply| match reply.is_error {
            true => {
                let what = reply.text.lines().next().unwrap_or_default().trim_start_matches("error: ");
                let meant =
                    reply.text.split("a similar argument exists: '").nth(1).and_then(|rest| rest.split('\'').next());
                Reply { hint: meant.map(|name| format!("there is {name}")), ..refusal(what) }
            }
            false => reply,
        })?;
        Ok(Self {
            numeric: found.get_flag("numeric"),
            full: found.get_flag("full"),
            output: found.get_one::<String>("output").map(|file| path(file)),
            namespace: found.get_one("netns").cloned(),
        })
    }

    /// The declaration.
    pub fn command() -> Command {
        Command::new("ipvsadm-save")
            .version(VERSION)
            .about("Writes the IPVS table as rules, which ipvsadm-restore and ipvsadm -R read.")
            .override_usage("ipvsadm-save [OPTIONS]")
            .args([
                Arg::new("numeric").short('n').action(ArgAction::SetTrue).help("Numbers instead of names"),
                Arg::new("full")
                    .long("full")
                    .action(ArgAction::SetTrue)
                    .help("Thresholds, timeouts and sync daemons too; always in numbers"),
                Arg::new("output")
                    .long("output")
                    .value_name("FILE")
                    .value_hint(ValueHint::FilePath)
                    .help("Write this file in place of standard output"),
                Arg::new("netns").long("netns").value_name("NAMESPACE").help(Opt::Netns.spec().help),
                Arg::new("ignored").num_args(0..).hide(true),
            ])
    }
}

/// As the reference: two lines and status 1.
fn refusal(what: &str) -> Reply {
    let text = format!(
        "ipvsadm-save: {what}\nUsage: ipvsadm-save [-n] [--full] [--output FILE] [--netns NAMESPACE], or --help\n"
    );
    Reply { text, is_error: true, status: 1, hint: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_saved() {
        let none = SaveOptions::default();
        let numeric = SaveOptions { numeric: true, ..none.clone() };
        for (words, expected) in [
            (&[][..], &none),
            (&["-n"], &numeric),
            (&["-n", "-n"], &numeric),
            (&["extra", "-n", ">", "file", ""], &numeric),
            (&["--full"], &SaveOptions { full: true, ..none.clone() }),
            (&["--output", "a b", "-n"], &SaveOptions { output: Some("a b".into()), ..numeric.clone() }),
            (&["--output=-"], &SaveOptions { output: Some("-".into()), ..none.clone() }),
        ] {
            assert_eq!(SaveOptions::parse(words).as_ref(), Ok(expected), "{words:?}");
        }
    }

    #[test]
    fn anything_else_is_answered_as_by_the_reference() {
        for word in ["-x", "--numeric", "-nn", "-nx", "-", "--", "--full=1", "--ful", "-f", "--output"] {
            let reply = SaveOptions::parse(&["-n", word]).unwrap_err();
            assert_eq!((reply.status, reply.is_error), (1, true), "{word}");
            assert!(reply.text.starts_with("ipvsadm-save: ") && reply.text.lines().count() == 2, "{}", reply.text);
        }
    }

    #[test]
    fn a_name_that_is_nearly_right() {
        let hint = |word| SaveOptions::parse(&[word]).unwrap_err().hint;
        assert_eq!(hint("--outptu=x").as_deref(), Some("there is --output"));
        assert_eq!(hint("--ful").as_deref(), Some("there is --full"));
        assert_eq!((hint("--bogus"), hint("-x"), hint("-h")), (None, None, None));
    }

    #[test]
    fn help_and_version_are_no_errors() {
        for word in ["-h", "--help"] {
            let reply = SaveOptions::parse(&[word]).unwrap_err();
            assert_eq!((reply.status, reply.is_error), (0, false));
            assert!(
                reply.text.contains("Usage: ipvsadm-save ") && reply.text.contains("--output <FILE>"),
                "{}",
                reply.text
            );
        }
        assert!(SaveOptions::parse(&["-V"]).unwrap_err().text.starts_with("ipvsadm-save v1.31 "));
    }
}
