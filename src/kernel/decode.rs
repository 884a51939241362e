//! Services and real servers from the kernel's attributes. With `encode` and `decode_state`, all byte order lives here.
//!
//! Attributes that we do not know are skipped, those that a kernel may lack have defaults, and any other that is
//! missing or short is an error that names it.

use super::attributes::*;
use super::error::KernelError;
use crate::model::{
    Family, Figures, Forwarding, ListedServer, ListedService, Netmask, Protocol, RealServer, ServerKey, ServiceFlags,
    ServiceKey, Stats, Tunnel, VirtualService,
};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The service in the reply to `IPVS_CMD_GET_SERVICE`.
pub(super) fn service(reply: &[u8], figures: Figures) -> Result<ListedService, KernelError> {
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
        stats: stats.read(figures)?,
    })
}

/// The real server in a reply to `IPVS_CMD_GET_DEST`. Kernels before 3.18 do not tell its family: it is `family` then,
/// that of the service.
pub(super) fn server(reply: &[u8], mut family: Family, figures: Figures) -> Result<ListedServer, KernelError> {
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
        stats: stats.read(figures)?,
    })
}

/// The counters as received. Newer kernels send them twice, with 32 bits and with 64, which are to be preferred.
#[derive(Default)]
struct Counters<'a> {
    narrow: Option<&'a [u8]>,
    wide: Option<&'a [u8]>,
}

