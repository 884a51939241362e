//! A virtual service.

use super::key::object;
use super::server::ServerView;
use super::stats::StatsView;
use super::text::{Names, NamesView};
use crate::ipvs::model::{ListedServer, ListedService, ServiceFlags, ServiceKey, VirtualService};
use crate::program::render::words::{self, Persistence};
use serde::{Serialize, Serializer};
use std::borrow::Cow;
use std::net::IpAddr;

/// What identifies a service: protocol, address and port, or a firewall mark; the others are null.
pub struct ServiceKeyView {
    protocol: Option<Cow<'static, str>>,
    address: Option<IpAddr>,
    port: Option<u16>,
    names: Option<NamesView>,
    fwmark: Option<u32>,
    family: &'static str,
}

object!(ServiceKeyView { protocol, address, port, names, fwmark, family });

impl ServiceKeyView {
    /// With the names of address and port.
    pub fn new(key: &ServiceKey, names: Names<'_>) -> Self {
        let family = words::family(key.family());
        match *key {
            ServiceKey::Address { protocol, address, port } => Self {
                protocol: Some(words::protocol(protocol)),
                address: Some(address),
                port: Some(port),
                names: NamesView::of((address, port), Some(protocol), names),
                fwmark: None,
                family,
            },
            ServiceKey::FirewallMark { mark, .. } => {
                Self { protocol: None, address: None, port: None, names: None, fwmark: Some(mark), family }
            }
        }
    }
}

/// How a service is set.
pub struct ServiceSettingsView<'a> {
    scheduler: Cow<'a, str>,
    scheduler_flags: SchedulerFlags<'a>,
    one_packet: bool,
    persistence: Option<Persistence<'a>>,
}

object!(ServiceSettingsView<'_> { scheduler, scheduler_flags, one_packet, persistence });

object!(Persistence<'_> { timeout_seconds, netmask, engine });

impl<'a> ServiceSettingsView<'a> {
    /// The settings of a service.
    pub fn new(service: &'a VirtualService) -> Self {
        Self {
            scheduler: words::name(&service.scheduler),
            scheduler_flags: SchedulerFlags(service),
            one_packet: service.flags.contains(ServiceFlags::ONEPACKET),
            persistence: words::persistence(service),
        }
    }
}

struct SchedulerFlags<'a>(&'a VirtualService);

impl Serialize for SchedulerFlags<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(words::scheduler_flags(self.0))
    }
}

/// A service as it is listed.
pub struct ServiceView<'a> {
    key: ServiceKeyView,
    settings: ServiceSettingsView<'a>,
    stats: StatsView,
    servers: Servers<'a>,
}

object!(ServiceView<'_> { ..key, ..settings, ..stats, servers });

impl<'a> ServiceView<'a> {
    /// With its servers, and the names of addresses and ports.
    pub fn new(listed: &'a ListedService, servers: &'a [ListedServer], names: Names<'a>) -> Self {
        let key = &listed.service.key;
        Self {
            key: ServiceKeyView::new(key, names),
            settings: ServiceSettingsView::new(&listed.service),
            stats: StatsView::from(&listed.stats),
            servers: Servers { service: key, servers, names },
        }
    }
}

struct Servers<'a> {
    service: &'a ServiceKey,
    servers: &'a [ListedServer],
    names: Names<'a>,
}

impl Serialize for Servers<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.servers.iter().map(|server| ServerView::new(self.service, server, self.names)))
    }
}
