//! Attributes that stand where they are expected: to look there costs far less than to look for them, and most of what
//! a listing costs us is reading.

use crate::ipvs::model::Name;
use netlink_packet_core::NLA_HEADER_SIZE;

/// Attributes that are asked for in the order in which they stand, and have the lengths that are asked for. Whatever
/// else comes is `None`, and stays where it is.
#[derive(Clone, Copy)]
pub(super) struct InOrder<'a>(pub(super) &'a [u8]);

impl<'a> InOrder<'a> {
    /// The attributes in the one attribute that a message consists of.
    #[inline(always)]
    pub(super) fn in_nest(message: &'a [u8], kind: u16) -> Option<Self> {
        let (header, attributes) = message.split_first_chunk()?;
        (*header == header_of(kind, message.len())).then_some(Self(attributes))
    }

    /// A value of a known length.
    // Inlined, the headers are constants.
    #[inline(always)]
    pub(super) fn bytes<const L: usize>(&mut self, kind: u16) -> Option<[u8; L]> {
        let (header, rest) = self.0.split_first_chunk()?;
        let (value, rest) = (rest.first_chunk()?, rest.get(L.next_multiple_of(4)..)?);
        (*header == header_of(kind, NLA_HEADER_SIZE + L)).then(|| {
            self.0 = rest;
            *value
        })
    }

    /// A name that ends with a NUL.
    #[inline(always)]
    pub(super) fn name(&mut self, kind: u16) -> Option<Name> {
        let length = usize::from(u16::from_ne_bytes(*self.0.first_chunk()?));
        let (header, value) = self.0.get(..length)?.split_first_chunk()?;
        let rest = self.0.get(length.next_multiple_of(4)..)?;
        let (0, name) = value.split_last()? else { return None };
        (*header == header_of(kind, length) && !name.contains(&0)).then(|| {
            self.0 = rest;
            Name::cut(name, name.len())
        })
    }
}

#[inline(always)]
fn header_of(kind: u16, length: usize) -> [u8; NLA_HEADER_SIZE] {
    let ([a, b], [c, d]) = ((length as u16).to_ne_bytes(), kind.to_ne_bytes());
    [a, b, c, d]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ipvs::wire::attributes::{ServerAttribute, ServiceAttribute};
    use crate::ipvs::wire::captured::emitted;

    #[test]
    fn values_in_the_order_in_which_they_stand() {
        let bytes = emitted(&[ServerAttribute::Port(0x0102), ServerAttribute::Weight(7)]);
        let mut values = InOrder(&bytes);
        assert_eq!(values.bytes::<4>(4), None);
        assert_eq!(values.bytes(2), Some([1, 2]));
        assert_eq!(values.bytes::<2>(4), None);
        assert_eq!(values.bytes(4), Some(7_i32.to_ne_bytes()));
        assert_eq!(values.bytes::<4>(4), None);
        assert_eq!(InOrder(&bytes[..7]).bytes::<2>(2), None);
    }

    #[test]
    fn names_in_the_order_in_which_they_stand() {
        let names = ["", "rr", "wlc", "fifteen-letters"].map(|name| name.parse().unwrap());
        let bytes = emitted(&names.map(ServiceAttribute::Scheduler));
        let mut values = InOrder(&bytes);
        for name in names {
            assert_eq!(values.name(11), None);
            assert_eq!(values.name(6), Some(name));
        }
        assert_eq!(values.name(6), None);
        let mut unended = emitted(&[ServiceAttribute::Scheduler(names[2])]);
        unended[7] = b'!';
        assert_eq!(InOrder(&unended).name(6), None);
        unended[5..8].fill(0);
        assert_eq!(InOrder(&unended).name(6), None);
    }
}
