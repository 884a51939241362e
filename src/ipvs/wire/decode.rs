//! Services and real servers from the kernel's replies: as Linux has sent them since 5.3, read in one pass; whatever
//! else comes, as typed messages. A test holds both equal.

use super::attributes::*;
use super::command::{IPVS_CMD_NEW_DEST, IPVS_CMD_NEW_SERVICE};
use super::in_order::InOrder;
use super::message::IpvsMessage;
use super::reply::{IP_VS_CONN_F_FWD_MASK, from_union};
use crate::ipvs::error::KernelError;
use crate::ipvs::model::{
    Family, Forwarding, ListedServer, ListedService, Netmask, Protocol, RealServer, ServerKey, ServiceFlags,
    ServiceKey, Stats, Tunnel, TunnelFlags, TunnelType, VirtualService,
};

/// The service in a reply to `IPVS_CMD_GET_SERVICE`. Without `counters` those are 0.
pub(crate) fn service(reply: &[u8], counters: bool) -> Result<ListedService, KernelError> {
    if let Some(listed) = usual_service(reply, counters) {
        return Ok(listed);
    }
    let mut listed = IpvsMessage::reply(IPVS_CMD_NEW_SERVICE, reply)?.service()?;
    if !counters {
        listed.stats = Stats::default();
    }
    Ok(listed)
}

/// The real server in a reply to `IPVS_CMD_GET_DEST`, of the family `family` when the kernel does not tell. Without
/// `counters` those are 0.
pub(crate) fn server(reply: &[u8], family: Family, counters: bool) -> Result<ListedServer, KernelError> {
    if let Some(listed) = usual_server(reply, counters) {
        return Ok(listed);
    }
    let mut listed = IpvsMessage::reply(IPVS_CMD_NEW_DEST, reply)?.server(family)?;
    if !counters {
        listed.stats = Stats::default();
    }
    Ok(listed)
}

pub(super) fn usual_service(reply: &[u8], counters: bool) -> Option<ListedService> {
    let mut values = InOrder::in_nest(reply, IPVS_CMD_ATTR_SERVICE)?;
    let family = Family::from_number(u16::from_ne_bytes(values.bytes(IPVS_SVC_ATTR_AF)?))?;
    let key = match values.bytes(IPVS_SVC_ATTR_FWMARK) {
        Some(mark) => ServiceKey::mark(u32::from_ne_bytes(mark), family),
        None => ServiceKey::Address {
            protocol: Protocol::from_number(u16::from_ne_bytes(values.bytes(IPVS_SVC_ATTR_PROTOCOL)?)),
            address: from_union(family, values.bytes(IPVS_SVC_ATTR_ADDR)?),
            port: u16::from_be_bytes(values.bytes(IPVS_SVC_ATTR_PORT)?),
        },
    };
    let scheduler = values.name(IPVS_SVC_ATTR_SCHED_NAME)?;
    let persistence_engine = values.name(IPVS_SVC_ATTR_PE_NAME);
    let [a, b, c, d, ..]: [u8; 8] = values.bytes(IPVS_SVC_ATTR_FLAGS)?;
    let timeout = u32::from_ne_bytes(values.bytes(IPVS_SVC_ATTR_TIMEOUT)?);
    let netmask: [u8; 4] = values.bytes(IPVS_SVC_ATTR_NETMASK)?;
    let service = VirtualService {
        key,
        scheduler,
        flags: ServiceFlags::from_bits_retain(u32::from_ne_bytes([a, b, c, d])).difference(ServiceFlags::HASHED),
        timeout,
        netmask: match family {
            Family::Inet => Netmask::Mask(netmask.into()),
            Family::Inet6 => Netmask::Prefix(u32::from_ne_bytes(netmask)),
        },
        persistence_engine,
    };
    Some(ListedService { service, stats: usual_stats(values, counters)? })
}

/// The length of the attributes of a server before its counters.
const SERVER_LENGTH: usize = 116;

