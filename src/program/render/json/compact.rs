//! Compact JSON in large pieces: what serde_json's own formatter and a buffered writer would make, in a third of their
//! instructions. Keys and numbers, which are most of a document, go into memory without a call.

use super::key::KEYS;
use serde_json::ser::{CharEscape, CompactFormatter, Formatter};
use std::io::{Error, ErrorKind, Result, Write};

/// What is written goes out when this many bytes are full, but for [`OBJECT`].
const PIECE: usize = 68 << 10;
/// There is room for so many bytes whenever an object begins and whenever a string has ended: all that may come before the
/// next object or string begins.
const OBJECT: usize = 4 << 10;

/// What is written and has still to go out.
pub struct Compact<'o> {
    text: Box<[u8]>,
    /// Where the text ends.
    end: usize,
    out: &'o mut dyn Write,
    /// How many objects are open.
    depth: u32,
    in_key: bool,
}

impl<'o> Compact<'o> {
    /// Nothing yet.
    pub fn new(out: &'o mut dyn Write) -> Self {
        Self { text: vec![0; PIECE].into(), end: 0, out, depth: 0, in_key: false }
    }

    /// Sees to it that there is room for so many bytes, and for an object.
    #[inline]
    fn make_room(&mut self, length: usize) -> Result<()> {
        if self.text.len() - self.end >= length + OBJECT { Ok(()) } else { self.go_out() }
    }

    #[cold]
    fn go_out(&mut self) -> Result<()> {
        self.out.write_all(&self.text[..self.end])?;
        self.end = 0;
        self.out.flush()
    }

    #[inline]
    fn put(&mut self, byte: u8) -> Result<()> {
        self.text[self.end] = byte;
        self.end += 1;
        Ok(())
    }

    /// Puts the first bytes of some: a copy of known size is a few instructions, one of unknown size a call.
    #[inline]
    fn put_first<const N: usize>(&mut self, bytes: &[u8; N], length: usize) -> Result<()> {
        self.text[self.end..][..N].copy_from_slice(bytes);
        self.end += length;
        Ok(())
    }

    #[inline]
    fn number(&mut self, number: u64) -> Result<()> {
        let mut buffer = itoa::Buffer::new();
        let digits = buffer.format(number).as_bytes();
        self.text[self.end..][..digits.len()].copy_from_slice(digits);
        self.end += digits.len();
        Ok(())
    }

    /// A key's are in its text.
    #[inline]
    fn quotation_mark(&mut self) -> Result<()> {
        if self.in_key { Ok(()) } else { self.put(b'"') }
    }
}

/// The writer that serde_json is given, to which nothing is to be written.
pub struct Nowhere;

impl Write for Nowhere {
    fn write(&mut self, _: &[u8]) -> Result<usize> {
        Err(Error::new(ErrorKind::Unsupported, "a value of a type that no document has"))
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}

/// Writes to the text, and to no writer.
impl Formatter for Compact<'_> {
    #[inline]
    fn begin_object_key<W: Write + ?Sized>(&mut self, _: &mut W, first: bool) -> Result<()> {
        if !first {
            self.put(b',')?;
        }
        self.in_key = true;
        Ok(())
    }

    /// A key with the colon behind it; or a number.
    #[inline]
    fn write_u8<W: Write + ?Sized>(&mut self, _: &mut W, value: u8) -> Result<()> {
        match KEYS.get(usize::from(value)) {
            Some((text, length)) if self.in_key => self.put_first(text, *length),
            _ => self.number(value.into()),
        }
    }

    /// Three decimals, as far as they are not 0.
    fn write_f64<W: Write + ?Sized>(&mut self, _: &mut W, value: f64) -> Result<()> {
        const EXACT: f64 = 1e15;
        if value >= EXACT {
            return self.number(value as u64);
        }
        let thousandths = (value * 1000.0).round() as u64;
        self.number(thousandths / 1000)?;
        let mut rest = thousandths % 1000;
        if rest != 0 {
            self.put(b'.')?;
        }
        while rest != 0 {
            self.put(b'0' + (rest / 100) as u8)?;
            rest = rest % 100 * 10;
        }
        Ok(())
    }

