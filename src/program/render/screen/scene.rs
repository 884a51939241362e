//! What there is to show.

use crate::ipvs::connection_counts::ServiceCount;
use crate::ipvs::filter::TableFilter;
use crate::ipvs::interval::{Interval, Marks, Rates, ServerFigures, ServiceFigures};
use crate::ipvs::model::{ListedServer, ServiceEntry, ServiceKey, Snapshot};
use crate::program::render::Names;
use crate::program::render::text::address::endpoint;
use crate::program::render::text::list::{port_protocol, service_name};
use std::time::Duration;

/// A look at the table, and what belongs to it.
#[derive(Clone, Copy)]
pub struct Scene<'s> {
    /// The table.
    pub snapshot: &'s Snapshot,
    /// What happened since the look before.
    pub interval: &'s Interval,
    /// Whether the kernel brings counters up to date.
    pub estimation: bool,
    /// The time between two looks.
    pub every: Duration,
    /// Which servers are wanted.
    pub filter: &'s TableFilter,
    /// Names of hosts and ports, if they are wanted.
    pub names: Names<'s>,
    /// The connections of the service whose page is shown, by server and state.
    pub connections: Option<&'s [ServiceCount]>,
}

/// A line of the table: a service, or a server of it, by their places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The service.
    pub service: usize,
    /// The server; `None` for the service itself.
    pub server: Option<usize>,
}

/// What there is to say in a row.
#[derive(Clone, Copy)]
pub struct Cells<'s> {
    /// Of the service or the server.
    pub rates: Option<&'s Rates>,
    /// Of a server.
    pub server: Option<(&'s ListedServer, &'s ServerFigures)>,
}

impl<'s> Scene<'s> {
    /// A service with its figures.
    pub fn service(&self, place: usize) -> (&'s ServiceEntry, &'s ServiceFigures) {
        (&self.snapshot.services[place], &self.interval.services[place])
    }

    /// The place of a service, if it is there.
    pub fn place(&self, key: &ServiceKey) -> Option<usize> {
        self.snapshot.services.iter().position(|entry| entry.service.service.key == *key)
    }

    /// What there is to say in a row.
    pub fn cells(&self, row: Row) -> Cells<'s> {
        let (entry, figures) = self.service(row.service);
        match row.server {
            None => Cells { rates: figures.rates.as_ref(), server: None },
            Some(place) => {
                let (listed, figures) = (&entry.servers[place], &figures.servers[place]);
                Cells { rates: figures.rates.as_ref(), server: Some((listed, figures)) }
            }
        }
    }

    /// The name of a row's service or server.
    pub fn name(&self, row: Row) -> String {
        let (entry, _) = self.service(row.service);
        let (mut out, key) = (Vec::new(), &entry.service.service.key);
        match row.server {
            None => service_name(&mut out, key, self.names),
            Some(place) => {
                let server = &entry.servers[place].server.key;
                endpoint(&mut out, server.address, server.port, port_protocol(key), self.names);
            }
        }
        String::from_utf8_lossy(&out).into_owned()
    }
}

impl Cells<'_> {
    /// The marks of a server.
    pub fn marks(&self) -> Marks {
        self.server.map_or(Marks::empty(), |(_, figures)| figures.marks)
    }
}
