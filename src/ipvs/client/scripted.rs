//! A scripted peer in the kernel's place, for tests of this layer and of those above.

use super::receive_many::{Datagrams, SLOTS};
use super::socket::Transport;
use crate::ipvs::wire::IpvsMessage;
use crate::ipvs::wire::attributes::{CommandAttribute, InfoAttribute, ServerAttribute, ServiceAttribute};
use crate::ipvs::wire::captured::{emitted, message};
use netlink_packet_core::{NLM_F_MULTIPART, NetlinkBuffer};
use netlink_packet_generic::GenlFamily;
use netlink_packet_generic::ctrl::nlas::GenlCtrlAttrs;
use std::{cell::RefCell, collections::VecDeque, io, rc::Rc};

/// Makes the datagrams that answer what was sent.
type Script = dyn FnMut(Vec<Message>) -> Vec<Vec<u8>>;

/// A transport whose other end is a function.
pub(crate) struct Peer {
    script: Rc<RefCell<Script>>,
    waiting: VecDeque<Vec<u8>>,
}

impl Peer {
    pub(crate) fn new(script: impl FnMut(Vec<Message>) -> Vec<Vec<u8>> + 'static) -> Self {
        Self { script: Rc::new(RefCell::new(script)), waiting: VecDeque::new() }
    }
}

impl Transport for Peer {
    fn sibling(&self) -> io::Result<Box<dyn Transport>> {
        Ok(Box::new(Self { script: Rc::clone(&self.script), waiting: VecDeque::new() }))
    }

    fn send(&mut self, messages: &[u8]) -> io::Result<()> {
        self.waiting.extend((self.script.borrow_mut())(Message::all(messages)));
        Ok(())
    }

    fn receive(&mut self, datagrams: &mut Datagrams, most: usize) -> io::Result<()> {
        if self.waiting.is_empty() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let count = most.min(SLOTS).min(self.waiting.len());
        datagrams.fill(self.waiting.drain(..count));
        Ok(())
    }
}

/// A message as it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) family: u16,
    pub(crate) flags: u16,
    pub(crate) sequence: u32,
    pub(crate) command: u8,
    pub(crate) attributes: Vec<u8>,
}

impl Message {
    fn all(mut bytes: &[u8]) -> Vec<Self> {
        let mut messages = Vec::new();
        while !bytes.is_empty() {
            let message = NetlinkBuffer::new_checked(bytes).unwrap();
            messages.push(Self {
                family: message.message_type(),
                flags: message.flags(),
                sequence: message.sequence_number(),
                command: message.payload()[0],
                attributes: message.payload()[4..].to_vec(),
            });
            bytes = &bytes[message.length() as usize..];
        }
        messages
    }

    /// An acknowledgement for 0, else a refusal.
    pub(crate) fn answer(&self, errno: i32) -> Vec<u8> {
        message(2, 0, self.sequence, &[&(-errno).to_ne_bytes()[..], &[0; 16]].concat())
    }

    /// The end of a dump.
    pub(crate) fn done(&self) -> Vec<u8> {
        message(3, 2, self.sequence, &[0; 4])
    }

    /// A reply; of a dump, when `flags` has `NLM_F_MULTIPART`.
    pub(crate) fn reply(&self, flags: u16, attributes: &[u8]) -> Vec<u8> {
        message(self.family, flags, self.sequence, &[&[1, 1, 0, 0], attributes].concat())
    }
}

/// The reply to the question for the family, which has the number 0x28.
pub(crate) fn family() -> Vec<u8> {
    emitted(&[GenlCtrlAttrs::FamilyName(IpvsMessage::family_name().to_owned()), GenlCtrlAttrs::FamilyId(0x28)])
}

/// The reply to `IPVS_CMD_GET_INFO`.
pub(crate) fn info() -> Vec<u8> {
    emitted(&[InfoAttribute::Version(0x10201), InfoAttribute::ConnectionTableSize(4096)])
}

/// The attributes of a service with this mark.
pub(crate) fn service(mark: u32) -> Vec<u8> {
    emitted(&[CommandAttribute::Service(vec![
        ServiceAttribute::Family(2),
        ServiceAttribute::FirewallMark(mark),
        ServiceAttribute::Scheduler("lc".parse().unwrap()),
        ServiceAttribute::Flags([2, u32::MAX]),
        ServiceAttribute::Timeout(0),
        ServiceAttribute::Netmask([255; 4]),
    ])])
}

/// A datagram of services with these marks.
pub(crate) fn services(message: &Message, marks: std::ops::Range<u32>) -> Vec<u8> {
    marks.flat_map(|mark| message.reply(NLM_F_MULTIPART, &service(mark))).collect()
}

/// The attributes of a server with this number in its address.
pub(crate) fn server(number: u16) -> Vec<u8> {
    let [a, b] = number.to_be_bytes();
    emitted(&[CommandAttribute::Server(vec![
        ServerAttribute::Address([10, 1, a, b, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
        ServerAttribute::Port(0),
        ServerAttribute::ForwardingMethod(0),
        ServerAttribute::Weight(1),
        ServerAttribute::UpperThreshold(0),
        ServerAttribute::LowerThreshold(0),
        ServerAttribute::ActiveConnections(0),
        ServerAttribute::InactiveConnections(0),
        ServerAttribute::PersistentConnections(0),
    ])])
}

/// A datagram of servers with these numbers.
pub(crate) fn servers(message: &Message, numbers: std::ops::Range<u16>) -> Vec<u8> {
    numbers.flat_map(|number| message.reply(NLM_F_MULTIPART, &server(number))).collect()
}
