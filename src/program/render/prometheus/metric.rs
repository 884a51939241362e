//! What is counted of each service and each server. Names, kinds and helps are part of the interface: dashboards and alerts are
//! made of them.

use crate::ipvs::model::{ListedServer, ServiceEntry};

/// Whether a metric only grows, or is what is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It grows until it is zeroed.
    Counter,
    /// It goes up and down.
    Gauge,
}

impl Kind {
    /// As the format has it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
        }
    }
}

/// A metric of services or of servers.
pub struct Metric<T> {
    /// Its name, with the unit in it.
    pub name: &'static str,
    /// Its kind.
    pub kind: Kind,
    /// What it says.
    pub help: &'static str,
    /// Its value of one of them.
    pub value: fn(&T) -> u64,
}

const fn counter<T>(name: &'static str, help: &'static str, value: fn(&T) -> u64) -> Metric<T> {
    Metric { name, kind: Kind::Counter, help, value }
}

const fn gauge<T>(name: &'static str, help: &'static str, value: fn(&T) -> u64) -> Metric<T> {
    Metric { name, kind: Kind::Gauge, help, value }
}

/// Name and help of the metric that has the settings of services as labels.
pub const SERVICE_INFO: (&str, &str) = ("ipvs_service_info", "A virtual service, with its settings as labels.");
/// The same of servers.
pub const SERVER_INFO: (&str, &str) = ("ipvs_server_info", "A real server, with its settings as labels.");

/// Of each service.
pub static OF_SERVICES: [Metric<ServiceEntry>; 5] = [
    counter("ipvs_service_connections_total", "Connections scheduled.", |entry| entry.service.stats.connections),
    counter("ipvs_service_incoming_packets_total", "Packets from clients.", |entry| entry.service.stats.in_packets),
    counter("ipvs_service_outgoing_packets_total", "Packets to clients.", |entry| entry.service.stats.out_packets),
    counter("ipvs_service_incoming_bytes_total", "Bytes from clients.", |entry| entry.service.stats.in_bytes),
    counter("ipvs_service_outgoing_bytes_total", "Bytes to clients.", |entry| entry.service.stats.out_bytes),
];

/// Of each server.
pub static OF_SERVERS: [Metric<ListedServer>; 11] = [
    counter("ipvs_server_connections_total", "Connections scheduled.", |listed| listed.stats.connections),
    counter("ipvs_server_incoming_packets_total", "Packets from clients.", |listed| listed.stats.in_packets),
    counter("ipvs_server_outgoing_packets_total", "Packets to clients.", |listed| listed.stats.out_packets),
    counter("ipvs_server_incoming_bytes_total", "Bytes from clients.", |listed| listed.stats.in_bytes),
    counter("ipvs_server_outgoing_bytes_total", "Bytes to clients.", |listed| listed.stats.out_bytes),
    gauge("ipvs_server_active_connections", "Connections that carry data.", |listed| listed.active.into()),
    gauge("ipvs_server_inactive_connections", "Connections that are idle or ending, and all of UDP.", |listed| {
        listed.inactive.into()
    }),
    gauge("ipvs_server_persistent_connections", "Templates of persistent clients.", |listed| listed.persistent.into()),
    // The kernel takes no weight below 0.
    gauge("ipvs_server_weight", "The share of new connections; 0 for none.", |listed| {
        u64::try_from(listed.server.weight).unwrap_or(0)
    }),
    gauge("ipvs_server_upper_threshold", "No new connections at so many; 0 for no limit.", |listed| {
        listed.server.upper_threshold.into()
    }),
    gauge(
        "ipvs_server_lower_threshold",
        "New connections again below so many; 0 for three quarters of the upper one.",
        |listed| listed.server.lower_threshold.into(),
    ),
];
