//! Messages on their way out, written straight into the buffer that is sent. Lengths are filled in when they are known.
//!
//! The crates' typed messages ask each attribute for its length several times over before they write it, of which a
//! restore would feel much. Their buffers write the headers.

use super::answer::NLMSG_HDRLEN;
use super::message::IPVS_GENL_VERSION;
use crate::ipvs::model::Name;
use netlink_packet_core::{Emitable, NLA_F_NESTED, NLA_HEADER_SIZE, NetlinkBuffer};
use netlink_packet_generic::{GenlHeader, constants::GENL_HDRLEN};

/// Where a message goes and how it is answered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Envelope {
    /// The number of the family, given by the kernel.
    pub(crate) family: u16,
    /// `NLM_F_*`.
    pub(crate) flags: u16,
    /// Comes back in the answer.
    pub(crate) sequence: u32,
}

/// Appends a message to those that `buffer` holds; `fill` appends its attributes.
pub(crate) fn append(buffer: &mut Vec<u8>, envelope: Envelope, command: u8, fill: impl FnOnce(&mut Vec<u8>)) {
    let start = buffer.len();
    let mut header = [0; NLMSG_HDRLEN + GENL_HDRLEN];
    let mut message = NetlinkBuffer::new(&mut header[..]);
    message.set_message_type(envelope.family);
    message.set_flags(envelope.flags);
    message.set_sequence_number(envelope.sequence);
    GenlHeader { cmd: command, version: IPVS_GENL_VERSION }.emit(&mut header[NLMSG_HDRLEN..]);
    buffer.extend_from_slice(&header);
    fill(buffer);
    let length = buffer.len() - start;
    NetlinkBuffer::new(&mut buffer[start..]).set_length(length as u32);
}

/// Addresses messages that stand one behind the other to a family, numbers them from `first` on, and adds flags to the
/// last.
pub(crate) fn address(messages: &mut [u8], family: u16, first: u32, flags_of_last: u16) {
    let (mut start, mut sequence, end) = (0, first, messages.len());
    while start < end {
        let mut message = NetlinkBuffer::new(&mut messages[start..]);
        message.set_message_type(family);
        message.set_sequence_number(sequence);
        start += message.length() as usize;
        sequence = sequence.wrapping_add(1);
        if start == end {
            message.set_flags(message.flags() | flags_of_last);
        }
    }
}

/// Appends an attribute of nested ones, which `fill` appends.
pub(crate) fn nest(buffer: &mut Vec<u8>, kind: u16, fill: impl FnOnce(&mut Vec<u8>)) {
    let start = buffer.len();
    buffer.extend_from_slice(&[0; NLA_HEADER_SIZE]);
    fill(buffer);
    let header = header(kind | NLA_F_NESTED, buffer.len() - start);
    buffer[start..start + NLA_HEADER_SIZE].copy_from_slice(&header);
}

/// Appends a name, which ends with a NUL.
pub(crate) fn name(buffer: &mut Vec<u8>, kind: u16, name: Name) {
    let length = NLA_HEADER_SIZE + name.as_bytes().len() + 1;
    buffer.extend_from_slice(&header(kind, length));
    buffer.extend_from_slice(name.as_bytes());
    buffer.extend_from_slice(&[0; 4][..length.next_multiple_of(4) - length + 1]);
}

/// An attribute of one byte, filled up to four.
pub(crate) fn byte(kind: u16, value: u8) -> [u8; 8] {
    joined(header(kind, NLA_HEADER_SIZE + 1), [value, 0, 0, 0])
}

/// An attribute of two bytes, filled up to four.
pub(crate) fn two_bytes(kind: u16, [a, b]: [u8; 2]) -> [u8; 8] {
    joined(header(kind, NLA_HEADER_SIZE + 2), [a, b, 0, 0])
}

/// An attribute of four bytes.
pub(crate) fn four_bytes(kind: u16, value: [u8; 4]) -> [u8; 8] {
    joined(header(kind, NLA_HEADER_SIZE + 4), value)
}

/// The header of an attribute; `length` counts the header too, but not what the attribute is filled up with.
pub(crate) fn header(kind: u16, length: usize) -> [u8; NLA_HEADER_SIZE] {
    let ([a, b], [c, d]) = ((length as u16).to_ne_bytes(), kind.to_ne_bytes());
    [a, b, c, d]
}

fn joined([a, b, c, d]: [u8; 4], [e, f, g, h]: [u8; 4]) -> [u8; 8] {
    [a, b, c, d, e, f, g, h]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ipvs::wire::attributes::{CommandAttribute, ServiceAttribute};
    use crate::ipvs::wire::captured::{emitted, message};
    use netlink_packet_core::{DefaultNla, NLM_F_ACK, NLM_F_REQUEST};

    #[test]
    fn messages_follow_one_another() {
        let mut buffer = Vec::new();
        for _ in 0..2 {
            append(&mut buffer, Envelope { family: 0, flags: NLM_F_REQUEST, sequence: 0 }, 17, |_| ());
        }
        address(&mut buffer, 0x1e, 5, NLM_F_ACK);
        let expected = |flags, sequence| message(0x1e, flags, sequence, &[17, 1, 0, 0]);
        assert_eq!(buffer, [expected(NLM_F_REQUEST, 5), expected(NLM_F_REQUEST | NLM_F_ACK, 6)].concat());
    }

    #[test]
    fn attributes_are_as_the_crate_writes_them() {
        let names = ["rr", "wlc", ""].map(|name| name.parse().unwrap());
        let mut buffer = vec![0xee];
        nest(&mut buffer, 1, |buffer| {
            for each in names {
                name(buffer, 6, each);
            }
            buffer.extend_from_slice(&byte(13, 2));
            buffer.extend_from_slice(&two_bytes(4, [0, 80]));
            buffer.extend_from_slice(&four_bytes(9, [255, 255, 255, 0]));
        });
        let mut attributes = names.map(ServiceAttribute::Scheduler).to_vec();
        attributes.push(ServiceAttribute::Other(DefaultNla::new(13, vec![2])));
        attributes.push(ServiceAttribute::Port(80));
        attributes.push(ServiceAttribute::Netmask([255, 255, 255, 0]));
        assert_eq!(buffer, [vec![0xee], emitted(&[CommandAttribute::Service(attributes)])].concat());
    }
}
