//! The model's values from the kernel's replies, whatever their attributes and their order.
//!
//! What a kernel may lack has a default; any other attribute that is missing or too short is an error that names it.

use super::attributes::*;
use super::message::IpvsMessage;
use crate::ipvs::error::KernelError;
use crate::ipvs::model::{
    DaemonState, Family, Forwarding, Info, ListedServer, ListedService, Netmask, Protocol, RealServer, ServerKey,
    ServiceFlags, ServiceKey, Stats, SyncDaemon, Timeouts, Tunnel, TunnelFlags, TunnelType, VirtualService,
};
use std::net::IpAddr;
use std::num::NonZero;

/// The bits of a server's connection flags that hold the forwarding method (linux/ip_vs.h).
pub(super) const IP_VS_CONN_F_FWD_MASK: u32 = 0x7;

/// The value of an attribute that a kernel may lack.
macro_rules! optional {
    ($attributes:expr, $Type:ident::$Variant:ident, $KIND:ident) => {
        match first($attributes, $KIND) {
            Some($Type::$Variant(value)) => Ok(Some(value)),
            Some(_) => Err(KernelError::Malformed(stringify!($KIND))),
            None => Ok(None),
        }
    };
}

/// The value of an attribute that every kernel sends.
macro_rules! required {
    ($attributes:expr, $Type:ident::$Variant:ident, $KIND:ident) => {
        optional!($attributes, $Type::$Variant, $KIND)
            .and_then(|value| value.ok_or(KernelError::Missing(stringify!($KIND))))
    };
}

impl IpvsMessage {
    /// The virtual service in a reply to [`GetService`](super::Command::GetService).
    ///
    /// # Errors
    /// [`KernelError::Missing`] and [`KernelError::Malformed`], with the attribute's name.
    pub fn service(&self) -> Result<ListedService, KernelError> {
        let attributes = required!(self.attributes(), CommandAttribute::Service, IPVS_CMD_ATTR_SERVICE)?;
        let family = *required!(attributes, ServiceAttribute::Family, IPVS_SVC_ATTR_AF)?;
        let family = Family::from_number(family).ok_or(KernelError::Malformed("IPVS_SVC_ATTR_AF"))?;
        let netmask = *required!(attributes, ServiceAttribute::Netmask, IPVS_SVC_ATTR_NETMASK)?;
        let [flags, _] = *required!(attributes, ServiceAttribute::Flags, IPVS_SVC_ATTR_FLAGS)?;
        let counters = match optional!(attributes, ServiceAttribute::Stats64, IPVS_SVC_ATTR_STATS64)? {
            None => optional!(attributes, ServiceAttribute::Stats, IPVS_SVC_ATTR_STATS)?,
            wide => wide,
        };
        Ok(ListedService {
            service: VirtualService {
                key: key(attributes, family)?,
                scheduler: *required!(attributes, ServiceAttribute::Scheduler, IPVS_SVC_ATTR_SCHED_NAME)?,
                flags: ServiceFlags::from_bits_retain(flags).difference(ServiceFlags::HASHED),
                timeout: *required!(attributes, ServiceAttribute::Timeout, IPVS_SVC_ATTR_TIMEOUT)?,
                netmask: match family {
                    Family::Inet => Netmask::Mask(netmask.into()),
                    Family::Inet6 => Netmask::Prefix(u32::from_ne_bytes(netmask)),
                },
                persistence_engine: optional!(attributes, ServiceAttribute::PersistenceEngine, IPVS_SVC_ATTR_PE_NAME)?
                    .copied(),
            },
            stats: stats(counters)?,
        })
    }

