//! `-L --json`: every listing as a JSON document, written as it comes.

use super::connections::{counted, open};
use super::list::addresses;
use crate::ipvs::client::{Client, Entries, Order, Query};
use crate::ipvs::error::KernelError;
use crate::ipvs::filter::{ConnectionFilter, TableFilter};
use crate::ipvs::model::ServiceEntry;
use crate::ipvs::{connections, estimation};
use crate::program::context::Context;
use crate::program::failure::Failure;
use crate::program::listing::{Listed, Listing};
use crate::program::names::NameService;
use crate::program::render::Names;
use crate::program::render::json::{
    Array, ConnectionView, Elements, Head, ServiceCountView, ServiceView, document, write,
};
use serde::Serialize;
use serde::ser::{Error, SerializeSeq};
use std::io;

/// Prints a document, or nothing if what it is about cannot be had.
#[inline(never)]
pub fn print(context: &mut Context<'_>, client: &mut Client, listing: &Listing) -> Result<(), Failure> {
    let head = Head::new(client.info(), estimation::runs(|path| context.host.open(path)));
    let names = (!listing.format.numeric).then_some(context.names);
    match &listing.listed {
        Listed::Table { nosort, filter, .. } => table(context, client, head, names, *nosort, filter),
        Listed::Connections { filter, .. } => connections(context, head, names, filter),
        Listed::Counts { filter } => {
            let (counts, names) = counted(context, listing.format, filter)?;
            let connections = counts.iter().map(|service| service.count.total).sum();
            let counts = counts.iter().map(|service| ServiceCountView::new(service, names)).collect();
            print_document(context, &document::Counts { head, connections, counts })
        }
        Listed::Timeouts => {
            let timeouts = client.timeouts().map_err(Failure::List)?;
            print_document(context, &document::Timeouts { head, timeouts: (&timeouts).into() })
        }
        Listed::Daemons => {
            let daemons = client.daemons().map_err(Failure::List)?;
            print_document(context, &document::Daemons { head, daemons: daemons.iter().map(Into::into).collect() })
        }
    }
}

fn table(
    context: &mut Context<'_>,
    client: &mut Client,
    head: Head,
    names: Names<'_>,
    nosort: bool,
    filter: &TableFilter,
) -> Result<(), Failure> {
    let order = if nosort { Order::Kernel } else { Order::Sorted };
    let query = Query { filter: Some(filter), counters: true, order, ..Query::default() };
    if let Some(names) = names {
        let services = client.snapshot(query).map_err(Failure::List)?.services;
        names.prefetch(&mut addresses(&services));
        let services = Array::new(Read { services: &services, names });
        return print_document(context, &document::Table { head, services });
    }
    let entries = client.entries(query).map_err(Failure::List)?;
    let mut failure = None;
    let services = Array::new(Live { entries, failure: &mut failure });
    let printed = print_document(context, &document::Table { head, services });
    failure.map_or(printed, |error| Err(Failure::List(error)))
}

/// Services as the kernel sends them.
struct Live<'a> {
    entries: Entries<'a>,
    /// What ended them before their time.
    failure: &'a mut Option<KernelError>,
}

impl Elements for Live<'_> {
    fn write<S: SerializeSeq>(mut self, sequence: &mut S) -> Result<(), S::Error> {
        loop {
            match self.entries.next_entry() {
                Ok(Some((service, servers))) => {
                    sequence.serialize_element(&ServiceView::new(service, servers, None))?;
                }
                Ok(None) => return Ok(()),
                Err(error) => return Err(ended(self.failure, error)),
            }
        }
    }
}

/// Services that were read, whose names are known.
struct Read<'a> {
    services: &'a [ServiceEntry],
    names: &'a dyn NameService,
}

impl Elements for Read<'_> {
    fn write<S: SerializeSeq>(self, sequence: &mut S) -> Result<(), S::Error> {
        self.services.iter().try_for_each(|ServiceEntry { service, servers }| {
            sequence.serialize_element(&ServiceView::new(service, servers, Some(self.names)))
        })
    }
}

fn connections(
    context: &mut Context<'_>,
    head: Head,
    names: Names<'_>,
    filter: &ConnectionFilter,
) -> Result<(), Failure> {
    let table = open(context.host)?;
    let mut failure = None;
    let connections = Array::new(Lines { table, names, filter, failure: &mut failure });
    let printed = print_document(context, &document::Connections { head, connections });
    failure.map_or(printed, |error| Err(Failure::List(error)))
}

/// Connections, line by line.
struct Lines<'a> {
    table: Box<dyn io::Read>,
    names: Names<'a>,
    filter: &'a ConnectionFilter,
    failure: &'a mut Option<KernelError>,
}

impl Elements for Lines<'_> {
    fn write<S: SerializeSeq>(self, sequence: &mut S) -> Result<(), S::Error> {
        let read = connections::read_lines(self.table, |line| match connections::parse(line) {
            Some(connection) if self.filter.connection(&connection) => {
                sequence.serialize_element(&ConnectionView::new(&connection, self.names))
            }
            _ => Ok(()),
        });
        read.unwrap_or_else(|error| Err(ended(self.failure, error)))
    }
}

/// Keeps what ended a document before its time, and makes an error of it that ends the writing.
fn ended<E: Error>(failure: &mut Option<KernelError>, error: KernelError) -> E {
    let ended = E::custom(&error);
    *failure = Some(error);
    ended
}

fn print_document(context: &mut Context<'_>, document: &impl Serialize) -> Result<(), Failure> {
    write(context.stdout, document).map_err(Failure::Output)
}