pub(super) fn usual_server(reply: &[u8], counters: bool) -> Option<ListedServer> {
    let (start, rest) = InOrder::in_nest(reply, IPVS_CMD_ATTR_DEST)?.0.split_first_chunk::<SERVER_LENGTH>()?;
    let mut values = InOrder(start);
    let address = values.bytes(IPVS_DEST_ATTR_ADDR)?;
    let port = u16::from_be_bytes(values.bytes(IPVS_DEST_ATTR_PORT)?);
    let forwarding = u32::from_ne_bytes(values.bytes(IPVS_DEST_ATTR_FWD_METHOD)?);
    let weight = i32::from_ne_bytes(values.bytes(IPVS_DEST_ATTR_WEIGHT)?);
    let [kind] = values.bytes(IPVS_DEST_ATTR_TUN_TYPE)?;
    let tunnel_port = u16::from_be_bytes(values.bytes(IPVS_DEST_ATTR_TUN_PORT)?);
    let flags = u16::from_ne_bytes(values.bytes(IPVS_DEST_ATTR_TUN_FLAGS)?);
    let mut number = |kind| values.bytes(kind).map(u32::from_ne_bytes);
    let upper_threshold = number(IPVS_DEST_ATTR_U_THRESH)?;
    let lower_threshold = number(IPVS_DEST_ATTR_L_THRESH)?;
    let active = number(IPVS_DEST_ATTR_ACTIVE_CONNS)?;
    let inactive = number(IPVS_DEST_ATTR_INACT_CONNS)?;
    let persistent = number(IPVS_DEST_ATTR_PERSIST_CONNS)?;
    let family = Family::from_number(u16::from_ne_bytes(values.bytes(IPVS_DEST_ATTR_ADDR_FAMILY)?))?;
    let server = RealServer {
        key: ServerKey { address: from_union(family, address), port },
        forwarding: Forwarding::from_number(forwarding & IP_VS_CONN_F_FWD_MASK),
        weight,
        upper_threshold,
        lower_threshold,
        tunnel: Tunnel {
            kind: TunnelType::from_number(kind),
            port: tunnel_port,
            flags: TunnelFlags::from_bits_retain(flags),
        },
    };
    Some(ListedServer { server, active, inactive, persistent, stats: usual_stats(InOrder(rest), counters)? })
}

/// The counters at the end of a service or a server: with 32 bits, and once more with 64. Without `counters` it is
/// looked only that they are all that follows.
#[inline(always)]
fn usual_stats(values: InOrder<'_>, counters: bool) -> Option<Stats> {
    // Kinds and lengths are the same for both.
    let whole: &[u8; 92 + 124] = values.0.try_into().ok()?;
    let mut values = InOrder(whole);
    values.bytes::<88>(IPVS_DEST_ATTR_STATS)?;
    let wide: [u8; 120] = values.bytes(IPVS_DEST_ATTR_STATS64)?;
    if !counters {
        return Some(Stats::default());
    }
    let mut values = InOrder(&wide);
    let mut counter = |kind| values.bytes(kind).map(u64::from_ne_bytes);
    Some(Stats {
        connections: counter(IPVS_STATS_ATTR_CONNS)?,
        in_packets: counter(IPVS_STATS_ATTR_INPKTS)?,
        out_packets: counter(IPVS_STATS_ATTR_OUTPKTS)?,
        in_bytes: counter(IPVS_STATS_ATTR_INBYTES)?,
        out_bytes: counter(IPVS_STATS_ATTR_OUTBYTES)?,
        connection_rate: counter(IPVS_STATS_ATTR_CPS)?,
        in_packet_rate: counter(IPVS_STATS_ATTR_INPPS)?,
        out_packet_rate: counter(IPVS_STATS_ATTR_OUTPPS)?,
        in_byte_rate: counter(IPVS_STATS_ATTR_INBPS)?,
        out_byte_rate: counter(IPVS_STATS_ATTR_OUTBPS)?,
    })
}
