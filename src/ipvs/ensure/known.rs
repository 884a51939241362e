//! What is known of the table without asking again: as it was looked at, and as our own changes since leave it if they are
//! made.

use crate::ipvs::client::{Client, Query};
use crate::ipvs::error::KernelError;
use crate::ipvs::model::{Change, ListedServer, RealServer, ServerKey, ServiceKey, VirtualService};
use rustc_hash::FxHashMap;

/// So many services are asked for one by one, and then all at once.
const FEW: usize = 8;

/// How something stands.
#[derive(Clone, Copy, Debug)]
enum Standing<T> {
    /// A change to it was refused.
    Unknown,
    /// As it lives, or does not, since a change that was foreseen in this round.
    Known(Option<T>, u32),
}

type Servers = FxHashMap<ServerKey, Standing<RealServer>>;

/// What is known of services and servers.
#[derive(Debug, Default)]
pub struct Known {
    services: FxHashMap<ServiceKey, Standing<VirtualService>>,
    /// Whether there are no other services.
    all: bool,
    /// How many were asked for by themselves.
    asked: usize,
    /// All servers of each service here are in its map.
    servers: FxHashMap<ServiceKey, Servers>,
    scratch: Vec<ListedServer>,
}

/// What lives, or `None`, and the round in which a change was foreseen that makes it so.
pub type Live<T> = (Option<T>, u32);

impl Known {
    /// Whether there is nothing to foresee.
    pub fn is_empty(&self) -> bool {
        self.services.is_empty() && self.servers.is_empty() && !self.all
    }

    /// A service; `None` where nothing is known of it.
    pub fn service(&self, key: &ServiceKey) -> Option<Live<VirtualService>> {
        match self.services.get(key) {
            Some(Standing::Known(live, round)) => Some((*live, *round)),
            None if self.all => Some((None, 0)),
            _ => None,
        }
    }

    /// A server; `None` where nothing is known of it.
    pub fn server(&self, service: &ServiceKey, key: &ServerKey) -> Option<Live<RealServer>> {
        match self.servers.get(service)?.get(key) {
            Some(Standing::Known(live, round)) => Some((*live, *round)),
            Some(Standing::Unknown) => None,
            None => Some((None, 0)),
        }
    }

    /// Has the kernel say how a service lives.
    pub fn look_for_service(&mut self, client: &mut Client, key: &ServiceKey) -> Result<(), KernelError> {
        self.asked += 1;
        if self.asked <= FEW {
            let live = super::service(client, key)?;
            self.services.insert(*key, Standing::Known(live, 0));
            return Ok(());
        }
        let entries = client.entries(Query::default())?;
        let listed = entries.services().iter().map(|listed| listed.service);
        self.services = listed.map(|service| (service.key, Standing::Known(Some(service), 0))).collect();
        (self.all, self.asked) = (true, 0);
        Ok(())
    }

    /// Has the kernel list the servers of a service.
    pub fn look_for_servers(&mut self, client: &mut Client, service: &ServiceKey) -> Result<(), KernelError> {
        client.servers(service, &mut self.scratch)?;
        let live = self.scratch.iter().map(|listed| (listed.server.key, Standing::Known(Some(listed.server), 0)));
        self.servers.insert(*service, live.collect());
        Ok(())
    }

    /// Takes a change for made.
    pub fn foresee(&mut self, change: &Change, round: u32) {
        match change {
            Change::AddService(service) | Change::EditService(service) => {
                self.put_service(&service.key, Standing::Known(Some(*service), round));
            }
            Change::DeleteService(key) => {
                self.put_service(key, Standing::Known(None, round));
                self.servers.remove(key);
            }
            Change::AddServer(key, server) | Change::EditServer(key, server) => {
                self.put_server(key, &server.key, Standing::Known(Some(*server), round));
            }
            Change::DeleteServer(key, server) => self.put_server(key, server, Standing::Known(None, round)),
            Change::Flush => *self = Self::default(),
            _ => {}
        }
    }

    /// A change was refused that had been taken for made.
    pub fn forget(&mut self, change: &Change) {
        match change {
            Change::AddService(service) | Change::EditService(service) => {
                self.put_service(&service.key, Standing::Unknown);
            }
            Change::DeleteService(key) => self.put_service(key, Standing::Unknown),
            Change::AddServer(key, server) | Change::EditServer(key, server) => {
                self.put_server(key, &server.key, Standing::Unknown);
            }
            Change::DeleteServer(key, server) => self.put_server(key, server, Standing::Unknown),
            _ => {}
        }
    }

    fn put_service(&mut self, key: &ServiceKey, standing: Standing<VirtualService>) {
        if self.all || self.services.contains_key(key) {
            self.services.insert(*key, standing);
        }
    }

    fn put_server(&mut self, service: &ServiceKey, key: &ServerKey, standing: Standing<RealServer>) {
        if let Some(servers) = self.servers.get_mut(service) {
            servers.insert(*key, standing);
        }
    }
}