impl Counters<'_> {
    fn read(&self, figures: Figures) -> Result<Stats, KernelError> {
        let mut stats = Stats::default();
        if figures == Figures::Unwanted {
            return Ok(stats);
        }
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
pub(super) fn nest(reply: &[u8], kind: u16) -> Result<&[u8], KernelError> {
    for field in fields(reply, command_attribute) {
        let field = field?;
        if field.kind == kind {
            return Ok(field.value);
        }
    }
    Err(KernelError::Missing(command_attribute(kind)))
}

pub(super) fn required<T>(value: Option<T>, name: &'static str) -> Result<T, KernelError> {
    // Not `ok_or`: it would make and drop an error for each attribute that is there.
    match value {
        Some(value) => Ok(value),
        None => Err(KernelError::Missing(name)),
    }
}

fn to_family(field: &Field<'_>) -> Result<Family, KernelError> {
    let number = u16::from_ne_bytes(field.bytes()?);
    [Family::Inet, Family::Inet6].into_iter().find(|family| family.number() == number).ok_or_else(|| field.malformed())
}

pub(super) fn to_address(family: Family, field: &Field<'_>) -> Result<IpAddr, KernelError> {
    Ok(match family {
        Family::Inet => Ipv4Addr::from(field.bytes::<4>()?).into(),
        Family::Inet6 => Ipv6Addr::from(field.bytes::<16>()?).into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::decode_state::{daemon, family_id, info, timeouts};
    use crate::kernel::scripted::{Random, hex};
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
        let listed = service(&hex(SERVICE), Figures::Wanted).unwrap();
        let expected = VirtualService {
            key: ServiceKey::Address { protocol: Protocol::UDP, address: [10, 0, 0, 2].into(), port: 5060 },
            scheduler: "wrr".into(),
            flags: ServiceFlags(ServiceFlags::PERSISTENT),
            timeout: 60,
            netmask: Netmask::Mask(Ipv4Addr::BROADCAST),
            persistence_engine: "".into(),
        };
        assert_eq!(listed, ListedService { service: expected, stats: Stats::default() });
    }

    #[test]
    fn a_server_of_another_family_than_its_service() {
        let listed = server(&hex(SERVER), Family::Inet, Figures::Wanted).unwrap();
        assert_eq!(listed.server.key, ServerKey { address: "2001:db8::5".parse().unwrap(), port: 80 });
        assert_eq!((listed.server.forwarding, listed.server.weight), (Forwarding::TUNNEL, 1));
        assert_eq!(listed.server.tunnel, Tunnel::default());
    }

    #[test]
    fn a_server_of_an_old_kernel_has_its_services_family_and_no_tunnel() {
        let listed = server(&reply(IPVS_CMD_ATTR_DEST, &SERVER_PARTS), Family::Inet, Figures::Wanted).unwrap();
        assert_eq!(listed.server.key, ServerKey { address: [10, 1, 0, 1].into(), port: 8080 });
        assert_eq!((listed.server.weight, listed.server.forwarding), (i32::MAX, Forwarding::MASQUERADING));
        assert_eq!((listed.server.upper_threshold, listed.server.lower_threshold), (100, 50));
        assert_eq!((listed.active, listed.inactive, listed.persistent), (1, 2, 3));
        assert_eq!((listed.server.tunnel, listed.stats), Default::default());
        let listed = server(&reply(IPVS_CMD_ATTR_DEST, &SERVER_PARTS), Family::Inet6, Figures::Wanted).unwrap();
        assert_eq!(listed.server.key.address, "a01:1::".parse::<IpAddr>().unwrap());
    }

    #[test]
    fn a_firewall_mark_has_neither_address_nor_port() {
        let mut parts = SERVICE_PARTS.to_vec();
        parts.retain(|(kind, _)| ![2, 3, 4].contains(kind));
        parts.push((IPVS_SVC_ATTR_FWMARK, &[0xff, 0xff, 0xff, 0xff]));
        parts[0].1 = &[10, 0];
        parts.push((IPVS_SVC_ATTR_PE_NAME, b"sip\0"));
        let listed = service(&reply(IPVS_CMD_ATTR_SERVICE, &parts), Figures::Wanted).unwrap().service;
        assert_eq!(listed.key, ServiceKey::FirewallMark { mark: u32::MAX, family: Family::Inet6 });
        assert_eq!((listed.netmask, listed.persistence_engine), (Netmask::Prefix(u32::MAX), "sip".into()));
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
        let listed = service(&reply(IPVS_CMD_ATTR_SERVICE, &parts), Figures::Wanted).unwrap();
        assert_eq!(listed.stats, Stats { connections: 7, out_bytes: 1 << 32, ..Stats::default() });
        let parts = [&[(IPVS_SVC_ATTR_STATS64, &wide[..])], &parts[..]].concat();
        let listed = service(&reply(IPVS_CMD_ATTR_SERVICE, &parts), Figures::Wanted).unwrap();
        assert_eq!(listed.stats, Stats { connections: (1 << 32) + 7, ..Stats::default() });
    }

    #[test]
    fn unknown_attributes_are_skipped() {
        let parts = [&[(99, &[1, 2, 3][..])], &SERVICE_PARTS[..], &[(0, &[]), (0x3fff, &[0; 40])]].concat();
        let listed = service(&reply(IPVS_CMD_ATTR_SERVICE, &parts), Figures::Wanted).unwrap();
        assert_eq!(listed, service(&reply(IPVS_CMD_ATTR_SERVICE, &SERVICE_PARTS), Figures::Wanted).unwrap());
    }

    #[test]
    fn missing_and_short_attributes_are_named() {
        for missing in 0..SERVICE_PARTS.len() {
            let mut parts = SERVICE_PARTS.to_vec();
            let (kind, _) = parts.remove(missing);
            let error = service(&reply(IPVS_CMD_ATTR_SERVICE, &parts), Figures::Wanted).unwrap_err();
            assert_eq!(error.to_string(), format!("a reply of the kernel has no {}", service_attribute(kind)));
        }
        for short in 0..SERVER_PARTS.len() {
            let mut parts = SERVER_PARTS;
            parts[short].1 = &[1];
            let error = server(&reply(IPVS_CMD_ATTR_DEST, &parts), Family::Inet, Figures::Wanted).unwrap_err();
            let name = server_attribute(parts[short].0);
            assert_eq!(error.to_string(), format!("a reply of the kernel has a malformed {name}"));
        }
        let mut parts = SERVICE_PARTS;
        parts[0].1 = &[77, 0];
        let error = service(&reply(IPVS_CMD_ATTR_SERVICE, &parts), Figures::Wanted).unwrap_err();
        assert_eq!(error.to_string(), "a reply of the kernel has a malformed IPVS_SVC_ATTR_AF");
        assert!(matches!(service(&[], Figures::Wanted), Err(KernelError::Missing("IPVS_CMD_ATTR_SERVICE"))));
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
                service(&bytes, Figures::Wanted).is_ok(),
                server(&bytes, Family::Inet, Figures::Wanted).is_ok(),
                daemon(&bytes).is_ok(),
                timeouts(&bytes).is_ok(),
                info(&bytes).is_ok(),
                family_id(&bytes).is_ok(),
            ];
            assert!(!read.into_iter().all(identity), "{bytes:?}");
        }
    }
}
