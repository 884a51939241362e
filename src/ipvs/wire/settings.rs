//! What else the kernel tells: daemons, timeouts, and itself. Nobody waits for these, so they are read as typed
//! messages.

use super::command::{IPVS_CMD_NEW_DAEMON, IPVS_CMD_SET_CONFIG, IPVS_CMD_SET_INFO};
use super::message::IpvsMessage;
use crate::ipvs::error::KernelError;
use crate::ipvs::model::{Info, SyncDaemon, Timeouts};
use netlink_packet_core::{NlasIterator, parse_u16};
use netlink_packet_generic::constants::CTRL_ATTR_FAMILY_ID;

/// The daemon in a reply to `IPVS_CMD_GET_DAEMON`.
pub(crate) fn daemon(reply: &[u8]) -> Result<SyncDaemon, KernelError> {
    IpvsMessage::reply(IPVS_CMD_NEW_DAEMON, reply)?.daemon()
}

/// The reply to `IPVS_CMD_GET_CONFIG`.
pub(crate) fn timeouts(reply: &[u8]) -> Result<Timeouts, KernelError> {
    IpvsMessage::reply(IPVS_CMD_SET_CONFIG, reply)?.timeouts()
}

/// The reply to `IPVS_CMD_GET_INFO`.
pub(crate) fn info(reply: &[u8]) -> Result<Info, KernelError> {
    IpvsMessage::reply(IPVS_CMD_SET_INFO, reply)?.info()
}

/// The number of the family, in the reply to `CTRL_CMD_GETFAMILY`. The crate's typed message is not asked: it refuses
/// the attributes that a newer kernel may add.
pub(crate) fn family_id(reply: &[u8]) -> Result<u16, KernelError> {
    for attribute in NlasIterator::new(reply) {
        let attribute = attribute?;
        if attribute.kind() == CTRL_ATTR_FAMILY_ID {
            return parse_u16(attribute.value()).map_err(|_| KernelError::Malformed("CTRL_ATTR_FAMILY_ID"));
        }
    }
    Err(KernelError::Missing("CTRL_ATTR_FAMILY_ID"))
}
