//! Words of the user's, quoted in messages for people: no control character reaches the terminal, and no word fills it.

use crate::ipvs::text::encode;
use std::borrow::Cow;
use std::fmt::Write;

/// So many characters of a word are shown.
const MOST: usize = 100;

/// A word, or a line of a file, as it can be shown. It is the same text but for control characters, characters that are
/// not seen or turn the direction of writing, bytes that are not UTF-8, and what is behind the first hundred characters.
pub fn quoted(text: &str) -> Cow<'_, str> {
    let Some((end, _)) = text.char_indices().nth(MOST) else { return escaped(text) };
    Cow::Owned(format!("{}... ({} bytes)", escaped(&text[..end]), encode(text).len()))
}

/// The same, whatever its length.
pub fn escaped(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_harmless) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 32);
    text.chars().for_each(|c| push(&mut escaped, c));
    Cow::Owned(escaped)
}

/// The characters of the plane 16 stand for bytes that are not UTF-8, see [`crate::ipvs::text`].
fn is_harmless(c: char) -> bool {
    !c.is_control()
        && !matches!(
            c,
            '\u{200b}'..='\u{200f}'
                | '\u{202a}'..='\u{202e}'
                | '\u{2066}'..='\u{2069}'
                | '\u{feff}'
                | '\u{100000}'..
        )
}

fn push(quoted: &mut String, c: char) {
    match c {
        _ if is_harmless(c) => quoted.push(c),
        '\t' => quoted.push_str("\\t"),
        '\n' => quoted.push_str("\\n"),
        '\r' => quoted.push_str("\\r"),
        '\0'..='\x7f' | '\u{100000}'.. => {
            let bytes = encode(c.encode_utf8(&mut [0; 4])).into_owned();
            for byte in bytes {
                let _ = write!(quoted, "\\x{byte:02x}");
            }
        }
        _ => quoted.extend(c.escape_unicode()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ipvs::text::decode;

    #[test]
    fn harmless_words_stay() {
        for word in ["", "-A", "1.2.3.4:80", "gr\u{fc}n", "\u{65e5}\u{672c}", &"x".repeat(MOST)] {
            assert!(matches!(quoted(word), Cow::Borrowed(same) if same == word), "{word}");
        }
    }

    #[test]
    fn nothing_reaches_the_terminal_that_it_would_obey() {
        for (bytes, expected) in [
            (&b"\x1b[2J\x07"[..], "\\x1b[2J\\x07"),
            (b"a\tb\nc\rd\0e\x7f", "a\\tb\\nc\\rd\\x00e\\x7f"),
            (b"\xff\xc3", "\\xff\\xc3"),
            ("\u{9b}2J \u{202e}x".as_bytes(), "\\u{9b}2J \\u{202e}x"),
            ("\u{feff}-A\u{200b}".as_bytes(), "\\u{feff}-A\\u{200b}"),
            ("\u{10ffff}".as_bytes(), "\\xf4\\x8f\\xbf\\xbf"),
        ] {
            assert_eq!(quoted(&decode(bytes)), expected);
        }
    }

    #[test]
    fn long_words_are_cut() {
        let long = format!("{}\u{1b}{}", "\u{fc}".repeat(MOST - 1), "x".repeat(50_000));
        let expected = format!("{}\\x1b... ({} bytes)", "\u{fc}".repeat(MOST - 1), long.len());
        assert_eq!(quoted(&long), expected);
    }
}
