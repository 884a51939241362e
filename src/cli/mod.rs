//! Words of a command line to a [`Request`]: pure, but for the names that [`NameService`] looks up.
//!
//! `popt` splits words into options as the reference's option parser does, `argv` passes the program's own through
//! clap, `fold` applies them one by one in the order given, and `legality` judges the whole.

pub mod argv;
mod fold;
mod legality;
pub mod options;
pub mod popt;
pub mod request;
pub mod usage;
mod values;

pub use fold::request_of;
pub use request::{Request, UsageError};

use crate::model::NameService;

/// Reads the program's own arguments, without `argv[0]`.
pub fn parse(words: &[&str], names: &dyn NameService) -> Result<Request, UsageError> {
    request_of(&argv::through_clap(popt::split(words)), names)
}

/// Reads the words of one line of a restore file; clap's matcher would cost several times what the kernel needs.
pub fn parse_line(words: &[&str], names: &dyn NameService) -> Result<Request, UsageError> {
    match request_of(&popt::split(words), names) {
        // Like the reference: a restore within a restore is no command.
        Ok(Request::Restore) => Err(UsageError::TryHelp),
        other => other,
    }
}
