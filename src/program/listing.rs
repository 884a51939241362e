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

/// In what form a listing is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Form {
    /// Columns, as the reference has them.
    #[default]
    Text,
    /// A JSON document, `--json`.
    Json,
}

/// What `-L` lists, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Listing {
    /// What is listed.
    pub listed: Listed,
    /// Its form.
    pub form: Form,
    /// Numbers and digits.
    pub format: Format,
}

/// What `-L` lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listed {
    /// Services and servers: the whole table, or one service.
    Table {
        /// The columns.
        view: View,
        /// The kernel's order instead of ours, `--nosort`.
        nosort: bool,
        /// Only this service.
        service: Option<ServiceKey>,
    },
    /// `-c`.
    Connections {
        /// With the columns of the persistence engine, `--persistent-conn`.
        persistence_engine: bool,
    },
    /// `--timeout`.
    Timeouts,
    /// `--daemon`.
    Daemons,
}

impl Default for Listed {
    fn default() -> Self {
        Self::Table { view: View::default(), nosort: false, service: None }
    }
}
