//! The messages that answer, as they were received.

use crate::ipvs::error::KernelError;
use crate::ipvs::model::Errno;
use netlink_packet_core::{ErrorBuffer, NLM_F_DUMP_INTR, NLMSG_DONE, NLMSG_ERROR, NetlinkBuffer};
use netlink_packet_generic::{GenlHeader, constants::GENL_HDRLEN};

/// The length of the header of a message (linux/netlink.h).
pub(crate) const NLMSG_HDRLEN: usize = 16;

/// An answer of the kernel.
#[derive(Debug)]
pub(crate) struct Answer<'a> {
    /// The sequence number of the request.
    pub(crate) sequence: u32,
    pub(crate) body: Body<'a>,
}

/// What an answer says.
#[derive(Debug)]
pub(crate) enum Body<'a> {
    /// Done as asked.
    Ack,
    /// Not done.
    Refused(Errno),
    /// Data; `interrupted` when the kernel says that what it dumps has changed since the dump began.
    Reply { attributes: &'a [u8], interrupted: bool },
    /// No more replies.
    Done,
    /// Nothing that concerns us: of another family, or of netlink's own.
    Other,
}

/// Takes the first answer off `datagram`. Data is believed only of messages of `family`.
pub(crate) fn next_answer<'a>(datagram: &mut &'a [u8], family: u16) -> Result<Option<Answer<'a>>, KernelError> {
    if datagram.is_empty() {
        return Ok(None);
    }
    let message = NetlinkBuffer::new_checked(*datagram)?;
    let (payload, flags) = (message.payload(), message.flags());
    let body = match message.message_type() {
        kind @ (NLMSG_ERROR | NLMSG_DONE) => control(kind, payload)?,
        kind if kind != family => Body::Other,
        _ => {
            GenlHeader::parse(payload)?;
            Body::Reply { attributes: &payload[GENL_HDRLEN..], interrupted: flags & NLM_F_DUMP_INTR != 0 }
        }
    };
    // Messages are aligned to four bytes; the last one need not be filled up.
    let end = (message.length() as usize).next_multiple_of(4);
    *datagram = datagram.get(end..).unwrap_or_default();
    Ok(Some(Answer { sequence: message.sequence_number(), body }))
}

/// What a message of netlink's own says.
fn control(kind: u16, payload: &[u8]) -> Result<Body<'static>, KernelError> {
    let refusal = |success| match ErrorBuffer::new_checked(payload)?.code() {
        None => Ok(success),
        // The kernel sends error numbers negated; 0 is success.
        Some(code) => Ok(Body::Refused(Errno(i32::from(code).saturating_neg()))),
    };
    match kind {
        NLMSG_ERROR => refusal(Body::Ack),
        // Old kernels end a dump without a code.
        _ if payload.is_empty() => Ok(Body::Done),
        _ => refusal(Body::Done),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ipvs::wire::captured::message;
    use netlink_packet_core::NLM_F_MULTIPART;

    #[test]
    fn the_kernels_answers() {
        let answer = |sequence, errno: i32| message(NLMSG_ERROR, 0x100, sequence, &errno.to_ne_bytes());
        let done = message(NLMSG_DONE, NLM_F_MULTIPART, 7, &[0; 4]);
        let bytes = [answer(8, -libc::EEXIST), answer(9, 0), done].concat();
        let mut rest = &bytes[..];
        let answer = next_answer(&mut rest, 0x28).unwrap().unwrap();
        assert!(matches!(answer, Answer { sequence: 8, body: Body::Refused(Errno::EEXIST) }));
        let answer = next_answer(&mut rest, 0x28).unwrap().unwrap();
        assert!(matches!(answer, Answer { sequence: 9, body: Body::Ack }));
        let answer = next_answer(&mut rest, 0x28).unwrap().unwrap();
        assert!(matches!(answer, Answer { sequence: 7, body: Body::Done }));
        assert!(next_answer(&mut rest, 0x28).unwrap().is_none());
    }

    #[test]
    fn data_of_another_family_is_passed_over() {
        let bytes = [message(0x29, 0, 7, &[]), message(1, 0, 7, &[]), message(4, 0, 7, &[0; 40])].concat();
        let mut rest = &bytes[..];
        for _ in 0..3 {
            assert!(matches!(next_answer(&mut rest, 0x28), Ok(Some(Answer { sequence: 7, body: Body::Other }))));
        }
        assert!(rest.is_empty());
    }

    #[test]
    fn short_messages_are_errors() {
        let whole = message(NLMSG_ERROR, 0, 9, &[0; 4]);
        let mut short = message(0x28, 0, 9, &[1, 1, 0, 0]);
        short[..4].copy_from_slice(&8_u32.to_ne_bytes());
        for bytes in
            [&whole[..3], &whole[..16], &message(NLMSG_ERROR, 0, 9, &[]), &message(0x28, 0, 9, &[1, 1]), &short]
        {
            let mut rest = bytes;
            assert!(next_answer(&mut rest, 0x28).is_err(), "{bytes:?}");
        }
    }
}
