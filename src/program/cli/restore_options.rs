//! The options of `ipvsadm-restore`. The reference's takes none and ignores every argument, so that only long options
//! have a meaning here: old scripts may pass anything else.

use super::UsageError;
use clap::{Arg, ArgAction, Command};

/// What `ipvsadm-restore` was asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RestoreOptions {
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
    /// `--help`.
    pub help: bool,
}

const FLAGS: [(&str, &str); 6] = [
    ("atomic", "All or nothing: a line that fails leaves the table as it was"),
    ("test", "Parse and check only; needs neither root nor a kernel with ip_vs"),
    ("diff", "Print the changes that would be made; status 0: none, 1: some, 2: trouble"),
    ("noflush", "Add to the table instead of replacing it"),
    ("verbose", "Print each change as it is made"),
    ("help", "Print this help"),
];

impl RestoreOptions {
    /// Reads the arguments, without `argv[0]`.
    ///
    /// # Errors
    /// A long option that does not exist or has a value, and options that exclude one another.
    pub fn parse(arguments: &[&str]) -> Result<Self, UsageError> {
        let long = arguments.iter().filter(|word| word.len() > 2 && word.starts_with("--"));
        // clap's own words for it need a feature that nothing else does.
        let found = command().try_get_matches_from(long.clone()).map_err(|_| {
            let is_flag = |word: &str| FLAGS.iter().any(|(name, _)| word.strip_prefix("--") == Some(name));
            let culprit = long.copied().find(|word| !is_flag(word)).unwrap_or_default();
            match culprit.split_once('=') {
                Some((name, _)) if is_flag(name) => UsageError::UnwantedArgument(culprit.to_owned()),
                _ => UsageError::UnknownOption(culprit.to_owned()),
            }
        })?;
        let has = |name| found.get_flag(name);
        if has("test") && has("diff") {
            return Err(UsageError::CrossField("--test and --diff exclude one another"));
        }
        Ok(Self {
            atomic: has("atomic"),
            test: has("test"),
            diff: has("diff"),
            noflush: has("noflush"),
            verbose: has("verbose"),
            help: has("help"),
        })
    }

    /// What `--help` prints.
    pub fn help() -> String {
        let about = "Makes the IPVS table equal to the rules on standard input, by the fewest changes.\n\
                     If a line does not parse, nothing is changed (status 2); if one fails, the rest is applied (255).\n";
        let help = command().override_usage("ipvsadm-restore [OPTION...] < FILE").render_help();
        format!("{about}\n{help}")
    }
}

fn command() -> Command {
    let flag = |(name, help)| Arg::new(name).long(name).action(ArgAction::SetTrue).help(help);
    Command::new("ipvsadm-restore")
        .no_binary_name(true)
        .disable_help_flag(true)
        .disable_version_flag(true)
        .args_override_self(true)
        .args(FLAGS.map(flag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_options_count_and_all_else_is_ignored() {
        let parse = |words: &[&str]| RestoreOptions::parse(words);
        let none = RestoreOptions::default();
        assert_eq!(parse(&["-n", "file", "-h", "--", "-", ""]), Ok(none));
        assert_eq!(
            parse(&["--atomic", "x", "--verbose", "--atomic"]),
            Ok(RestoreOptions { atomic: true, verbose: true, ..none })
        );
        assert_eq!(parse(&["--atomc"]), Err(UsageError::UnknownOption("--atomc".to_owned())));
        assert!(
            matches!(parse(&["--atomic=yes"]), Err(UsageError::UnwantedArgument(word)) if word.contains("--atomic"))
        );
        assert!(parse(&["--test", "--diff"]).is_err());
        assert!(RestoreOptions::help().contains("--noflush"));
    }
}
