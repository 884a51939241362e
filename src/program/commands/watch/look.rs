//! Looks at the table, and what happened between one and the one before.

use crate::ipvs::client::{Client, Order, Query};
use crate::ipvs::error::KernelError;
use crate::ipvs::estimation;
use crate::ipvs::filter::TableFilter;
use crate::ipvs::interval::{Interval, ServerFigures, ServiceFigures};
use crate::ipvs::model::{Errno, ListedServer, ServiceEntry, Snapshot};
use crate::program::context::Host;
use std::time::Duration;

/// The kernel's table, or one like it.
pub trait Table {
    /// Reads what a filter leaves, with counters, in the order of listings.
    fn read(&mut self, filter: &TableFilter) -> Result<Snapshot, KernelError>;
}

impl Table for Client {
    fn read(&mut self, filter: &TableFilter) -> Result<Snapshot, KernelError> {
        self.snapshot(Query { filter: Some(filter), counters: true, order: Order::Sorted, settings: false })
    }
}

/// A look at the table.
pub struct Look {
    /// The table, with all servers of a service that has one that is wanted: shares are those of all.
    pub snapshot: Snapshot,
    /// What happened since the look before.
    pub interval: Interval,
    /// Whether the kernel brings counters up to date.
    pub estimation: bool,
    /// When the look began, by the host's clock.
    pub taken: Duration,
}

impl Look {
    /// The first one. What is named has to be there.
    pub fn first(host: &dyn Host, table: &mut impl Table, filter: &TableFilter) -> Result<Self, KernelError> {
        let taken = host.now();
        let snapshot = table.read(&whole_services(filter))?;
        Ok(Self { interval: Interval::first(&snapshot), snapshot, estimation: estimates(host), taken })
    }

    /// The one after this one. A service that is not there may come back.
    pub fn next(&self, host: &dyn Host, table: &mut impl Table, filter: &TableFilter) -> Result<Self, KernelError> {
        let (taken, estimation) = (host.now(), estimates(host));
        let filter = whole_services(filter);
        let snapshot = match table.read(&filter) {
            Err(error) if error.errno() == Some(Errno::ESRCH) => self.what_is_there(table, &filter)?,
            read => read?,
        };
        let elapsed = taken.saturating_sub(self.taken);
        // What stood still at either end has no rate.
        let counted = estimation && self.estimation;
        let interval = Interval::between(&self.snapshot, &self.interval, &snapshot, elapsed, counted);
        Ok(Self { snapshot, interval, estimation, taken })
    }

    /// The time until the next look is due; `None` when it is.
    pub fn left(&self, host: &dyn Host, every: Duration) -> Option<Duration> {
        (self.taken + every).checked_sub(host.now()).filter(|left| !left.is_zero())
    }

    /// Those of the services of a filter that are there.
    fn what_is_there(&self, table: &mut impl Table, filter: &TableFilter) -> Result<Snapshot, KernelError> {
        let mut found = Snapshot { services: Vec::new(), ..self.snapshot.clone() };
        for service in &filter.services {
            match table.read(&TableFilter { services: vec![*service], ..filter.clone() }) {
                Err(error) if error.errno() == Some(Errno::ESRCH) => {}
                read => found.services.extend(read?.services),
            }
        }
        Ok(found)
    }

    /// The services that are wanted, with their figures.
    pub fn services<'l>(
        &'l self,
        filter: &'l TableFilter,
    ) -> impl Iterator<Item = (&'l ServiceEntry, &'l ServiceFigures)> {
        let any = move |entry: &ServiceEntry| entry.servers.iter().any(|listed| filter.server(&listed.server));
        let all = self.snapshot.services.iter().zip(&self.interval.services);
        all.filter(move |(entry, _)| !filter.chooses_servers() || any(entry))
    }
}

/// The servers of a service that are wanted, with their figures.
pub fn servers<'l>(
    entry: &'l ServiceEntry,
    figures: &'l ServiceFigures,
    filter: &'l TableFilter,
) -> impl Iterator<Item = (&'l ListedServer, &'l ServerFigures)> {
    entry.servers.iter().zip(&figures.servers).filter(|(listed, _)| filter.server(&listed.server))
}

/// The filter without what chooses servers.
fn whole_services(filter: &TableFilter) -> TableFilter {
    TableFilter { server: None, weight: None, ..filter.clone() }
}

fn estimates(host: &dyn Host) -> bool {
    estimation::runs(|path| host.open(path))
}
