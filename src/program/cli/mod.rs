//! Words of a command line to a [`Request`]: pure, but for the names that [`NameService`] looks up.
//!
//! `popt` splits words into options as the reference's option parser does, `argv` passes the program's own through
//! clap, `fold` applies them one by one in the order given, and `legality` judges the whole. `line` makes words of a line of
//! a restore file, and `saved` reads at once the lines that are most of it.

pub mod argv;
pub mod class;
mod fold;
mod legality;
mod line;
pub mod options;
pub mod popt;
pub mod request;
mod restore_options;
mod saved;
mod scheduler_flags;
pub mod usage;
mod values;

pub use fold::request_of;
pub use request::{Request, UsageError};
pub use restore_options::RestoreOptions;

use crate::program::listing::{Format, Listing, View};
use crate::program::names::NameService;
use argv::Walked;

/// Reads the program's own arguments, without `argv[0]`. None at all ask for the table.
pub fn parse(words: &[&str], names: &dyn NameService) -> Result<Request, UsageError> {
    let walked = Walked::new(popt::split(words));
    let matches = walked.matches();
    let request = request_of(&mut walked.in_order(matches.as_ref()), names)?;
    Ok(request.unwrap_or(Request::List(Listing::Table {
        view: View::Plain,
        format: Format::default(),
        nosort: false,
        service: None,
    })))
}

/// Reads one line of a restore file; `None` for a blank line and a comment. clap's matcher would cost several times what
/// the kernel needs for a rule. `words` is room that lines share.
pub fn parse_line<'l>(
    line: &'l str,
    words: &mut Vec<&'l str>,
    names: &dyn NameService,
) -> Result<Option<Request>, UsageError> {
    if let Some(change) = saved::server(line.as_bytes()) {
        return Ok(Some(Request::Change(change)));
    }
    line::split(line, words);
    match request_of(&mut popt::split(words), names)? {
        // Like the reference: a restore within a restore is no command.
        Some(Request::Restore) => Err(UsageError::TryHelp),
        request => Ok(request),
    }
}