    /// The real server in a reply to [`GetServer`](super::Command::GetServer). Kernels before 3.18 do not tell its
    /// family: it is `family` then, that of the service.
    ///
    /// # Errors
    /// [`KernelError::Missing`] and [`KernelError::Malformed`], with the attribute's name.
    pub fn server(&self, family: Family) -> Result<ListedServer, KernelError> {
        let attributes = required!(self.attributes(), CommandAttribute::Server, IPVS_CMD_ATTR_DEST)?;
        let family = match optional!(attributes, ServerAttribute::Family, IPVS_DEST_ATTR_ADDR_FAMILY)? {
            None | Some(0) => family,
            Some(number) => Family::from_number(*number).ok_or(KernelError::Malformed("IPVS_DEST_ATTR_ADDR_FAMILY"))?,
        };
        let address = *required!(attributes, ServerAttribute::Address, IPVS_DEST_ATTR_ADDR)?;
        let port = *required!(attributes, ServerAttribute::Port, IPVS_DEST_ATTR_PORT)?;
        let method = required!(attributes, ServerAttribute::ForwardingMethod, IPVS_DEST_ATTR_FWD_METHOD)?;
        let counters = match optional!(attributes, ServerAttribute::Stats64, IPVS_DEST_ATTR_STATS64)? {
            None => optional!(attributes, ServerAttribute::Stats, IPVS_DEST_ATTR_STATS)?,
            wide => wide,
        };
        Ok(ListedServer {
            server: RealServer {
                key: ServerKey { address: from_union(family, address), port },
                forwarding: Forwarding::from_number(method & IP_VS_CONN_F_FWD_MASK),
                weight: *required!(attributes, ServerAttribute::Weight, IPVS_DEST_ATTR_WEIGHT)?,
                upper_threshold: *required!(attributes, ServerAttribute::UpperThreshold, IPVS_DEST_ATTR_U_THRESH)?,
                lower_threshold: *required!(attributes, ServerAttribute::LowerThreshold, IPVS_DEST_ATTR_L_THRESH)?,
                tunnel: tunnel(attributes)?,
            },
            active: *required!(attributes, ServerAttribute::ActiveConnections, IPVS_DEST_ATTR_ACTIVE_CONNS)?,
            inactive: *required!(attributes, ServerAttribute::InactiveConnections, IPVS_DEST_ATTR_INACT_CONNS)?,
            persistent: *required!(attributes, ServerAttribute::PersistentConnections, IPVS_DEST_ATTR_PERSIST_CONNS)?,
            stats: stats(counters)?,
        })
    }

    /// The daemon in a reply to [`GetDaemon`](super::Command::GetDaemon).
    ///
    /// # Errors
    /// [`KernelError::Missing`] and [`KernelError::Malformed`], with the attribute's name.
    pub fn daemon(&self) -> Result<SyncDaemon, KernelError> {
        let attributes = required!(self.attributes(), CommandAttribute::Daemon, IPVS_CMD_ATTR_DAEMON)?;
        let state = *required!(attributes, DaemonAttribute::State, IPVS_DAEMON_ATTR_STATE)?;
        let group = optional!(attributes, DaemonAttribute::Group, IPVS_DAEMON_ATTR_MCAST_GROUP)?;
        let group6 = optional!(attributes, DaemonAttribute::Group6, IPVS_DAEMON_ATTR_MCAST_GROUP6)?;
        let length = optional!(attributes, DaemonAttribute::SyncMaxlen, IPVS_DAEMON_ATTR_SYNC_MAXLEN)?;
        let port = optional!(attributes, DaemonAttribute::Port, IPVS_DAEMON_ATTR_MCAST_PORT)?;
        let ttl = optional!(attributes, DaemonAttribute::Ttl, IPVS_DAEMON_ATTR_MCAST_TTL)?;
        Ok(SyncDaemon {
            state: DaemonState::from_number(state).ok_or(KernelError::Malformed("IPVS_DAEMON_ATTR_STATE"))?,
            interface: *required!(attributes, DaemonAttribute::Interface, IPVS_DAEMON_ATTR_MCAST_IFN)?,
            syncid: *required!(attributes, DaemonAttribute::SyncId, IPVS_DAEMON_ATTR_SYNC_ID)?,
            sync_maxlen: length.and_then(|length| NonZero::new(*length)),
            mcast_group: group.copied().map(IpAddr::from).or(group6.copied().map(IpAddr::from)),
            mcast_port: port.and_then(|port| NonZero::new(*port)),
            mcast_ttl: ttl.and_then(|ttl| NonZero::new(*ttl)),
        })
    }

    /// The timeouts in the reply to [`GetConfig`](super::Command::GetConfig). A kernel without one of the protocols
    /// leaves out its timeouts.
    ///
    /// # Errors
    /// [`KernelError::Malformed`], with the attribute's name.
    pub fn timeouts(&self) -> Result<Timeouts, KernelError> {
        let attributes = self.attributes();
        let tcp = optional!(attributes, CommandAttribute::TimeoutTcp, IPVS_CMD_ATTR_TIMEOUT_TCP)?;
        let tcp_fin = optional!(attributes, CommandAttribute::TimeoutTcpFin, IPVS_CMD_ATTR_TIMEOUT_TCP_FIN)?;
        let udp = optional!(attributes, CommandAttribute::TimeoutUdp, IPVS_CMD_ATTR_TIMEOUT_UDP)?;
        let given = |seconds: Option<&u32>| seconds.and_then(|seconds| NonZero::new(*seconds));
        Ok(Timeouts { tcp: given(tcp), tcp_fin: given(tcp_fin), udp: given(udp) })
    }

