//! The second line of an error, for people at a terminal: what may be meant, what is missing, what to do. Scripts see the
//! reference's bytes, so that nothing here is asked for where standard error is no terminal.

mod connect;
mod defaults;
mod namespace;
mod refusal;
mod schedulers;
mod similar;
#[cfg(test)]
mod tests;
mod usage;

pub use connect::without_rights;
pub use defaults::{Live, before};
pub use similar::similar;

use super::cli::{self, Request};
use super::context::{Context, Host};
use super::failure::Failure;
use crate::ipvs::model::Change;
use crate::program::listing::{Listed, Listing};
use std::io::Read;
use std::path::Path;

/// What helps with a failure of the command line `words`, if anything does.
#[inline(never)]
pub fn hint(context: &Context<'_>, words: &[&str], failure: &Failure) -> Option<String> {
    let (_, words) = cli::without_namespace(words).unwrap_or((None, words.into()));
    match failure {
        Failure::Namespace(error) => namespace::hint(context.host, error),
        Failure::Usage(error) => usage::hint(&words, error),
        Failure::Connect(error) => connect::hint(context.host, error.errno()),
        Failure::Change(change, error) | Failure::Ensure(change, error) => {
            refusal::hint(context.host, change, error.errno()?)
        }
        // A listing asks for a service as its deletion does.
        Failure::List(error) => match cli::parse(&words, context.names) {
            Ok(Request::List { listing: Listing { listed: Listed::Table { filter, .. }, .. }, .. }) => {
                let [key] = filter.services[..] else { return None };
                refusal::hint(context.host, &Change::DeleteService(key), error.errno()?)
            }
            _ => None,
        },
        _ => None,
    }
}

/// The text of a file; `None` where it cannot be read.
fn read(host: &dyn Host, path: &str) -> Option<String> {
    let mut text = Vec::new();
    host.open(Path::new(path)).ok()?.read_to_end(&mut text).ok()?;
    Some(String::from_utf8_lossy(&text).into_owned())
}
