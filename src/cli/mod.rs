//! Words of a command line to a [`Request`]: pure, but for the names that [`NameService`] looks up.
//!
//! `popt` splits words into options as the reference's option parser does, `argv` passes the program's own through
//! clap, `fold` applies them one by one in the order given, and `legality` judges the whole.

pub mod argv;
pub mod class;
mod fold;
mod legality;
mod line;
pub mod options;
pub mod popt;
pub mod request;
mod restore_options;
mod scheduler_flags;
pub mod usage;
mod values;

pub use fold::request_of;
pub use request::{Request, UsageError};
pub use restore_options::RestoreOptions;

use crate::model::NameService;

/// Reads the program's own arguments, without `argv[0]`.
pub fn parse(words: &[&str], names: &dyn NameService) -> Result<Request, UsageError> {
    request_of(&argv::through_clap(popt::split(words.iter().copied())), names)
}

/// Reads one line of a restore file; `None` for a blank line and a comment. clap's matcher would cost several times what
/// the kernel needs for a rule.
pub fn parse_line(line: &str, names: &dyn NameService) -> Result<Option<Request>, UsageError> {
    let words = popt::split(line::words(line));
    if words == popt::Words::default() {
        return Ok(None);
    }
    match request_of(&words, names)? {
        // Like the reference: a restore within a restore is no command.
        Request::Restore => Err(UsageError::TryHelp),
        request => Ok(Some(request)),
    }
}
