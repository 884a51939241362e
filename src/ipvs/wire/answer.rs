//! The messages that answer, as they were received.

use crate::ipvs::error::KernelError;
use crate::ipvs::model::Errno;
use netlink_packet_core::{
    ErrorBuffer, NLM_F_DUMP_INTR, NLM_F_MULTIPART, NLMSG_DONE, NLMSG_ERROR, NLMSG_NOOP, NetlinkBuffer,
};
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
    /// Data; `more` when it is one reply of several, which [`Body::Done`] ends, `interrupted` when the kernel says that
    /// what it dumps has changed since the dump began.
    Reply { attributes: &'a [u8], more: bool, interrupted: bool },
    /// No more replies.
    Done,
    /// Nothing that concerns us.
    Noop,
}

/// Takes the first answer off `datagram`.
pub(crate) fn next_answer<'a>(datagram: &mut &'a [u8]) -> Result<Option<Answer<'a>>, KernelError> {
    if datagram.is_empty() {
        return Ok(None);
    }
    let message = NetlinkBuffer::new_checked(*datagram)?;
    let (payload, flags) = (message.payload(), message.flags());
    let body = match message.message_type() {
        kind @ (NLMSG_NOOP | NLMSG_ERROR | NLMSG_DONE) => control(kind, payload)?,
        _ => {
            GenlHeader::parse(payload)?;
            let (more, interrupted) = (flags & NLM_F_MULTIPART != 0, flags & NLM_F_DUMP_INTR != 0);
            Body::Reply { attributes: &payload[GENL_HDRLEN..], more, interrupted }
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
        NLMSG_DONE if payload.is_empty() => Ok(Body::Done),
        NLMSG_DONE => refusal(Body::Done),
        _ => Ok(Body::Noop),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ipvs::wire::captured::message;

    #[test]
    fn the_kernels_answers() {
        let answer = |sequence, errno: i32| message(NLMSG_ERROR, 0x100, sequence, &errno.to_ne_bytes());
        let done = message(NLMSG_DONE, NLM_F_MULTIPART, 7, &[0; 4]);
        let bytes = [answer(8, -libc::EEXIST), answer(9, 0), done].concat();
        let mut rest = &bytes[..];
        let answer = next_answer(&mut rest).unwrap().unwrap();
        assert!(matches!(answer, Answer { sequence: 8, body: Body::Refused(Errno::EEXIST) }));
        let answer = next_answer(&mut rest).unwrap().unwrap();
        assert!(matches!(answer, Answer { sequence: 9, body: Body::Ack }));
        let answer = next_answer(&mut rest).unwrap().unwrap();
        assert!(matches!(answer, Answer { sequence: 7, body: Body::Done }));
        assert!(next_answer(&mut rest).unwrap().is_none());
    }

    #[test]
    fn short_messages_are_errors() {
        let whole = message(NLMSG_ERROR, 0, 9, &[0; 4]);
        let mut short = message(0x1e, 0, 9, &[1, 1, 0, 0]);
        short[..4].copy_from_slice(&8_u32.to_ne_bytes());
        for bytes in
            [&whole[..3], &whole[..16], &message(NLMSG_ERROR, 0, 9, &[]), &message(0x1e, 0, 9, &[1, 1]), &short]
        {
            let mut rest = bytes;
            assert!(next_answer(&mut rest).is_err(), "{bytes:?}");
        }
    }
}
