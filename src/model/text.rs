//! Words of a command line as text, without loss: arguments and restore files may hold any byte.
//!
//! Bytes that are not UTF-8 become characters of a private-use range and turn back when they are printed, so that a
//! message quotes a word byte for byte as it was written while the program handles plain strings.

use std::borrow::Cow;

/// Bytes 0x80..=0xff stand at `BASE + byte`, in the last private-use plane.
const BASE: u32 = 0x10_FE00;

fn stands_for_byte(c: char) -> Option<u8> {
    let offset = u32::from(c).checked_sub(BASE)?;
    u8::try_from(offset).ok().filter(|byte| *byte >= 0x80)
}

/// Whether any character is of the plane of ours: all of them begin with one byte that is rare elsewhere.
fn may_stand_for_bytes(text: &str) -> bool {
    text.as_bytes().contains(&0xf4)
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
