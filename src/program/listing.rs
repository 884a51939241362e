//! What a listing shows.

use crate::ipvs::model::ServiceKey;

/// The columns of a table listing. Where several are asked for, the first one in this order wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum View {
    /// `--stats`.
    Stats,
    /// `--rate`.
    Rate,
    /// `--thresholds`.
    Thresholds,
    /// `--persistent-conn`.
    PersistentConnections,
    /// `--tun-info`.
    TunnelInfo,
    /// Forwarding method, weight and connections.
    #[default]
    Plain,
}

/// How a listing is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Format {
    /// Numbers instead of names, `-n`.
    pub numeric: bool,
    /// All digits of counters, `--exact`.
    pub exact: bool,
}

impl Listing {
    /// The whole table, as without any argument.
    pub const TABLE: Self = Self::Table {
        view: View::Plain,
        format: Format { numeric: false, exact: false },
        nosort: false,
        service: None,
    };
}

/// What `-L` lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listing {
    /// Services and servers: the whole table, or one service.
    Table {
        /// The columns.
        view: View,
        /// Numbers and digits.
        format: Format,
        /// The kernel's order instead of ours, `--nosort`.
        nosort: bool,
        /// Only this service.
        service: Option<ServiceKey>,
    },
    /// `-c`.
    Connections {
        /// Numbers and digits.
        format: Format,
        /// With the columns of the persistence engine, `--persistent-conn`.
        persistence_engine: bool,
    },
    /// `--timeout`.
    Timeouts,
    /// `--daemon`.
    Daemons,
}
