//! `-L`: what the kernel says, sorted and printed.

use crate::ipvs::client::{Client, Order, Query};
use crate::ipvs::estimation;
use crate::ipvs::filter::TableFilter;
use crate::ipvs::model::{ListedServer, ListedService, ServiceEntry, ServiceKey};
use crate::program::context::{Context, Stream};
use crate::program::failure::Failure;
use crate::program::listing::{Format, View};
use crate::program::render::{self, TablePrinter};
use std::net::IpAddr;

/// Prints the table, or one service, with the columns of a view.
#[inline(never)]
pub fn table(
    context: &mut Context<'_>,
    client: &mut Client,
    view: View,
    nosort: bool,
    filter: &TableFilter,
    format: Format,
) -> Result<(), Failure> {
    let order = if nosort { Order::Kernel } else { Order::Sorted };
    let counters = matches!(view, View::Stats | View::Rate);
    let query = Query { filter: Some(filter), counters, order, ..Query::default() };
    let info = filter.services.is_empty().then(|| client.info());
    let printer = TablePrinter::new(view, format, context.names);
    let print = |out: &mut Vec<u8>, service: &ListedService, servers: &[ListedServer]| {
        printer.service(out, service);
        for server in servers {
            printer.server(out, &service.service.key, server);
        }
    };
    each_service(context, client, query, format.numeric, |out| render::title(out, view, info), print)?;
    if counters && context.host.is_terminal(Stream::Error) && !estimation::runs(|path| context.host.open(path)) {
        context.print_error(
            "Counters and rates stand still: the kernel's estimator does not run (net.ipv4.vs.run_estimation is 0, or \
             net.ipv4.vs.est_cpulist is empty).",
        );
    }
    Ok(())
}

/// Prints the timeouts of connections.
#[inline(never)]
pub fn timeouts(context: &mut Context<'_>, client: &mut Client) -> Result<(), Failure> {
    let mut out = Vec::new();
    render::text::timeouts::line(&mut out, &client.timeouts().map_err(Failure::List)?);
    context.write(&out)
}

/// Prints the sync daemons.
#[inline(never)]
pub fn daemons(context: &mut Context<'_>, client: &mut Client) -> Result<(), Failure> {
    let mut out = Vec::new();
    render::text::daemon::lines(&mut out, &client.daemons().map_err(Failure::List)?);
    context.write(&out)
}

/// Prints each service with its servers: as the kernel sends them when no names are wanted, else after all have come, so
/// that the names can be looked up side by side. The title comes once the services are known to be there.
pub fn each_service(
    context: &mut Context<'_>,
    client: &mut Client,
    query: Query<'_>,
    numeric: bool,
    title: impl FnOnce(&mut Vec<u8>),
    print: impl Fn(&mut Vec<u8>, &ListedService, &[ListedServer]),
) -> Result<(), Failure> {
    let mut out = Vec::new();
    if numeric {
        let mut entries = client.entries(query).map_err(Failure::List)?;
        title(&mut out);
        while let Some((service, servers)) = entries.next_entry().map_err(Failure::List)? {
            print(&mut out, service, servers);
            context.write_pieces(&mut out)?;
        }
    } else {
        let services = client.snapshot(query).map_err(Failure::List)?.services;
        title(&mut out);
        context.names.prefetch(&mut addresses(&services));
        for ServiceEntry { service, servers } in &services {
            print(&mut out, service, servers);
            context.write_pieces(&mut out)?;
        }
    }
    context.write(&out)
}

/// The addresses whose names a listing of these services shows.
pub fn addresses(services: &[ServiceEntry]) -> impl Iterator<Item = IpAddr> + '_ {
    let virtual_addresses = services.iter().filter_map(|entry| match entry.service.service.key {
        ServiceKey::Address { address, .. } => Some(address),
        ServiceKey::FirewallMark { .. } => None,
    });
    virtual_addresses.chain(services.iter().flat_map(|entry| &entry.servers).map(|listed| listed.server.key.address))
}
