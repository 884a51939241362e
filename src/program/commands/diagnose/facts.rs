//! What the checks judge by: plain data, so that each is tested without a kernel.

use super::states::Connections;
use crate::ipvs::model::{ListedServer, ServiceEntry, Snapshot};
use crate::program::diagnosis::Diagnosis;
use std::collections::BTreeMap;

/// What was read, or why it could not be.
pub type Known<T> = Result<T, String>;

/// All that was gathered.
pub struct Facts {
    /// What is to be judged.
    pub asked: Diagnosis,
    /// The table, or the one service that is asked for, with counters and sync daemons. Where that service is not there,
    /// the whole table.
    pub table: Snapshot,
    /// Whether the kernel brings counters up to date.
    pub estimation: bool,
    /// The connections.
    pub connections: Known<Connections>,
    /// The settings of this network namespace.
    pub settings: Settings,
}

impl Facts {
    /// The services that are to be judged.
    pub fn services(&self) -> impl Iterator<Item = &ServiceEntry> {
        let wanted = self.asked.service;
        self.table.services.iter().filter(move |entry| wanted.is_none_or(|key| key == entry.service.service.key))
    }

    /// The servers that are to be judged, with their services.
    pub fn servers(&self) -> impl Iterator<Item = (&ServiceEntry, &ListedServer)> {
        self.services().flat_map(|entry| self.of_service(entry).map(move |server| (entry, server)))
    }

    /// Those of one service.
    pub fn of_service<'e>(&self, entry: &'e ServiceEntry) -> impl Iterator<Item = &'e ListedServer> + use<'e> {
        let wanted = self.asked.server;
        let is_meant = move |listed: &&ListedServer| {
            let key = listed.server.key;
            wanted.is_none_or(|(address, port)| key.address == address && port.is_none_or(|port| key.port == port))
        };
        entry.servers.iter().filter(is_meant)
    }
}

/// Sysctls by their paths below `/proc/sys/net`, as `ipv4/ip_forward`. Those that the kernel does not have are not there.
#[derive(Clone, Debug, Default)]
pub struct Settings(pub BTreeMap<String, Known<String>>);

impl Settings {
    /// A number; `None` where the kernel has no such setting.
    pub fn number(&self, path: &str) -> Option<Known<i64>> {
        let text = self.0.get(path)?;
        Some(match text {
            Ok(text) => text.trim().parse().map_err(|_| format!("{} is no number", name(path))),
            Err(why) => Err(format!("cannot read {}: {why}", name(path))),
        })
    }

    /// A number of ip_vs, by the name of its file.
    pub fn ip_vs(&self, name: &str) -> Option<Known<i64>> {
        self.number(&format!("ipv4/vs/{name}"))
    }
}

/// A setting as `sysctl` calls it.
pub fn name(path: &str) -> String {
    // A dot in an interface's name is written as a slash, and the other way round.
    let swapped = path.chars().map(|c| match c {
        '/' => '.',
        '.' => '/',
        other => other,
    });
    swapped.fold("net.".to_owned(), |mut name, c| {
        name.push(c);
        name
    })
}
