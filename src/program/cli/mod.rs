//! Words of a command line to a [`Request`]: pure, but for the names that [`NameService`] looks up.
//!
//! `options` declares every option once. `netns` takes out what says where. `popt` walks over the other words as the
//! reference's option parser does, `builder` applies the options one by one in the order given, and `legality` and `limits`
//! judge the whole; `kept` judges what `--keep` makes of what lives. `line` makes words of a line of a restore file, and
//! `saved_server` reads at once the lines that are most of it. What is ours alone, the options of `ipvsadm-save` and
//! `ipvsadm-restore`, clap parses outright.

mod builder;
pub mod declaration;
pub mod endpoint;
pub mod kept;
mod legality;
pub mod limits;
mod line;
mod netns;
mod number;
pub mod options;
mod popt;
pub mod reply;
pub mod request;
mod restore_options;
mod save_options;
mod saved_server;
mod scheduler_flags;
pub mod usage;

pub use netns::without_namespace;
pub use popt::{Occurrence, Walk};
pub use request::{Request, UsageError};
pub use restore_options::{RestoreOptions, Source, WAIT};
pub use save_options::SaveOptions;
pub use scheduler_flags::scheduler_flags;

use crate::program::listing::Listing;
use crate::program::names::NameService;
use builder::request_of;

/// Reads the program's own arguments, without `argv[0]`. None at all ask for the table.
///
/// clap declares these options but does not read them: in the reference the first error from left to right wins, be it
/// of syntax or of meaning, and it is told in popt's words or the reference's. clap looks at all words before it gives
/// out a value, so that it could only be handed again what the walk has found.
///
/// # Errors
/// What is wrong with the command line.
pub fn parse(words: &[&str], names: &dyn NameService) -> Result<Request, UsageError> {
    let request = request_of(Walk::new(words), names)?;
    Ok(request.unwrap_or(Request::List { listing: Listing::default(), output: None }))
}

/// Reads one line of a restore file; `None` for a blank line and a comment. `words` is room that lines share.
///
/// # Errors
/// What is wrong with the line.
pub fn parse_line<'l>(
    line: &'l str,
    words: &mut Vec<&'l str>,
    names: &dyn NameService,
) -> Result<Option<Request>, UsageError> {
    if let Some(change) = saved_server::read(line.as_bytes()) {
        return Ok(Some(Request::Change(change)));
    }
    line::split(line, words);
    match request_of(Walk::new(words), names)? {
        // Like the reference: a restore within a restore is no command.
        Some(Request::Restore) => Err(UsageError::TryHelp),
        Some(Request::Watch(_)) => Err(UsageError::CrossField("--watch does not end, so it has no place in a restore")),
        Some(Request::Drain(_)) => Err(UsageError::CrossField("--drain waits, which has no place in a restore")),
        Some(Request::Diagnose(_)) => Err(UsageError::CrossField("--diagnose has no place in a restore")),
        request => Ok(request),
    }
}
