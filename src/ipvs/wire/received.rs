//! The values of received attributes, by their numbers: a quick reading for the order in which kernels send them, and one
//! for any order.
//!
//! To look at an attribute where it is expected takes a tenth of the instructions of looking for it.

use super::attributes::{Field, fields};
use crate::ipvs::error::KernelError;
use netlink_packet_core::NLA_HEADER_SIZE;

/// Gives the first bytes of attributes.
pub(crate) trait Values {
    /// Those of an attribute that every kernel sends.
    fn bytes<const L: usize>(&mut self, kind: u16) -> Result<[u8; L], KernelError>;

    /// Those of an attribute that some kernels do not send; zeros then.
    fn bytes_or_zeros<const L: usize>(&mut self, kind: u16) -> Result<[u8; L], KernelError>;

    /// A counter of 32 or 64 bits, 0 when it is missing.
    fn counter(&mut self, kind: u16) -> Result<u64, KernelError>;
}

/// Attributes that are asked for in the order in which they stand, and have the lengths that are asked for; counters have
/// 64 bits. Anything else is an error, after which [`Received`] is to be asked.
pub(crate) struct InOrder<'a>(pub(crate) &'a [u8]);

impl Values for InOrder<'_> {
    // Inlined, the headers are constants.
    #[inline(always)]
    fn bytes<const L: usize>(&mut self, kind: u16) -> Result<[u8; L], KernelError> {
        let ([a, b], [c, d]) = (((NLA_HEADER_SIZE + L) as u16).to_ne_bytes(), kind.to_ne_bytes());
        if let Some((header, rest)) = self.0.split_first_chunk() {
            if let (Some(value), Some(rest)) = (rest.first_chunk(), rest.get(L.next_multiple_of(4)..)) {
                if *header == [a, b, c, d] {
                    self.0 = rest;
                    return Ok(*value);
                }
            }
        }
        Err(KernelError::Missing("attribute where it is expected"))
    }

    #[inline(always)]
    fn bytes_or_zeros<const L: usize>(&mut self, kind: u16) -> Result<[u8; L], KernelError> {
        self.bytes(kind)
    }

    #[inline(always)]
    fn counter(&mut self, kind: u16) -> Result<u64, KernelError> {
        self.bytes(kind).map(u64::from_ne_bytes)
    }
}

/// Attributes in any order. Those with numbers from `N` on are skipped; of two with one number it is the last.
pub(crate) struct Received<'a, const N: usize> {
    values: [Option<&'a [u8]>; N],
    names: fn(u16) -> &'static str,
}

impl<'a, const N: usize> Received<'a, N> {
    /// Walks attributes, of which errors are told by `names`.
    #[inline(always)]
    pub(crate) fn new(bytes: &'a [u8], names: fn(u16) -> &'static str) -> Result<Self, KernelError> {
        let mut values = [None; N];
        for field in fields(bytes, names) {
            let field = field?;
            if let Some(value) = values.get_mut(usize::from(field.kind)) {
                *value = Some(field.value);
            }
        }
        Ok(Self { values, names })
    }

    /// An attribute that may be missing.
    pub(crate) fn get(&self, kind: u16) -> Option<Field<'a>> {
        self.values[usize::from(kind)].map(|value| Field { kind, value, names: self.names })
    }

    /// An attribute that must be there.
    pub(crate) fn required(&self, kind: u16) -> Result<Field<'a>, KernelError> {
        match self.get(kind) {
            Some(field) => Ok(field),
            None => Err(KernelError::Missing((self.names)(kind))),
        }
    }
}

impl<const N: usize> Values for Received<'_, N> {
    fn bytes<const L: usize>(&mut self, kind: u16) -> Result<[u8; L], KernelError> {
        self.required(kind)?.bytes()
    }

    fn bytes_or_zeros<const L: usize>(&mut self, kind: u16) -> Result<[u8; L], KernelError> {
        self.get(kind).map_or(Ok([0; L]), |field| field.bytes())
    }

    fn counter(&mut self, kind: u16) -> Result<u64, KernelError> {
        match self.get(kind) {
            Some(field) if field.value.len() < 8 => Ok(u32::from_ne_bytes(field.bytes()?).into()),
            Some(field) => field.bytes().map(u64::from_ne_bytes),
            None => Ok(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ipvs::wire::attributes::{
        IPVS_DEST_ATTR_PORT as PORT, IPVS_DEST_ATTR_WEIGHT as WEIGHT, server_attribute,
    };

    const PORT_AND_WEIGHT: [u8; 16] = [6, 0, 2, 0, 1, 2, 0xee, 0xee, 8, 0, 4, 0, 3, 4, 5, 6];

    #[test]
    fn values_in_the_order_in_which_they_stand() {
        let mut values = InOrder(&PORT_AND_WEIGHT);
        assert_eq!(values.bytes(PORT).unwrap(), [1, 2]);
        assert_eq!(values.bytes(WEIGHT).unwrap(), [3, 4, 5, 6]);
        assert!(values.bytes::<4>(WEIGHT).is_err());
        assert!(InOrder(&PORT_AND_WEIGHT).bytes::<4>(WEIGHT).is_err());
        // Of another length, or cut.
        assert!(InOrder(&PORT_AND_WEIGHT).bytes::<4>(PORT).is_err());
        assert!(InOrder(&PORT_AND_WEIGHT[..7]).bytes::<2>(PORT).is_err());
    }

    #[test]
    fn values_in_any_order() {
        let mut values = Received::<5>::new(&PORT_AND_WEIGHT, server_attribute).unwrap();
        assert_eq!(values.bytes(WEIGHT).unwrap(), [3, 4, 5, 6]);
        assert_eq!(values.bytes(PORT).unwrap(), [1, 2]);
        assert_eq!(values.bytes_or_zeros(3).unwrap(), [0; 4]);
        assert_eq!(values.counter(3).unwrap(), 0);
        assert_eq!(values.counter(WEIGHT).unwrap(), u64::from(u32::from_ne_bytes([3, 4, 5, 6])));
        assert!(matches!(values.bytes::<4>(PORT), Err(KernelError::Malformed("IPVS_DEST_ATTR_PORT"))));
        assert!(matches!(values.bytes::<4>(1), Err(KernelError::Missing("IPVS_DEST_ATTR_ADDR"))));
    }
}
