//! When what the kernel lists is what is asked for, so that it need not be touched.

use crate::ipvs::model::{
    Change, DaemonState, Forwarding, RealServer, ServiceFlags, ServiceKey, SyncDaemon, VirtualService,
};
use std::net::{IpAddr, Ipv4Addr};
use std::num::NonZero;

/// The flags that ipvsadm can set; a kernel may know more.
const FLAGS: ServiceFlags = ServiceFlags::PERSISTENT.union(ServiceFlags::ONEPACKET).union(ServiceFlags::SCHEDULER);

/// `IP_VS_SYNC_GROUP` of the kernel's ip_vs_sync.c.
const SYNC_GROUP: IpAddr = IpAddr::V4(Ipv4Addr::new(224, 0, 0, 81));
/// `IP_VS_SYNC_PORT`.
const SYNC_PORT: u16 = 8848;
/// The time to live that the kernel takes when none is given.
const SYNC_TTL: u8 = 1;
/// The least that the kernel takes as the longest message of a backup daemon, in bytes.
const BACKUP_MAXLEN: u16 = 1024;
/// The longest datagram for which the kernel plans when no length is given; of a backup daemon the shortest such.
const DATAGRAM: u16 = 1500;
/// The most that fits a datagram of IPv6: 65535 less the headers of IPv6 and UDP.
const MAXLEN6: u16 = 65535 - 48;

/// Whether a live service has the settings of a wanted one.
pub fn same_service(live: &VirtualService, wanted: &VirtualService) -> bool {
    let persistent = wanted.flags.contains(ServiceFlags::PERSISTENT);
    live.scheduler == wanted.scheduler
        && live.flags & FLAGS == wanted.flags & FLAGS
        // Another program may leave a timeout on a service that is not persistent: nothing uses or shows it.
        && (live.timeout == wanted.timeout || !persistent)
        && live.netmask == wanted.netmask
        && live.persistence_engine == wanted.persistence_engine
}

/// Whether a live server has the settings of a wanted one.
pub fn same_server(live: &RealServer, wanted: &RealServer) -> bool {
    // Old kernels report a server on the machine itself as local, however it was added.
    let forwarding = if live.forwarding == Forwarding::Local { Forwarding::Local } else { wanted.forwarding };
    *live == RealServer { forwarding, ..*wanted }
}

/// The change that makes a service of what lives; `None` where it is so.
pub fn service_change(live: Option<&VirtualService>, wanted: &VirtualService) -> Option<Change> {
    match live {
        Some(live) if same_service(live, wanted) => None,
        Some(_) => Some(Change::EditService(*wanted)),
        None => Some(Change::AddService(*wanted)),
    }
}

/// The change that makes a server of what lives; `None` where it is so.
pub fn server_change(service: &ServiceKey, live: Option<&RealServer>, wanted: &RealServer) -> Option<Change> {
    match live {
        Some(live) if same_server(live, wanted) => None,
        Some(_) => Some(Change::EditServer(*service, *wanted)),
        None => Some(Change::AddServer(*service, *wanted)),
    }
}

