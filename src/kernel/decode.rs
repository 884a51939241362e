//! The kernel's attributes as the model. With `encode`, all byte order lives here.
//!
//! Attributes that we do not know are skipped, those that a kernel may lack have defaults, and any other that is
//! missing or short is an error that names it.

use super::attributes::*;
use super::error::KernelError;
use crate::model::{
    DaemonState, Family, Forwarding, Info, ListedServer, ListedService, Netmask, Protocol, RealServer, ServerKey,
    ServiceFlags, ServiceKey, Stats, SyncDaemon, Timeouts, Tunnel, VirtualService,
};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The service in the reply to `IPVS_CMD_GET_SERVICE`.
pub(super) fn service(reply: &[u8]) -> Result<ListedService, KernelError> {
    let (mut family, mut protocol, mut address, mut port, mut mark) = (None, None, None, None, None);
    let (mut scheduler, mut flags, mut timeout, mut netmask) = (None, None, None, None);
    let mut persistence_engine = Default::default();
    let mut stats = Counters::default();
    for field in fields(nest(reply, IPVS_CMD_ATTR_SERVICE)?, service_attribute) {
        let field = field?;
        match field.kind {
            IPVS_SVC_ATTR_AF => family = Some(to_family(&field)?),
            IPVS_SVC_ATTR_PROTOCOL => protocol = Some(Protocol(u16::from_ne_bytes(field.bytes()?))),
            IPVS_SVC_ATTR_ADDR => address = Some(field),
            IPVS_SVC_ATTR_PORT => port = Some(u16::from_be_bytes(field.bytes()?)),
            IPVS_SVC_ATTR_FWMARK => mark = Some(u32::from_ne_bytes(field.bytes()?)),
            IPVS_SVC_ATTR_SCHED_NAME => scheduler = Some(field.name()),
            IPVS_SVC_ATTR_FLAGS => {
                flags = Some(ServiceFlags(u32::from_ne_bytes(field.bytes()?) & !ServiceFlags::HASHED));
            }
            IPVS_SVC_ATTR_TIMEOUT => timeout = Some(u32::from_ne_bytes(field.bytes()?)),
            IPVS_SVC_ATTR_NETMASK => netmask = Some(field.bytes()?),
            IPVS_SVC_ATTR_PE_NAME => persistence_engine = field.name(),
            IPVS_SVC_ATTR_STATS => stats.narrow = Some(field.value),
            IPVS_SVC_ATTR_STATS64 => stats.wide = Some(field.value),
            _ => {}
        }
    }
    let family = required(family, "IPVS_SVC_ATTR_AF")?;
    let netmask: [u8; 4] = required(netmask, "IPVS_SVC_ATTR_NETMASK")?;
    let key = match mark {
        Some(mark) => ServiceKey::FirewallMark { mark, family },
        None => ServiceKey::Address {
            protocol: required(protocol, "IPVS_SVC_ATTR_PROTOCOL")?,
            address: to_address(family, &required(address, "IPVS_SVC_ATTR_ADDR")?)?,
            port: required(port, "IPVS_SVC_ATTR_PORT")?,
        },
    };
    Ok(ListedService {
        service: VirtualService {
            key,
            scheduler: required(scheduler, "IPVS_SVC_ATTR_SCHED_NAME")?,
            flags: required(flags, "IPVS_SVC_ATTR_FLAGS")?,
            timeout: required(timeout, "IPVS_SVC_ATTR_TIMEOUT")?,
            netmask: match family {
                Family::Inet => Netmask::Mask(netmask.into()),
                Family::Inet6 => Netmask::Prefix(u32::from_ne_bytes(netmask)),
            },
            persistence_engine,
        },
        stats: stats.read()?,
    })
}

