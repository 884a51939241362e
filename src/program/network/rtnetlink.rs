//! Reads the network over rtnetlink: a dump of each kind of object, and one request for each route.

use super::{Address, Link, Neighbour, Network, Route};
use crate::ipvs::model::Errno;
use netlink_packet_core::{
    NLM_F_DUMP, NLM_F_MULTIPART, NLM_F_REQUEST, NetlinkBuffer, NetlinkHeader, NetlinkMessage, NetlinkPayload,
};
use netlink_packet_route::address::{AddressAttribute, AddressMessage};
use netlink_packet_route::link::{InfoKind, LinkAttribute, LinkFlags, LinkInfo, LinkMessage};
use netlink_packet_route::neighbour::{NeighbourAddress, NeighbourAttribute, NeighbourMessage, NeighbourState};
use netlink_packet_route::route::{RouteAddress, RouteAttribute, RouteMessage, RouteMetric, RouteType};
use netlink_packet_route::tc::{TcAttribute, TcMessage};
use netlink_packet_route::{AddressFamily, RouteNetlinkMessage as Message};
use netlink_sys::Socket;
use netlink_sys::protocols::NETLINK_ROUTE;
use std::collections::BTreeSet;
use std::io;
use std::net::IpAddr;

/// The kernel makes no longer datagrams for a dump.
const DATAGRAM: usize = 32 << 10;

/// Reads the network of the calling thread's namespace, and the routes to these addresses.
///
/// # Errors
/// Those of the socket, and the kernel's.
pub fn read(destinations: &BTreeSet<IpAddr>) -> io::Result<Network> {
    let mut channel = Channel::open()?;
    let mut network = Network::default();
    channel.dump(Message::GetLink(LinkMessage::default()), |message| {
        if let Message::NewLink(link) = message {
            network.links.push(self::link(&link));
        }
    })?;
    channel.dump(Message::GetAddress(AddressMessage::default()), |message| {
        if let Message::NewAddress(address) = message {
            network.addresses.extend(self::address(&address));
        }
    })?;
    channel.dump(Message::GetNeighbour(NeighbourMessage::default()), |message| {
        if let Message::NewNeighbour(neighbour) = message {
            network.neighbours.extend(self::neighbour(&neighbour));
        }
    })?;
    channel.dump(Message::GetQueueDiscipline(TcMessage::default()), |message| {
        if let Message::NewQueueDiscipline(discipline) = message {
            network.classifies |= is_classifier(&discipline);
        }
    })?;
    for destination in destinations {
        network.routes.insert(*destination, channel.route(*destination)?);
    }
    Ok(network)
}

struct Channel {
    socket: Socket,
    sequence: u32,
    buffer: Vec<u8>,
}

impl Channel {
    fn open() -> io::Result<Self> {
        Ok(Self { socket: Socket::new(NETLINK_ROUTE)?, sequence: 0, buffer: vec![0; DATAGRAM] })
    }

    /// Gives each object to `each`.
    fn dump(&mut self, request: Message, mut each: impl FnMut(Message)) -> io::Result<()> {
        self.send(request, NLM_F_DUMP)?;
        self.receive_all(&mut each)
    }

    /// Takes the whole answer.
    fn receive_all(&mut self, each: &mut impl FnMut(Message)) -> io::Result<()> {
        while self.receive(each)? {}
        Ok(())
    }

    fn send(&mut self, request: Message, flags: u16) -> io::Result<()> {
        self.sequence += 1;
        let mut header = NetlinkHeader::default();
        header.flags = NLM_F_REQUEST | flags;
        header.sequence_number = self.sequence;
        let mut message = NetlinkMessage::new(header, NetlinkPayload::from(request));
        message.finalize();
        let mut bytes = vec![0; message.buffer_len()];
        message.serialize(&mut bytes);
        self.socket.send(&bytes, 0).map(drop)
    }

    /// Takes one datagram, and says whether more will come. An object that cannot be read is passed over.
    ///
    /// The kernel answers before a request has been sent: what is not there then does not come, and is not waited for.
    fn receive(&mut self, each: &mut impl FnMut(Message)) -> io::Result<bool> {
        let (length, sender) = self.socket.recv_from(&mut &mut self.buffer[..], libc::MSG_DONTWAIT)?;
        if sender.port_number() != 0 {
            return Ok(true);
        }
        let mut rest = &self.buffer[..length];
        let mut more = false;
        while let Ok(header) = NetlinkBuffer::new_checked(rest) {
            let length = header.length() as usize;
            // Those of an earlier request that was given up are not meant.
            let is_answer = header.sequence_number() == self.sequence;
            more = !is_answer || header.flags() & NLM_F_MULTIPART != 0;
            let message = rest.get(..length).and_then(|bytes| NetlinkMessage::<Message>::deserialize(bytes).ok());
            match message.filter(|_| is_answer).map(|message| message.payload) {
                Some(NetlinkPayload::InnerMessage(object)) => each(object),
                Some(NetlinkPayload::Error(error)) if error.raw_code() != 0 => {
                    return Err(io::Error::from_raw_os_error(error.raw_code().saturating_neg()));
                }
                Some(NetlinkPayload::Done(_) | NetlinkPayload::Error(_)) => return Ok(false),
                _ => {}
            }
            // The next one is aligned.
            rest = rest.get(length.max(1).next_multiple_of(4)..).unwrap_or_default();
        }
        Ok(more)
    }

