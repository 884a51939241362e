//! The objects of rtnetlink, of whose attributes only those are read that decide where packets go.

use super::{Address, Link, Neighbour, Route};
use netlink_packet_core::{DefaultNla, Emitable, NLA_HEADER_SIZE, NlasIterator};
use netlink_packet_route::AddressFamily;
use netlink_packet_route::address::AddressHeader;
use netlink_packet_route::link::{LinkFlags, LinkHeader};
use netlink_packet_route::neighbour::{NeighbourHeader, NeighbourState};
use netlink_packet_route::route::{RouteHeader, RouteType};
use netlink_packet_route::tc::TcHeader;
use std::net::IpAddr;

/// A kind of object: the types of the message that asks for such, and of the one that brings one (linux/rtnetlink.h).
#[derive(Clone, Copy)]
pub(super) struct Kind {
    pub(super) get: u16,
    pub(super) new: u16,
}

pub(super) const LINKS: Kind = Kind { get: libc::RTM_GETLINK, new: libc::RTM_NEWLINK };
pub(super) const ADDRESSES: Kind = Kind { get: libc::RTM_GETADDR, new: libc::RTM_NEWADDR };
pub(super) const NEIGHBOURS: Kind = Kind { get: libc::RTM_GETNEIGH, new: libc::RTM_NEWNEIGH };
pub(super) const DISCIPLINES: Kind = Kind { get: libc::RTM_GETQDISC, new: libc::RTM_NEWQDISC };
pub(super) const ROUTE: Kind = Kind { get: libc::RTM_GETROUTE, new: libc::RTM_NEWROUTE };

/// `RTAX_MTU` of linux/rtnetlink.h.
const RTAX_MTU: u16 = 2;

/// None where the bytes are too few for one.
pub(super) fn link(bytes: &[u8]) -> Option<Link> {
    let header = LinkHeader::parse(bytes).ok()?;
    let flags = header.flags;
    let mut link = Link {
        index: header.index,
        up: flags.contains(LinkFlags::Up),
        carrier: flags.contains(LinkFlags::LowerUp),
        stays: flags.contains(LinkFlags::Loopback),
        asks: !flags.intersects(LinkFlags::Noarp | LinkFlags::Loopback | LinkFlags::Pointopoint),
        multicast: flags.contains(LinkFlags::Multicast),
        ..Link::default()
    };
    for (kind, value) in attributes(&bytes[header.buffer_len()..]) {
        match kind {
            libc::IFLA_IFNAME => link.name = String::from_utf8_lossy(text(value)).into_owned(),
            libc::IFLA_MTU => link.mtu = number(value).unwrap_or_default(),
            libc::IFLA_LINKINFO => {
                link.stays |= find(value, libc::IFLA_INFO_KIND).is_some_and(|kind| text(kind) == b"dummy");
            }
            _ => {}
        }
    }
    Some(link)
}

/// None where it is no address of this host.
pub(super) fn address(bytes: &[u8]) -> Option<Address> {
    let header = AddressHeader::parse(bytes).ok()?;
    let attributes = &bytes[header.buffer_len()..];
    // Of a point-to-point link, the other one is the peer's.
    let address = find(attributes, libc::IFA_LOCAL).or_else(|| find(attributes, libc::IFA_ADDRESS))?;
    Some(Address { link: header.index, address: ip(address)?, prefix: header.prefix_len })
}

/// None where nothing is known of it, not even that it does not answer.
pub(super) fn neighbour(bytes: &[u8]) -> Option<Neighbour> {
    let header = NeighbourHeader::parse(bytes).ok()?;
    let known = match header.state {
        NeighbourState::Failed | NeighbourState::Incomplete => false,
        NeighbourState::None => return None,
        _ => true,
    };
    let address = find(&bytes[header.buffer_len()..], libc::NDA_DST)?;
    Some(Neighbour { link: header.ifindex, address: ip(address)?, known })
}

/// Whether a queueing discipline brings a traffic classifier for what comes in.
pub(super) fn is_classifier(bytes: &[u8]) -> bool {
    let attributes = bytes.get(TcHeader::default().buffer_len()..).unwrap_or_default();
    find(attributes, libc::TCA_KIND).is_some_and(|kind| matches!(text(kind), b"clsact" | b"ingress"))
}

/// Asks for the way to an address.
pub(super) fn route_request(destination: IpAddr) -> Vec<u8> {
    let mut header = RouteHeader::default();
    let address = match destination {
        IpAddr::V4(address) => {
            (header.address_family, header.destination_prefix_length) = (AddressFamily::Inet, 32);
            address.octets().to_vec()
        }
        IpAddr::V6(address) => {
            (header.address_family, header.destination_prefix_length) = (AddressFamily::Inet6, 128);
            address.octets().to_vec()
        }
    };
    let destination = DefaultNla::new(libc::RTA_DST, address);
    let (start, length) = (header.buffer_len(), destination.buffer_len());
    let mut bytes = vec![0; start + length];
    header.emit(&mut bytes[..start]);
    destination.emit(&mut bytes[start..]);
    bytes
}

