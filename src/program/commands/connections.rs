//! `-L -c`: the connection table.

use crate::ipvs::connections;
use crate::program::context::{Context, PIECE};
use crate::program::failure::Failure;
use crate::program::listing::Format;
use crate::program::render::{Names, text};
use anyhow::anyhow;
use std::path::Path;

/// Prints the connections as the kernel lists them.
pub fn list(context: &mut Context<'_>, format: Format, persistence_engine: bool) -> Result<(), Failure> {
    // In the reference's words.
    let table = context.host.open(Path::new(connections::PATH));
    let table = table.map_err(|_| Failure::Other(anyhow!("cannot open file {}", connections::PATH), 1))?;
    let names: Names<'_> = (!format.numeric).then_some(context.names);
    let mut out = Vec::with_capacity(PIECE + 256);
    text::connections::title(&mut out, persistence_engine);
    connections::read_lines(table, |line| {
        if let Some(connection) = connections::parse(line) {
            text::connections::line(&mut out, &connection, names, persistence_engine);
        }
        context.write_pieces(&mut out)
    })
    .map_err(Failure::List)??;
    context.write(&out)
}
