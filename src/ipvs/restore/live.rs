//! What a restore needs of the kernel and of the user's terminal. The program gives it both, a test its own.

use crate::ipvs::client::{Batch, Client, Query};
use crate::ipvs::error::KernelError;
use crate::ipvs::model::{Change, Errno, ListedServer, ListedService, ServiceKey, SyncDaemon, Timeouts};

/// The most changes of a batch: what the kernel surely answers without losing an answer.
pub const BATCH: usize = 128;

/// The kernel's table, or one like it.
pub trait LiveTable {
    /// Why it cannot be read or changed at all.
    type Error;

    /// All services, in the kernel's order.
    ///
    /// # Errors
    /// When the table cannot be read.
    fn services(&mut self) -> Result<Vec<ListedService>, Self::Error>;

    /// Puts the real servers of a service in place of those in `servers`: none when there is no such service.
    ///
    /// # Errors
    /// When the table cannot be read.
    fn servers(&mut self, key: &ServiceKey, servers: &mut Vec<ListedServer>) -> Result<(), Self::Error>;

    /// The timeouts of connections.
    ///
    /// # Errors
    /// When they cannot be read.
    fn timeouts(&mut self) -> Result<Timeouts, Self::Error>;

    /// The sync daemons that run.
    ///
    /// # Errors
    /// When they cannot be read.
    fn daemons(&mut self) -> Result<Vec<SyncDaemon>, Self::Error>;

    /// Makes the changes in order, at most [`BATCH`] of them, whatever is refused on the way. Adds to `refused` the
    /// index and the error number (positive) of each that was.
    ///
    /// # Errors
    /// When it is unknown which of them were made.
    fn apply<'c>(
        &mut self,
        changes: impl Iterator<Item = &'c Change>,
        refused: &mut Vec<(usize, Errno)>,
    ) -> Result<(), Self::Error>;
}

impl LiveTable for Client {
    type Error = KernelError;

    fn services(&mut self) -> Result<Vec<ListedService>, KernelError> {
        Ok(self.entries(Query::default())?.services().to_vec())
    }

    fn servers(&mut self, key: &ServiceKey, servers: &mut Vec<ListedServer>) -> Result<(), KernelError> {
        Self::servers(self, key, servers)
    }

    fn timeouts(&mut self) -> Result<Timeouts, KernelError> {
        Self::timeouts(self)
    }

    fn daemons(&mut self) -> Result<Vec<SyncDaemon>, KernelError> {
        Self::daemons(self)
    }

    fn apply<'c>(
        &mut self,
        changes: impl Iterator<Item = &'c Change>,
        refused: &mut Vec<(usize, Errno)>,
    ) -> Result<(), KernelError> {
        let mut batch = Batch::default();
        for (index, change) in changes.enumerate() {
            batch.push(change, index);
        }
        refused.extend(self.send(&mut batch)?);
        Ok(())
    }
}

/// Follows a restore as it goes.
pub trait Report {
    /// A change was made.
    fn made(&mut self, change: &Change);

    /// So many changes of so many are behind us.
    fn progress(&mut self, done: usize, planned: usize);
}
