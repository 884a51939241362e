//! The options of `ipvsadm-restore`, which clap reads. The reference's takes none and ignores every word, so that a file
//! that is named as a word was never read, and the table was cleared.

use super::options::Opt;
use super::reply::{Reply, matches};
use super::request::path;
use super::usage::VERSION;
use clap::error::ErrorKind;
use clap::{Arg, ArgAction, Command, ValueHint};
use std::path::PathBuf;

/// What `ipvsadm-restore` was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RestoreOptions {
    /// Where the rules are.
    pub source: Source,
    /// `--atomic`: all or nothing.
    pub atomic: bool,
    /// `--test`: parse and check only.
    pub test: bool,
    /// `--diff`: print what would be changed.
    pub diff: bool,
    /// `--noflush`: add to the table.
    pub noflush: bool,
    /// `--verbose`: print each change as it is made.
    pub verbose: bool,
    /// `--json`: the input is a document, and so is what `--diff` prints.
    pub json: bool,
    /// `--allow-empty`: input without rules clears the table, whatever else is asked for.
    pub allow_empty: bool,
    /// `--wait`: how many seconds to wait for another restore to end.
    pub wait: Option<u32>,
    /// `--netns`: the network namespace to work in.
    pub namespace: Option<String>,
}

/// How many seconds to wait for another restore where nothing is said.
pub const WAIT: u32 = 10;

/// Where the rules of a restore are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Source {
    /// On standard input.
    #[default]
    Stdin,
    /// In a file.
    File {
        /// Where it is.
        path: PathBuf,
        /// It was named behind the word `<`, as in a unit file, where no shell opens it.
        forgiven_redirection: bool,
    },
}

impl RestoreOptions {
    /// Reads the words, without `argv[0]`.
    ///
    /// # Errors
    /// When they are wrong, and when they ask for help or the version.
    pub fn parse(words: &[&str]) -> Result<Self, Reply> {
        let (words, forgiven_redirection) = without_redirection(words);
        let found = matches(Self::command(), &words)?;
        let file = ["FILE", "file"].iter().find_map(|id| found.get_one::<String>(id)).filter(|file| *file != "-");
        if forgiven_redirection && file.is_none() {
            let mut command = Self::command();
            return Err(command
                .error(ErrorKind::MissingRequiredArgument, "there is no file behind the word '<'")
                .into());
        }
        Ok(Self {
            source: file.map_or(Source::Stdin, |file| Source::File { path: path(file), forgiven_redirection }),
            atomic: found.get_flag("atomic"),
            test: found.get_flag("test"),
            diff: found.get_flag("diff"),
            noflush: found.get_flag("noflush"),
            verbose: found.get_flag("verbose"),
            json: found.get_flag("json"),
            allow_empty: found.get_flag("allow-empty"),
            wait: found.get_one("wait").copied(),
            namespace: found.get_one("netns").cloned(),
        })
    }

    /// Whether it was called as the reference's can be: with nothing but the rules, wherever they are.
    pub fn is_plain(&self) -> bool {
        *self == Self { source: self.source.clone(), ..Self::default() }
    }

    /// The declaration.
    pub fn command() -> Command {
        let flag = |name, help| Arg::new(name).long(name).action(ArgAction::SetTrue).help(help);
        Command::new("ipvsadm-restore")
            .version(VERSION)
            .about("Makes the IPVS table equal to the rules of a file, by the fewest changes.")
            .override_usage("ipvsadm-restore [OPTIONS] [FILE]\n       ipvsadm-restore [OPTIONS] < FILE")
            .args([
                Arg::new("FILE")
                    .value_hint(ValueHint::FilePath)
                    .help("The file with the rules; without it, or as -, standard input"),
                Arg::new("file")
                    .short('f')
                    .long("file")
                    .value_name("FILE")
                    .conflicts_with("FILE")
                    .value_hint(ValueHint::FilePath)
                    .help("The same, as nft has it"),
                flag("atomic", "All or nothing: a line that fails leaves the table as it was"),
                flag("test", "Parse and check only; needs neither root nor a kernel with ip_vs").conflicts_with("diff"),
                flag("diff", "Print the changes that would be made, and make none"),
                flag("json", "Restore a document of `ipvsadm -L --json`; with --diff print one"),
                flag("noflush", "Add to the table instead of replacing it"),
                flag("verbose", "Print each change as it is made, and name every line that fails"),
                flag("allow-empty", "Let input without rules clear the table"),
                Arg::new("wait")
                    .long("wait")
                    .value_name("SECONDS")
                    .num_args(0..=1)
                    .require_equals(true)
                    .default_missing_value("10")
                    .value_parser(clap::value_parser!(u32))
                    .help("How long to wait for another restore to end [10]"),
                Arg::new("netns").long("netns").value_name("NAMESPACE").help(Opt::Netns.spec().help),
                Arg::new("n").short('n').action(ArgAction::SetTrue).help("Ignored: old scripts give it"),
            ])
            .after_help(
                "Status: 0 done; 2 a line does not parse, or a word is wrong: the table is untouched; 4 another\n\
                 restore is under way; 255 a line failed: the rest is applied. With --diff: 0 nothing to change,\n\
                 1 something, 2 trouble.",
            )
    }
}

