//! What `--diagnose` is asked about.

use crate::ipvs::model::ServiceKey;
use std::net::IpAddr;

/// What is to be judged: the whole table, a service, or one server of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Diagnosis {
    /// The service; `None` for all.
    pub service: Option<ServiceKey>,
    /// The server's address, and its port; `None` for any.
    pub server: Option<(IpAddr, Option<u16>)>,
    /// `--json`.
    pub json: bool,
}
