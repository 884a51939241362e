//! Services and real servers from the kernel's attributes. With `encode` and `decode_state`, all byte order lives here.
//!
//! Attributes that we do not know are skipped, those that a kernel may lack have defaults, and any other that is
//! missing or short is an error that names it.

use super::attributes::*;
use super::received::{InOrder, Received, Values};
use crate::ipvs::error::KernelError;
use crate::ipvs::model::{
    Family, Forwarding, ListedServer, ListedService, Netmask, Protocol, RealServer, ServerKey, ServiceFlags,
    ServiceKey, Stats, Tunnel, TunnelFlags, TunnelType, VirtualService,
};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The service in the reply to `IPVS_CMD_GET_SERVICE`.
pub(crate) fn service(reply: &[u8], counters: bool) -> Result<ListedService, KernelError> {
    let mut received = Received::<13>::new(nest(reply, IPVS_CMD_ATTR_SERVICE)?, service_attribute)?;
    let family = to_family(&received.required(IPVS_SVC_ATTR_AF)?)?;
    let flags = u32::from_ne_bytes(received.bytes(IPVS_SVC_ATTR_FLAGS)?);
    let netmask: [u8; 4] = received.bytes(IPVS_SVC_ATTR_NETMASK)?;
    let key = match received.get(IPVS_SVC_ATTR_FWMARK) {
        Some(mark) => ServiceKey::FirewallMark { mark: u32::from_ne_bytes(mark.bytes()?), family },
        None => ServiceKey::Address {
            protocol: Protocol::from_number(u16::from_ne_bytes(received.bytes(IPVS_SVC_ATTR_PROTOCOL)?)),
            address: to_address(family, &received.required(IPVS_SVC_ATTR_ADDR)?)?,
            port: u16::from_be_bytes(received.bytes(IPVS_SVC_ATTR_PORT)?),
        },
    };
    Ok(ListedService {
        service: VirtualService {
            key,
            scheduler: received.required(IPVS_SVC_ATTR_SCHED_NAME)?.name(),
            flags: ServiceFlags::from_bits_retain(flags).difference(ServiceFlags::HASHED),
            timeout: u32::from_ne_bytes(received.bytes(IPVS_SVC_ATTR_TIMEOUT)?),
            netmask: match family {
                Family::Inet => Netmask::Mask(netmask.into()),
                Family::Inet6 => Netmask::Prefix(u32::from_ne_bytes(netmask)),
            },
            persistence_engine: received.get(IPVS_SVC_ATTR_PE_NAME).map(|field| field.name()),
        },
        stats: match counters {
            true => stats(received.get(IPVS_SVC_ATTR_STATS), received.get(IPVS_SVC_ATTR_STATS64))?,
            false => Stats::default(),
        },
    })
}

/// The bits of a server's connection flags that hold the forwarding method (linux/ip_vs.h).
const IP_VS_CONN_F_FWD_MASK: u32 = 0x7;
/// The length of the attributes of a server before its counters, from Linux 5.3 on.
const SERVER_LENGTH: usize = 116;

/// The real server in a reply to `IPVS_CMD_GET_DEST`. Kernels before 3.18 do not tell its family: it is `family` then,
/// that of the service.
pub(crate) fn server(reply: &[u8], family: Family, counters: bool) -> Result<ListedServer, KernelError> {
    let nest = nest(reply, IPVS_CMD_ATTR_DEST)?;
    if let Some((start, rest)) = nest.split_first_chunk::<SERVER_LENGTH>() {
        if let Ok(mut listed) = server_from(&mut InOrder(start), family) {
            if counters {
                listed.stats = server_stats(&Received::new(rest, server_attribute)?)?;
            }
            return Ok(listed);
        }
    }
    let mut received = Received::new(nest, server_attribute)?;
    let mut listed = server_from(&mut received, family)?;
    if counters {
        listed.stats = server_stats(&received)?;
    }
    Ok(listed)
}

