//! `-L -c`: the connection table.

use crate::ipvs::connections;
use crate::program::context::{Context, Host, PIECE};
use crate::program::failure::Failure;
use crate::program::listing::Format;
use crate::program::render::{Names, text};
use anyhow::anyhow;
use std::io::Read;
use std::path::Path;

/// Prints the connections as the kernel lists them.
pub fn list(context: &mut Context<'_>, format: Format, persistence_engine: bool) -> Result<(), Failure> {
    let table = open(context.host)?;
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

/// Opens the connection table; the message is the reference's.
pub fn open(host: &dyn Host) -> Result<Box<dyn Read>, Failure> {
    let table = host.open(Path::new(connections::PATH));
    table.map_err(|_| Failure::Other(anyhow!("cannot open file {}", connections::PATH), 1))
}
