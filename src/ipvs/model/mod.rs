//! Plain data that every layer speaks: no I/O of its own, no text of the user interface.
//!
//! Numbers are in the byte order of the machine, times in seconds. What may grow with the kernel has a variant `Other`
//! or is `non_exhaustive`: such a value is made by its `new`, and its fields are set then. Texts that are parsed and
//! displayed have numbers only; looking up names is not for a library.
//!
//! ```
//! use ipvsadm::ipvs::model::{Change, Forwarding, RealServer, ServerKey, ServiceKey};
//!
//! let service: ServiceKey = "TCP 192.0.2.1:80".parse()?;
//! let key: ServerKey = "198.51.100.7:8080".parse()?;
//! let mut server = RealServer::new(key.address, key.port);
//! server.forwarding = Forwarding::Masquerading;
//! server.weight = 5;
//! let change = Change::AddServer(service, server);
//! assert_eq!(change.to_string(), "add the server 198.51.100.7:8080 of TCP 192.0.2.1:80");
//! # Ok::<_, ipvsadm::ipvs::model::ParseError>(())
//! ```

pub mod change;
pub mod connection;
pub mod daemon;
pub mod errno;
pub mod family;
pub mod forwarding;
pub mod key;
pub mod name;
pub mod netmask;
pub mod parse_error;
pub mod protocol;
pub mod server;
pub mod service;
pub mod service_flags;
pub mod snapshot;
pub mod stats;
pub mod tunnel;

pub use change::{Change, Timeouts};
pub use daemon::{DaemonState, StopDaemon, SyncDaemon};
pub use errno::Errno;
pub use family::Family;
pub use forwarding::Forwarding;
pub use key::{ServerKey, ServiceKey};
pub use name::Name;
pub use netmask::Netmask;
pub use parse_error::ParseError;
pub use protocol::Protocol;
pub use server::{ListedServer, RealServer};
pub use service::{ListedService, VirtualService};
pub use service_flags::ServiceFlags;
pub use snapshot::{Difference, ServiceEntry, Snapshot};
pub use stats::Stats;
pub use tunnel::{Tunnel, TunnelFlags, TunnelType};

/// What the kernel says of itself (`IPVS_CMD_GET_INFO`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Info {
    /// The version as `major << 16 | minor << 8 | patch`.
    pub version: u32,
    /// Buckets of the connection table; since Linux 7.1 those of the moment, 0 while there is no table.
    pub connection_table_size: u32,
}