/// A server without its counters, of which the values are asked for in the kernel's order.
#[inline(always)]
fn server_from(values: &mut impl Values, family: Family) -> Result<ListedServer, KernelError> {
    let address: [u8; 16] = values.bytes(IPVS_DEST_ATTR_ADDR)?;
    let port = u16::from_be_bytes(values.bytes(IPVS_DEST_ATTR_PORT)?);
    let forwarding = u32::from_ne_bytes(values.bytes(IPVS_DEST_ATTR_FWD_METHOD)?);
    let weight = i32::from_ne_bytes(values.bytes(IPVS_DEST_ATTR_WEIGHT)?);
    let [kind] = values.bytes_or_zeros(IPVS_DEST_ATTR_TUN_TYPE)?;
    let tunnel_port = u16::from_be_bytes(values.bytes_or_zeros(IPVS_DEST_ATTR_TUN_PORT)?);
    let flags = u16::from_ne_bytes(values.bytes_or_zeros(IPVS_DEST_ATTR_TUN_FLAGS)?);
    let mut number = |kind| values.bytes(kind).map(u32::from_ne_bytes);
    let upper_threshold = number(IPVS_DEST_ATTR_U_THRESH)?;
    let lower_threshold = number(IPVS_DEST_ATTR_L_THRESH)?;
    let active = number(IPVS_DEST_ATTR_ACTIVE_CONNS)?;
    let inactive = number(IPVS_DEST_ATTR_INACT_CONNS)?;
    let persistent = number(IPVS_DEST_ATTR_PERSIST_CONNS)?;
    let family = match u16::from_ne_bytes(values.bytes_or_zeros(IPVS_DEST_ATTR_ADDR_FAMILY)?) {
        0 => family,
        number => match Family::from_number(number) {
            Some(family) => family,
            None => return Err(KernelError::Malformed("IPVS_DEST_ATTR_ADDR_FAMILY")),
        },
    };
    let address = match family {
        Family::Inet => {
            let [a, b, c, d, ..] = address;
            [a, b, c, d].into()
        }
        Family::Inet6 => address.into(),
    };
    let server = RealServer {
        key: ServerKey { address, port },
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
    Ok(ListedServer { server, active, inactive, persistent, stats: Stats::default() })
}

fn server_stats(received: &Received<'_, 16>) -> Result<Stats, KernelError> {
    stats(received.get(IPVS_DEST_ATTR_STATS), received.get(IPVS_DEST_ATTR_STATS64))
}

/// The counters of a service or server. Newer kernels send them twice, with 32 bits and with 64, which are preferred.
fn stats(narrow: Option<Field<'_>>, wide: Option<Field<'_>>) -> Result<Stats, KernelError> {
    let nest = wide.or(narrow).map_or(&[][..], |field| field.value);
    if let Some(usual) = nest.first_chunk::<120>() {
        if let Ok(stats) = stats_from(&mut InOrder(usual)) {
            return Ok(stats);
        }
    }
    stats_from(&mut Received::<11>::new(nest, stats_attribute)?)
}

/// Counters, asked for in the kernel's order.
#[inline(always)]
fn stats_from(values: &mut impl Values) -> Result<Stats, KernelError> {
    Ok(Stats {
        connections: values.counter(IPVS_STATS_ATTR_CONNS)?,
        in_packets: values.counter(IPVS_STATS_ATTR_INPKTS)?,
        out_packets: values.counter(IPVS_STATS_ATTR_OUTPKTS)?,
        in_bytes: values.counter(IPVS_STATS_ATTR_INBYTES)?,
        out_bytes: values.counter(IPVS_STATS_ATTR_OUTBYTES)?,
        connection_rate: values.counter(IPVS_STATS_ATTR_CPS)?,
        in_packet_rate: values.counter(IPVS_STATS_ATTR_INPPS)?,
        out_packet_rate: values.counter(IPVS_STATS_ATTR_OUTPPS)?,
        in_byte_rate: values.counter(IPVS_STATS_ATTR_INBPS)?,
        out_byte_rate: values.counter(IPVS_STATS_ATTR_OUTBPS)?,
    })
}

/// The value of the one nested attribute that a reply consists of.
pub(crate) fn nest(reply: &[u8], kind: u16) -> Result<&[u8], KernelError> {
    for field in fields(reply, command_attribute) {
        let field = field?;
        if field.kind == kind {
            return Ok(field.value);
        }
    }
    Err(KernelError::Missing(command_attribute(kind)))
}

pub(crate) fn required<T>(value: Option<T>, name: &'static str) -> Result<T, KernelError> {
    // Not `ok_or`: it would make and drop an error for each attribute that is there.
    match value {
        Some(value) => Ok(value),
        None => Err(KernelError::Missing(name)),
    }
}

fn to_family(field: &Field<'_>) -> Result<Family, KernelError> {
    Family::from_number(u16::from_ne_bytes(field.bytes()?)).ok_or_else(|| field.malformed())
}

pub(crate) fn to_address(family: Family, field: &Field<'_>) -> Result<IpAddr, KernelError> {
    Ok(match family {
        Family::Inet => Ipv4Addr::from(field.bytes::<4>()?).into(),
        Family::Inet6 => Ipv6Addr::from(field.bytes::<16>()?).into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ipvs::fixtures::{Random, hex};
    use crate::ipvs::wire::decode_state::{daemon, family_id, info, timeouts};
    use std::convert::identity;

    // The kernel's replies to `ipvsadm -L -n` on Linux 7.2, without their generic header.
    const SERVICE: &str = "2c01010006000100020000000600020011000000140003000a0000020000000000000000000000000600040013c4000008000600777272000c00070003000000ffffffff080008003c00000008000900ffffffff5c000a000800010000000000080002000000000008000300000000000c00040000000000000000000c0005000000000000000000080006000000000008000700000000000800080000000000080009000000000008000a00000000007c000c000c00010000000000000000000c00020000000000000000000c00030000000000000000000c00040000000000000000000c00050000000000000000000c00060000000000000000000c00070000000000000000000c00080000000000000000000c00090000000000000000000c000a000000000000000000";
    const SERVER: &str = "500102001400010020010db800000000000000000000000506000200005000000800030002000000080004000100000005000d000000000006000e000000000006000f00000000000800050000000000080006000000000008000700000000000800080000000000080009000000000006000b000a0000005c000a000800010000000000080002000000000008000300000000000c00040000000000000000000c0005000000000000000000080006000000000008000700000000000800080000000000080009000000000008000a00000000007c000c000c00010000000000000000000c00020000000000000000000c00030000000000000000000c00040000000000000000000c00050000000000000000000c00060000000000000000000c00070000000000000000000c00080000000000000000000c00090000000000000000000c000a000000000000000000";

    /// A reply of one nested attribute, from its parts.
    fn reply(kind: u16, parts: &[(u16, &[u8])]) -> Vec<u8> {
        let mut bytes = vec![0, 0, kind as u8, 0];
        for (kind, value) in parts {
            bytes.extend((value.len() as u16 + 4).to_ne_bytes());
            bytes.extend(kind.to_ne_bytes());
            bytes.extend(*value);
            bytes.resize(bytes.len().next_multiple_of(4), 0);
        }
        let length = (bytes.len() as u16).to_ne_bytes();
        bytes[..2].copy_from_slice(&length);
        bytes
    }

    const SERVICE_PARTS: [(u16, &[u8]); 8] = [
        (IPVS_SVC_ATTR_AF, &[2, 0]),
        (IPVS_SVC_ATTR_PROTOCOL, &[6, 0]),
        (IPVS_SVC_ATTR_ADDR, &[10, 0, 0, 1]),
        (IPVS_SVC_ATTR_PORT, &[0, 80]),
        (IPVS_SVC_ATTR_SCHED_NAME, b"rr\0"),
        (IPVS_SVC_ATTR_FLAGS, &[0, 0, 0, 0, 255, 255, 255, 255]),
        (IPVS_SVC_ATTR_TIMEOUT, &[0, 0, 0, 0]),
        (IPVS_SVC_ATTR_NETMASK, &[255, 255, 255, 255]),
    ];

    const SERVER_PARTS: [(u16, &[u8]); 9] = [
        (IPVS_DEST_ATTR_ADDR, &[10, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
        (IPVS_DEST_ATTR_PORT, &[0x1f, 0x90]),
        (IPVS_DEST_ATTR_FWD_METHOD, &[0, 1, 0, 0]),
        (IPVS_DEST_ATTR_WEIGHT, &[255, 255, 255, 127]),
        (IPVS_DEST_ATTR_U_THRESH, &[100, 0, 0, 0]),
        (IPVS_DEST_ATTR_L_THRESH, &[50, 0, 0, 0]),
        (IPVS_DEST_ATTR_ACTIVE_CONNS, &[1, 0, 0, 0]),
        (IPVS_DEST_ATTR_INACT_CONNS, &[2, 0, 0, 0]),
        (IPVS_DEST_ATTR_PERSIST_CONNS, &[3, 0, 0, 0]),
    ];

    #[test]
    fn a_service_as_the_kernel_sends_it() {
        let listed = service(&hex(SERVICE), true).unwrap();
        let expected = VirtualService {
            flags: ServiceFlags::PERSISTENT,
            timeout: 60,
            ..VirtualService::new(ServiceKey::udp([10, 0, 0, 2], 5060), "wrr".parse().unwrap())
        };
        assert_eq!(listed, ListedService::from(expected));
    }

    #[test]
    fn a_server_of_another_family_than_its_service() {
        let listed = server(&hex(SERVER), Family::Inet, true).unwrap();
        assert_eq!(listed.server.key, ServerKey { address: "2001:db8::5".parse().unwrap(), port: 80 });
        assert_eq!((listed.server.forwarding, listed.server.weight), (Forwarding::Tunnel, 1));
        assert_eq!(listed.server.tunnel, Tunnel::default());
    }

    #[test]
    fn the_order_of_attributes_makes_no_difference() {
        // The kernel's reply, with its attributes the other way round and each value another.
        let mut usual = hex(SERVER);
        let mut places = vec![];
        let mut place = 4;
        while place < usual.len() {
            let length = usize::from(u16::from_ne_bytes([usual[place], usual[place + 1]]));
            places.push(place..(place + length).next_multiple_of(4));
            place += length.next_multiple_of(4);
        }
        assert_eq!(places.iter().take(13).map(ExactSizeIterator::len).sum::<usize>(), SERVER_LENGTH);
        for (n, place) in places.iter().enumerate().filter(|(n, _)| ![0, 2, 12, 13, 14].contains(n)) {
            usual[place.start + 4] = n as u8;
        }
        for (n, place) in places[14].clone().skip(8).step_by(12).enumerate() {
            usual[place] = n as u8;
            usual[place + 7] = 1;
        }
        let turned =
            [&usual[..4], &places.iter().rev().map(|place| &usual[place.clone()]).collect::<Vec<_>>().concat()];
        let listed = server(&usual, Family::Inet, true).unwrap();
        assert_eq!(listed, server(&turned.concat(), Family::Inet, true).unwrap());
        assert_eq!((listed.server.key.port, listed.server.weight), (0x150, 3));
        assert_eq!(
            listed.server.tunnel,
            Tunnel { kind: TunnelType::Other(4), port: 0x500, flags: TunnelFlags::from_bits_retain(6) }
        );
        assert_eq!((listed.server.upper_threshold, listed.server.lower_threshold), (7, 8));
        assert_eq!((listed.active, listed.inactive, listed.persistent), (9, 10, 11));
        assert_eq!((listed.stats.connections, listed.stats.out_byte_rate), (1 << 56, (1 << 56) + 9));
    }

    #[test]
    fn a_server_of_an_old_kernel_has_its_services_family_and_no_tunnel() {
        let listed = server(&reply(IPVS_CMD_ATTR_DEST, &SERVER_PARTS), Family::Inet, true).unwrap();
        assert_eq!(listed.server.key, ServerKey { address: [10, 1, 0, 1].into(), port: 8080 });
        assert_eq!((listed.server.weight, listed.server.forwarding), (i32::MAX, Forwarding::Masquerading));
        assert_eq!((listed.server.upper_threshold, listed.server.lower_threshold), (100, 50));
        assert_eq!((listed.active, listed.inactive, listed.persistent), (1, 2, 3));
        assert_eq!((listed.server.tunnel, listed.stats), Default::default());
        let listed = server(&reply(IPVS_CMD_ATTR_DEST, &SERVER_PARTS), Family::Inet6, true).unwrap();
        assert_eq!(listed.server.key.address, "a01:1::".parse::<IpAddr>().unwrap());
    }

    #[test]
    fn a_firewall_mark_has_neither_address_nor_port() {
        let mut parts = SERVICE_PARTS.to_vec();
        parts.retain(|(kind, _)| ![2, 3, 4].contains(kind));
        parts.push((IPVS_SVC_ATTR_FWMARK, &[0xff, 0xff, 0xff, 0xff]));
        parts[0].1 = &[10, 0];
        parts.push((IPVS_SVC_ATTR_PE_NAME, b"sip\0"));
        let listed = service(&reply(IPVS_CMD_ATTR_SERVICE, &parts), true).unwrap().service;
        assert_eq!(listed.key, ServiceKey::FirewallMark { mark: u32::MAX, family: Family::Inet6 });
        assert_eq!(
            (listed.netmask, listed.persistence_engine),
            (Netmask::Prefix(u32::MAX), Some("sip".parse().unwrap()))
        );
    }

    #[test]
    fn wide_counters_win_and_narrow_ones_do() {
        let stats = |counters| {
            let mut bytes = reply(0, counters);
            bytes.drain(..4);
            bytes
        };
        let narrow =
            stats(&[(IPVS_STATS_ATTR_CONNS, &[7, 0, 0, 0]), (IPVS_STATS_ATTR_OUTBYTES, &[0, 0, 0, 0, 1, 0, 0, 0])]);
        let wide = stats(&[(11, &[]), (IPVS_STATS_ATTR_CONNS, &[7, 0, 0, 0, 1, 0, 0, 0])]);
        let parts = [&SERVICE_PARTS[..], &[(IPVS_SVC_ATTR_STATS, &narrow)]].concat();
        let listed = service(&reply(IPVS_CMD_ATTR_SERVICE, &parts), true).unwrap();
        assert_eq!(listed.stats, Stats { connections: 7, out_bytes: 1 << 32, ..Stats::default() });
        let parts = [&[(IPVS_SVC_ATTR_STATS64, &wide[..])], &parts[..]].concat();
        let listed = service(&reply(IPVS_CMD_ATTR_SERVICE, &parts), true).unwrap();
        assert_eq!(listed.stats, Stats { connections: (1 << 32) + 7, ..Stats::default() });
    }

    #[test]
    fn unknown_attributes_are_skipped() {
        let parts = [&[(99, &[1, 2, 3][..])], &SERVICE_PARTS[..], &[(0, &[]), (0x3fff, &[0; 40])]].concat();
        let listed = service(&reply(IPVS_CMD_ATTR_SERVICE, &parts), true).unwrap();
        assert_eq!(listed, service(&reply(IPVS_CMD_ATTR_SERVICE, &SERVICE_PARTS), true).unwrap());
    }

    #[test]
    fn missing_and_short_attributes_are_named() {
        for missing in 0..SERVICE_PARTS.len() {
            let mut parts = SERVICE_PARTS.to_vec();
            let (kind, _) = parts.remove(missing);
            let error = service(&reply(IPVS_CMD_ATTR_SERVICE, &parts), true).unwrap_err();
            assert_eq!(error.to_string(), format!("a reply of the kernel has no {}", service_attribute(kind)));
        }
        for short in 0..SERVER_PARTS.len() {
            let mut parts = SERVER_PARTS;
            parts[short].1 = &[1];
            let error = server(&reply(IPVS_CMD_ATTR_DEST, &parts), Family::Inet, true).unwrap_err();
            let name = server_attribute(parts[short].0);
            assert_eq!(error.to_string(), format!("a reply of the kernel has a malformed {name}"));
        }
        let mut parts = SERVICE_PARTS;
        parts[0].1 = &[77, 0];
        let error = service(&reply(IPVS_CMD_ATTR_SERVICE, &parts), true).unwrap_err();
        assert_eq!(error.to_string(), "a reply of the kernel has a malformed IPVS_SVC_ATTR_AF");
        assert!(matches!(service(&[], true), Err(KernelError::Missing("IPVS_CMD_ATTR_SERVICE"))));
    }

    #[test]
    fn random_replies_never_panic() {
        let mut random = Random(1);
        let whole = [hex(SERVICE), hex(SERVER), reply(IPVS_CMD_ATTR_SERVICE, &SERVICE_PARTS)];
        for _ in 0..30_000 {
            let mut bytes = whole[random.below(whole.len())].clone();
            for _ in 0..random.below(6) {
                let place = random.below(bytes.len());
                bytes[place] = random.below(256) as u8;
            }
            bytes.truncate(random.below(4 * bytes.len()));
            let read = [
                service(&bytes, true).is_ok(),
                server(&bytes, Family::Inet, true).is_ok(),
                daemon(&bytes).is_ok(),
                timeouts(&bytes).is_ok(),
                info(&bytes).is_ok(),
                family_id(&bytes).is_ok(),
            ];
            assert!(!read.into_iter().all(identity), "{bytes:?}");
        }
    }
}
