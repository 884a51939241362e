//! What `--drain` is asked to do.

use crate::ipvs::model::ServiceKey;
use std::net::IpAddr;
use std::time::Duration;

/// A server to be taken out of service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draining {
    /// The service; `None` for every service that has the server.
    pub service: Option<ServiceKey>,
    /// The server's address.
    pub address: IpAddr,
    /// The server's port; `None` for every port.
    pub port: Option<u16>,
    /// Whether it is removed in the end, `-d`, or stays at weight 0, `-e`.
    pub remove: bool,
    /// How long to wait; `None` for as long as it takes.
    pub limit: Option<Duration>,
    /// `--force`: also where no other server has a weight, and at the time limit the server is removed all the same.
    pub force: bool,
    /// `--restore-weight`: at the time limit the weight is put back. This goes before what `--force` says of the limit.
    pub restore_weight: bool,
    /// `--ignore-persistent`: do not wait for persistent clients that may come back.
    pub ignore_persistent: bool,
    /// `--json`.
    pub json: bool,
}
