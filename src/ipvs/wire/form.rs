//! How the values of attributes travel: in whose byte order, and where they end.
//!
//! Reading takes the first bytes that a type needs, so that a kernel may add to a value; a shorter one is no value.

use crate::ipvs::model::Name;
use netlink_packet_core::{DecodeError, Emitable, NLA_F_NESTED, Nla, NlaBuffer, NlasIterator, Parseable};

/// A way for values of type `T` to travel.
pub(super) trait Form<T> {
    /// Set in the attribute's kind.
    const FLAG: u16 = 0;

    fn length(value: &T) -> usize;

    /// Fills a buffer of that length.
    fn write(value: &T, buffer: &mut [u8]);

    fn read(bytes: &[u8]) -> Option<T>;

    /// Turns a value of a little-endian machine into that of a big-endian one; most are the same on both.
    #[cfg(test)]
    fn turn(_: &mut [u8]) {}
}

/// Numbers in the byte order of the machine: all that have no other form.
pub(super) struct Host;
/// Numbers in network byte order: ports of services and servers.
pub(super) struct Network;
/// Bytes as they are: addresses.
pub(super) struct Bytes;
/// Masks of IPv4 as they are; in the same place for IPv6, a prefix length in the byte order of the machine.
pub(super) struct Mask;
/// Names, which end with a NUL.
pub(super) struct Text;
/// Attributes in an attribute.
pub(super) struct Nested;

macro_rules! numbers {
    ($($form:ident $number:ident $to:ident $from:ident $turns:literal,)+) => {
        $(impl Form<$number> for $form {
            fn length(_: &$number) -> usize {
                size_of::<$number>()
            }

            fn write(value: &$number, buffer: &mut [u8]) {
                buffer.copy_from_slice(&value.$to());
            }

            fn read(bytes: &[u8]) -> Option<$number> {
                bytes.first_chunk().map(|bytes| $number::$from(*bytes))
            }

            #[cfg(test)]
            fn turn(value: &mut [u8]) {
                if $turns {
                    value.reverse();
                }
            }
        })+
    };
}

numbers! {
    Host u8 to_ne_bytes from_ne_bytes true,
    Host u16 to_ne_bytes from_ne_bytes true,
    Host u32 to_ne_bytes from_ne_bytes true,
    Host u64 to_ne_bytes from_ne_bytes true,
    Host i32 to_ne_bytes from_ne_bytes true,
    Network u16 to_be_bytes from_be_bytes false,
}

impl Form<[u32; 2]> for Host {
    fn length(_: &[u32; 2]) -> usize {
        8
    }

    fn write(value: &[u32; 2], buffer: &mut [u8]) {
        buffer.copy_from_slice(value.map(u32::to_ne_bytes).as_flattened());
    }

    fn read(bytes: &[u8]) -> Option<[u32; 2]> {
        Some([Self::read(bytes)?, Self::read(bytes.get(4..)?)?])
    }

    #[cfg(test)]
    fn turn(value: &mut [u8]) {
        value.chunks_mut(4).for_each(<[u8]>::reverse);
    }
}

impl<const N: usize> Form<[u8; N]> for Bytes {
    fn length(_: &[u8; N]) -> usize {
        N
    }

    fn write(value: &[u8; N], buffer: &mut [u8]) {
        buffer.copy_from_slice(value);
    }

    fn read(bytes: &[u8]) -> Option<[u8; N]> {
        bytes.first_chunk().copied()
    }
}

impl Form<[u8; 4]> for Mask {
    fn length(_: &[u8; 4]) -> usize {
        4
    }

    fn write(value: &[u8; 4], buffer: &mut [u8]) {
        buffer.copy_from_slice(value);
    }

    fn read(bytes: &[u8]) -> Option<[u8; 4]> {
        bytes.first_chunk().copied()
    }

    /// What would be a mask of eight bits or less is a prefix length; there are no such masks in what was captured.
    #[cfg(test)]
    fn turn(value: &mut [u8]) {
        if let [1..=128, 0, 0, 0] = value {
            value.reverse();
        }
    }
}

impl Form<Name> for Text {
    fn length(value: &Name) -> usize {
        value.as_bytes().len() + 1
    }

    fn write(value: &Name, buffer: &mut [u8]) {
        let (name, end) = buffer.split_at_mut(value.as_bytes().len());
        name.copy_from_slice(value.as_bytes());
        end.fill(0);
    }

    /// The name may be without a NUL.
    fn read(bytes: &[u8]) -> Option<Name> {
        bytes.split(|byte| *byte == 0).next().map(|name| Name::cut(name, name.len()))
    }
}

impl<T: Attribute> Form<Vec<T>> for Nested {
    const FLAG: u16 = NLA_F_NESTED;

    fn length(value: &Vec<T>) -> usize {
        value.as_slice().buffer_len()
    }

    fn write(value: &Vec<T>, buffer: &mut [u8]) {
        value.as_slice().emit(buffer);
    }

    fn read(bytes: &[u8]) -> Option<Vec<T>> {
        read_all(bytes).ok()
    }

    #[cfg(test)]
    fn turn(value: &mut [u8]) {
        super::captured::turn_all::<T>(value);
    }
}

/// A type for one kind of attributes.
pub(super) trait Attribute: Nla + for<'b> Parseable<NlaBuffer<&'b [u8]>> {
    /// Turns the value of an attribute of this kind, see [`Form::turn`].
    #[cfg(test)]
    fn turn(kind: u16, value: &mut [u8]);
}

/// Reads attributes that stand one behind the other.
pub(super) fn read_all<A: Attribute>(bytes: &[u8]) -> Result<Vec<A>, DecodeError> {
    NlasIterator::new(bytes).map(|attribute| attribute.and_then(|attribute| A::parse(&attribute))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_travel_in_their_byte_order() {
        let mut bytes = [0; 2];
        <Network as Form<u16>>::write(&0x1f90, &mut bytes);
        assert_eq!(bytes, [0x1f, 0x90]);
        <Host as Form<u16>>::write(&0x1f90, &mut bytes);
        assert_eq!(bytes, 0x1f90_u16.to_ne_bytes());
        assert_eq!(<Host as Form<u32>>::read(&1_u64.to_ne_bytes()[..3]), None);
        assert_eq!(<Host as Form<i32>>::read(&[0xff; 5]), Some(-1));
    }

    #[test]
    fn a_name_needs_no_nul() {
        for (bytes, name) in [
            (&b"wlc\0\0"[..], &b"wlc"[..]),
            (b"wlc", b"wlc"),
            (b"", b""),
            (b"a name of more than sixteen", b"a name of more t"),
        ] {
            assert_eq!(Text::read(bytes).unwrap().as_bytes(), name);
        }
        let mut bytes = [0xee; 4];
        Text::write(&"wlc".parse().unwrap(), &mut bytes);
        assert_eq!(&bytes, b"wlc\0");
    }
}