/// None where the bytes are too few for one.
pub(super) fn route(bytes: &[u8]) -> Option<Route> {
    let header = RouteHeader::parse(bytes).ok()?;
    match header.kind {
        RouteType::Local | RouteType::Broadcast | RouteType::Anycast => return Some(Route::Local),
        RouteType::Unreachable => return Some(Route::None("it is unreachable by a route".to_owned())),
        RouteType::Prohibit => return Some(Route::None("it is prohibited by a route".to_owned())),
        RouteType::BlackHole => return Some(Route::None("a route drops its packets".to_owned())),
        _ => {}
    }
    let attributes = &bytes[header.buffer_len()..];
    Some(Route::Out {
        link: find(attributes, libc::RTA_OIF).and_then(number).unwrap_or_default(),
        gateway: find(attributes, libc::RTA_GATEWAY).and_then(ip),
        mtu: find(attributes, libc::RTA_METRICS).and_then(|metrics| find(metrics, RTAX_MTU)).and_then(number),
    })
}

/// The type and the value of each attribute; those behind a broken one are not there.
fn attributes(bytes: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    NlasIterator::new(bytes).map_while(Result::ok).map(|attribute| {
        let (kind, end) = (attribute.kind(), usize::from(attribute.length()));
        (kind, &attribute.into_inner()[NLA_HEADER_SIZE..end])
    })
}

fn find(bytes: &[u8], wanted: u16) -> Option<&[u8]> {
    attributes(bytes).find(|(kind, _)| *kind == wanted).map(|(_, value)| value)
}

fn number(value: &[u8]) -> Option<u32> {
    value.try_into().ok().map(u32::from_ne_bytes)
}

fn ip(value: &[u8]) -> Option<IpAddr> {
    let four = <[u8; 4]>::try_from(value).map(IpAddr::from);
    four.or_else(|_| <[u8; 16]>::try_from(value).map(IpAddr::from)).ok()
}

/// Without the byte that ends it.
fn text(value: &[u8]) -> &[u8] {
    value.split(|byte| *byte == 0).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(header: &impl Emitable, attributes: &[(u16, &[u8])]) -> Vec<u8> {
        let mut bytes = vec![0; header.buffer_len()];
        header.emit(&mut bytes);
        for (kind, value) in attributes {
            let attribute = DefaultNla::new(*kind, value.to_vec());
            let start = bytes.len();
            bytes.resize(start + attribute.buffer_len(), 0);
            attribute.emit(&mut bytes[start..]);
        }
        bytes
    }

    #[test]
    fn what_is_cut_off_is_no_object_and_no_panic() {
        let link = object(&LinkHeader::default(), &[(libc::IFLA_IFNAME, b"eth0\0"), (libc::IFLA_MTU, &[0; 3])]);
        assert_eq!(self::link(&link).unwrap().name, "eth0");
        assert_eq!(self::link(&link).unwrap().mtu, 0);
        for length in 0..link.len() {
            self::link(&link[..length]);
            address(&link[..length]);
            neighbour(&link[..length]);
            is_classifier(&link[..length]);
            route(&link[..length]);
        }
    }

    #[test]
    fn a_dummy_link_keeps_its_packets() {
        let kind = object(&DefaultNla::new(libc::IFLA_INFO_KIND, b"dummy\0".to_vec()), &[]);
        let link =
            object(&LinkHeader::default(), &[(libc::IFLA_LINKINFO, &kind), (libc::IFLA_MTU, &1500u32.to_ne_bytes())]);
        assert_eq!(self::link(&link), Some(Link { stays: true, asks: true, mtu: 1500, ..Link::default() }));
    }

    #[test]
    fn an_address_of_a_point_to_point_link_is_the_own_one() {
        let header = AddressHeader { prefix_len: 32, index: 3, ..AddressHeader::default() };
        let bytes = object(&header, &[(libc::IFA_ADDRESS, &[10, 0, 0, 2]), (libc::IFA_LOCAL, &[10, 0, 0, 1])]);
        assert_eq!(address(&bytes), Some(Address { link: 3, address: [10, 0, 0, 1].into(), prefix: 32 }));
    }

    #[test]
    fn a_route_with_a_gateway_and_a_limit() {
        let mtu = object(&DefaultNla::new(RTAX_MTU, 1400u32.to_ne_bytes().to_vec()), &[]);
        let gateway = std::net::Ipv6Addr::LOCALHOST.octets();
        let header = RouteHeader { kind: RouteType::Unicast, ..RouteHeader::default() };
        let attributes: [(u16, &[u8]); 3] =
            [(libc::RTA_OIF, &7u32.to_ne_bytes()), (libc::RTA_GATEWAY, &gateway), (libc::RTA_METRICS, &mtu)];
        let expected = Route::Out { link: 7, gateway: Some(gateway.into()), mtu: Some(1400) };
        assert_eq!(route(&object(&header, &attributes)), Some(expected));
    }
}
