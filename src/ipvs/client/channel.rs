//! Requests and their answers on one transport, matched by sequence number.

use super::receive_many::{Datagrams, SLOTS};
use super::socket::Transport;
use crate::ipvs::error::KernelError;
use crate::ipvs::wire::answer::{Body, next_answer};
use crate::ipvs::wire::writer::{Envelope, append};
use netlink_packet_core::{NLM_F_ACK, NLM_F_DUMP, NLM_F_REQUEST};
use std::io::ErrorKind;

/// A reply that carries data.
#[derive(Clone, Copy)]
pub(super) struct Reply<'a> {
    /// What stands behind the headers.
    pub(super) attributes: &'a [u8],
    /// Whether it is the first one of its datagram, each of which the kernel fills in one go.
    pub(super) begins: bool,
    /// Whether the kernel says that what it dumps has changed meanwhile (`NLM_F_DUMP_INTR`).
    pub(super) interrupted: bool,
}

/// A transport with its buffers.
pub(super) struct Channel {
    transport: Box<dyn Transport>,
    datagrams: Datagrams,
    limit: usize,
    messages: Vec<u8>,
    sequence: u32,
}

impl Channel {
    /// A channel that receives datagrams of up to `size` bytes, and of up to `limit` once there are many of them.
    ///
    /// The kernel makes the datagrams of a dump as large as the largest buffer with which the socket ever received, so
    /// the buffers of a channel may grow and never shrink. Large ones are good for one long dump and bad for many short
    /// ones.
    pub(super) fn new(transport: Box<dyn Transport>, size: usize, limit: usize) -> Self {
        Self { transport, datagrams: Datagrams::new(size), limit, messages: Vec::new(), sequence: 0 }
    }

    /// Another channel to the same kernel, of which the datagrams stay at `size` bytes.
    pub(super) fn sibling(&self, size: usize) -> Result<Self, KernelError> {
        Ok(Self::new(self.transport.sibling()?, size, size))
    }

    /// The longest datagram that can be received.
    pub(super) fn size(&self) -> usize {
        self.datagrams.size()
    }

    /// Takes as many sequence numbers as there are messages, and returns the first one.
    pub(super) fn sequences(&mut self, messages: u32) -> u32 {
        let first = self.sequence.wrapping_add(1);
        self.sequence = self.sequence.wrapping_add(messages);
        first
    }

    /// Sends one request, whose attributes `fill` appends, and gives each reply to `each`, until the answer is complete.
    ///
    /// A failing `each` does not leave the rest of a dump behind: it is received all the same, and then the first
    /// error returned.
    pub(super) fn exchange(
        &mut self,
        family: u16,
        flags: u16,
        command: u8,
        fill: impl FnOnce(&mut Vec<u8>),
        mut each: impl FnMut(Reply<'_>) -> Result<(), KernelError>,
    ) -> Result<(), KernelError> {
        let sequence = self.sequences(1);
        self.messages.clear();
        append(&mut self.messages, Envelope { family, flags: flags | NLM_F_REQUEST, sequence }, command, fill);
        self.transport.send(&self.messages)?;
        let (dump, acknowledged) = (flags & NLM_F_DUMP == NLM_F_DUMP, flags & NLM_F_ACK != 0);
        // A short dump is one datagram and its end. To look for a third in vain costs as much as to receive one.
        let most = if dump { 2 } else { 1 };
        let mut outcome = Ok(());
        self.answers(family, most, |answer, begins, body| {
            if answer != sequence {
                return Ok(false);
            }
            match body {
                // What completes another kind of request is no answer to this one.
                Body::Ack => Ok(acknowledged),
                Body::Done => Ok(dump),
                Body::Refused(errno) => Err(KernelError::Refused(errno)),
                Body::Other => Ok(false),
                Body::Reply { attributes, interrupted } => {
                    if outcome.is_ok() {
                        outcome = each(Reply { attributes, begins, interrupted });
                    }
                    Ok(!dump && !acknowledged)
                }
            }
        })?;
        outcome
    }

    /// Sends messages that were appended elsewhere.
    pub(super) fn send(&mut self, messages: &[u8]) -> Result<(), KernelError> {
        Ok(self.transport.send(messages)?)
    }

    /// Receives answers of the family, up to `most` datagrams at first and as many as possible from then on, until `each`
    /// says that the last one came; what was received with it is read too. `each` is given the sequence number, whether
    /// the answer begins a datagram, and what it says.
    pub(super) fn answers(
        &mut self,
        family: u16,
        mut most: usize,
        mut each: impl FnMut(u32, bool, Body<'_>) -> Result<bool, KernelError>,
    ) -> Result<(), KernelError> {
        loop {
            self.transport.receive(&mut self.datagrams, most).map_err(|error| match error.kind() {
                ErrorKind::WouldBlock => KernelError::NoReply,
                _ => error.into(),
            })?;
            if self.datagrams.truncated() {
                return Err(KernelError::Truncated);
            }
            let mut complete = false;
            for mut datagram in self.datagrams.iter() {
                let mut begins = true;
                while let Some(answer) = next_answer(&mut datagram, family)? {
                    complete |= each(answer.sequence, begins, answer.body)?;
                    begins = false;
                }
            }
            if complete {
                return Ok(());
            }
            most = SLOTS;
            if self.datagrams.full() && self.size() < self.limit {
                self.datagrams = Datagrams::new(self.limit);
            }
        }
    }
}