    /// What ip_vs says of itself, in the reply to [`GetInfo`](super::Command::GetInfo).
    ///
    /// # Errors
    /// [`KernelError::Missing`] and [`KernelError::Malformed`], with the attribute's name.
    pub fn info(&self) -> Result<Info, KernelError> {
        let attributes: &[_] = match self {
            Self::Info(attributes) => attributes,
            Self::Command(..) => &[],
        };
        Ok(Info {
            version: *required!(attributes, InfoAttribute::Version, IPVS_INFO_ATTR_VERSION)?,
            connection_table_size: *required!(
                attributes,
                InfoAttribute::ConnectionTableSize,
                IPVS_INFO_ATTR_CONN_TAB_SIZE
            )?,
        })
    }

    fn attributes(&self) -> &[CommandAttribute] {
        match self {
            Self::Command(_, attributes) => attributes,
            Self::Info(_) => &[],
        }
    }
}

fn key(attributes: &[ServiceAttribute], family: Family) -> Result<ServiceKey, KernelError> {
    if let Some(mark) = optional!(attributes, ServiceAttribute::FirewallMark, IPVS_SVC_ATTR_FWMARK)? {
        return Ok(ServiceKey::mark(*mark, family));
    }
    let protocol = *required!(attributes, ServiceAttribute::Protocol, IPVS_SVC_ATTR_PROTOCOL)?;
    let address = *required!(attributes, ServiceAttribute::Address, IPVS_SVC_ATTR_ADDR)?;
    Ok(ServiceKey::Address {
        protocol: Protocol::from_number(protocol),
        address: from_union(family, address),
        port: *required!(attributes, ServiceAttribute::Port, IPVS_SVC_ATTR_PORT)?,
    })
}

fn tunnel(attributes: &[ServerAttribute]) -> Result<Tunnel, KernelError> {
    let kind = optional!(attributes, ServerAttribute::TunnelType, IPVS_DEST_ATTR_TUN_TYPE)?;
    let port = optional!(attributes, ServerAttribute::TunnelPort, IPVS_DEST_ATTR_TUN_PORT)?;
    let flags = optional!(attributes, ServerAttribute::TunnelFlags, IPVS_DEST_ATTR_TUN_FLAGS)?;
    Ok(Tunnel {
        kind: kind.map_or_else(TunnelType::default, |kind| TunnelType::from_number(*kind)),
        port: port.copied().unwrap_or_default(),
        flags: flags.map_or_else(TunnelFlags::default, |flags| TunnelFlags::from_bits_retain(*flags)),
    })
}

/// Counters; 0 for those that are missing.
fn stats(attributes: Option<&Vec<StatsAttribute>>) -> Result<Stats, KernelError> {
    let attributes = attributes.map_or(&[][..], Vec::as_slice);
    macro_rules! counter {
        ($Variant:ident, $KIND:ident) => {
            optional!(attributes, StatsAttribute::$Variant, $KIND)?.copied().map_or(0, u64::from)
        };
    }
    Ok(Stats {
        connections: counter!(Connections, IPVS_STATS_ATTR_CONNS),
        in_packets: counter!(InPackets, IPVS_STATS_ATTR_INPKTS),
        out_packets: counter!(OutPackets, IPVS_STATS_ATTR_OUTPKTS),
        in_bytes: counter!(InBytes, IPVS_STATS_ATTR_INBYTES),
        out_bytes: counter!(OutBytes, IPVS_STATS_ATTR_OUTBYTES),
        connection_rate: counter!(ConnectionRate, IPVS_STATS_ATTR_CPS),
        in_packet_rate: counter!(InPacketRate, IPVS_STATS_ATTR_INPPS),
        out_packet_rate: counter!(OutPacketRate, IPVS_STATS_ATTR_OUTPPS),
        in_byte_rate: counter!(InByteRate, IPVS_STATS_ATTR_INBPS),
        out_byte_rate: counter!(OutByteRate, IPVS_STATS_ATTR_OUTBPS),
    })
}

/// An IPv4 address fills the first four bytes of `union nf_inet_addr`.
pub(super) fn from_union(family: Family, address: [u8; 16]) -> IpAddr {
    match (family, address) {
        (Family::Inet, [a, b, c, d, ..]) => [a, b, c, d].into(),
        (Family::Inet6, address) => address.into(),
    }
}
