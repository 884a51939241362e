//! The table at one moment, and what two moments differ in.

use super::{Info, ListedServer, ListedService, ServerKey, ServiceKey, SyncDaemon, Timeouts};
use std::collections::{HashMap, HashSet};

/// A service with its servers.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceEntry {
    /// The service.
    pub service: ListedService,
    /// Its servers.
    pub servers: Vec<ListedServer>,
}

/// The table as it was read. The kernel has no such moment: each service is read with its servers after the one before.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// What ip_vs said of itself.
    pub info: Info,
    /// The services, in the order that was asked for.
    pub services: Vec<ServiceEntry>,
    /// The timeouts, where they were asked for.
    pub timeouts: Option<Timeouts>,
    /// The sync daemons, where they were asked for.
    pub daemons: Option<Vec<SyncDaemon>>,
}

/// What one table has that another one has not, or has otherwise. Counters and connections are no difference.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Difference<'s> {
    /// A service that is only in the later table, with its servers.
    ServiceAdded(&'s ServiceEntry),
    /// A service that is only in the earlier table, with its servers.
    ServiceRemoved(&'s ServiceEntry),
    /// A service with other settings: before and after.
    ServiceChanged(&'s ListedService, &'s ListedService),
    /// A server that is only in the later table, of a service that is in both.
    ServerAdded(ServiceKey, &'s ListedServer),
    /// A server that is only in the earlier table, of a service that is in both.
    ServerRemoved(ServiceKey, &'s ListedServer),
    /// A server with other settings: before and after.
    ServerChanged(ServiceKey, &'s ListedServer, &'s ListedServer),
}

impl Snapshot {
    /// A service with its servers.
    pub fn service(&self, key: &ServiceKey) -> Option<&ServiceEntry> {
        self.services.iter().find(|entry| entry.service.service.key == *key)
    }

    /// What has changed from this table to a later one: in the order of the later table, then what has gone.
    pub fn diff<'s>(&'s self, later: &'s Self) -> Vec<Difference<'s>> {
        let before: HashMap<ServiceKey, &ServiceEntry> =
            self.services.iter().map(|entry| (entry.service.service.key, entry)).collect();
        let mut differences = Vec::new();
        for entry in &later.services {
            match before.get(&entry.service.service.key) {
                None => differences.push(Difference::ServiceAdded(entry)),
                Some(old) => old.diff(entry, &mut differences),
            }
        }
        let after: HashSet<ServiceKey> = later.services.iter().map(|entry| entry.service.service.key).collect();
        let gone = self.services.iter().filter(|entry| !after.contains(&entry.service.service.key));
        differences.extend(gone.map(Difference::ServiceRemoved));
        differences
    }
}

impl ServiceEntry {
    /// A server of the service.
    pub fn server(&self, key: &ServerKey) -> Option<&ListedServer> {
        self.servers.iter().find(|listed| listed.server.key == *key)
    }

    fn diff<'s>(&'s self, later: &'s Self, differences: &mut Vec<Difference<'s>>) {
        let key = self.service.service.key;
        if self.service.service != later.service.service {
            differences.push(Difference::ServiceChanged(&self.service, &later.service));
        }
        let before: HashMap<ServerKey, &ListedServer> =
            self.servers.iter().map(|listed| (listed.server.key, listed)).collect();
        for listed in &later.servers {
            match before.get(&listed.server.key) {
                None => differences.push(Difference::ServerAdded(key, listed)),
                Some(old) if old.server != listed.server => {
                    differences.push(Difference::ServerChanged(key, old, listed));
                }
                Some(_) => {}
            }
        }
        let after: HashSet<ServerKey> = later.servers.iter().map(|listed| listed.server.key).collect();
        let gone = self.servers.iter().filter(|listed| !after.contains(&listed.server.key));
        differences.extend(gone.map(|listed| Difference::ServerRemoved(key, listed)));
    }
}
