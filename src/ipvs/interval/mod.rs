//! What has happened between two looks at the table: rates from differences of counters, each server's share of the new
//! connections beside its share of the weight, and marks where there is something to see. A pure function of two snapshots
//! and the time between them.
//!
//! ```no_run
//! use ipvsadm::ipvs::client::{Client, Query};
//! use ipvsadm::ipvs::interval::{Interval, LEAST};
//!
//! let mut client = Client::connect()?;
//! let query = Query { counters: true, ..Query::default() };
//! let before = client.snapshot(query)?;
//! std::thread::sleep(LEAST);
//! let now = client.snapshot(query)?;
//! let interval = Interval::between(&before, &Interval::first(&before), &now, LEAST, true);
//! for (entry, figures) in now.services.iter().zip(&interval.services) {
//!     println!("{}: {:?}", entry.service.service.key, figures.rates);
//! }
//! # Ok::<_, ipvsadm::ipvs::error::KernelError>(())
//! ```

mod find;
mod marks;
mod rates;
#[cfg(test)]
mod tests;

pub use marks::Marks;
pub use rates::Rates;

use super::model::{ListedServer, ServiceEntry, Snapshot, Stats};
use find::Finder;
use rates::Difference;
use std::time::Duration;

/// The kernel brings counters up to date so often. Looks that are closer together find nothing new, and twice as much the
/// next time.
pub const LEAST: Duration = Duration::from_secs(2);

/// What has happened to a table between two looks.
#[derive(Clone, Debug, PartialEq)]
pub struct Interval {
    /// The time between the looks; 0 before the second one.
    pub elapsed: Duration,
    /// Of each service of the later look, in its order.
    pub services: Vec<ServiceFigures>,
    /// Whether a counter is less than it was: somebody has zeroed it, or removed its owner and added it again.
    pub counters_reset: bool,
    /// What has changed in the table.
    pub changes: Changes,
}

/// The figures of a service.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceFigures {
    /// From the service's own counters, and not the sum of its servers': those are counted at other moments. `None` where
    /// nothing is known of the interval.
    pub rates: Option<Rates>,
    /// Of each server, in the order of the look.
    pub servers: Vec<ServerFigures>,
}

/// The figures of a server.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ServerFigures {
    /// From the server's counters, as those of a service.
    pub rates: Option<Rates>,
    /// Its part, 0 to 1, of the connections that all servers of the service got; `None` if they got none.
    pub connection_share: Option<f64>,
    /// Its part, 0 to 1, of the weights of the service's servers. `None` if there are none, or the scheduler does not
    /// mean to spread connections by weight.
    pub weight_share: Option<f64>,
    /// What there is to see.
    pub marks: Marks,
    /// What a second interval has to confirm.
    suspected: Marks,
}

/// How many services and servers came, went, or have other settings. Servers of services that came or went do not count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Changes {
    pub services_added: usize,
    pub services_removed: usize,
    pub services_changed: usize,
    pub servers_added: usize,
    pub servers_removed: usize,
    pub servers_changed: usize,
}

impl Changes {
    /// Whether there are any.
    pub fn any(&self) -> bool {
        *self != Self::default()
    }
}

impl Interval {
    /// What the first look shows: no rates, and marks as far as they need none.
    pub fn first(now: &Snapshot) -> Self {
        let services = now.services.iter().map(ServiceFigures::unknown).collect();
        Self { elapsed: Duration::ZERO, services, counters_reset: false, changes: Changes::default() }
    }

    /// What has happened between two looks. `last` is what had been found at the earlier one; a mark that rests on chance
    /// shows when two intervals in a row have it. `estimation` is whether the kernel brings counters up to date: there are
    /// no rates else.
    pub fn between(before: &Snapshot, last: &Self, now: &Snapshot, elapsed: Duration, estimation: bool) -> Self {
        let mut interval = Self {
            elapsed,
            services: Vec::with_capacity(now.services.len()),
            counters_reset: false,
            changes: Changes::default(),
        };
        let seconds = Some(elapsed.as_secs_f64()).filter(|seconds| estimation && *seconds > 0.0);
        let mut earlier = Finder::new(&before.services, |entry: &ServiceEntry| entry.service.service.key);
        for entry in &now.services {
            let figures = match earlier.find(&entry.service.service.key) {
                Some(place) => {
                    let last = last.services.get(place).map_or(&[][..], |figures| &figures.servers);
                    interval.service(&before.services[place], last, entry, seconds)
                }
                None => ServiceFigures::unknown(entry),
            };
            interval.services.push(figures);
        }
        interval.changes.services_added = now.services.len() - earlier.found();
        interval.changes.services_removed = before.services.len() - earlier.found();
        interval
    }

    /// The figures of a service that is in both looks.
    fn service(
        &mut self,
        before: &ServiceEntry,
        last: &[ServerFigures],
        now: &ServiceEntry,
        seconds: Option<f64>,
    ) -> ServiceFigures {
        let mut earlier = Finder::new(&before.servers, |listed: &ListedServer| listed.server.key);
        let mut servers = Vec::with_capacity(now.servers.len());
        let mut differences = Vec::with_capacity(now.servers.len());
        let mut same_weights = true;
        for listed in &now.servers {
            let place = earlier.find(&listed.server.key);
            let old = place.map(|place| &before.servers[place]);
            self.changes.servers_changed += usize::from(old.is_some_and(|old| old.server != listed.server));
            same_weights &= old.is_some_and(|old| old.server.weight == listed.server.weight);
            let difference = old.and_then(|old| self.difference(&old.stats, &listed.stats));
            let passes = rates::replies_pass(&listed.server);
            servers.push(ServerFigures {
                rates: seconds.zip(difference).map(|(seconds, difference)| difference.per(seconds, passes)),
                ..ServerFigures::at(listed, place.and_then(|place| last.get(place)))
            });
            differences.push(difference);
        }
        let removed = before.servers.len() - earlier.found();
        self.changes.servers_added += now.servers.len() - earlier.found();
        self.changes.servers_removed += removed;
        self.changes.services_changed += usize::from(before.service.service != now.service.service);

        marks::share(now, &mut servers, &differences);
        marks::judge(now, &mut servers, &differences, same_weights && removed == 0 && seconds.is_some());
        let own = self.difference(&before.service.stats, &now.service.stats);
        let passes = now.servers.iter().any(|listed| rates::replies_pass(&listed.server)) || now.servers.is_empty();
        ServiceFigures { rates: seconds.zip(own).map(|(seconds, own)| own.per(seconds, passes)), servers }
    }

    /// What counters have counted. If one went down, nobody knows.
    fn difference(&mut self, before: &Stats, now: &Stats) -> Option<Difference> {
        let difference = Difference::between(before, now);
        self.counters_reset |= difference.is_none();
        difference
    }
}

impl ServiceFigures {
    /// Of a service of which there is one look only.
    fn unknown(entry: &ServiceEntry) -> Self {
        let mut servers: Vec<_> = entry.servers.iter().map(|listed| ServerFigures::at(listed, None)).collect();
        marks::share(entry, &mut servers, &[]);
        Self { rates: None, servers }
    }
}

impl ServerFigures {
    /// What needs no earlier look, and what was seen in the last one.
    fn at(listed: &ListedServer, last: Option<&Self>) -> Self {
        let suspected = last.map_or(Marks::empty(), |last| last.suspected);
        let marks = Marks::at(listed, last.map_or(Marks::empty(), |last| last.marks));
        Self { rates: None, connection_share: None, weight_share: None, marks, suspected }
    }
}
