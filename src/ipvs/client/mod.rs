//! The kernel's ip_vs over Generic Netlink: one typed method for each command of its interface. Nothing above knows netlink.
//!
//! ```text
//! entries        reads the table: services, each with its servers
//! batch          many changes in one system call
//! server_dumps   which channel carries the servers of a service
//! channel        requests and answers, matched
//! socket         datagrams
//! ```
//!
//! ```no_run
//! use ipvsadm::ipvs::client::{Batch, Client, Query};
//! use ipvsadm::ipvs::model::{Change, RealServer, ServiceKey};
//!
//! let mut client = Client::connect()?;
//! let before = client.snapshot(Query::default())?;
//! let key = ServiceKey::tcp([192, 0, 2, 1], 80);
//! let mut batch = Batch::default();
//! for last in 1..=100 {
//!     batch.push(&Change::AddServer(key, RealServer::new([198, 51, 100, last], 80)), last);
//! }
//! for (last, errno) in client.send(&mut batch)? {
//!     println!("198.51.100.{last}: {errno}");
//! }
//! for difference in before.diff(&client.snapshot(Query::default())?) {
//!     println!("{difference:?}");
//! }
//! # Ok::<_, ipvsadm::ipvs::error::KernelError>(())
//! ```

mod batch;
mod channel;
mod entries;
mod receive_many;
#[cfg(test)]
pub(crate) mod scripted;
mod server_dumps;
#[cfg(test)]
pub(crate) mod simulated;
mod socket;
#[cfg(test)]
mod tests;

pub use batch::Batch;
pub use entries::{Entries, Order, Query};
pub use receive_many::Datagrams;
pub use socket::{Socket, Transport};

use super::error::{ChangeError, KernelError};
use super::model::{
    Change, Errno, Info, ListedServer, ListedService, Name, ServiceEntry, ServiceKey, Snapshot, SyncDaemon, Timeouts,
};
use super::wire::command::{IPVS_CMD_GET_CONFIG, IPVS_CMD_GET_DAEMON, IPVS_CMD_GET_INFO, IPVS_CMD_GET_SERVICE};
use super::wire::message::IPVS_GENL_NAME;
use super::wire::{decode, encode, settings, writer};
use channel::Channel;
use netlink_packet_core::{NLM_F_ACK, NLM_F_DUMP};
use netlink_packet_generic::constants::{CTRL_ATTR_FAMILY_NAME, CTRL_CMD_GETFAMILY, GENL_ID_CTRL};
use server_dumps::{Guess, ServerDumps};

/// The buffer for a datagram: more than the kernel ever makes for a dump of its own accord, a page or 8 KiB.
const DATAGRAM: usize = 8 << 10;
/// The buffer for the datagrams of a long dump: the kernel makes none larger.
const LONG_DATAGRAM: usize = 32 << 10;

/// A connection to the kernel's ip_vs.
pub struct Client {
    /// The number of the IPVS family.
    family: u16,
    info: Info,
    /// Carries everything, but for some dumps of servers.
    channel: Channel,
    server_dumps: ServerDumps,
}

impl Client {
    /// Connects to an ip_vs that is there; no module is loaded.
    ///
    /// # Errors
    /// `ENOENT` when the kernel has no ip_vs, `EPERM` when the caller may not administer it.
    pub fn connect() -> Result<Self, KernelError> {
        Self::over(Socket::open()?)
    }

    /// Asks for the number of the family, and for what ip_vs says of itself.
    ///
    /// # Errors
    /// As [`Client::connect`].
    pub fn over(transport: impl Transport + 'static) -> Result<Self, KernelError> {
        let mut channel = Channel::new(Box::new(transport), DATAGRAM, LONG_DATAGRAM);
        let ipvs = Name::cut(IPVS_GENL_NAME.as_bytes(), IPVS_GENL_NAME.len());
        let name = |buffer: &mut _| writer::name(buffer, CTRL_ATTR_FAMILY_NAME, ipvs);
        let family = get(&mut channel, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, name, settings::family_id)?;
        let info = get(&mut channel, family, IPVS_CMD_GET_INFO, |_| (), settings::info)?;
        Ok(Self { family, info, channel, server_dumps: ServerDumps::default() })
    }

