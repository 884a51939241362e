//! Reads the network over rtnetlink: a dump of each kind of object, and one request for each route.

use super::objects::{self, ADDRESSES, DISCIPLINES, Kind, LINKS, NEIGHBOURS, ROUTE};
use super::{Network, Route};
use crate::ipvs::model::Errno;
use netlink_packet_core::{
    DecodeError, Emitable, NLM_F_DUMP, NLM_F_MULTIPART, NLM_F_REQUEST, NetlinkBuffer, NetlinkDeserializable,
    NetlinkHeader, NetlinkMessage, NetlinkPayload, NetlinkSerializable,
};
use netlink_packet_route::address::AddressHeader;
use netlink_packet_route::link::LinkHeader;
use netlink_packet_route::neighbour::NeighbourHeader;
use netlink_packet_route::tc::TcHeader;
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
    channel.dump(LINKS, &LinkHeader::default(), |bytes| network.links.extend(objects::link(bytes)))?;
    channel.dump(ADDRESSES, &AddressHeader::default(), |bytes| network.addresses.extend(objects::address(bytes)))?;
    channel.dump(NEIGHBOURS, &NeighbourHeader::default(), |bytes| {
        network.neighbours.extend(objects::neighbour(bytes));
    })?;
    channel.dump(DISCIPLINES, &TcHeader::default(), |bytes| network.classifies |= objects::is_classifier(bytes))?;
    for destination in destinations {
        network.routes.insert(*destination, channel.route(*destination)?);
    }
    Ok(network)
}

/// An object, or a request for such, as bytes: the messages of `netlink-packet-route` parse every attribute of every kind of
/// link and classifier, of which nothing is asked here.
struct Object {
    kind: u16,
    bytes: Vec<u8>,
}

impl NetlinkSerializable for Object {
    fn message_type(&self) -> u16 {
        self.kind
    }

    fn buffer_len(&self) -> usize {
        self.bytes.len()
    }

    fn serialize(&self, buffer: &mut [u8]) {
        buffer.copy_from_slice(&self.bytes);
    }
}

impl NetlinkDeserializable for Object {
    type Error = DecodeError;

    fn deserialize(header: &NetlinkHeader, payload: &[u8]) -> Result<Self, DecodeError> {
        Ok(Self { kind: header.message_type, bytes: payload.to_vec() })
    }
}

struct Channel {
    socket: Socket,
    sequence: u32,
    buffer: Vec<u8>,
}

/// Calls again when a signal came in between.
fn uninterrupted<T>(mut call: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match call() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            outcome => return outcome,
        }
    }
}

impl Channel {
    fn open() -> io::Result<Self> {
        Ok(Self { socket: Socket::new(NETLINK_ROUTE)?, sequence: 0, buffer: vec![0; DATAGRAM] })
    }

    /// Gives each object to `each`.
    fn dump(&mut self, kind: Kind, header: &impl Emitable, mut each: impl FnMut(&[u8])) -> io::Result<()> {
        let mut bytes = vec![0; header.buffer_len()];
        header.emit(&mut bytes);
        self.send(Object { kind: kind.get, bytes }, NLM_F_DUMP)?;
        self.receive_all(kind, &mut each)
    }

    /// Takes the whole answer.
    fn receive_all(&mut self, kind: Kind, each: &mut impl FnMut(&[u8])) -> io::Result<()> {
        while self.receive(kind, each)? {}
        Ok(())
    }

    fn send(&mut self, request: Object, flags: u16) -> io::Result<()> {
        self.sequence += 1;
        let mut header = NetlinkHeader::default();
        header.flags = NLM_F_REQUEST | flags;
        header.sequence_number = self.sequence;
        let mut message = NetlinkMessage::new(header, NetlinkPayload::InnerMessage(request));
        message.finalize();
        let mut bytes = vec![0; message.buffer_len()];
        message.serialize(&mut bytes);
        uninterrupted(|| self.socket.send(&bytes, 0)).map(drop)
    }

    /// Takes one datagram, and says whether more will come. An object that cannot be read is passed over.
    ///
    /// The kernel answers before a request has been sent: what is not there then does not come, and is not waited for.
    fn receive(&mut self, kind: Kind, each: &mut impl FnMut(&[u8])) -> io::Result<bool> {
        let (length, sender) = uninterrupted(|| self.socket.recv_from(&mut &mut self.buffer[..], libc::MSG_DONTWAIT))?;
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
            let message = rest.get(..length).and_then(|bytes| NetlinkMessage::<Object>::deserialize(bytes).ok());
            match message.filter(|_| is_answer).map(|message| message.payload) {
                Some(NetlinkPayload::InnerMessage(object)) if object.kind == kind.new => each(&object.bytes),
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
        self.send(Object { kind: ROUTE.get, bytes: objects::route_request(destination) }, 0)?;
        let mut found = None;
        match self.receive_all(ROUTE, &mut |bytes| found = objects::route(bytes)) {
            Ok(()) => Ok(found.unwrap_or_else(|| Route::None("the kernel tells of no route".to_owned()))),
            Err(error) => match error.raw_os_error() {
                // What such routes are for.
                Some(libc::EACCES) => Ok(Route::None("a route of the type prohibit forbids it".to_owned())),
                Some(libc::EINVAL) => Ok(Route::None("a route of the type blackhole swallows it".to_owned())),
                Some(errno @ (libc::ENETUNREACH | libc::EHOSTUNREACH)) => Ok(Route::None(Errno(errno).to_string())),
                _ => Err(error),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_come_is_not_waited_for() {
        let error = Channel::open().unwrap().receive_all(LINKS, &mut |_| ()).unwrap_err();
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
