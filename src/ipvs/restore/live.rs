//! What a restore needs of the kernel and of whoever follows it, and the live table as it was read at one moment.

use crate::ipvs::client::{Batch, Client, Query};
use crate::ipvs::error::KernelError;
use crate::ipvs::model::{
    Change, Errno, ListedServer, ListedService, RealServer, ServerKey, ServiceKey, SyncDaemon, Timeouts, VirtualService,
};
use rustc_hash::FxHashMap;
use std::cell::OnceCell;

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

/// A service of the live table, with its servers in the kernel's order.
#[derive(Debug)]
pub struct LiveService {
    /// Its settings.
    pub service: VirtualService,
    /// Its servers.
    pub servers: Vec<RealServer>,
    by_key: OnceCell<FxHashMap<ServerKey, u32>>,
}

/// The live table at one moment. It is indexed once somebody looks for something.
#[derive(Debug, Default)]
pub struct Live {
    /// The services, in the kernel's order.
    pub services: Vec<LiveService>,
    /// The timeouts, where they were asked for.
    pub timeouts: Option<Timeouts>,
    /// The sync daemons that run, where they were asked for.
    pub daemons: Vec<SyncDaemon>,
    by_key: OnceCell<FxHashMap<ServiceKey, u32>>,
}

impl Live {
    /// Reads the table, and timeouts and daemons where they are wanted.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn read<L: LiveTable>(table: &mut L, timeouts: bool, daemons: bool) -> Result<Self, L::Error> {
        let mut live = Self::default();
        let mut servers = Vec::new();
        for listed in table.services()? {
            table.servers(&listed.service.key, &mut servers)?;
            let servers = servers.iter().map(|listed| listed.server).collect();
            live.services.push(LiveService { service: listed.service, servers, by_key: OnceCell::new() });
        }
        live.timeouts = timeouts.then(|| table.timeouts()).transpose()?;
        live.daemons = if daemons { table.daemons()? } else { Vec::new() };
        Ok(live)
    }

    /// A service.
    pub fn service(&self, key: &ServiceKey) -> Option<&LiveService> {
        let by_key = self.by_key.get_or_init(|| index(self.services.iter().map(|live| live.service.key)));
        by_key.get(key).map(|place| &self.services[*place as usize])
    }

    /// A server of a service.
    pub fn server(&self, service: &ServiceKey, key: &ServerKey) -> Option<&RealServer> {
        self.service(service)?.server(key)
    }
}

impl LiveService {
    fn server(&self, key: &ServerKey) -> Option<&RealServer> {
        let by_key = self.by_key.get_or_init(|| index(self.servers.iter().map(|server| server.key)));
        by_key.get(key).map(|place| &self.servers[*place as usize])
    }
}

fn index<K: std::hash::Hash + Eq>(keys: impl Iterator<Item = K>) -> FxHashMap<K, u32> {
    keys.zip(0..).collect()
}
