//! Replies as the kernel makes them of random services and servers, whole and broken.

use super::attributes::*;
use super::captured::emitted;
use super::command::*;
use super::decode;
use super::message::IpvsMessage;
use super::request::union_address;
use crate::ipvs::error::KernelError;
use crate::ipvs::fixtures::Random;
use crate::ipvs::model::*;
use netlink_packet_core::{NLA_F_NESTED, NLA_HEADER_SIZE, NLA_TYPE_MASK};
use std::fmt::Debug;

/// The counters twice, as the kernel sends them: with 32 bits, but for bytes, and with 64.
fn attributes_of_stats(stats: &Stats) -> [Vec<StatsAttribute>; 2] {
    let narrow = |number: u64| Counter::Narrow(number as u32);
    [narrow, Counter::Wide].map(|counter| {
        vec![
            StatsAttribute::Connections(counter(stats.connections)),
            StatsAttribute::InPackets(counter(stats.in_packets)),
            StatsAttribute::OutPackets(counter(stats.out_packets)),
            StatsAttribute::InBytes(Counter::Wide(stats.in_bytes)),
            StatsAttribute::OutBytes(Counter::Wide(stats.out_bytes)),
            StatsAttribute::ConnectionRate(counter(stats.connection_rate)),
            StatsAttribute::InPacketRate(counter(stats.in_packet_rate)),
            StatsAttribute::OutPacketRate(counter(stats.out_packet_rate)),
            StatsAttribute::InByteRate(counter(stats.in_byte_rate)),
            StatsAttribute::OutByteRate(counter(stats.out_byte_rate)),
        ]
    })
}

/// A service as Linux has sent it since 4.1.
pub(super) fn attributes_of_service(listed: &ListedService) -> Vec<ServiceAttribute> {
    let IpvsMessage::Command(_, message) = IpvsMessage::from(&Change::AddService(listed.service)) else {
        panic!("no command")
    };
    let [CommandAttribute::Service(attributes)] = &message[..] else { panic!("{message:?}") };
    let [narrow, wide] = attributes_of_stats(&listed.stats);
    [&attributes[..], &[ServiceAttribute::Stats(narrow), ServiceAttribute::Stats64(wide)]].concat()
}

/// A server as Linux has sent it since 5.3.
pub(super) fn attributes_of_server(listed: &ListedServer) -> Vec<ServerAttribute> {
    let server = &listed.server;
    let [narrow, wide] = attributes_of_stats(&listed.stats);
    vec![
        ServerAttribute::Address(union_address(server.key.address)),
        ServerAttribute::Port(server.key.port),
        ServerAttribute::ForwardingMethod(server.forwarding.number()),
        ServerAttribute::Weight(server.weight),
        ServerAttribute::TunnelType(server.tunnel.kind.number()),
        ServerAttribute::TunnelPort(server.tunnel.port),
        ServerAttribute::TunnelFlags(server.tunnel.flags.bits()),
        ServerAttribute::UpperThreshold(server.upper_threshold),
        ServerAttribute::LowerThreshold(server.lower_threshold),
        ServerAttribute::ActiveConnections(listed.active),
        ServerAttribute::InactiveConnections(listed.inactive),
        ServerAttribute::PersistentConnections(listed.persistent),
        ServerAttribute::Family(server.key.family().number()),
        ServerAttribute::Stats(narrow),
        ServerAttribute::Stats64(wide),
    ]
}

impl Random {
    fn listed_service(&mut self) -> ListedService {
        ListedService { service: self.service(), stats: self.stats() }
    }

    fn listed_server(&mut self) -> ListedServer {
        let [active, inactive, persistent] = [(); 3].map(|()| self.number() as u32);
        ListedServer { server: self.server(Family::Inet), active, inactive, persistent, stats: self.stats() }
    }

    /// Loses, doubles and moves attributes, now and then.
    fn shuffle<T: Clone>(&mut self, attributes: &mut Vec<T>) {
        while self.one_in(2) && !attributes.is_empty() {
            let at = self.below(attributes.len());
            let attribute = attributes[at].clone();
            if self.one_in(2) {
                attributes.remove(at);
            }
            if self.one_in(2) {
                attributes.insert(self.below(attributes.len() + 1), attribute);
            }
        }
    }

    /// Overwrites and cuts off bytes, now and then.
    fn spoil(&mut self, bytes: &mut Vec<u8>) {
        while self.one_in(2) && !bytes.is_empty() {
            let at = self.below(bytes.len());
            // Lengths and kinds are small numbers.
            bytes[at] = if self.one_in(2) { self.below(16) as u8 } else { self.below(256) as u8 };
        }
        if self.one_in(8) {
            bytes.truncate(self.below(bytes.len() + 1));
        }
    }
}

