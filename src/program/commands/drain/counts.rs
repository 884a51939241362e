//! Connections of a server, as the kernel counts them.

use crate::ipvs::model::ListedServer;
use std::iter::Sum;

/// Connections by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Connections that are being made or carry data.
    pub active: u64,
    /// Connections that are ending, and all of UDP.
    pub inactive: u64,
    /// Templates of persistent clients.
    pub persistent: u64,
}

impl From<&ListedServer> for Counts {
    fn from(listed: &ListedServer) -> Self {
        let ListedServer { active, inactive, persistent, .. } = listed;
        Self { active: (*active).into(), inactive: (*inactive).into(), persistent: (*persistent).into() }
    }
}

impl Sum for Counts {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |sum, one| Self {
            active: sum.active + one.active,
            inactive: sum.inactive + one.inactive,
            persistent: sum.persistent + one.persistent,
        })
    }
}
