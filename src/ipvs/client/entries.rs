//! The one reader of the table: services as the query asks for them, and the servers of each when they are asked for, so
//! that memory does not grow with the servers of a table.

use super::Client;
use super::server_dumps::{FEW_SERVICES, Guess};
use crate::ipvs::error::KernelError;
use crate::ipvs::filter::TableFilter;
use crate::ipvs::model::{Errno, ListedServer, ListedService, ServiceKey};
use crate::ipvs::order::{sort_servers, sort_services};
use crate::ipvs::wire::command::IPVS_CMD_GET_SERVICE;
use crate::ipvs::wire::decode;
use netlink_packet_core::NLM_F_DUMP;
use rustc_hash::FxHashSet;

/// A table that changes all the time is asked for its services so many times.
const TRIES: usize = 5;

/// The order of services, and of the servers of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Order {
    /// As the kernel has them: services by a hash, the newest server first.
    #[default]
    Kernel,
    /// As the reference lists them, see [`crate::ipvs::order`].
    Sorted,
}

/// What is read of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Query<'q> {
    /// Which part of it; `None` for all.
    pub filter: Option<&'q TableFilter>,
    /// Whether counters and rates are wanted, which are half the work of reading a real server. They stay 0 else.
    pub counters: bool,
    /// The order of what is read.
    pub order: Order,
    /// Whether a snapshot has the timeouts and the sync daemons too.
    pub settings: bool,
}

/// Services of the table, one after the other, and the servers of the last one.
pub struct Entries<'c> {
    client: &'c mut Client,
    query: Query<'c>,
    services: Vec<ListedService>,
    /// How many have been given.
    given: usize,
    guess: Guess,
    servers: Vec<ListedServer>,
    scratch: Vec<ListedServer>,
}

impl<'c> Entries<'c> {
    pub(super) fn read(client: &'c mut Client, query: Query<'c>) -> Result<Self, KernelError> {
        let mut services = match query.filter {
            Some(filter) if !filter.services.is_empty() => named(client, &filter.services, query.counters)?,
            _ => services(client, query.counters)?,
        };
        if let Some(filter) = query.filter {
            services.retain(|listed| filter.service(&listed.service));
        }
        if query.order == Order::Sorted {
            sort_services(&mut services);
        }
        let guess = Guess { few_services: services.len() <= FEW_SERVICES, many_servers: false };
        Ok(Self { client, query, services, given: 0, guess, servers: Vec::new(), scratch: Vec::new() })
    }

    /// All services, those that have been given too.
    pub fn services(&self) -> &[ListedService] {
        &self.services
    }

    /// The next service with its servers. Where servers are chosen, services without any of those are left out.
    ///
    /// # Errors
    /// See [`KernelError`].
    pub fn next_entry(&mut self) -> Result<Option<(&ListedService, &[ListedServer])>, KernelError> {
        while self.given < self.services.len() {
            self.given += 1;
            self.read_servers()?;
            if !self.servers.is_empty() || !self.query.filter.is_some_and(TableFilter::chooses_servers) {
                return Ok(Some((&self.services[self.given - 1], &self.servers)));
            }
        }
        Ok(None)
    }

    /// The next service, whose servers may not be wanted.
    pub fn next_service(&mut self) -> Option<ListedService> {
        let service = self.services.get(self.given).copied();
        self.given += usize::from(service.is_some());
        service
    }

    /// The servers of the service that was given last. A service that has gone since has none.
    ///
    /// # Errors
    /// See [`KernelError`].
    pub fn servers(&mut self) -> Result<&[ListedServer], KernelError> {
        self.read_servers()?;
        Ok(&self.servers)
    }

    fn read_servers(&mut self) -> Result<(), KernelError> {
        let Some(listed) = self.given.checked_sub(1).map(|last| &self.services[last]) else { return Ok(()) };
        let Client { channel, server_dumps, family, .. } = &mut *self.client;
        let (key, servers) = (&listed.service.key, &mut self.servers);
        server_dumps.dump(channel, *family, key, self.query.counters, &mut self.guess, servers)?;
        if let Some(filter) = self.query.filter.filter(|filter| filter.chooses_servers()) {
            servers.retain(|listed| filter.server(&listed.server));
        }
        if self.query.order == Order::Sorted {
            sort_servers(servers, &mut self.scratch);
        }
        Ok(())
    }
}

/// Services by name. Of several, the error says which one is not there.
fn named(client: &mut Client, keys: &[ServiceKey], counters: bool) -> Result<Vec<ListedService>, KernelError> {
    let one = |key: &ServiceKey| {
        client.service(key, counters).map_err(|error| match error {
            KernelError::Refused(Errno::ESRCH) if keys.len() > 1 => KernelError::NoService(*key),
            error => error,
        })
    };
    keys.iter().map(one).collect()
}

/// All services, asked for again while the table is seen to change. What comes twice even so is left out.
fn services(client: &mut Client, counters: bool) -> Result<Vec<ListedService>, KernelError> {
    for _ in 1..TRIES {
        let (services, disturbed) = dump(client, counters)?;
        if !disturbed {
            return Ok(services);
        }
    }
    let (mut services, _) = dump(client, counters)?;
    let mut known = FxHashSet::default();
    services.retain(|listed| known.insert(listed.service.key));
    Ok(services)
}

/// Dumps the services once; true when the table changed meanwhile. The kernel holds its table still for one datagram only,
/// and says nothing of a change between two: a service that comes twice proves one.
fn dump(client: &mut Client, counters: bool) -> Result<(Vec<ListedService>, bool), KernelError> {
    let (mut services, mut datagrams, mut disturbed) = (Vec::new(), 0, false);
    client.channel.exchange(
        client.family,
        NLM_F_DUMP,
        IPVS_CMD_GET_SERVICE,
        |_| (),
        |reply| {
            datagrams += u32::from(reply.begins);
            disturbed |= reply.interrupted;
            services.push(decode::service(reply.attributes, counters)?);
            Ok(())
        },
    )?;
    if datagrams > 1 && !disturbed {
        let mut known = FxHashSet::default();
        known.reserve(services.len());
        disturbed = !services.iter().all(|listed| known.insert(listed.service.key));
    }
    Ok((services, disturbed))
}
