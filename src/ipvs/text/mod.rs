//! Words of a command line as text, without loss: arguments and restore files may hold any byte.
//!
//! Bytes that are not UTF-8 become characters of a private-use range and turn back when they are printed, so that a
//! message quotes a word byte for byte as it was written while the program handles plain strings.
//!
//! ```
//! use ipvsadm::ipvs::text;
//!
//! let word = text::decode(b"caf\xe9");
//! assert_eq!(text::encode(&format!("illegal {word}")).as_ref(), b"illegal caf\xe9");
//! ```

pub mod whole_lines;

pub use whole_lines::WholeLines;

use memchr::{memchr, memchr_iter};
use std::borrow::Cow;

/// A line of more bytes is none that anybody wrote: reading it would take memory without an end.
pub const LONGEST_LINE: usize = 1 << 20;

/// Bytes 0x80..=0xff stand at `BASE + byte`, in the last private-use plane.
const BASE: u32 = 0x10_FE00;

fn stands_for_byte(c: char) -> Option<u8> {
    let offset = u32::from(c).checked_sub(BASE)?;
    u8::try_from(offset).ok().filter(|byte| *byte >= 0x80)
}

/// Whether any character is of the plane of ours: all of them begin with one byte that is rare elsewhere.
fn may_stand_for_bytes(text: &str) -> bool {
    !text.is_ascii() && memchr(0xf4, text.as_bytes()).is_some()
}

/// The lines of a text, without their newlines.
pub fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut start = 0;
    let last = (!text.ends_with('\n') && !text.is_empty()).then_some(text.len());
    memchr_iter(b'\n', text.as_bytes()).chain(last).map(move |end| {
        let line = &text[start..end];
        start = end + 1;
        line
    })
}

/// Text from bytes; borrowed when they are UTF-8.
pub fn decode(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) if !may_stand_for_bytes(text) => Cow::Borrowed(text),
        _ => Cow::Owned(decode_each(bytes)),
    }
}

fn decode_each(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match stands_for_byte(c) {
                // A character of our own range: its bytes are escaped too, else it would not come back.
                Some(_) => push_bytes(&mut text, c.encode_utf8(&mut [0; 4]).as_bytes()),
                None => text.push(c),
            }
        }
        push_bytes(&mut text, chunk.invalid());
    }
    text
}

fn push_bytes(text: &mut String, bytes: &[u8]) {
    text.extend(bytes.iter().filter_map(|byte| char::from_u32(BASE + u32::from(*byte))));
}

/// The bytes that [`decode`] was given; borrowed when nothing was escaped.
pub fn encode(text: &str) -> Cow<'_, [u8]> {
    if !may_stand_for_bytes(text) {
        return Cow::Borrowed(text.as_bytes());
    }
    let mut bytes = Vec::with_capacity(text.len());
    for c in text.chars() {
        match stands_for_byte(c) {
            Some(byte) => bytes.push(byte),
            None => bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    Cow::Owned(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_last_line_needs_no_newline() {
        for (text, expected) in [
            ("", &[][..]),
            ("\n", &[""]),
            ("a\n\nb", &["a", "", "b"]),
            ("a\r\n", &["a\r"]),
            ("\u{fc}\n\u{fc}", &["\u{fc}", "\u{fc}"]),
        ] {
            assert_eq!(lines(text).collect::<Vec<_>>(), expected, "{text:?}");
        }
    }

    #[test]
    fn every_byte_string_comes_back() {
        let own = '\u{10FEFF}'.to_string();
        for bytes in [
            &b"plain"[..],
            b"",
            b"\xff",
            b"a\x80b\xc3",
            "gr\u{fc}n".as_bytes(),
            "\u{100000}".as_bytes(),
            own.as_bytes(),
            b"\xf4\x8f",
        ] {
            assert_eq!(encode(&decode(bytes)).as_ref(), bytes);
        }
    }
}
