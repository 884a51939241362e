//! The commands of the IPVS family, and the messages that answer them.

use super::error::{Errno, KernelError};
use netlink_packet_core::{ErrorBuffer, NLM_F_MULTIPART, NLMSG_DONE, NLMSG_ERROR, NLMSG_NOOP, NetlinkBuffer};
use netlink_packet_generic::{GenlHeader, constants::GENL_HDRLEN};

pub(super) const IPVS_GENL_NAME: &str = "IPVS";

pub(super) const IPVS_CMD_NEW_SERVICE: u8 = 1;
pub(super) const IPVS_CMD_SET_SERVICE: u8 = 2;
pub(super) const IPVS_CMD_DEL_SERVICE: u8 = 3;
pub(super) const IPVS_CMD_GET_SERVICE: u8 = 4;
pub(super) const IPVS_CMD_NEW_DEST: u8 = 5;
pub(super) const IPVS_CMD_SET_DEST: u8 = 6;
pub(super) const IPVS_CMD_DEL_DEST: u8 = 7;
pub(super) const IPVS_CMD_GET_DEST: u8 = 8;
pub(super) const IPVS_CMD_NEW_DAEMON: u8 = 9;
pub(super) const IPVS_CMD_DEL_DAEMON: u8 = 10;
pub(super) const IPVS_CMD_GET_DAEMON: u8 = 11;
pub(super) const IPVS_CMD_SET_CONFIG: u8 = 12;
pub(super) const IPVS_CMD_GET_CONFIG: u8 = 13;
pub(super) const IPVS_CMD_GET_INFO: u8 = 15;
pub(super) const IPVS_CMD_ZERO: u8 = 16;
pub(super) const IPVS_CMD_FLUSH: u8 = 17;

/// An answer of the kernel.
#[derive(Debug)]
pub(super) struct Answer<'a> {
    /// The sequence number of the request.
    pub(super) sequence: u32,
    pub(super) body: Body<'a>,
}

/// What an answer says.
#[derive(Debug)]
pub(super) enum Body<'a> {
    /// Done as asked.
    Ack,
    /// Not done.
    Refused(Errno),
    /// Data; `more` when it is one reply of several, which [`Body::Done`] ends.
    Reply { attributes: &'a [u8], more: bool },
    /// No more replies.
    Done,
    /// Nothing that concerns us.
    Noop,
}

/// Takes the first answer off `datagram`.
pub(super) fn next_answer<'a>(datagram: &mut &'a [u8]) -> Result<Option<Answer<'a>>, KernelError> {
    if datagram.is_empty() {
        return Ok(None);
    }
    let message = NetlinkBuffer::new_checked(*datagram)?;
    let payload = message.payload();
    let body = match message.message_type() {
        NLMSG_NOOP => Body::Noop,
        NLMSG_ERROR => refusal(ErrorBuffer::new_checked(payload)?.code().map_or(0, i32::from), Body::Ack),
        // Old kernels end a dump without a code.
        NLMSG_DONE if payload.is_empty() => Body::Done,
        NLMSG_DONE => refusal(ErrorBuffer::new_checked(payload)?.code().map_or(0, i32::from), Body::Done),
        _ => {
            GenlHeader::parse(payload)?;
            Body::Reply { attributes: &payload[GENL_HDRLEN..], more: message.flags() & NLM_F_MULTIPART != 0 }
        }
    };
    let sequence = message.sequence_number();
    // Messages are aligned to four bytes; the last one need not be filled up.
    let end = (message.length() as usize).next_multiple_of(4).min(datagram.len());
    *datagram = &datagram[end..];
    Ok(Some(Answer { sequence, body }))
}

/// The kernel sends error numbers negated; 0 is success.
fn refusal(code: i32, success: Body<'_>) -> Body<'_> {
    match code {
        0 => success,
        code => Body::Refused(Errno(code.saturating_neg())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_answers() {
        let ack = [20, 0, 0, 0, 2, 0, 0, 1, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        let nack = [20, 0, 0, 0, 2, 0, 0, 1, 8, 0, 0, 0, 0, 0, 0, 0, 0xef, 0xff, 0xff, 0xff];
        let done = [20, 0, 0, 0, 3, 0, 2, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        let bytes = [nack, ack, done].concat();
        let mut rest = &bytes[..];
        let answer = next_answer(&mut rest).unwrap().unwrap();
        assert!(matches!(answer, Answer { sequence: 8, body: Body::Refused(Errno(libc::EEXIST)) }));
        let answer = next_answer(&mut rest).unwrap().unwrap();
        assert!(matches!(answer, Answer { sequence: 9, body: Body::Ack }));
        let answer = next_answer(&mut rest).unwrap().unwrap();
        assert!(matches!(answer, Answer { sequence: 7, body: Body::Done }));
        assert!(next_answer(&mut rest).unwrap().is_none());
    }

    #[test]
    fn short_messages_are_errors() {
        for bytes in [
            &[20, 0, 0][..],
            &[20, 0, 0, 0, 2, 0, 0, 1, 9, 0, 0, 0, 0, 0, 0, 0],
            &[16, 0, 0, 0, 2, 0, 0, 1, 9, 0, 0, 0, 0, 0, 0, 0],
            &[18, 0, 0, 0, 0x1e, 0, 0, 1, 9, 0, 0, 0, 0, 0, 0, 0, 1, 1],
            &[8, 0, 0, 0, 0x1e, 0, 0, 1, 9, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0],
        ] {
            let mut rest = bytes;
            assert!(next_answer(&mut rest).is_err(), "{bytes:?}");
        }
    }
}