/// Takes the first `<` out of the words. Where there is no shell, as in a unit file, it comes as a word of its own or
/// before the name of the file; whether there was any is returned with the rest.
fn without_redirection<'w>(words: &[&'w str]) -> (Vec<&'w str>, bool) {
    let mut words = words.to_vec();
    let Some(at) = words.iter().position(|word| word.starts_with('<')) else { return (words, false) };
    words[at] = &words[at][1..];
    if words[at].is_empty() {
        words.remove(at);
    }
    (words, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, forgiven_redirection: bool) -> Source {
        Source::File { path: name.into(), forgiven_redirection }
    }

    #[test]
    fn where_the_rules_are() {
        let source = |words: &[&str]| RestoreOptions::parse(words).unwrap().source;
        for words in [&[][..], &["-"], &["-n"], &["-n", "-n", "--atomic"], &["-f", "-"], &["--"]] {
            assert_eq!(source(words), Source::Stdin, "{words:?}");
        }
        for words in
            [&["a b"][..], &["-f", "a b"], &["-fa b"], &["--file=a b"], &["--noflush", "a b", "-n"], &["--", "a b"]]
        {
            assert_eq!(source(words), file("a b", false), "{words:?}");
        }
        for words in [&["<", "rules"][..], &["<rules"], &["--atomic", "<", "rules"], &["<", "rules", "-n"]] {
            assert_eq!(source(words), file("rules", true), "{words:?}");
        }
        let raw = crate::ipvs::text::decode(b"\xff");
        let Source::File { path, .. } = source(&[&raw]) else { panic!() };
        assert_eq!(path.as_os_str().as_encoded_bytes(), b"\xff");
    }

    #[test]
    fn options_may_be_repeated() {
        let expected = RestoreOptions { atomic: true, verbose: true, ..RestoreOptions::default() };
        assert_eq!(RestoreOptions::parse(&["--atomic", "--verbose", "--atomic"]), Ok(expected));
    }

    #[test]
    fn how_long_to_wait() {
        let wait = |words: &[&str]| RestoreOptions::parse(words).unwrap().wait;
        assert_eq!(wait(&[]), None);
        assert_eq!(wait(&["--wait"]), Some(WAIT));
        assert_eq!(wait(&["--wait=0"]), Some(0));
        let options = RestoreOptions::parse(&["--wait", "30"]).unwrap();
        assert_eq!((options.wait, options.source), (Some(WAIT), file("30", false)));
    }

    #[test]
    fn what_is_plain() {
        let plain = |words: &[&str]| RestoreOptions::parse(words).unwrap().is_plain();
        assert!(plain(&[]) && plain(&["-n"]) && plain(&["rules"]) && plain(&["<", "rules"]));
        for word in ["--atomic", "--test", "--diff", "--noflush", "--verbose", "--json", "--wait", "--allow-empty"] {
            assert!(!plain(&[word]), "{word}");
        }
    }

    #[test]
    fn anything_else_is_refused_with_status_2() {
        for (words, expected) in [
            (&["--atomc"][..], "'--atomic'"),
            (&["--atomic=yes"], "'yes'"),
            (&["-x"], "'-x'"),
            (&["-nx"], "'-x'"),
            (&["a", "b"], "'b'"),
            (&["<", "a", "b"], "'b'"),
            (&["a", ">", "b"], "'>'"),
            (&["<"], "'<'"),
            (&["<", "-"], "'<'"),
            (&["a", "-f", "b"], "'--file <FILE>'"),
            (&["-f"], "'--file <FILE>'"),
            (&["--test", "--diff"], "'--diff'"),
            (&["--wait=soon"], "'soon'"),
            (&["--wait=-1"], "'-1'"),
            (&["--\x1b[2J"], "'--\\x1b[2J'"),
        ] {
            let reply = RestoreOptions::parse(words).unwrap_err();
            assert!(reply.text.starts_with("error: ") && reply.text.contains(expected), "{words:?}: {}", reply.text);
            assert_eq!((reply.is_error, reply.status), (true, 2), "{words:?}");
        }
    }

    #[test]
    fn help_and_version_are_no_errors() {
        for words in [&["-h"][..], &["--help"], &["--atomic", "rules", "-h"]] {
            let reply = RestoreOptions::parse(words).unwrap_err();
            assert_eq!((reply.is_error, reply.status), (false, 0), "{words:?}");
            assert!(
                reply.text.contains("Usage: ipvsadm-restore ") && reply.text.contains("--noflush"),
                "{}",
                reply.text
            );
        }
        let reply = RestoreOptions::parse(&["-V"]).unwrap_err();
        assert!(!reply.is_error && reply.text.starts_with("ipvsadm-restore v1.31 "), "{}", reply.text);
    }
}
