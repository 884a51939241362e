//! Kernels that answer as an input says.

use ipvsadm::ipvs::client::{Datagrams, Transport};
use std::collections::VecDeque;
use std::io;

/// The number of the family.
const FAMILY: u16 = 0x28;
/// `NLMSG_ERROR`, `NLMSG_DONE`.
const ERROR: u16 = 2;
const DONE: u16 = 3;
/// `NLM_F_MULTI`, `NLM_F_DUMP_INTR`.
const FLAGS: [u16; 4] = [0, 2, 0x10, 0x12];

/// A kernel that is connected to rightly and whose other answers are pieces of the input: a byte says what a piece is, the
/// next one, twice, how long its attributes are. Each request has those up to the next end.
#[derive(Clone, Default)]
pub struct Kernel {
    input: VecDeque<u8>,
    waiting: VecDeque<Vec<u8>>,
}

impl Kernel {
    /// A kernel with these answers.
    pub fn new(input: &[u8]) -> Self {
        Self { input: input.iter().copied().collect(), waiting: VecDeque::new() }
    }

    fn answer(&mut self, sequence: u32, is_dump: bool) {
        let mut datagram = Vec::new();
        while let Some(what) = self.input.pop_front() {
            let flags = FLAGS[usize::from(what >> 3 & 3)];
            match what & 7 {
                0 => break,
                1 => {
                    datagram.extend(message(ERROR, flags, sequence, &i32::from(what >> 5).wrapping_neg().to_ne_bytes()))
                }
                2 => self.waiting.push_back(std::mem::take(&mut datagram)),
                _ => {
                    let length = 2 * usize::from(self.input.pop_front().unwrap_or_default());
                    let attributes: Vec<u8> = self.input.drain(..length.min(self.input.len())).collect();
                    datagram.extend(message(FAMILY, flags, sequence, &[&[1, 1, 0, 0], &attributes[..]].concat()));
                }
            }
        }
        if is_dump {
            datagram.extend(message(DONE, 2, sequence, &[0; 4]));
        }
        self.waiting.push_back(datagram);
    }
}

impl Transport for Kernel {
    fn sibling(&self) -> io::Result<Box<dyn Transport>> {
        Ok(Box::new(Self { input: self.input.clone(), waiting: VecDeque::new() }))
    }

    fn send(&mut self, messages: &[u8]) -> io::Result<()> {
        // Of a batch the last one is answered.
        let mut rest = messages;
        while let Some(header) = rest.first_chunk::<20>() {
            let [length, sequence] = [0, 8].map(|at| u32::from_ne_bytes([0, 1, 2, 3].map(|byte| header[at + byte])));
            let [kind, flags] = [4, 6].map(|at| u16::from_ne_bytes([header[at], header[at + 1]]));
            rest = &rest[(length as usize).next_multiple_of(4).min(rest.len())..];
            match (kind, header[16]) {
                (0x10, _) => self.waiting.push_back(message(0x10, 0, sequence, &family())),
                (_, 15) => self.waiting.push_back(message(FAMILY, 0, sequence, &info())),
                _ if rest.is_empty() => self.answer(sequence, flags & 0x300 == 0x300),
                _ => {}
            }
        }
        Ok(())
    }

    fn receive(&mut self, datagrams: &mut Datagrams, most: usize) -> io::Result<()> {
        take(&mut self.waiting, datagrams, most)
    }
}

/// A kernel whose answers are the datagrams of the input, whatever it is asked: the length of each comes before it.
pub struct Fixed {
    input: VecDeque<u8>,
}

impl Fixed {
    /// A kernel with these answers.
    pub fn new(input: &[u8]) -> Self {
        Self { input: input.iter().copied().collect() }
    }
}

impl Transport for Fixed {
    fn sibling(&self) -> io::Result<Box<dyn Transport>> {
        Ok(Box::new(Self { input: self.input.clone() }))
    }

    fn send(&mut self, _: &[u8]) -> io::Result<()> {
        Ok(())
    }

    fn receive(&mut self, datagrams: &mut Datagrams, _: usize) -> io::Result<()> {
        let mut waiting = VecDeque::new();
        if let Some(length) = self.input.pop_front() {
            waiting.push_back(self.input.drain(..usize::from(length).min(self.input.len())).collect());
        }
        take(&mut waiting, datagrams, 1)
    }
}

fn take(waiting: &mut VecDeque<Vec<u8>>, datagrams: &mut Datagrams, most: usize) -> io::Result<()> {
    if waiting.is_empty() {
        return Err(io::ErrorKind::WouldBlock.into());
    }
    datagrams.fill(waiting.drain(..most.min(waiting.len()).min(4)));
    Ok(())
}

fn message(kind: u16, flags: u16, sequence: u32, payload: &[u8]) -> Vec<u8> {
    let length = (16 + payload.len() as u32).to_ne_bytes();
    let mut bytes =
        [&length[..], &kind.to_ne_bytes(), &flags.to_ne_bytes(), &sequence.to_ne_bytes(), &[0; 4], payload].concat();
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

/// `CTRL_ATTR_FAMILY_ID`.
fn family() -> Vec<u8> {
    [&[1, 1, 0, 0][..], &6_u16.to_ne_bytes(), &1_u16.to_ne_bytes(), &FAMILY.to_ne_bytes(), &[0; 2]].concat()
}

/// `IPVS_INFO_ATTR_VERSION` and `IPVS_INFO_ATTR_CONN_TAB_SIZE`.
fn info() -> Vec<u8> {
    let number =
        |kind: u16, number: u32| [&8_u16.to_ne_bytes()[..], &kind.to_ne_bytes(), &number.to_ne_bytes()].concat();
    [vec![15, 1, 0, 0], number(1, 0x10201), number(2, 4096)].concat()
}
