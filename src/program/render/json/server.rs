//! A real server.

use super::key::object;
use super::stats::StatsView;
use super::text::{Names, NamesView};
use crate::ipvs::model::{ListedServer, RealServer, ServerKey, ServiceKey};
use crate::program::render::text::list::port_protocol;
use crate::program::render::words::{self, TunnelWords};
use std::borrow::Cow;
use std::net::IpAddr;

/// What identifies a server within its service.
pub struct ServerKeyView {
    address: IpAddr,
    port: u16,
    names: Option<NamesView>,
}

object!(ServerKeyView { address, port, names });

impl ServerKeyView {
    /// With the names of address and port.
    pub fn new(service: &ServiceKey, key: &ServerKey, names: Names<'_>) -> Self {
        let &ServerKey { address, port } = key;
        Self { address, port, names: NamesView::of((address, port), port_protocol(service), names) }
    }
}

/// How a server is set.
pub struct ServerSettingsView {
    forwarding: Cow<'static, str>,
    tunnel: Option<TunnelWords>,
    weight: i32,
    thresholds: Thresholds,
}

object!(ServerSettingsView { forwarding, tunnel, weight, thresholds });

struct Thresholds {
    upper: u32,
    lower: u32,
}

object!(Thresholds { upper, lower });

object!(TunnelWords { kind, port, checksum });

impl From<&RealServer> for ServerSettingsView {
    fn from(server: &RealServer) -> Self {
        Self {
            forwarding: words::forwarding(server.forwarding),
            tunnel: words::tunnel(server),
            weight: server.weight,
            thresholds: Thresholds { upper: server.upper_threshold, lower: server.lower_threshold },
        }
    }
}

/// A server as it is listed.
pub struct ServerView {
    key: ServerKeyView,
    settings: ServerSettingsView,
    connections: Connections,
    stats: StatsView,
}

object!(ServerView { ..key, ..settings, connections, ..stats });

/// How many connections a server has.
pub struct Connections {
    active: u32,
    inactive: u32,
    persistent: u32,
}

object!(Connections { active, inactive, persistent });

impl From<&ListedServer> for Connections {
    fn from(listed: &ListedServer) -> Self {
        Self { active: listed.active, inactive: listed.inactive, persistent: listed.persistent }
    }
}

impl ServerView {
    /// A server of `service`, with the names of address and port.
    pub fn new(service: &ServiceKey, listed: &ListedServer, names: Names<'_>) -> Self {
        Self {
            key: ServerKeyView::new(service, &listed.server.key, names),
            settings: ServerSettingsView::from(&listed.server),
            connections: listed.into(),
            stats: StatsView::from(&listed.stats),
        }
    }
}
