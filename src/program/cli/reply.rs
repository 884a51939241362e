//! What clap says in place of what was asked for: help, the version, or what is wrong with the words.

use crate::program::quoted::quoted;
use clap::{ArgMatches, Command};

/// What is to be printed, and how the program ends then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Whole lines.
    pub text: String,
    /// For standard error, not standard output.
    pub is_error: bool,
    /// The exit status: 0, or 2 for an error.
    pub status: u8,
    /// What helps a person, where the text does not say it.
    pub hint: Option<String>,
}

impl From<clap::Error> for Reply {
    fn from(error: clap::Error) -> Self {
        Self {
            text: error.render().to_string(),
            is_error: error.use_stderr(),
            status: u8::try_from(error.exit_code()).unwrap_or(2),
            hint: None,
        }
    }
}

/// Has clap match words, without `argv[0]`.
///
/// # Errors
/// When they are wrong, and when they ask for help or the version.
pub fn matches(command: Command, words: &[&str]) -> Result<ArgMatches, Reply> {
    let command = command.no_binary_name(true).args_override_self(true);
    command.clone().try_get_matches_from(words).map_err(|error| {
        // The same words again, fit to be shown.
        let shown = words.iter().map(|word| quoted(word).into_owned());
        command.try_get_matches_from(shown).err().unwrap_or(error).into()
    })
}
