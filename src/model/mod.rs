//! Plain data that every layer speaks: no I/O of its own, no text of the user interface.

pub mod change;
pub mod connection;
pub mod daemon;
pub mod listing;
pub mod name;
pub mod names;
pub mod order;
pub mod server;
pub mod service;
pub mod stats;
pub mod text;
pub mod whole_lines;

pub use change::{Change, Timeouts};
pub use daemon::{DaemonState, StopDaemon, SyncDaemon};
pub use listing::{Format, Listing, View};
pub use name::Name;
pub use names::NameService;
pub use server::{Forwarding, ListedServer, RealServer, ServerKey, Tunnel};
pub use service::{Family, ListedService, Netmask, Protocol, ServiceFlags, ServiceKey, VirtualService};
pub use stats::{Figures, Stats};
pub use whole_lines::WholeLines;

/// What the kernel says of itself (`IPVS_CMD_GET_INFO`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Info {
    /// The version as `major << 16 | minor << 8 | patch`.
    pub version: u32,
    /// Buckets of the connection table.
    pub connection_table_size: u32,
}
