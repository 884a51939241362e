//! A virtual service.

use super::key::object;
use super::server::ServerView;
use super::stats::StatsView;
use super::text::{self, Names, NamesView};
use crate::ipvs::model::{ListedServer, ListedService, Netmask, ServiceFlags, ServiceKey, VirtualService};
use serde::{Serialize, Serializer};
use std::borrow::Cow;
use std::net::{IpAddr, Ipv6Addr};

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
        let family = text::family(key.family());
        match *key {
            ServiceKey::Address { protocol, address, port } => Self {
                protocol: Some(text::protocol(protocol)),
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

struct Persistence<'a> {
    timeout_seconds: Option<u32>,
    netmask: IpAddr,
    engine: Option<Cow<'a, str>>,
}

object!(Persistence<'_> { timeout_seconds, netmask, engine });

impl<'a> ServiceSettingsView<'a> {
    /// The settings of a service.
    pub fn new(service: &'a VirtualService) -> Self {
        Self {
            scheduler: text::name(&service.scheduler),
            scheduler_flags: SchedulerFlags(service),
            one_packet: service.flags.contains(ServiceFlags::ONEPACKET),
            persistence: persistence(service),
        }
    }
}

/// A service that is not persistent may have a mask or an engine all the same, which is not to be lost.
fn persistence(service: &VirtualService) -> Option<Persistence<'_>> {
    let persistent = service.flags.contains(ServiceFlags::PERSISTENT);
    let masked = service.netmask != Netmask::single(service.key.family());
    let engine = service.persistence_engine.as_ref();
    (persistent || masked || engine.is_some()).then(|| Persistence {
        timeout_seconds: persistent.then_some(service.timeout),
        netmask: match service.netmask {
            Netmask::Mask(mask) => mask.into(),
            Netmask::Prefix(length) => prefix_mask(length).into(),
        },
        engine: engine.map(text::name),
    })
}

/// The mask with so many ones at its beginning.
fn prefix_mask(length: u32) -> Ipv6Addr {
    Ipv6Addr::from_bits(!u128::MAX.checked_shr(length).unwrap_or(0))
}

/// The scheduler flags that are set: by the names that the scheduler has for them, else as numbered.
struct SchedulerFlags<'a>(&'a VirtualService);

impl Serialize for SchedulerFlags<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(service) = self;
        let names = match service.scheduler.as_bytes() {
            b"sh" => ["sh-fallback", "sh-port", "flag-3"],
            b"mh" => ["mh-fallback", "mh-port", "flag-3"],
            _ => ["flag-1", "flag-2", "flag-3"],
        };
        let flags = [ServiceFlags::SCHED1, ServiceFlags::SCHED2, ServiceFlags::SCHED3];
        let set = names.iter().zip(flags).filter(|(_, flag)| service.flags.intersects(*flag));
        serializer.collect_seq(set.map(|(name, _)| name))
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