/// Takes away `NLA_F_NESTED`, which kernels do not set in their replies.
pub(super) fn as_kernels_do(mut bytes: &mut [u8]) {
    while let Some(&[a, b, c, d]) = bytes.first_chunk() {
        let (length, kind) = (u16::from_ne_bytes([a, b]), u16::from_ne_bytes([c, d]));
        let (attribute, rest) = bytes.split_at_mut(usize::from(length).next_multiple_of(4));
        if kind & NLA_F_NESTED != 0 {
            attribute[2..4].copy_from_slice(&(kind & NLA_TYPE_MASK).to_ne_bytes());
            as_kernels_do(&mut attribute[NLA_HEADER_SIZE..]);
        }
        bytes = rest;
    }
}

/// The reply that consists of one nested attribute.
pub(super) fn reply(attribute: CommandAttribute) -> Vec<u8> {
    let mut bytes = emitted(&[attribute]);
    as_kernels_do(&mut bytes);
    bytes
}

/// Looks that both have read the same, or have the same to say against it, no more than what is wrong with which
/// attribute. True when they have read something.
fn same<T: Debug + PartialEq>(quick: &Result<T, KernelError>, plain: &Result<T, KernelError>, bytes: &[u8]) -> bool {
    match (quick, plain) {
        (Ok(quick), Ok(plain)) => {
            assert_eq!(quick, plain, "{bytes:?}");
            return true;
        }
        (Err(quick), Err(plain)) => assert_eq!(quick.to_string(), plain.to_string(), "{bytes:?}"),
        _ => panic!("{quick:?}, but {plain:?}: {bytes:?}"),
    }
    match quick {
        Err(KernelError::Missing(name) | KernelError::Malformed(name)) => assert!(name.starts_with("IPVS_"), "{name}"),
        other => assert!(matches!(other, Err(KernelError::Garbled(_))), "{other:?}"),
    }
    false
}

#[test]
fn whole_replies_are_read_in_one_pass() {
    let mut random = Random(1);
    for _ in 0..2_000 {
        let listed = random.listed_service();
        let mut attributes = attributes_of_service(&listed);
        if let Some(ServiceAttribute::Flags([flags, _])) =
            attributes.iter_mut().find(|attribute| matches!(attribute, ServiceAttribute::Flags(_)))
        {
            *flags |= ServiceFlags::HASHED.bits();
        }
        let bytes = reply(CommandAttribute::Service(attributes));
        assert_eq!(decode::usual_service(&bytes, true), Some(listed));
        let without = ListedService { stats: Stats::default(), ..listed };
        assert_eq!(decode::usual_service(&bytes, false), Some(without));
        let listed = random.listed_server();
        let bytes = reply(CommandAttribute::Server(attributes_of_server(&listed)));
        assert_eq!(decode::usual_server(&bytes, true), Some(listed));
        let without = ListedServer { stats: Stats::default(), ..listed };
        assert_eq!(decode::usual_server(&bytes, false), Some(without));
    }
}

#[test]
fn broken_replies_are_read_alike_in_one_pass_and_as_typed_messages() {
    let mut random = Random(2);
    let (mut read, mut quickly) = ([0; 2], 0);
    for _ in 0..6_000 {
        let mut attributes = attributes_of_service(&random.listed_service());
        random.shuffle(&mut attributes);
        let mut bytes = reply(CommandAttribute::Service(attributes));
        random.spoil(&mut bytes);
        let plain = IpvsMessage::reply(IPVS_CMD_NEW_SERVICE, &bytes).map_err(KernelError::from);
        let plain = plain.and_then(|message| message.service());
        read[usize::from(same(&decode::service(&bytes, true), &plain, &bytes))] += 1;
        quickly += usize::from(decode::usual_service(&bytes, true).is_some());
        if let Ok(listed) = plain {
            let without = ListedService { stats: Stats::default(), ..listed };
            assert_eq!(decode::service(&bytes, false).unwrap(), without);
        }
        let mut attributes = attributes_of_server(&random.listed_server());
        random.shuffle(&mut attributes);
        let mut bytes = reply(CommandAttribute::Server(attributes));
        random.spoil(&mut bytes);
        let plain = IpvsMessage::reply(IPVS_CMD_NEW_DEST, &bytes).map_err(KernelError::from);
        let plain = plain.and_then(|message| message.server(Family::Inet6));
        read[usize::from(same(&decode::server(&bytes, Family::Inet6, true), &plain, &bytes))] += 1;
        quickly += usize::from(decode::usual_server(&bytes, true).is_some());
        if let Ok(listed) = plain {
            let without = ListedServer { stats: Stats::default(), ..listed };
            assert_eq!(decode::server(&bytes, Family::Inet6, false).unwrap(), without);
        }
    }
    // All of it happens: errors, whole ones, and some of these not as usual.
    assert!(read[0] > 1_500 && quickly > 1_500 && read[1] > quickly + 750, "{read:?} {quickly}");
}