/// Whether a running daemon is the one that is wanted, where the kernel has filled in what is left open.
/// Old kernels do not tell everything; what they keep to themselves counts as equal.
pub fn same_daemon(live: &SyncDaemon, wanted: &SyncDaemon) -> bool {
    let group = wanted.mcast_group.unwrap_or(SYNC_GROUP);
    let (longest, headers) = if group.is_ipv6() { (MAXLEN6, 48) } else { (u16::MAX, 28) };
    let shortest = if wanted.state == DaemonState::Backup { BACKUP_MAXLEN } else { 0 };
    live.state == wanted.state
        && live.interface == wanted.interface
        && live.syncid == wanted.syncid
        && live.mcast_group.is_none_or(|live| live == group)
        && live.mcast_port.is_none_or(|live| live.get() == wanted.mcast_port.map_or(SYNC_PORT, NonZero::get))
        && live.mcast_ttl.is_none_or(|live| live.get() == wanted.mcast_ttl.map_or(SYNC_TTL, NonZero::get))
        && live.sync_maxlen.is_none_or(|live| match wanted.sync_maxlen {
            Some(wanted) => live.get() == wanted.get().clamp(shortest, longest),
            // A backup daemon goes by the interface's MTU, which is not ours to know.
            None if wanted.state == DaemonState::Backup => live.get() >= DATAGRAM - headers,
            None => live.get() == DATAGRAM - headers,
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ipvs::model::{Tunnel, TunnelFlags, TunnelType};

    fn service() -> VirtualService {
        VirtualService::new(ServiceKey::tcp([10, 0, 0, 1], 80), "wlc".parse().unwrap())
    }

    #[test]
    fn a_timeout_counts_only_with_persistence() {
        let live = VirtualService { timeout: 300, ..service() };
        assert!(same_service(&live, &service()));
        let live = VirtualService { flags: ServiceFlags::PERSISTENT, ..live };
        assert!(!same_service(&live, &service()));
        assert!(!same_service(&live, &VirtualService { timeout: 301, ..live }));
        assert!(same_service(&live, &live));
    }

    #[test]
    fn flags_of_newer_kernels_do_not_count() {
        assert!(same_service(
            &VirtualService { flags: ServiceFlags::from_bits_retain(0x8000_0000), ..service() },
            &service()
        ));
        assert!(!same_service(&VirtualService { flags: ServiceFlags::SCHED2, ..service() }, &service()));
    }

    #[test]
    fn a_local_server_is_equal_to_any_forwarding() {
        let wanted = RealServer { forwarding: Forwarding::Tunnel, ..RealServer::new([127, 0, 0, 1], 80) };
        assert!(same_server(&RealServer { forwarding: Forwarding::Local, ..wanted }, &wanted));
        assert!(!same_server(&RealServer { forwarding: Forwarding::Route, ..wanted }, &wanted));
        assert!(!same_server(&RealServer { forwarding: Forwarding::Local, weight: 2, ..wanted }, &wanted));
        let tunnel = Tunnel { kind: TunnelType::Gue, port: 6080, flags: TunnelFlags::CSUM };
        assert!(!same_server(&wanted, &RealServer { tunnel, ..wanted }));
    }

    /// The listings behind this: `master sync daemon (mcast=lo, syncid=0, maxlen=1472, group=224.0.0.81, port=8848,
    /// ttl=1)` for no options at all, and `maxlen=1024` for a backup with `--sync-maxlen 500`.
    #[test]
    fn a_daemon_is_equal_with_what_the_kernel_fills_in() {
        let open = SyncDaemon::new(DaemonState::Master, "lo".parse().unwrap());
        let live = SyncDaemon {
            sync_maxlen: NonZero::new(1472),
            mcast_group: Some(SYNC_GROUP),
            mcast_port: NonZero::new(8848),
            mcast_ttl: NonZero::new(1),
            ..open
        };
        assert!(same_daemon(&live, &open));
        assert!(same_daemon(&open, &live));
        assert!(!same_daemon(&live, &SyncDaemon { mcast_port: NonZero::new(8849), ..open }));
        assert!(!same_daemon(&SyncDaemon { mcast_port: NonZero::new(8849), ..live }, &open));
        assert!(!same_daemon(&live, &SyncDaemon { sync_maxlen: NonZero::new(1000), ..open }));
        assert!(!same_daemon(&SyncDaemon { sync_maxlen: NonZero::new(1000), ..live }, &open));
        let backup = SyncDaemon { state: DaemonState::Backup, sync_maxlen: NonZero::new(500), ..open };
        assert!(same_daemon(&SyncDaemon { sync_maxlen: NonZero::new(1024), ..backup }, &backup));
        let open = SyncDaemon { sync_maxlen: None, ..backup };
        assert!(same_daemon(&SyncDaemon { sync_maxlen: NonZero::new(8972), ..backup }, &open));
        assert!(!same_daemon(&SyncDaemon { sync_maxlen: NonZero::new(1024), ..backup }, &open));
    }
}