    /// What ip_vs said of itself when the connection was made.
    pub fn info(&self) -> Info {
        self.info
    }

    /// Reads the table, or a part of it: the services at once, the servers of each as they are asked for.
    ///
    /// # Errors
    /// `ESRCH` when a service that is asked for by name is not there.
    pub fn entries<'c>(&'c mut self, query: Query<'c>) -> Result<Entries<'c>, KernelError> {
        Entries::read(self, query)
    }

    /// Reads all that the query asks for.
    ///
    /// # Errors
    /// As [`Client::entries`].
    pub fn snapshot(&mut self, query: Query<'_>) -> Result<Snapshot, KernelError> {
        let mut entries = self.entries(query)?;
        let mut services = Vec::with_capacity(entries.services().len());
        while let Some((service, servers)) = entries.next_entry()? {
            services.push(ServiceEntry { service: *service, servers: servers.to_vec() });
        }
        let (timeouts, daemons) = match query.settings {
            true => (Some(self.timeouts()?), Some(self.daemons()?)),
            false => (None, None),
        };
        Ok(Snapshot { info: self.info, services, timeouts, daemons })
    }

    /// One service, without its servers.
    ///
    /// # Errors
    /// `ESRCH` when there is no such service.
    pub fn service(&mut self, key: &ServiceKey, counters: bool) -> Result<ListedService, KernelError> {
        let key = |buffer: &mut _| encode::service_key(buffer, key);
        get(&mut self.channel, self.family, IPVS_CMD_GET_SERVICE, key, |reply| decode::service(reply, counters))
    }

    /// The timeouts of connections.
    ///
    /// # Errors
    /// See [`KernelError`].
    pub fn timeouts(&mut self) -> Result<Timeouts, KernelError> {
        get(&mut self.channel, self.family, IPVS_CMD_GET_CONFIG, |_| (), settings::timeouts)
    }

    /// The sync daemons that run, the master first.
    ///
    /// # Errors
    /// See [`KernelError`].
    pub fn daemons(&mut self) -> Result<Vec<SyncDaemon>, KernelError> {
        let mut daemons = Vec::new();
        self.channel.exchange(
            self.family,
            NLM_F_DUMP,
            IPVS_CMD_GET_DAEMON,
            |_| (),
            |reply| {
                let daemon = settings::daemon(reply.attributes)?;
                if !daemons.contains(&daemon) {
                    daemons.push(daemon);
                }
                Ok(())
            },
        )?;
        Ok(daemons)
    }

    /// Makes one change.
    ///
    /// # Errors
    /// With [`KernelError::Refused`] when the kernel did not make it; else it is unknown whether it did.
    pub fn apply(&mut self, change: &Change) -> Result<(), ChangeError> {
        let attributes = |buffer: &mut _| encode::attributes(buffer, change);
        let made = self.channel.exchange(self.family, NLM_F_ACK, encode::command(change), attributes, |_| Ok(()));
        made.map_err(|error| ChangeError { change: *change, error })
    }

    /// Sends a batch, waits until the kernel has worked through it, and returns what it refused, in order.
    ///
    /// # Errors
    /// When the socket fails, or an answer cannot be read: which changes were made is unknown then. The batch is empty
    /// afterwards in any case.
    pub fn send<C>(&mut self, batch: &mut Batch<C>) -> Result<Vec<(C, Errno)>, KernelError> {
        batch.send(&mut self.channel, self.family)
    }

    /// The servers of a service in the kernel's order, in place of those in `servers`; none for one that is not there.
    pub(super) fn servers(&mut self, key: &ServiceKey, servers: &mut Vec<ListedServer>) -> Result<(), KernelError> {
        let mut guess = Guess::default();
        self.server_dumps.dump(&mut self.channel, self.family, key, false, &mut guess, servers)
    }
}

/// A request that has one reply.
fn get<R>(
    channel: &mut Channel,
    family: u16,
    command: u8,
    fill: impl FnOnce(&mut Vec<u8>),
    decode: impl Fn(&[u8]) -> Result<R, KernelError>,
) -> Result<R, KernelError> {
    let mut found = None;
    channel.exchange(family, 0, command, fill, |reply| {
        found = Some(decode(reply.attributes)?);
        Ok(())
    })?;
    found.ok_or(KernelError::NoReply)
}
