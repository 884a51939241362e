//! Many changes at once: a batch goes out in one system call, and an answer is asked for on its last message only.
//!
//! The kernel works through a batch in order, whatever fails on the way, and always answers a failure. The answers to
//! a batch wait in the socket's receive buffer, which holds 277 of them by default; a full batch can never overrun it.

use super::channel::Channel;
use super::receive_many::SLOTS;
use crate::ipvs::error::KernelError;
use crate::ipvs::model::{Change, Errno};
use crate::ipvs::wire::answer::Body;
use crate::ipvs::wire::encode;
use crate::ipvs::wire::writer::{Envelope, address, append};
use netlink_packet_core::{NLM_F_ACK, NLM_F_REQUEST};

/// The most messages of a batch: larger ones gain nothing.
const MESSAGES: usize = 128;
/// The size, in bytes, from which a batch counts as full.
const BYTES: usize = 48 << 10;

/// Changes to be sent together, each with a `C` that comes back when the kernel refuses it. What is not sent with
/// [`super::Client::send`] is never made.
#[derive(Debug)]
pub struct Batch<C> {
    messages: Vec<u8>,
    contexts: Vec<C>,
}

impl<C> Default for Batch<C> {
    fn default() -> Self {
        Self { messages: Vec::new(), contexts: Vec::new() }
    }
}

impl<C> Batch<C> {
    /// Adds a change. `context` comes back if the kernel refuses it.
    pub fn push(&mut self, change: &Change, context: C) {
        let envelope = Envelope { family: 0, flags: NLM_F_REQUEST, sequence: 0 };
        append(&mut self.messages, envelope, encode::command(change), |buffer| encode::attributes(buffer, change));
        self.contexts.push(context);
    }

    /// Whether the batch should be sent before the next change.
    pub fn is_full(&self) -> bool {
        self.contexts.len() >= MESSAGES || self.messages.len() >= BYTES
    }

    /// Whether there is nothing to send.
    pub fn is_empty(&self) -> bool {
        self.contexts.is_empty()
    }

    /// What the changes came with, in order.
    pub fn contexts(&self) -> &[C] {
        &self.contexts
    }

    pub(super) fn send(&mut self, channel: &mut Channel, family: u16) -> Result<Vec<(C, Errno)>, KernelError> {
        if self.contexts.is_empty() {
            return Ok(Vec::new());
        }
        let first = channel.sequences(self.contexts.len() as u32);
        address(&mut self.messages, family, first, NLM_F_ACK);
        let sent = channel.send(&self.messages);
        self.messages.clear();
        let contexts = std::mem::take(&mut self.contexts);
        sent?;
        refused(channel, family, first, contexts)
    }
}

/// Reads up to the answer to the last message, and gives back what was refused.
fn refused<C>(
    channel: &mut Channel,
    family: u16,
    first: u32,
    contexts: Vec<C>,
) -> Result<Vec<(C, Errno)>, KernelError> {
    let mut refused = Vec::new();
    let last = contexts.len() - 1;
    channel.answers(family, SLOTS, |sequence, _, body| {
        let index = sequence.wrapping_sub(first) as usize;
        if let Body::Refused(errno) = body {
            refused.push((index, errno));
        }
        Ok(index == last && matches!(body, Body::Ack | Body::Refused(_)))
    })?;
    // Answers come once each and in the order of the messages, but nothing depends on it.
    refused.sort_by_key(|(index, _)| *index);
    refused.dedup_by_key(|(index, _)| *index);
    let (mut waiting, mut passed) = (contexts.into_iter(), 0);
    let of_batch = refused.into_iter().filter_map(|(index, errno)| {
        let context = waiting.nth(index - passed)?;
        passed = index + 1;
        Some((context, errno))
    });
    Ok(of_batch.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ipvs::client::Client;
    use crate::ipvs::client::scripted::{Message, Peer, family, info};
    use crate::ipvs::wire::command::{IPVS_CMD_FLUSH, IPVS_CMD_ZERO};

    /// A client of a kernel that refuses `-Z` and asks the function for what follows the refusals.
    fn client(mut end: impl FnMut(&Message) -> Vec<Vec<u8>> + 'static) -> Client {
        let peer = Peer::new(move |messages| {
            let first = &messages[0];
            match (first.family, first.command) {
                (0x10, _) => return vec![first.reply(0, &family())],
                (_, 15) => return vec![first.reply(0, &info())],
                _ => {}
            }
            let (last, others) = messages.split_last().unwrap();
            assert_eq!(last.flags, NLM_F_REQUEST | NLM_F_ACK);
            assert!(others.iter().all(|message| message.flags == NLM_F_REQUEST));
            let refused = messages.iter().filter(|message| message.command == IPVS_CMD_ZERO);
            let mut answers: Vec<_> = refused.map(|message| message.answer(libc::ESRCH)).collect();
            if last.command == IPVS_CMD_FLUSH {
                answers.extend(end(last));
            }
            answers
        });
        Client::over(peer).unwrap()
    }

    fn acknowledge(message: &Message) -> Vec<Vec<u8>> {
        vec![message.answer(0)]
    }

    #[test]
    fn refused_changes_come_back_in_order() {
        let mut client = client(acknowledge);
        let mut batch = Batch::default();
        for _ in 0..3 {
            for number in 0..100 {
                let refuse = number % 7 == 3 || number >= 90;
                batch.push(if refuse { &Change::Zero(None) } else { &Change::Flush }, number);
            }
            let refused = client.send(&mut batch).unwrap();
            let expected: Vec<_> = (0..100).filter(|n| n % 7 == 3 || *n >= 90).map(|n| (n, Errno::ESRCH)).collect();
            assert_eq!(refused, expected);
        }
    }

    #[test]
    fn nothing_is_refused() {
        let mut client = client(acknowledge);
        let mut batch = Batch::default();
        assert!(client.send(&mut batch).unwrap().is_empty());
        batch.push(&Change::Flush, ());
        assert!(!batch.is_empty());
        assert!(client.send(&mut batch).unwrap().is_empty());
        assert!(batch.is_empty());
    }

    #[test]
    fn a_batch_is_full_by_number_and_by_size() {
        let mut client = client(acknowledge);
        let mut batch = Batch::default();
        for number in 0..MESSAGES {
            assert!(!batch.is_full(), "{number}");
            batch.push(&Change::Flush, ());
        }
        assert!(batch.is_full());
        assert!(client.send(&mut batch).unwrap().is_empty());
        assert!(!batch.is_full());
    }

    #[test]
    fn answers_to_others_are_passed_over() {
        let mut client = client(|message| {
            let other = |sequence| Message { sequence, ..message.clone() }.answer(libc::EBUSY);
            vec![other(message.sequence.wrapping_add(1)), other(0), message.answer(0)]
        });
        let mut batch = Batch::default();
        batch.push(&Change::Flush, ());
        assert!(client.send(&mut batch).unwrap().is_empty());
    }

    #[test]
    fn after_a_failure_the_batch_is_gone() {
        let mut whole = false;
        let mut client = client(move |message| {
            let answer = message.answer(0);
            if std::mem::replace(&mut whole, true) { vec![answer] } else { vec![answer[..18].to_vec()] }
        });
        let mut batch = Batch::default();
        batch.push(&Change::Zero(None), "first");
        batch.push(&Change::Flush, "second");
        assert!(matches!(client.send(&mut batch).err(), Some(KernelError::Garbled(_))));
        assert!(batch.is_empty());
        batch.push(&Change::Flush, "third");
        assert!(client.send(&mut batch).unwrap().is_empty());
    }
}
