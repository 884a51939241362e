//! Timeouts and sync daemons.

use super::key::object;
use crate::ipvs::model::{SyncDaemon, Timeouts};
use crate::program::render::words;
use std::borrow::Cow;
use std::net::IpAddr;
use std::num::{NonZeroU8, NonZeroU16, NonZeroU32};

/// The timeouts of connections; null for a protocol that the kernel was built without.
pub struct TimeoutsView {
    tcp_seconds: Option<NonZeroU32>,
    tcp_fin_seconds: Option<NonZeroU32>,
    udp_seconds: Option<NonZeroU32>,
}

object!(TimeoutsView { tcp_seconds, tcp_fin_seconds, udp_seconds });

impl From<&Timeouts> for TimeoutsView {
    fn from(timeouts: &Timeouts) -> Self {
        Self { tcp_seconds: timeouts.tcp, tcp_fin_seconds: timeouts.tcp_fin, udp_seconds: timeouts.udp }
    }
}

/// A sync daemon; null is what an old kernel does not say.
pub struct DaemonView<'a> {
    state: String,
    interface: Cow<'a, str>,
    sync_id: u32,
    sync_maxlen_bytes: Option<NonZeroU16>,
    multicast_group: Option<IpAddr>,
    multicast_port: Option<NonZeroU16>,
    multicast_ttl: Option<NonZeroU8>,
}

object!(DaemonView<'_> {
    state, interface, sync_id, sync_maxlen_bytes, multicast_group, multicast_port, multicast_ttl
});

impl<'a> From<&'a SyncDaemon> for DaemonView<'a> {
    fn from(daemon: &'a SyncDaemon) -> Self {
        Self {
            state: daemon.state.to_string(),
            interface: words::name(&daemon.interface),
            sync_id: daemon.syncid,
            sync_maxlen_bytes: daemon.sync_maxlen,
            multicast_group: daemon.mcast_group,
            multicast_port: daemon.mcast_port,
            multicast_ttl: daemon.mcast_ttl,
        }
    }
}
