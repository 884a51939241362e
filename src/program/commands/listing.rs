//! `-L` and `-S`: what the kernel says, sorted and printed.

use super::{App, PIECE};
use crate::ipvs::client::{Client, Transport};
use crate::ipvs::connections;
use crate::ipvs::error::KernelError;
use crate::ipvs::model::{Figures, ListedServer, ListedService, ServiceKey};
use crate::ipvs::order::{sort_servers, sort_services};
use crate::program::failure::Failure;
use crate::program::listing::{Format, Listing, View};
use crate::program::render::{self, TablePrinter, rules};
use std::net::IpAddr;

/// How the servers of a table are fetched.
#[derive(Clone, Copy)]
struct Fetch {
    figures: Figures,
    sorted: bool,
    /// No names are wanted.
    numeric: bool,
}

impl<T: Transport> App<'_, T> {
    pub(super) fn list(&mut self, client: &mut Client<T>, listing: &Listing) -> Result<(), Failure> {
        let mut out = Vec::new();
        match *listing {
            Listing::Table { view, format, nosort, service } => {
                let figures = match view {
                    View::Stats | View::Rate => Figures::Wanted,
                    _ => Figures::Unwanted,
                };
                let services = match &service {
                    Some(key) => vec![client.service(key, figures)?],
                    None => services(client, figures, !nosort)?,
                };
                render::title(&mut out, view, service.is_none().then(|| client.info()));
                let printer = TablePrinter::new(view, format, self.names);
                let how = Fetch { figures, sorted: !nosort, numeric: format.numeric };
                self.each_service(client, &services, how, &mut out, |out, service, servers| {
                    printer.service(out, service);
                    for server in servers {
                        printer.server(out, &service.service.key, server);
                    }
                })?;
            }
            Listing::Connections { format, persistence_engine } => {
                return self.list_connections(format, persistence_engine);
            }
            Listing::Timeouts => render::text::timeouts::line(&mut out, &client.timeouts()?),
            Listing::Daemons => render::text::daemon::lines(&mut out, &client.daemons()?),
        }
        self.write(&out)
    }

    /// `-S`: the table as the rules that make it.
    pub(super) fn save_rules(&mut self, client: &mut Client<T>, numeric: bool) -> Result<(), Failure> {
        let mut out = Vec::new();
        let services = services(client, Figures::Unwanted, true)?;
        let names: render::Names<'_> = (!numeric).then_some(self.names);
        let how = Fetch { figures: Figures::Unwanted, sorted: true, numeric };
        self.each_service(client, &services, how, &mut out, |out, service, servers| {
            rules::service(out, &service.service, servers.iter().map(|listed| &listed.server), names);
        })?;
        self.write(&out)
    }

    /// Prints each service with its servers: as the kernel sends them when no names are wanted, else after all have
    /// come, so that the names can be looked up side by side.
    fn each_service(
        &mut self,
        client: &mut Client<T>,
        services: &[ListedService],
        how: Fetch,
        out: &mut Vec<u8>,
        print: impl Fn(&mut Vec<u8>, &ListedService, &[ListedServer]),
    ) -> Result<(), Failure> {
        let mut servers = Vec::new();
        let mut scratch = Vec::new();
        let mut fetch = |key: &ServiceKey, servers: &mut Vec<ListedServer>| {
            client.servers(key, how.figures, servers)?;
            if how.sorted {
                sort_servers(servers, &mut scratch);
            }
            Ok::<_, KernelError>(())
        };
        if how.numeric {
            for service in services {
                fetch(&service.service.key, &mut servers)?;
                print(out, service, &servers);
                self.write_pieces(out)?;
            }
            return Ok(());
        }
        let mut ends = Vec::with_capacity(services.len());
        let mut all = Vec::new();
        for service in services {
            fetch(&service.service.key, &mut servers)?;
            all.append(&mut servers);
            ends.push(all.len());
        }
        self.names.prefetch(&mut addresses(services, &all));
        let mut start = 0;
        for (service, end) in services.iter().zip(ends) {
            print(out, service, &all[start..end]);
            self.write_pieces(out)?;
            start = end;
        }
        Ok(())
    }

    fn list_connections(&mut self, format: Format, persistence_engine: bool) -> Result<(), Failure> {
        let table = connections::open()?;
        let names: render::Names<'_> = (!format.numeric).then_some(self.names);
        let mut out = Vec::with_capacity(PIECE + 256);
        render::text::connections::title(&mut out, persistence_engine);
        connections::read_lines::<Failure>(table, |line| {
            if let Some(connection) = connections::parse(line) {
                render::text::connections::line(&mut out, &connection, names, persistence_engine);
            }
            self.write_pieces(&mut out)
        })?;
        self.write(&out)
    }
}

/// The services, in the order of the listing.
pub(super) fn services<T: Transport>(
    client: &mut Client<T>,
    figures: Figures,
    sorted: bool,
) -> Result<Vec<ListedService>, Failure> {
    let mut services = client.services(figures)?;
    if sorted {
        sort_services(&mut services);
    }
    Ok(services)
}

fn addresses<'a>(services: &'a [ListedService], servers: &'a [ListedServer]) -> impl Iterator<Item = IpAddr> + 'a {
    let virtual_addresses = services.iter().filter_map(|listed| match listed.service.key {
        ServiceKey::Address { address, .. } => Some(address),
        ServiceKey::FirewallMark { .. } => None,
    });
    virtual_addresses.chain(servers.iter().map(|listed| listed.server.key.address))
}
