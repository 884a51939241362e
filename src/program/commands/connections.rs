//! `-L -c`: the connection table.

use crate::ipvs::connection_counts::{self, ServiceCount};
use crate::ipvs::connections;
use crate::ipvs::filter::ConnectionFilter;
use crate::program::context::{Context, Host, PIECE};
use crate::program::failure::Failure;
use crate::program::listing::Format;
use crate::program::render::{Names, text};
use anyhow::anyhow;
use std::io::Read;
use std::path::Path;

/// Prints the connections as the kernel lists them.
#[inline(never)]
pub fn list(
    context: &mut Context<'_>,
    format: Format,
    persistence_engine: bool,
    filter: &ConnectionFilter,
) -> Result<(), Failure> {
    let table = open(context.host)?;
    let names: Names<'_> = (!format.numeric).then_some(context.names);
    let mut out = Vec::with_capacity(PIECE + 256);
    text::connections::title(&mut out, persistence_engine);
    connections::read_lines(table, |line| {
        if let Some(connection) = connections::parse(line).filter(|connection| filter.connection(connection)) {
            text::connections::line(&mut out, &connection, names, persistence_engine);
        }
        context.write_pieces(&mut out)
    })
    .map_err(Failure::List)??;
    context.write(&out)
}

/// Prints how many there are.
#[inline(never)]
pub fn count(context: &mut Context<'_>, format: Format, filter: &ConnectionFilter) -> Result<(), Failure> {
    let (counts, names) = counted(context, format, filter)?;
    let mut out = Vec::new();
    text::counts::lines(&mut out, &counts, names);
    context.write(&out)
}

/// The numbers of connections, and where the names in them come from.
pub fn counted<'a>(
    context: &Context<'a>,
    format: Format,
    filter: &ConnectionFilter,
) -> Result<(Vec<ServiceCount>, Names<'a>), Failure> {
    let counts = connection_counts::count(open(context.host)?, filter).map_err(Failure::List)?;
    let names: Names<'_> = (!format.numeric).then_some(context.names);
    if let Some(names) = names {
        let servers = counts.iter().flat_map(|service| &service.servers).map(|server| server.endpoint.0);
        names.prefetch(&mut counts.iter().map(|service| service.endpoint.0).chain(servers));
    }
    Ok((counts, names))
}

/// Whether there is any.
pub fn is_any(context: &Context<'_>, filter: &ConnectionFilter) -> Result<bool, Failure> {
    let found = connections::read_lines(open(context.host)?, |line| {
        let wanted = connections::parse(line).is_some_and(|connection| filter.connection(&connection));
        if wanted { Err(()) } else { Ok(()) }
    });
    Ok(found.map_err(Failure::List)?.is_err())
}

/// Opens the connection table; the message is the reference's.
pub fn open(host: &dyn Host) -> Result<Box<dyn Read>, Failure> {
    let table = host.open(Path::new(connections::PATH));
    table.map_err(|_| Failure::Other(anyhow!("cannot open file {}", connections::PATH), 1))
}
