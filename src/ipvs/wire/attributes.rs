//! The attributes of the IPVS family: their numbers (linux/ip_vs.h), and one as it is received, borrowed from the buffer.

use crate::ipvs::error::KernelError;
use crate::ipvs::model::Name;
use netlink_packet_core::{NLA_HEADER_SIZE, NLA_TYPE_MASK, NlaBuffer};

/// Declares the numbers of one kind of attributes and a function that gives their names, for errors.
macro_rules! numbers {
    ($(#[$note:meta])* $names:ident: $($name:ident = $number:literal),+ $(,)?) => {
        $(pub(crate) const $name: u16 = $number;)+
        $(#[$note])*
        pub(crate) fn $names(kind: u16) -> &'static str {
            match kind {
                $($name => stringify!($name),)+
                _ => "attribute of an unknown kind",
            }
        }
    };
}

numbers! {
    /// Names of the attributes of a command.
    command_attribute:
    IPVS_CMD_ATTR_SERVICE = 1,
    IPVS_CMD_ATTR_DEST = 2,
    IPVS_CMD_ATTR_DAEMON = 3,
    IPVS_CMD_ATTR_TIMEOUT_TCP = 4,
    IPVS_CMD_ATTR_TIMEOUT_TCP_FIN = 5,
    IPVS_CMD_ATTR_TIMEOUT_UDP = 6,
}

numbers! {
    /// Names of the attributes of the reply to `IPVS_CMD_GET_INFO`, which stand in the place of a command's.
    info_attribute:
    IPVS_INFO_ATTR_VERSION = 1,
    IPVS_INFO_ATTR_CONN_TAB_SIZE = 2,
}

numbers! {
    /// Names of the attributes of a service.
    service_attribute:
    IPVS_SVC_ATTR_AF = 1,
    IPVS_SVC_ATTR_PROTOCOL = 2,
    IPVS_SVC_ATTR_ADDR = 3,
    IPVS_SVC_ATTR_PORT = 4,
    IPVS_SVC_ATTR_FWMARK = 5,
    IPVS_SVC_ATTR_SCHED_NAME = 6,
    IPVS_SVC_ATTR_FLAGS = 7,
    IPVS_SVC_ATTR_TIMEOUT = 8,
    IPVS_SVC_ATTR_NETMASK = 9,
    IPVS_SVC_ATTR_STATS = 10,
    IPVS_SVC_ATTR_PE_NAME = 11,
    IPVS_SVC_ATTR_STATS64 = 12,
}

numbers! {
    /// Names of the attributes of a real server.
    server_attribute:
    IPVS_DEST_ATTR_ADDR = 1,
    IPVS_DEST_ATTR_PORT = 2,
    IPVS_DEST_ATTR_FWD_METHOD = 3,
    IPVS_DEST_ATTR_WEIGHT = 4,
    IPVS_DEST_ATTR_U_THRESH = 5,
    IPVS_DEST_ATTR_L_THRESH = 6,
    IPVS_DEST_ATTR_ACTIVE_CONNS = 7,
    IPVS_DEST_ATTR_INACT_CONNS = 8,
    IPVS_DEST_ATTR_PERSIST_CONNS = 9,
    IPVS_DEST_ATTR_STATS = 10,
    IPVS_DEST_ATTR_ADDR_FAMILY = 11,
    IPVS_DEST_ATTR_STATS64 = 12,
    IPVS_DEST_ATTR_TUN_TYPE = 13,
    IPVS_DEST_ATTR_TUN_PORT = 14,
    IPVS_DEST_ATTR_TUN_FLAGS = 15,
}

numbers! {
    /// Names of the attributes of a sync daemon.
    daemon_attribute:
    IPVS_DAEMON_ATTR_STATE = 1,
    IPVS_DAEMON_ATTR_MCAST_IFN = 2,
    IPVS_DAEMON_ATTR_SYNC_ID = 3,
    IPVS_DAEMON_ATTR_SYNC_MAXLEN = 4,
    IPVS_DAEMON_ATTR_MCAST_GROUP = 5,
    IPVS_DAEMON_ATTR_MCAST_GROUP6 = 6,
    IPVS_DAEMON_ATTR_MCAST_PORT = 7,
    IPVS_DAEMON_ATTR_MCAST_TTL = 8,
}

numbers! {
    /// Names of the counters, the same for both widths.
    stats_attribute:
    IPVS_STATS_ATTR_CONNS = 1,
    IPVS_STATS_ATTR_INPKTS = 2,
    IPVS_STATS_ATTR_OUTPKTS = 3,
    IPVS_STATS_ATTR_INBYTES = 4,
    IPVS_STATS_ATTR_OUTBYTES = 5,
    IPVS_STATS_ATTR_CPS = 6,
    IPVS_STATS_ATTR_INPPS = 7,
    IPVS_STATS_ATTR_OUTPPS = 8,
    IPVS_STATS_ATTR_INBPS = 9,
    IPVS_STATS_ATTR_OUTBPS = 10,
}

/// A received attribute.
#[derive(Clone, Copy)]
pub(crate) struct Field<'a> {
    pub(crate) kind: u16,
    pub(crate) value: &'a [u8],
    pub(crate) names: fn(u16) -> &'static str,
}