/// The real server in a reply to `IPVS_CMD_GET_DEST`. Kernels before 3.18 do not tell its family: it is `family` then,
/// that of the service.
pub(super) fn server(reply: &[u8], mut family: Family) -> Result<ListedServer, KernelError> {
    let (mut address, mut port, mut forwarding, mut weight) = (None, None, None, None);
    let (mut upper_threshold, mut lower_threshold) = (None, None);
    let (mut active, mut inactive, mut persistent) = (None, None, None);
    let mut tunnel = Tunnel::default();
    let mut stats = Counters::default();
    for field in fields(nest(reply, IPVS_CMD_ATTR_DEST)?, server_attribute) {
        let field = field?;
        match field.kind {
            IPVS_DEST_ATTR_ADDR => address = Some(field),
            IPVS_DEST_ATTR_PORT => port = Some(u16::from_be_bytes(field.bytes()?)),
            IPVS_DEST_ATTR_FWD_METHOD => {
                forwarding = Some(Forwarding(u32::from_ne_bytes(field.bytes()?) & Forwarding::MASK));
            }
            IPVS_DEST_ATTR_WEIGHT => weight = Some(i32::from_ne_bytes(field.bytes()?)),
            IPVS_DEST_ATTR_U_THRESH => upper_threshold = Some(u32::from_ne_bytes(field.bytes()?)),
            IPVS_DEST_ATTR_L_THRESH => lower_threshold = Some(u32::from_ne_bytes(field.bytes()?)),
            IPVS_DEST_ATTR_ACTIVE_CONNS => active = Some(u32::from_ne_bytes(field.bytes()?)),
            IPVS_DEST_ATTR_INACT_CONNS => inactive = Some(u32::from_ne_bytes(field.bytes()?)),
            IPVS_DEST_ATTR_PERSIST_CONNS => persistent = Some(u32::from_ne_bytes(field.bytes()?)),
            IPVS_DEST_ATTR_STATS => stats.narrow = Some(field.value),
            IPVS_DEST_ATTR_ADDR_FAMILY => family = to_family(&field)?,
            IPVS_DEST_ATTR_STATS64 => stats.wide = Some(field.value),
            IPVS_DEST_ATTR_TUN_TYPE => [tunnel.kind] = field.bytes()?,
            IPVS_DEST_ATTR_TUN_PORT => tunnel.port = u16::from_be_bytes(field.bytes()?),
            IPVS_DEST_ATTR_TUN_FLAGS => tunnel.flags = u16::from_ne_bytes(field.bytes()?),
            _ => {}
        }
    }
    Ok(ListedServer {
        server: RealServer {
            key: ServerKey {
                address: to_address(family, &required(address, "IPVS_DEST_ATTR_ADDR")?)?,
                port: required(port, "IPVS_DEST_ATTR_PORT")?,
            },
            forwarding: required(forwarding, "IPVS_DEST_ATTR_FWD_METHOD")?,
            weight: required(weight, "IPVS_DEST_ATTR_WEIGHT")?,
            upper_threshold: required(upper_threshold, "IPVS_DEST_ATTR_U_THRESH")?,
            lower_threshold: required(lower_threshold, "IPVS_DEST_ATTR_L_THRESH")?,
            tunnel,
        },
        active: required(active, "IPVS_DEST_ATTR_ACTIVE_CONNS")?,
        inactive: required(inactive, "IPVS_DEST_ATTR_INACT_CONNS")?,
        persistent: required(persistent, "IPVS_DEST_ATTR_PERSIST_CONNS")?,
        stats: stats.read()?,
    })
}

/// The daemon in a reply to `IPVS_CMD_GET_DAEMON`. Kernels before 4.3 tell no more than state, interface and sync id.
pub(super) fn daemon(reply: &[u8]) -> Result<SyncDaemon, KernelError> {
    let (mut state, mut interface, mut syncid) = (None, None, None);
    let (mut sync_maxlen, mut mcast_group, mut mcast_port, mut mcast_ttl) = (0, None, 0, 0);
    for field in fields(nest(reply, IPVS_CMD_ATTR_DAEMON)?, daemon_attribute) {
        let field = field?;
        match field.kind {
            IPVS_DAEMON_ATTR_STATE => {
                let number = u32::from_ne_bytes(field.bytes()?);
                state = Some(DaemonState::from_number(number).ok_or_else(|| field.malformed())?);
            }
            IPVS_DAEMON_ATTR_MCAST_IFN => interface = Some(field.name()),
            IPVS_DAEMON_ATTR_SYNC_ID => syncid = Some(u32::from_ne_bytes(field.bytes()?)),
            IPVS_DAEMON_ATTR_SYNC_MAXLEN => sync_maxlen = u16::from_ne_bytes(field.bytes()?),
            IPVS_DAEMON_ATTR_MCAST_GROUP => mcast_group = Some(to_address(Family::Inet, &field)?),
            IPVS_DAEMON_ATTR_MCAST_GROUP6 => mcast_group = Some(to_address(Family::Inet6, &field)?),
            IPVS_DAEMON_ATTR_MCAST_PORT => mcast_port = u16::from_ne_bytes(field.bytes()?),
            IPVS_DAEMON_ATTR_MCAST_TTL => [mcast_ttl] = field.bytes()?,
            _ => {}
        }
    }
    Ok(SyncDaemon {
        state: required(state, "IPVS_DAEMON_ATTR_STATE")?,
        interface: required(interface, "IPVS_DAEMON_ATTR_MCAST_IFN")?,
        syncid: required(syncid, "IPVS_DAEMON_ATTR_SYNC_ID")?,
        sync_maxlen,
        mcast_group,
        mcast_port,
        mcast_ttl,
    })
}