    #[inline]
    fn end_object_key<W: Write + ?Sized>(&mut self, _: &mut W) -> Result<()> {
        self.in_key = false;
        Ok(())
    }

    #[inline]
    fn begin_object_value<W: Write + ?Sized>(&mut self, _: &mut W) -> Result<()> {
        Ok(())
    }

    #[inline]
    fn begin_object<W: Write + ?Sized>(&mut self, _: &mut W) -> Result<()> {
        self.depth += 1;
        self.make_room(0)?;
        self.put(b'{')
    }

    /// With the outermost, the document ends.
    #[inline]
    fn end_object<W: Write + ?Sized>(&mut self, _: &mut W) -> Result<()> {
        self.depth -= 1;
        self.put(b'}')?;
        if self.depth > 0 {
            return Ok(());
        }
        self.put(b'\n')?;
        self.go_out()
    }

    #[inline]
    fn begin_array<W: Write + ?Sized>(&mut self, _: &mut W) -> Result<()> {
        self.put(b'[')
    }

    #[inline]
    fn end_array<W: Write + ?Sized>(&mut self, _: &mut W) -> Result<()> {
        self.put(b']')
    }

    #[inline]
    fn begin_array_value<W: Write + ?Sized>(&mut self, _: &mut W, first: bool) -> Result<()> {
        if first { Ok(()) } else { self.put(b',') }
    }

    #[inline]
    fn begin_string<W: Write + ?Sized>(&mut self, _: &mut W) -> Result<()> {
        self.quotation_mark()
    }

    #[inline]
    fn end_string<W: Write + ?Sized>(&mut self, _: &mut W) -> Result<()> {
        self.quotation_mark()
    }

    /// A part of a string, which may be longer than all the room there is.
    #[inline]
    fn write_string_fragment<W: Write + ?Sized>(&mut self, _: &mut W, fragment: &str) -> Result<()> {
        self.make_room(fragment.len())?;
        let Some(room) = self.text[self.end..].get_mut(..fragment.len()) else {
            return self.out.write_all(fragment.as_bytes());
        };
        room.copy_from_slice(fragment.as_bytes());
        self.end += fragment.len();
        Ok(())
    }

    fn write_char_escape<W: Write + ?Sized>(&mut self, writer: &mut W, escape: CharEscape) -> Result<()> {
        let mut text = Vec::new();
        CompactFormatter.write_char_escape(&mut text, escape)?;
        self.write_string_fragment(writer, &String::from_utf8_lossy(&text))
    }

    #[inline]
    fn write_null<W: Write + ?Sized>(&mut self, _: &mut W) -> Result<()> {
        self.put_first(b"null", 4)
    }

    #[inline]
    fn write_bool<W: Write + ?Sized>(&mut self, _: &mut W, value: bool) -> Result<()> {
        if value { self.put_first(b"true", 4) } else { self.put_first(b"false", 5) }
    }

    #[inline]
    fn write_i32<W: Write + ?Sized>(&mut self, _: &mut W, value: i32) -> Result<()> {
        if value < 0 {
            self.put(b'-')?;
        }
        self.number(value.unsigned_abs().into())
    }

    #[inline]
    fn write_u16<W: Write + ?Sized>(&mut self, _: &mut W, value: u16) -> Result<()> {
        self.number(value.into())
    }

    #[inline]
    fn write_u32<W: Write + ?Sized>(&mut self, _: &mut W, value: u32) -> Result<()> {
        self.number(value.into())
    }

    #[inline]
    fn write_u64<W: Write + ?Sized>(&mut self, _: &mut W, value: u64) -> Result<()> {
        self.number(value)
    }
}
