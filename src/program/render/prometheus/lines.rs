//! Lines, which go out in large pieces. A table has a dozen lines for each server, mostly of names and labels: where their size is
//! known beforehand a copy is a few instructions, else a call.

use super::label::{Label, label};
use super::metric::Kind;
use super::subject::Labels;
use itoa::Buffer;
use std::io::{self, Write};

/// What is written goes out when this many bytes are full.
const PIECE: usize = 64 << 10;
/// There is always room for so many more: a sample with the longest name, short labels, and any number.
const ROOM: usize = 256;
/// No name is longer.
const NAME: usize = 40;
/// Labels of most services and servers are shorter.
const SHORT: usize = 144;

/// The name of a metric.
pub struct Name {
    bytes: [u8; NAME],
    length: usize,
}

impl Name {
    /// A name, of which at most the first [`NAME`] bytes count.
    pub fn of(name: &str) -> Self {
        let (mut bytes, length) = ([0; NAME], name.len().min(NAME));
        bytes[..length].copy_from_slice(&name.as_bytes()[..length]);
        Self { bytes, length }
    }
}

/// What is written and has still to go out.
pub struct Lines<'o> {
    text: Box<[u8]>,
    /// Where the text ends.
    end: usize,
    out: &'o mut dyn Write,
}

impl<'o> Lines<'o> {
    /// None yet.
    pub fn new(out: &'o mut dyn Write) -> Self {
        Self { text: vec![0; PIECE + ROOM].into(), end: 0, out }
    }

    /// Writes out what there is.
    ///
    /// # Errors
    /// The writer's.
    #[inline(never)]
    pub fn go_out(&mut self) -> io::Result<()> {
        self.out.write_all(&self.text[..self.end])?;
        self.end = 0;
        self.out.flush()
    }

    /// What stands before the samples of a metric.
    ///
    /// # Errors
    /// The writer's.
    pub fn head(&mut self, name: &str, kind: Kind, help: &str) -> io::Result<()> {
        self.put_long(format!("# HELP {name} {help}\n# TYPE {name} {}\n", kind.word()).as_bytes())
    }

    /// A sample; `more` are further labels, each behind a comma.
    ///
    /// # Errors
    /// The writer's.
    #[inline(always)]
    pub fn sample(&mut self, name: &Name, labels: Labels<'_>, more: &[u8], value: u64) -> io::Result<()> {
        match (self.text[self.end..].first_chunk_mut::<ROOM>(), labels.from.first_chunk::<SHORT>()) {
            (Some(room), Some(first)) if labels.length <= SHORT => {
                // Known to be in bounds. The labels in halves, for a copy of more than 128 bytes is a call.
                let start = name.length.min(NAME);
                let (half, rest) = first.split_at(SHORT / 2);
                room[..NAME].copy_from_slice(&name.bytes);
                room[start..start + SHORT / 2].copy_from_slice(half);
                room[start + SHORT / 2..start + SHORT].copy_from_slice(rest);
                self.end += start + labels.length;
                // Most figures of most tables are small.
                if value < 10 && more.is_empty() {
                    let end = start + labels.length;
                    room[end..end + 4].copy_from_slice(&[b'}', b' ', b'0' + value as u8, b'\n']);
                    self.end += 4;
                } else {
                    self.put_rest(more, value)?;
                }
            }
            _ => {
                self.put_long(&name.bytes[..name.length])?;
                self.put_long(&labels.from[..labels.length])?;
                self.put_rest(more, value)?;
            }
        }
        if self.end < PIECE { Ok(()) } else { self.go_out() }
    }

    #[inline(never)]
    fn put_rest(&mut self, more: &[u8], value: u64) -> io::Result<()> {
        if !more.is_empty() {
            self.put_long(more)?;
        }
        let mut buffer = Buffer::new();
        let digits = buffer.format(value).as_bytes();
        let end = 2 + digits.len();
        let room = &mut self.text[self.end..];
        room[..2].copy_from_slice(b"} ");
        room[2..end].copy_from_slice(digits);
        room[end] = b'\n';
        self.end += end + 1;
        Ok(())
    }

    /// A sample with labels of its own.
    ///
    /// # Errors
    /// The writer's.
    pub fn single(&mut self, name: &str, labels: &[Label<'_>], value: u32) -> io::Result<()> {
        let mut text = name.as_bytes().to_vec();
        for (number, (name, value)) in labels.iter().enumerate() {
            text.push(if number == 0 { b'{' } else { b',' });
            label(&mut text, name, value);
        }
        text.extend_from_slice(if labels.is_empty() { b" " } else { b"} " });
        text.extend_from_slice(Buffer::new().format(value).as_bytes());
        text.push(b'\n');
        self.put_long(&text)
    }

    /// Puts any number of bytes, and leaves [`ROOM`].
    #[inline(never)]
    fn put_long(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.end + bytes.len() > PIECE {
            self.go_out()?;
        }
        match self.text.get_mut(self.end..self.end + bytes.len()) {
            Some(room) if bytes.len() <= PIECE => {
                room.copy_from_slice(bytes);
                self.end += bytes.len();
                Ok(())
            }
            _ => self.out.write_all(bytes),
        }
    }
}
