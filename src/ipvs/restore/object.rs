//! What a change is about, where the kernel may refuse it on its own account.

use crate::ipvs::model::{Change, DaemonState, ServerKey, ServiceKey};

/// What a change makes, edits or sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Object {
    /// A service.
    Service(ServiceKey),
    /// A server of a service.
    Server(ServiceKey, ServerKey),
    /// One of the two daemons.
    Daemon(DaemonState),
    /// The timeouts.
    Timeouts,
}

impl Object {
    /// What the change makes, edits or sets; `None` where it does nothing of the kind.
    pub fn of(change: &Change) -> Option<Self> {
        match change {
            Change::AddService(service) | Change::EditService(service) => Some(Self::Service(service.key)),
            Change::AddServer(key, server) | Change::EditServer(key, server) => Some(Self::Server(*key, server.key)),
            Change::StartDaemon(daemon) => Some(Self::Daemon(daemon.state)),
            Change::SetTimeouts(_) => Some(Self::Timeouts),
            _ => None,
        }
    }
}
