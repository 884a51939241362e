//! Clients of the services that stay: a question on each of many connections, and connections that live as long as the soak.

use crate::files::{MANAGED, RESTORED, STAYING};
use crate::network::Network;
use crate::requests::{Client, request, serve};
use crate::workers::{Count, Workers};
use anyhow::{Context, Result};
use std::thread::{self, Scope};
use std::time::Duration;

/// More than a busy machine needs.
const PATIENCE: Duration = Duration::from_secs(120);
/// So that the connections that the kernel remembers fit the table, and ports the clients.
const PAUSE: Duration = Duration::from_millis(5);
/// Connections of each service that stay open.
const LONG: usize = 6;

/// What they have done.
#[derive(Default)]
pub struct Counts {
    /// Requests to the service that restores change, and to the one of keepalived.
    pub restored: Count,
    pub managed: Count,
    /// Answers on long connections.
    pub answers: Count,
}

/// Has the servers listen.
pub fn serve_all(network: &Network) -> Result<()> {
    network.server(|| STAYING.iter().flat_map(|(_, servers)| servers).try_for_each(|server| serve(server)))
}

/// Starts them; long connections are open when this returns, and count as requests.
pub fn start<'s>(scope: &'s Scope<'s, '_>, network: &Network, workers: &'s Workers, counts: &'s Counts) -> Result<()> {
    network.client(|| {
        for (service, count) in [(RESTORED, &counts.restored), (MANAGED, &counts.managed)] {
            let open = (0..LONG).map(|_| Client::connect(service, PATIENCE)).collect::<Result<Vec<_>>>();
            let mut open = open.with_context(|| format!("long connections to {service}"))?;
            count.add(LONG);
            scope.spawn(move || {
                workers.repeat(&format!("asking on long connections to {service}"), &counts.answers, || {
                    thread::sleep(Duration::from_millis(50));
                    open.iter_mut().try_for_each(Client::ask)
                });
            });
            scope.spawn(move || {
                workers.repeat(&format!("requests to {service}"), count, || {
                    thread::sleep(PAUSE);
                    request(service, PATIENCE)
                });
            });
        }
        Ok(())
    })
}
