//! Requests and their answers on one transport, matched by sequence number.

use super::receive_many::{Datagrams, SLOTS};
use super::socket::Transport;
use crate::ipvs::error::KernelError;
use crate::ipvs::wire::message::{Body, next_answer};
use crate::ipvs::wire::writer::{Envelope, append};
use netlink_packet_core::{NLM_F_DUMP, NLM_F_REQUEST};

/// A transport with its buffers.
#[derive(Debug)]
pub(super) struct Channel<T> {
    transport: T,
    datagrams: Datagrams,
    limit: usize,
    messages: Vec<u8>,
    sequence: u32,
}

impl<T: Transport> Channel<T> {
    /// A channel that receives datagrams of up to `size` bytes, and of up to `limit` once there are many of them.
    ///
    /// The kernel makes the datagrams of a dump as large as the largest buffer with which the socket ever received, so
    /// the buffers of a channel may grow and never shrink. Large ones are good for one long dump and bad for many short
    /// ones.
    pub(super) fn new(transport: T, size: usize, limit: usize) -> Self {
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

    /// The sequence number for the next message.
    pub(super) fn next_sequence(&mut self) -> u32 {
        self.sequence = self.sequence.wrapping_add(1);
        self.sequence
    }

    /// Sends one request, whose attributes `fill` appends, and gives each reply's attributes to `each`, until the answer
    /// is complete.
    ///
    /// A failing `each` does not leave the rest of a dump behind: it is received all the same, and then the first
    /// error returned.
    pub(super) fn exchange(
        &mut self,
        family: u16,
        flags: u16,
        command: u8,
        fill: impl FnOnce(&mut Vec<u8>),
        mut each: impl FnMut(&[u8]) -> Result<(), KernelError>,
    ) -> Result<(), KernelError> {
        let sequence = self.next_sequence();
        self.messages.clear();
        append(&mut self.messages, Envelope { family, flags: flags | NLM_F_REQUEST, sequence }, command, fill);
        self.transport.send(&self.messages)?;
        // A short dump is one datagram and its end. To look for a third in vain costs as much as to receive one.
        let most = if flags & NLM_F_DUMP == NLM_F_DUMP { 2 } else { 1 };
        let mut outcome = Ok(());
        self.answers(most, |answer, body| {
            if answer != sequence {
                return Ok(false);
            }
            match body {
                Body::Ack | Body::Done => Ok(true),
                Body::Refused(errno) => Err(KernelError::Refused(errno)),
                Body::Noop => Ok(false),
                Body::Reply { attributes, more } => {
                    if outcome.is_ok() {
                        outcome = each(attributes);
                    }
                    Ok(!more)
                }
            }
        })?;
        outcome
    }

    /// Sends messages that were appended elsewhere.
    pub(super) fn send(&mut self, messages: &[u8]) -> Result<(), KernelError> {
        Ok(self.transport.send(messages)?)
    }

    /// Receives answers, up to `most` datagrams at first and as many as possible from then on, until `each` says that the
    /// last one came. It is given the sequence number and what the answer says.
    pub(super) fn answers(
        &mut self,
        mut most: usize,
        mut each: impl FnMut(u32, Body<'_>) -> Result<bool, KernelError>,
    ) -> Result<(), KernelError> {
        loop {
            self.transport.receive(&mut self.datagrams, most)?;
            if self.datagrams.truncated() {
                return Err(KernelError::Truncated);
            }
            for mut datagram in self.datagrams.iter() {
                while let Some(answer) = next_answer(&mut datagram)? {
                    if each(answer.sequence, answer.body)? {
                        return Ok(());
                    }
                }
            }
            most = SLOTS;
            if self.datagrams.full() && self.size() < self.limit {
                self.datagrams = Datagrams::new(self.limit);
            }
        }
    }
}
