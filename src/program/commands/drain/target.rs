//! The servers that a drain is about.

use super::counts::Counts;
use crate::ipvs::model::{Change, RealServer, ServerKey, ServiceEntry, Snapshot, VirtualService};
use crate::program::draining::Draining;
use std::fmt;

/// A server of a service, as it was found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Target {
    /// The service.
    pub service: VirtualService,
    /// The server, with the weight that it had.
    pub server: RealServer,
    /// Its connections.
    pub counts: Counts,
}

impl Target {
    /// The weight to put back. A server that was found at 0 may be there by an earlier drain: nobody knows its weight.
    pub fn old_weight(&self) -> Option<i32> {
        Some(self.server.weight).filter(|weight| *weight != 0)
    }

    /// Gives the server, as it is now, a weight, and keeps all else.
    pub fn at_weight(&self, now: &RealServer, weight: i32) -> Change {
        Change::EditServer(self.service.key, RealServer { weight, ..*now })
    }

    /// Whether one of these changes edits the server.
    pub fn is_edited_by(&self, changes: &[Change]) -> bool {
        let (service, server) = (self.service.key, self.server.key);
        changes
            .iter()
            .any(|change| matches!(change, Change::EditServer(key, edited) if *key == service && edited.key == server))
    }

    /// Removes the server.
    pub fn removal(&self) -> Change {
        Change::DeleteServer(self.service.key, self.server.key)
    }
}

impl fmt::Display for Target {
    /// `TCP 192.0.2.1:80 -> 10.0.1.2:8080`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} -> {}", self.service.key, self.server.key)
    }
}

/// The servers that are meant, in the table's order, or why there are none.
pub fn find(table: &Snapshot, draining: &Draining) -> Result<Vec<Target>, String> {
    let there = |port| {
        let of = move |entry| of_service(entry, draining, port);
        table.services.iter().flat_map(of)
    };
    let targets: Vec<_> = there(draining.port).collect();
    if !targets.is_empty() {
        return Ok(targets);
    }
    let server = match draining.port {
        Some(port) => ServerKey::new(draining.address, port).to_string(),
        None => draining.address.to_string(),
    };
    let none = match draining.service {
        Some(key) => format!("{key} has no real server {server}"),
        None => format!("No service has a real server {server}"),
    };
    // Where no port is given it is the service's, while masquerading may use another one.
    let near: Vec<_> = there(None).map(|target| target.to_string()).collect();
    Err(match near.is_empty() {
        true => format!("{none}: see ipvsadm -Ln."),
        false => format!("{none}, but there is {}.", near.join(", ")),
    })
}

fn of_service<'e>(
    entry: &'e ServiceEntry,
    draining: &'e Draining,
    port: Option<u16>,
) -> impl Iterator<Item = Target> + 'e {
    let service = entry.service.service;
    let is_meant = move |key: &ServerKey| key.address == draining.address && port.is_none_or(|port| key.port == port);
    let listed = entry.servers.iter().filter(move |listed| is_meant(&listed.server.key));
    listed.map(move |listed| Target { service, server: listed.server, counts: listed.into() })
}
