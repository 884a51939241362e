//! What programs read: listings as JSON documents, which docs/json.md explains and docs/schema.json describes.
//!
//! ```text
//! document     the object at the top, one for each listing
//! array        an array whose elements come one by one
//! service      a virtual service: what identifies it, its settings, counters, servers
//! server       a real server, likewise
//! connection   a line of the connection table, or how many there are
//! setting      timeouts, sync daemons
//! stats        counters and rates
//! draining     how a drain goes
//! finding      a line of a diagnosis
//! watch        what happened in an interval
//! difference   what a restore would change
//! key          the keys of all objects
//! compact      the text that serde_json makes of all this
//! text         addresses and ports with their names, the kernel's names
//! ```
//!
//! Each type borrows the model and is written by serde_json. A key is always there, null where it does not apply.

mod array;
mod compact;
mod connection;
mod difference;
pub mod document;
mod draining;
mod finding;
mod key;
mod server;
mod service;
mod setting;
mod stats;
#[cfg(test)]
mod tests;
mod text;
mod watch;

pub use array::{Array, Elements};
pub use connection::{ConnectionView, ServiceCountView};
pub use difference::{ChangeView, FailedView, Origin};
pub use document::{Head, SCHEMA_VERSION};
pub use draining::{CountsView, DrainView, DrainedServerView, WarningView};
pub use finding::FindingView;
pub use server::{ServerKeyView, ServerSettingsView, ServerView};
pub use service::{ServiceKeyView, ServiceSettingsView, ServiceView};
pub use setting::{DaemonView, TimeoutsView};
pub use watch::{IntervalView, WatchedServiceView};

use compact::{Compact, Nowhere};
use serde::Serialize;
use serde_json::Serializer;
use std::io::{self, Write};

/// Writes a document and a newline behind it.
///
/// # Errors
/// Those of the writer, or of an [`Array`]'s elements.
pub fn write(out: &mut dyn Write, document: &impl Serialize) -> io::Result<()> {
    document.serialize(&mut Serializer::with_formatter(Nowhere, Compact::new(out)))?;
    Ok(())
}
