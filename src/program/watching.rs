//! What `--watch` is asked to do.

use crate::ipvs::filter::TableFilter;
use std::time::Duration;

/// A table to be watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watching {
    /// Which part of it.
    pub filter: TableFilter,
    /// The time between two looks.
    pub every: Duration,
    /// Numbers instead of names, `-n`.
    pub numeric: bool,
    /// `--json`.
    pub json: bool,
}
