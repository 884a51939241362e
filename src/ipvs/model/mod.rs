//! Plain data that every layer speaks: no I/O of its own, no text of the user interface.

pub mod change;
pub mod connection;
pub mod daemon;
pub mod errno;
pub mod name;
pub mod server;
pub mod service;
pub mod stats;

pub use change::{Change, Timeouts};
pub use daemon::{DaemonState, StopDaemon, SyncDaemon};
pub use errno::Errno;
pub use name::Name;
pub use server::{Forwarding, ListedServer, RealServer, ServerKey, Tunnel};
pub use service::{Family, ListedService, Netmask, Protocol, ServiceFlags, ServiceKey, VirtualService};
pub use stats::{Figures, Stats};

/// What the kernel says of itself (`IPVS_CMD_GET_INFO`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Info {
    /// The version as `major << 16 | minor << 8 | patch`.
    pub version: u32,
    /// Buckets of the connection table.
    pub connection_table_size: u32,
}
