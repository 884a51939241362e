//! What the checks judge by: plain data, so that each is tested without a kernel.

use super::finding::About;
use super::keepalived::Configuration;
use super::rules::Rules;
use super::sockets::Sockets;
use super::states::Connections;
use crate::ipvs::model::{ListedServer, ServiceEntry, Snapshot};
use crate::program::diagnosis::Diagnosis;
use crate::program::network::{Link, Network, Route};
use std::collections::BTreeMap;
use std::net::IpAddr;

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
    /// How many there are by `/proc/net/ip_vs_status`, which kernels have since 7.1.
    pub connection_count: Option<u64>,
    /// The settings of this network namespace.
    pub settings: Settings,
    /// Links, addresses, neighbours, and the routes to virtual addresses and servers.
    pub network: Known<Network>,
    /// What listens on this host.
    pub sockets: Known<Sockets>,
    /// What nft and iptables are told to do.
    pub rules: Known<Rules>,
    /// What keepalived has in its configuration, where it runs in this network namespace.
    pub keepalived: Option<Known<Configuration>>,
    /// How many connections have come from another director.
    pub synced: Known<u64>,
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

    /// The servers that are not on this host, by where their packets go: those whose way is known.
    pub fn ways(&self) -> impl Iterator<Item = Way<'_>> {
        let network = self.network.as_ref().ok();
        self.servers().filter_map(move |(entry, listed)| {
            let network = network?;
            let &Route::Out { link, gateway, mtu } = network.routes.get(&listed.server.key.address)? else {
                return None;
            };
            Some(Way { entry, listed, network, link: network.link(link)?, gateway, mtu })
        })
    }

    /// Whether clients' addresses are masked when packets leave by a link.
    pub fn masks_clients(&self, link: &str) -> bool {
        let known = self.settings.ip_vs("conntrack").and_then(Result::ok).is_some_and(|value| value != 0);
        known && self.rules.as_ref().is_ok_and(|rules| rules.masks(link).is_some())
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

/// The way to a server.
pub struct Way<'f> {
    /// The service.
    pub entry: &'f ServiceEntry,
    /// The server.
    pub listed: &'f ListedServer,
    /// The network.
    pub network: &'f Network,
    /// The link that packets leave by.
    pub link: &'f Link,
    /// The next host, where the server is not on the link.
    pub gateway: Option<IpAddr>,
    /// The longest packet that passes, in bytes, where that is less than the link's.
    pub mtu: Option<u32>,
}

impl Way<'_> {
    /// What a finding is about.
    pub fn about(&self) -> About {
        About::Server(self.entry.service.service.key, self.listed.server.key)
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