impl Field<'_> {
    /// The first bytes of the value; a value that has fewer is an error that names the attribute.
    pub(crate) fn bytes<const N: usize>(&self) -> Result<[u8; N], KernelError> {
        self.value.first_chunk().copied().ok_or_else(|| self.malformed())
    }

    /// The name in the value, up to its NUL.
    pub(crate) fn name(&self) -> Name {
        Name::cut(self.value.split(|byte| *byte == 0).next().unwrap_or_default(), self.value.len())
    }

    /// The error of a value that has no meaning.
    pub(crate) fn malformed(&self) -> KernelError {
        KernelError::Malformed((self.names)(self.kind))
    }
}

/// Walks received attributes, of which errors are told by `names`.
pub(crate) fn fields(bytes: &[u8], names: fn(u16) -> &'static str) -> Fields<'_> {
    Fields { rest: bytes, names }
}

/// Received attributes.
pub(crate) struct Fields<'a> {
    rest: &'a [u8],
    names: fn(u16) -> &'static str,
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<Field<'a>, KernelError>;

    // What `NlasIterator` does, in a third of its instructions.
    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        let bytes = std::mem::take(&mut self.rest);
        let (&[a, b, c, d], _) = match bytes.split_first_chunk() {
            Some(parts) => parts,
            None if bytes.is_empty() => return None,
            None => return Some(Err(garbled(bytes))),
        };
        let length = usize::from(u16::from_ne_bytes([a, b]));
        let Some(value) = bytes.get(NLA_HEADER_SIZE..length) else {
            return Some(Err(garbled(bytes)));
        };
        // The last value need not be filled up to four bytes.
        self.rest = bytes.get((length + 3) & !3..).unwrap_or_default();
        Some(Ok(Field { kind: u16::from_ne_bytes([c, d]) & NLA_TYPE_MASK, value, names: self.names }))
    }
}

/// What is wrong with the attribute that begins here, in the words of the crate.
#[cold]
fn garbled(bytes: &[u8]) -> KernelError {
    NlaBuffer::new_checked(bytes).err().map_or(KernelError::Truncated, KernelError::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_needs_no_nul() {
        let field = |value| Field { kind: IPVS_SVC_ATTR_SCHED_NAME, value, names: service_attribute };
        assert_eq!(field(b"wlc\0\0").name(), "wlc".parse().unwrap());
        assert_eq!(field(b"wlc").name(), "wlc".parse().unwrap());
        assert_eq!(field(b"").name(), Name::default());
        assert_eq!(field(b"a name of more than sixteen").name(), Name::cut(b"a name of more t", 16));
    }

    #[test]
    fn a_cut_attribute_is_an_error_and_ends_the_walk() {
        let mut fields = fields(&[8, 0, 1, 0, 2, 0, 0, 0, 12, 0, 2, 0, 1], service_attribute);
        assert_eq!(fields.next().unwrap().unwrap().bytes().unwrap(), [2, 0, 0, 0]);
        assert!(matches!(fields.next(), Some(Err(KernelError::Garbled(_)))));
        assert!(fields.next().is_none());
    }
}