    /// The way to an address. The kernel refuses to tell of one that leads nowhere.
    fn route(&mut self, destination: IpAddr) -> io::Result<Route> {
        let mut request = RouteMessage::default();
        (request.header.address_family, request.header.destination_prefix_length) = match destination {
            IpAddr::V4(_) => (AddressFamily::Inet, 32),
            IpAddr::V6(_) => (AddressFamily::Inet6, 128),
        };
        request.attributes.push(RouteAttribute::Destination(destination.into()));
        self.send(Message::GetRoute(request), 0)?;
        let mut found = None;
        let mut take = |message| {
            if let Message::NewRoute(route) = message {
                found = Some(self::route(&route));
            }
        };
        match self.receive_all(&mut take) {
            Ok(()) => Ok(found.unwrap_or_else(|| Route::None("the kernel tells of no route".to_owned()))),
            Err(error) => match error.raw_os_error() {
                Some(libc::ENETUNREACH | libc::EHOSTUNREACH | libc::EACCES | libc::EINVAL) => {
                    Ok(Route::None(Errno(error.raw_os_error().unwrap_or_default()).to_string()))
                }
                _ => Err(error),
            },
        }
    }
}

fn link(message: &LinkMessage) -> Link {
    let flags = message.header.flags;
    let mut link = Link {
        index: message.header.index,
        up: flags.contains(LinkFlags::Up),
        carrier: flags.contains(LinkFlags::LowerUp),
        stays: flags.contains(LinkFlags::Loopback),
        asks: !flags.intersects(LinkFlags::Noarp | LinkFlags::Loopback | LinkFlags::Pointopoint),
        multicast: flags.contains(LinkFlags::Multicast),
        ..Link::default()
    };
    for attribute in &message.attributes {
        match attribute {
            LinkAttribute::IfName(name) => link.name.clone_from(name),
            LinkAttribute::Mtu(mtu) => link.mtu = *mtu,
            LinkAttribute::LinkInfo(infos) => link.stays |= infos.contains(&LinkInfo::Kind(InfoKind::Dummy)),
            _ => {}
        }
    }
    link
}

fn address(message: &AddressMessage) -> Option<Address> {
    let found = |local: bool| {
        message.attributes.iter().find_map(|attribute| match attribute {
            AddressAttribute::Local(address) if local => Some(*address),
            AddressAttribute::Address(address) if !local => Some(*address),
            _ => None,
        })
    };
    // Of a point-to-point link, the other one is the peer's.
    let address = found(true).or_else(|| found(false))?;
    Some(Address { link: message.header.index, address, prefix: message.header.prefix_len })
}

fn neighbour(message: &NeighbourMessage) -> Option<Neighbour> {
    let known = match message.header.state {
        NeighbourState::Failed | NeighbourState::Incomplete => false,
        NeighbourState::None => return None,
        _ => true,
    };
    let address = message.attributes.iter().find_map(|attribute| match attribute {
        NeighbourAttribute::Destination(NeighbourAddress::Inet(address)) => Some(IpAddr::from(*address)),
        NeighbourAttribute::Destination(NeighbourAddress::Inet6(address)) => Some(IpAddr::from(*address)),
        _ => None,
    })?;
    Some(Neighbour { link: message.header.ifindex, address, known })
}

fn is_classifier(message: &TcMessage) -> bool {
    let is_kind =
        |attribute: &TcAttribute| matches!(attribute, TcAttribute::Kind(kind) if kind == "clsact" || kind == "ingress");
    message.attributes.iter().any(is_kind)
}

fn route(message: &RouteMessage) -> Route {
    match message.header.kind {
        RouteType::Local | RouteType::Broadcast | RouteType::Anycast => return Route::Local,
        RouteType::Unreachable => return Route::None("it is unreachable by a route".to_owned()),
        RouteType::Prohibit => return Route::None("it is prohibited by a route".to_owned()),
        RouteType::BlackHole => return Route::None("a route drops its packets".to_owned()),
        _ => {}
    }
    let (mut link, mut gateway, mut mtu) = (0, None, None);
    for attribute in &message.attributes {
        match attribute {
            RouteAttribute::Oif(index) => link = *index,
            RouteAttribute::Gateway(RouteAddress::Inet(address)) => gateway = Some(IpAddr::from(*address)),
            RouteAttribute::Gateway(RouteAddress::Inet6(address)) => gateway = Some(IpAddr::from(*address)),
            RouteAttribute::Metrics(metrics) => {
                mtu = metrics.iter().find_map(|metric| match metric {
                    RouteMetric::Mtu(mtu) => Some(*mtu),
                    _ => None,
                });
            }
            _ => {}
        }
    }
    Route::Out { link, gateway, mtu }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_come_is_not_waited_for() {
        let error = Channel::open().unwrap().receive_all(&mut |_| ()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
    }

    #[test]
    fn the_network_of_this_machine() {
        let here = IpAddr::from([127, 0, 0, 1]);
        let network = read(&BTreeSet::from([here])).unwrap();
        assert!(network.links.iter().any(|link| link.name == "lo"));
        assert!(matches!(network.routes[&here], Route::Local));
    }
}
