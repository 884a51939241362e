//! `--watch`: a document for each interval.

use super::document::Head;
use super::key::object;
use super::server::{Connections, ServerKeyView, ServerSettingsView};
use super::service::{ServiceKeyView, ServiceSettingsView};
use super::stats::Counters;
use super::text::Names;
use crate::ipvs::interval::{Changes, Interval, Marks, Rates, ServerFigures, ServiceFigures};
use crate::ipvs::model::{ListedServer, ListedService, ServiceKey};
use serde::{Serialize, Serializer};
use std::time::Duration;

/// What happened in an interval.
pub struct IntervalView<A> {
    head: Head,
    elapsed_seconds: u64,
    interval_seconds: f64,
    counters_reset: bool,
    changes: ChangesView,
    services: A,
}

object!(IntervalView<A> where A { ..head, elapsed_seconds, interval_seconds, counters_reset, changes, services });

impl<A> IntervalView<A> {
    /// `since` is the time since the first look, `services` an array of [`WatchedServiceView`].
    pub fn new(head: Head, interval: &Interval, since: Duration, services: A) -> Self {
        Self {
            head,
            elapsed_seconds: since.as_secs(),
            interval_seconds: interval.elapsed.as_secs_f64(),
            counters_reset: interval.counters_reset,
            changes: (&interval.changes).into(),
            services,
        }
    }
}

struct ChangesView {
    services: ChangeView,
    servers: ChangeView,
}

object!(ChangesView { services, servers });

struct ChangeView {
    added: usize,
    removed: usize,
    changed: usize,
}

object!(ChangeView { added, removed, changed });

impl From<&Changes> for ChangesView {
    fn from(changes: &Changes) -> Self {
        Self {
            services: ChangeView {
                added: changes.services_added,
                removed: changes.services_removed,
                changed: changes.services_changed,
            },
            servers: ChangeView {
                added: changes.servers_added,
                removed: changes.servers_removed,
                changed: changes.servers_changed,
            },
        }
    }
}

struct IntervalRates {
    connections_per_second: f64,
    packets_in_per_second: f64,
    packets_out_per_second: Option<f64>,
    bytes_in_per_second: f64,
    bytes_out_per_second: Option<f64>,
}

object!(IntervalRates {
    connections_per_second,
    packets_in_per_second,
    packets_out_per_second,
    bytes_in_per_second,
    bytes_out_per_second
});

impl From<Rates> for IntervalRates {
    fn from(rates: Rates) -> Self {
        Self {
            connections_per_second: rates.connections,
            packets_in_per_second: rates.in_packets,
            packets_out_per_second: rates.out_packets,
            bytes_in_per_second: rates.in_bytes,
            bytes_out_per_second: rates.out_bytes,
        }
    }
}

/// A service that is watched.
pub struct WatchedServiceView<'a> {
    key: ServiceKeyView,
    settings: ServiceSettingsView<'a>,
    counters: Counters,
    interval_rates: Option<IntervalRates>,
    servers: Vec<WatchedServerView>,
}

object!(WatchedServiceView<'_> { ..key, ..settings, counters, interval_rates, servers });

impl<'a> WatchedServiceView<'a> {
    /// With these servers of it, and the names of addresses and ports.
    pub fn new<'s>(
        listed: &'a ListedService,
        figures: &ServiceFigures,
        servers: impl Iterator<Item = (&'s ListedServer, &'s ServerFigures)>,
        names: Names<'_>,
    ) -> Self {
        let key = &listed.service.key;
        Self {
            key: ServiceKeyView::new(key, names),
            settings: ServiceSettingsView::new(&listed.service),
            counters: (&listed.stats).into(),
            interval_rates: figures.rates.map(Into::into),
            servers: servers.map(|(listed, figures)| WatchedServerView::new(key, listed, figures, names)).collect(),
        }
    }
}

struct WatchedServerView {
    key: ServerKeyView,
    settings: ServerSettingsView,
    connections: Connections,
    counters: Counters,
    interval_rates: Option<IntervalRates>,
    connection_percent: Option<f64>,
    weight_percent: Option<f64>,
    marks: MarksView,
}

object!(WatchedServerView {
    ..key,
    ..settings,
    connections,
    counters,
    interval_rates,
    connection_percent,
    weight_percent,
    marks
});

impl WatchedServerView {
    fn new(service: &ServiceKey, listed: &ListedServer, figures: &ServerFigures, names: Names<'_>) -> Self {
        let percent = |share: f64| share * 100.0;
        Self {
            key: ServerKeyView::new(service, &listed.server.key, names),
            settings: ServerSettingsView::from(&listed.server),
            connections: listed.into(),
            counters: (&listed.stats).into(),
            interval_rates: figures.rates.map(Into::into),
            connection_percent: figures.connection_share.map(percent),
            weight_percent: figures.weight_share.map(percent),
            marks: MarksView(figures.marks),
        }
    }
}

struct MarksView(Marks);

impl Serialize for MarksView {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.words())
    }
}