/// The reply to `IPVS_CMD_GET_CONFIG`. A kernel without one of the protocols leaves out its timeouts: 0.
pub(super) fn timeouts(reply: &[u8]) -> Result<Timeouts, KernelError> {
    let mut timeouts = Timeouts::default();
    for field in fields(reply, command_attribute) {
        let field = field?;
        match field.kind {
            IPVS_CMD_ATTR_TIMEOUT_TCP => timeouts.tcp = u32::from_ne_bytes(field.bytes()?),
            IPVS_CMD_ATTR_TIMEOUT_TCP_FIN => timeouts.tcp_fin = u32::from_ne_bytes(field.bytes()?),
            IPVS_CMD_ATTR_TIMEOUT_UDP => timeouts.udp = u32::from_ne_bytes(field.bytes()?),
            _ => {}
        }
    }
    Ok(timeouts)
}

/// The reply to `IPVS_CMD_GET_INFO`.
pub(super) fn info(reply: &[u8]) -> Result<Info, KernelError> {
    let (mut version, mut size) = (None, None);
    for field in fields(reply, info_attribute) {
        let field = field?;
        match field.kind {
            IPVS_INFO_ATTR_VERSION => version = Some(u32::from_ne_bytes(field.bytes()?)),
            IPVS_INFO_ATTR_CONN_TAB_SIZE => size = Some(u32::from_ne_bytes(field.bytes()?)),
            _ => {}
        }
    }
    Ok(Info {
        version: required(version, "IPVS_INFO_ATTR_VERSION")?,
        connection_table_size: required(size, "IPVS_INFO_ATTR_CONN_TAB_SIZE")?,
    })
}

/// The number of the family, in the reply to `CTRL_CMD_GETFAMILY`.
pub(super) fn family_id(reply: &[u8]) -> Result<u16, KernelError> {
    for field in fields(reply, |_| "CTRL_ATTR_FAMILY_ID") {
        let field = field?;
        if field.kind == netlink_packet_generic::constants::CTRL_ATTR_FAMILY_ID {
            return Ok(u16::from_ne_bytes(field.bytes()?));
        }
    }
    Err(KernelError::Missing("CTRL_ATTR_FAMILY_ID"))
}

/// The counters as received. Newer kernels send them twice, with 32 bits and with 64, which are to be preferred.
#[derive(Default)]
struct Counters<'a> {
    narrow: Option<&'a [u8]>,
    wide: Option<&'a [u8]>,
}

impl Counters<'_> {
    fn read(&self) -> Result<Stats, KernelError> {
        let mut stats = Stats::default();
        for field in fields(self.wide.or(self.narrow).unwrap_or_default(), stats_attribute) {
            let field = field?;
            let counter = match field.kind {
                IPVS_STATS_ATTR_CONNS => &mut stats.connections,
                IPVS_STATS_ATTR_INPKTS => &mut stats.in_packets,
                IPVS_STATS_ATTR_OUTPKTS => &mut stats.out_packets,
                IPVS_STATS_ATTR_INBYTES => &mut stats.in_bytes,
                IPVS_STATS_ATTR_OUTBYTES => &mut stats.out_bytes,
                IPVS_STATS_ATTR_CPS => &mut stats.connection_rate,
                IPVS_STATS_ATTR_INPPS => &mut stats.in_packet_rate,
                IPVS_STATS_ATTR_OUTPPS => &mut stats.out_packet_rate,
                IPVS_STATS_ATTR_INBPS => &mut stats.in_byte_rate,
                IPVS_STATS_ATTR_OUTBPS => &mut stats.out_byte_rate,
                _ => continue,
            };
            // Bytes have 64 bits in both forms.
            *counter = match field.value.len() {
                8.. => u64::from_ne_bytes(field.bytes()?),
                _ => u32::from_ne_bytes(field.bytes()?).into(),
            };
        }
        Ok(stats)
    }
}

/// The value of the one nested attribute that a reply consists of.
fn nest(reply: &[u8], kind: u16) -> Result<&[u8], KernelError> {
    for field in fields(reply, command_attribute) {
        let field = field?;
        if field.kind == kind {
            return Ok(field.value);
        }
    }
    Err(KernelError::Missing(command_attribute(kind)))
}

fn required<T>(value: Option<T>, name: &'static str) -> Result<T, KernelError> {
    value.ok_or(KernelError::Missing(name))
}

fn to_family(field: &Field<'_>) -> Result<Family, KernelError> {
    let number = u16::from_ne_bytes(field.bytes()?);
    [Family::Inet, Family::Inet6].into_iter().find(|family| family.number() == number).ok_or_else(|| field.malformed())
}

fn to_address(family: Family, field: &Field<'_>) -> Result<IpAddr, KernelError> {
    Ok(match family {
        Family::Inet => Ipv4Addr::from(field.bytes::<4>()?).into(),
        Family::Inet6 => Ipv6Addr::from(field.bytes::<16>()?).into(),
    })
}
