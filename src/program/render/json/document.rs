//! The object at the top of each document.

use super::connection::ServiceCountView;
use super::difference::FailedView;
use super::finding::FindingView;
use super::key::object;
use super::setting::{DaemonView, TimeoutsView};
use crate::ipvs::model::Info;

/// Counts the changes of the documents that a reader of the one before would stumble over. Further keys are none.
pub const SCHEMA_VERSION: u32 = 1;

/// What every document begins with.
pub struct Head {
    schema_version: u32,
    tool_version: &'static str,
    ipvs_version: String,
    connection_table_size: u32,
    estimation: bool,
}

object!(Head { schema_version, tool_version, ipvs_version, connection_table_size, estimation });

impl Head {
    /// `estimation` is whether the kernel brings counters and rates up to date.
    pub fn new(info: Info, estimation: bool) -> Self {
        let Info { version, connection_table_size } = info;
        Self {
            schema_version: SCHEMA_VERSION,
            tool_version: env!("CARGO_PKG_VERSION"),
            ipvs_version: format!("{}.{}.{}", version >> 16 & 0xff, version >> 8 & 0xff, version & 0xff),
            connection_table_size,
            estimation,
        }
    }
}

/// Services with their servers.
pub struct Table<A> {
    /// The head.
    pub head: Head,
    /// An array of [`super::ServiceView`].
    pub services: A,
}

object!(Table<A> where A { ..head, services });

/// The connection table.
pub struct Connections<A> {
    /// The head.
    pub head: Head,
    /// An array of [`super::ConnectionView`].
    pub connections: A,
}

object!(Connections<A> where A { ..head, connections });

/// How many connections there are.
pub struct Counts<'a> {
    /// The head.
    pub head: Head,
    /// All of them.
    pub connections: u64,
    /// By virtual address and port.
    pub counts: Vec<ServiceCountView<'a>>,
}

object!(Counts<'_> { ..head, connections, counts });

/// What a diagnosis has found.
pub struct Findings<'a> {
    /// The head.
    pub head: Head,
    /// 0 when nothing is wrong, else 1.
    pub exit_status: u8,
    /// In the order of the checks.
    pub findings: Vec<FindingView<'a>>,
}

object!(Findings<'_> { ..head, exit_status, findings });

/// The timeouts of connections.
pub struct Timeouts {
    /// The head.
    pub head: Head,
    /// The timeouts.
    pub timeouts: TimeoutsView,
}

object!(Timeouts { ..head, timeouts });

/// The sync daemons that run.
pub struct Daemons<'a> {
    /// The head.
    pub head: Head,
    /// The master first.
    pub daemons: Vec<DaemonView<'a>>,
}

object!(Daemons<'_> { ..head, daemons });

/// What a restore would change.
pub struct Difference<'a, A> {
    /// The head.
    pub head: Head,
    /// An array of [`super::ChangeView`], in the order in which they would be made.
    pub changes: A,
    /// What would fail, in the order of the input.
    pub failed: Vec<FailedView<'a>>,
}

object!(Difference<'_, A> where A { ..head, changes, failed });
