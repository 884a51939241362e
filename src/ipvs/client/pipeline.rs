//! Many changes in flight: a batch goes out in one system call, and an answer is asked for on its last message only.
//!
//! The kernel works through a batch in order, whatever fails on the way, and always answers a failure. The answers to
//! a batch wait in the socket's receive buffer, which holds 277 of them by default; a full batch can never overrun it.

use super::connection::Client;
use super::receive_many::SLOTS;
use super::socket::Transport;
use crate::ipvs::error::KernelError;
use crate::ipvs::model::{Change, Errno};
use crate::ipvs::wire::encode;
use crate::ipvs::wire::message::Body;
use crate::ipvs::wire::writer::{Envelope, add_flags, append};
use netlink_packet_core::{NLM_F_ACK, NLM_F_REQUEST};

/// The most messages of a batch: larger ones gain nothing.
const MESSAGES: usize = 128;
/// The size, in bytes, from which a batch counts as full.
const BYTES: usize = 48 << 10;

/// Collects changes and sends them in batches. What is not flushed is never sent.
#[derive(Debug)]
pub struct Pipeline<'c, C, T> {
    client: &'c mut Client<T>,
    messages: Vec<u8>,
    contexts: Vec<C>,
    first: u32,
    last_start: usize,
    refused: Vec<(C, Errno)>,
}

impl<'c, C, T: Transport> Pipeline<'c, C, T> {
    pub(super) fn new(client: &'c mut Client<T>) -> Self {
        Self { client, messages: Vec::new(), contexts: Vec::new(), first: 0, last_start: 0, refused: Vec::new() }
    }

    /// Adds a change to the batch. `context` comes back if the kernel refuses it.
    pub fn push(&mut self, change: &Change, context: C) {
        let sequence = self.client.channel.next_sequence();
        if self.contexts.is_empty() {
            self.first = sequence;
        }
        self.last_start = self.messages.len();
        let envelope = Envelope { family: self.client.family, flags: NLM_F_REQUEST, sequence };
        append(&mut self.messages, envelope, encode::command(change), |buffer| encode::attributes(buffer, change));
        self.contexts.push(context);
    }

    /// Whether the batch should be flushed before the next change.
    pub fn is_full(&self) -> bool {
        self.contexts.len() >= MESSAGES || self.messages.len() >= BYTES
    }

    /// Whether there is nothing to flush.
    pub fn is_empty(&self) -> bool {
        self.contexts.is_empty()
    }

    /// The client, for commands between batches: flush first, or they overtake the changes.
    pub fn client(&mut self) -> &mut Client<T> {
        self.client
    }

    /// Sends the batch, waits until the kernel has worked through it, and returns what it refused, in order.
    ///
    /// # Errors
    /// When the socket fails, or an answer cannot be read: which changes were made is unknown then. The batch is empty
    /// afterwards in any case.
    pub fn flush(&mut self) -> Result<impl Iterator<Item = (C, Errno)> + '_, KernelError> {
        self.refused.clear();
        if !self.contexts.is_empty() {
            add_flags(&mut self.messages, self.last_start, NLM_F_ACK);
            let outcome = self.exchange();
            self.messages.clear();
            self.contexts.clear();
            outcome?;
        }
        Ok(self.refused.drain(..))
    }

    fn exchange(&mut self) -> Result<(), KernelError> {
        let Self { client, messages, contexts, first, refused, .. } = self;
        client.channel.send(messages)?;
        let last = contexts.len() - 1;
        let mut waiting = contexts.drain(..);
        let mut passed = 0;
        client.channel.answers(SLOTS, |sequence, body| {
            let index = sequence.wrapping_sub(*first) as usize;
            if index > last {
                return Ok(false);
            }
            if let Body::Refused(errno) = body {
                // Answers come in the order of the messages.
                let context = index.checked_sub(passed).and_then(|skip| waiting.nth(skip));
                passed = index + 1;
                refused.extend(context.map(|context| (context, errno)));
            }
            Ok(index == last)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ipvs::client::scripted::{Message, Peer};
    use crate::ipvs::fixtures::hex;
    use crate::ipvs::wire::message::{IPVS_CMD_FLUSH, IPVS_CMD_ZERO};

    /// A client of a kernel that refuses `-Z` and asks the function for what follows the refusals.
    fn client(mut end: impl FnMut(&Message) -> Vec<Vec<u8>> + 'static) -> Client<Peer> {
        let peer = Peer::new(move |messages| {
            let first = &messages[0];
            match (first.family, first.command) {
                (0x10, _) => return vec![first.reply(0, &hex("0600010028000000"))],
                (_, 15) => return vec![first.reply(0, &hex("08000100010201000800020000100000"))],
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
        Client::new(peer).unwrap()
    }

    fn acknowledge(message: &Message) -> Vec<Vec<u8>> {
        vec![message.answer(0)]
    }

    #[test]
    fn refused_changes_come_back_in_order() {
        let mut client = client(acknowledge);
        let mut pipeline = client.pipeline();
        for _ in 0..3 {
            for number in 0..100 {
                let refuse = number % 7 == 3 || number >= 90;
                pipeline.push(if refuse { &Change::Zero(None) } else { &Change::Flush }, number);
            }
            let refused: Vec<_> = pipeline.flush().unwrap().collect();
            let expected: Vec<_> = (0..100).filter(|n| n % 7 == 3 || *n >= 90).map(|n| (n, Errno::ESRCH)).collect();
            assert_eq!(refused, expected);
        }
    }

    #[test]
    fn nothing_is_refused() {
        let mut client = client(acknowledge);
        let mut pipeline = client.pipeline();
        assert_eq!(pipeline.flush().unwrap().count(), 0);
        pipeline.push(&Change::Flush, ());
        assert!(!pipeline.is_empty());
        assert_eq!(pipeline.flush().unwrap().count(), 0);
        assert!(pipeline.is_empty());
    }

    #[test]
    fn a_batch_is_full_by_number_and_by_size() {
        let mut client = client(acknowledge);
        let mut pipeline = client.pipeline();
        for number in 0..MESSAGES {
            assert!(!pipeline.is_full(), "{number}");
            pipeline.push(&Change::Flush, ());
        }
        assert!(pipeline.is_full());
        assert_eq!(pipeline.flush().unwrap().count(), 0);
        assert!(!pipeline.is_full());
    }

    #[test]
    fn answers_to_others_are_passed_over() {
        let mut client = client(|message| {
            let other = |sequence| Message { sequence, ..message.clone() }.answer(libc::EBUSY);
            vec![other(message.sequence.wrapping_add(1)), other(0), message.answer(0)]
        });
        let mut pipeline = client.pipeline();
        pipeline.push(&Change::Flush, ());
        assert_eq!(pipeline.flush().unwrap().count(), 0);
    }

    #[test]
    fn after_a_failure_the_batch_is_gone() {
        let mut whole = false;
        let mut client = client(move |message| {
            let answer = message.answer(0);
            if std::mem::replace(&mut whole, true) { vec![answer] } else { vec![answer[..18].to_vec()] }
        });
        let mut pipeline = client.pipeline();
        pipeline.push(&Change::Zero(None), "first");
        pipeline.push(&Change::Flush, "second");
        assert!(matches!(pipeline.flush().err(), Some(KernelError::Garbled(_))));
        assert!(pipeline.is_empty());
        pipeline.push(&Change::Flush, "third");
        assert_eq!(pipeline.flush().unwrap().count(), 0);
    }
}
