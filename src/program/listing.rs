//! What a listing shows.

use crate::ipvs::filter::{ConnectionFilter, TableFilter};

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
    /// Metrics, `--prometheus`; of the table only.
    Prometheus,
    /// Not at all, `--quiet`: the status says whether there is anything.
    Quiet,
}

/// What `-L` lists, and how.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Listing {
    /// What is listed.
    pub listed: Listed,
    /// Its form.
    pub form: Form,
    /// Numbers and digits.
    pub format: Format,
}

/// What `-L` lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listed {
    /// Services and servers.
    Table {
        /// The columns.
        view: View,
        /// The kernel's order instead of ours, `--nosort`.
        nosort: bool,
        /// Which of them.
        filter: TableFilter,
    },
    /// `-c`.
    Connections {
        /// With the columns of the persistence engine, `--persistent-conn`.
        persistence_engine: bool,
        /// Which of them.
        filter: ConnectionFilter,
    },
    /// `-c --count`.
    Counts {
        /// Which connections are counted.
        filter: ConnectionFilter,
    },
    /// `--timeout`.
    Timeouts,
    /// `--daemon`.
    Daemons,
}

impl Default for Listed {
    fn default() -> Self {
        Self::Table { view: View::default(), nosort: false, filter: TableFilter::default() }
    }
}
