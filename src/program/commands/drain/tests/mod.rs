//! Drains of a simulated table, with a clock and files of the test's making.

mod documents;
mod obstacle;
mod progress;
pub mod simulated;
mod whole;

use super::counts::Counts;
use super::target::Target;
use crate::ipvs::model::{RealServer, ServiceKey, VirtualService};
use crate::program::draining::Draining;
use std::time::Duration;

/// 192.0.2.1:80, to be removed within 5 seconds from 10.0.0.1:80.
fn draining() -> Draining {
    Draining {
        service: Some(ServiceKey::tcp([192, 0, 2, 1], 80)),
        address: [10, 0, 0, 1].into(),
        port: Some(80),
        remove: true,
        limit: Some(Duration::from_secs(5)),
        force: false,
        restore_weight: false,
        ignore_persistent: false,
        json: false,
    }
}

/// The server of weight 3 at this port of 10.0.0.1, in a service at this port.
fn target(port: u16) -> Target {
    let key = ServiceKey::tcp([192, 0, 2, 1], port);
    let mut server = RealServer::new([10, 0, 0, 1], port);
    server.weight = 3;
    Target { service: VirtualService::new(key, "rr".parse().unwrap()), server, counts: Counts::default() }
}
