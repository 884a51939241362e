//! Text that arrives in pieces, given on in whole lines: a restore from a pipe, the kernel's connection table.

use super::{LONGEST_LINE, decode};
use memchr::memrchr;
use std::borrow::Cow;
use std::io::{Error, ErrorKind, Read, Result};

/// Bytes for a read: more than the kernel gives at once of a pipe or of a file in /proc.
const READ: usize = 64 << 10;

/// What has been read. Memory is constant, but for a line that is longer than the buffer.
#[derive(Debug)]
pub struct WholeLines {
    buffer: Vec<u8>,
    filled: usize,
    /// Where what has not been given yet begins.
    given: usize,
    ended: bool,
}

impl Default for WholeLines {
    fn default() -> Self {
        Self { buffer: vec![0; READ], filled: 0, given: 0, ended: false }
    }
}

impl WholeLines {
    /// Reads once, and gives the lines that are whole now, see [`super::lines`]; none when a line goes on. At the end, what
    /// is left is a line too; `None` after it. Bytes that are not UTF-8 are escaped as [`super::decode`] does.
    ///
    /// # Errors
    /// Those of reading, and a line longer than [`LONGEST_LINE`]; an interrupted read is repeated.
    pub fn read(&mut self, input: &mut (impl Read + ?Sized)) -> Result<Option<Cow<'_, str>>> {
        if self.ended {
            return Ok(None);
        }
        self.buffer.copy_within(self.given..self.filled, 0);
        self.filled -= self.given;
        self.given = 0;
        if self.filled > LONGEST_LINE {
            let what = format!("a line is longer than {} KiB", LONGEST_LINE >> 10);
            return Err(Error::new(ErrorKind::InvalidData, what));
        }
        if self.filled == self.buffer.len() {
            self.buffer.resize(2 * self.filled, 0);
        }
        let count = loop {
            match input.read(&mut self.buffer[self.filled..]) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                outcome => break outcome?,
            }
        };
        self.filled += count;
        self.ended = count == 0;
        let read = &self.buffer[..self.filled];
        self.given = if self.ended { self.filled } else { memrchr(b'\n', read).map_or(0, |newline| newline + 1) };
        Ok(Some(decode(&read[..self.given])))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives its bytes in pieces of at most so many.
    struct Slow<'a>(&'a [u8], usize);

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
            let most = self.1.min(buffer.len());
            self.0.read(&mut buffer[..most])
        }
    }

    fn lines(mut input: impl Read) -> Vec<String> {
        let (mut whole, mut lines) = (WholeLines::default(), Vec::new());
        while let Some(text) = whole.read(&mut input).unwrap() {
            lines.extend(super::super::lines(&text).map(str::to_owned));
        }
        assert!(whole.read(&mut input).unwrap().is_none());
        lines
    }

    #[test]
    fn lines_come_whole_whatever_the_reads() {
        let text = "a line\n\n\u{fc}, another\nthe last";
        let expected: Vec<&str> = text.lines().collect();
        for size in [1, 7, 80, 4096] {
            assert_eq!(lines(Slow(text.as_bytes(), size)), expected);
            assert_eq!(lines(Slow(format!("{text}\n").as_bytes(), size)), expected);
        }
        assert!(lines(&b""[..]).is_empty());
    }

    #[test]
    fn a_line_may_be_longer_than_the_buffer() {
        let long = "x".repeat(5 * READ / 2);
        let text = format!("title\n{long}\nshort\n{long}");
        assert_eq!(lines(text.as_bytes()), ["title", &long, "short", &long]);
        assert_eq!(lines(Slow(text.as_bytes(), 4000)), ["title", &long, "short", &long]);
    }

    #[test]
    fn an_endless_line_ends_early() {
        let (mut whole, mut input) = (WholeLines::default(), b"title\n".chain(std::io::repeat(0)));
        let error = loop {
            if let Err(error) = whole.read(&mut input) {
                break error;
            }
        };
        assert_eq!(error.kind(), ErrorKind::InvalidData);
        assert!(whole.buffer.len() <= 2 * LONGEST_LINE);
    }
}
