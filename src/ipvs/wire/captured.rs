//! Attributes as bytes, for tests: made, and as they were captured, of a little-endian machine. On such a one they are
//! compared byte for byte; on a big-endian one, headers and numbers are turned round first, where the attributes'
//! declarations say that they are in the byte order of the machine.

use super::attributes::CommandAttribute;
use super::form::Attribute;
use crate::ipvs::fixtures::hex;
use netlink_packet_core::{Emitable, NLA_HEADER_SIZE, NLA_TYPE_MASK};

/// The attributes of a captured command, or of the reply to it, in the byte order of this machine.
pub(crate) fn captured(digits: &str) -> Vec<u8> {
    captured_as::<CommandAttribute>(digits)
}

/// Captured attributes of another kind.
pub(super) fn captured_as<A: Attribute>(digits: &str) -> Vec<u8> {
    let mut bytes = hex(digits);
    if cfg!(target_endian = "big") {
        turn_all::<A>(&mut bytes);
    }
    bytes
}

/// Turns attributes of a little-endian machine into those of a big-endian one.
pub(super) fn turn_all<A: Attribute>(mut bytes: &mut [u8]) {
    while let Some(&[a, b, c, d]) = bytes.first_chunk() {
        let (length, kind) = (u16::from_le_bytes([a, b]), u16::from_le_bytes([c, d]));
        let (attribute, rest) = bytes.split_at_mut(usize::from(length));
        let (header, value) = attribute.split_at_mut(NLA_HEADER_SIZE);
        header.chunks_mut(2).for_each(<[u8]>::reverse);
        A::turn(kind & NLA_TYPE_MASK, value);
        let padding = usize::from(length).next_multiple_of(4) - usize::from(length);
        bytes = &mut rest[padding..];
    }
}

/// Attributes as bytes.
pub(crate) fn emitted(attributes: &[impl Emitable]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for attribute in attributes {
        let start = bytes.len();
        bytes.resize(start + attribute.buffer_len(), 0);
        attribute.emit(&mut bytes[start..]);
    }
    bytes
}

/// A message of netlink.
pub(crate) fn message(kind: u16, flags: u16, sequence: u32, payload: &[u8]) -> Vec<u8> {
    let mut bytes = (16 + payload.len() as u32).to_ne_bytes().to_vec();
    bytes.extend([kind, flags].map(u16::to_ne_bytes).as_flattened());
    bytes.extend(sequence.to_ne_bytes());
    bytes.extend([0; 4]);
    bytes.extend(payload);
    bytes
}

#[test]
fn numbers_of_the_machine_are_turned_and_nothing_else() {
    // Family, port, scheduler, flags with their mask, netmasks of both families, a counter, one that nobody knows.
    let little = [
        "060001000a000000",
        "060004001f900000",
        "0700060072720000",
        "0c00070001000000feffffff",
        "08000900ffffff00",
        "0800090040000000",
        "10000c000c0001000700000000000000",
        "06006300abcd0000",
    ];
    let big = [
        "00060001000a0000",
        "000600041f900000",
        "0007000672720000",
        "000c000700000001fffffffe",
        "00080009ffffff00",
        "0008000900000040",
        "0010000c000c00010000000000000007",
        "00060063abcd0000",
    ];
    let mut bytes = hex(&little.concat());
    turn_all::<super::attributes::ServiceAttribute>(&mut bytes);
    assert_eq!(bytes, hex(&big.concat()));
}
