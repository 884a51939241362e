//! How a drain goes: a document for each event.

use super::key::object;
use super::server::ServerKeyView;
use super::service::ServiceKeyView;

/// Where a drain stands.
pub struct DrainView {
    /// See [`super::document::SCHEMA_VERSION`].
    pub schema_version: u32,
    /// What has happened.
    pub event: &'static str,
    /// The time since the weights were set.
    pub elapsed_seconds: u64,
    /// The time limit, if there is one.
    pub limit_seconds: Option<u64>,
    /// In the last document.
    pub exit_status: Option<u8>,
    /// What is drained.
    pub servers: Vec<DrainedServerView>,
    /// What stands in the way, in the first document.
    pub warnings: Vec<WarningView>,
}

object!(DrainView { schema_version, event, elapsed_seconds, limit_seconds, exit_status, servers, warnings });

/// A server of a service that is drained.
pub struct DrainedServerView {
    /// The service.
    pub service: ServiceKeyView,
    /// The server.
    pub server: ServerKeyView,
    /// How it is with the server.
    pub state: &'static str,
    /// The weight that it was found with.
    pub weight_before: i32,
    /// The weight that it has; none where it is no more.
    pub weight: Option<i32>,
    /// Its connections as they were seen last.
    pub connections: CountsView,
    /// The command that brings it back.
    pub put_back: String,
    /// The command that removes it, while it is there.
    pub remove: Option<String>,
}

object!(DrainedServerView { service, server, state, weight_before, weight, connections, put_back, remove });

/// Connections by kind.
pub struct CountsView {
    /// That are being made or carry data.
    pub active: u64,
    /// That are ending, and all of UDP.
    pub inactive: u64,
    /// Templates of persistent clients.
    pub persistent: u64,
}

object!(CountsView { active, inactive, persistent });

/// Something that stands in the way.
pub struct WarningView {
    /// A word for it.
    pub kind: &'static str,
    /// A sentence.
    pub message: String,
}

object!(WarningView { kind, message });
