//! Command lines as text: words with a shell's quoting, so that a case can hold empty words, blanks and any byte.
//! `'…'` is literal, `"…"` knows `\"` and `\\`, `$'…'` knows `\n \t \r \\ \' \xHH`.

use anyhow::{Context, Result, bail};

/// One word of a command line; any byte but NUL.
pub type Word = Vec<u8>;

/// Splits a line into its words.
pub fn split(line: &str) -> Result<Vec<Word>> {
    let mut words = Vec::new();
    let mut word: Option<Word> = None;
    let mut bytes = line.bytes().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b' ' => words.extend(word.take()),
            b'\'' => read_literal(&mut bytes, word.get_or_insert_default())?,
            b'"' => read_double(&mut bytes, word.get_or_insert_default())?,
            b'$' if bytes.peek() == Some(&b'\'') => {
                bytes.next();
                read_escaped(&mut bytes, word.get_or_insert_default())?;
            }
            b'\\' => word.get_or_insert_default().push(bytes.next().context("a line ends in a backslash")?),
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    Ok(words)
}

/// Joins words so that [`split`] reads the same words again.
pub fn join<'a>(words: impl IntoIterator<Item = &'a Word>) -> String {
    words.into_iter().map(|word| quote(word)).collect::<Vec<_>>().join(" ")
}

fn quote(word: &[u8]) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_=+:,./[]%@!^~{}*?#&()|;<>".contains(byte);
    match std::str::from_utf8(word) {
        Ok(text) if !word.is_empty() && word.iter().all(plain) => text.to_owned(),
        Ok(text) if !text.contains(|c: char| c == '\'' || c.is_control()) => format!("'{text}'"),
        _ => format!("$'{}'", escape(word)),
    }
}

/// The inside of a `$'…'` word.
pub fn escape(word: &[u8]) -> String {
    let mut text = String::new();
    for &byte in word {
        match byte {
            b'\n' => text.push_str("\\n"),
            b'\t' => text.push_str("\\t"),
            b'\r' => text.push_str("\\r"),
            b'\\' => text.push_str("\\\\"),
            b'\'' => text.push_str("\\'"),
            b' '..=b'~' => text.push(char::from(byte)),
            other => text.push_str(&format!("\\x{other:02x}")),
        }
    }
    text
}

fn read_literal(bytes: &mut impl Iterator<Item = u8>, word: &mut Word) -> Result<()> {
    loop {
        match bytes.next().context("a ' without its end")? {
            b'\'' => return Ok(()),
            other => word.push(other),
        }
    }
}

fn read_double(bytes: &mut impl Iterator<Item = u8>, word: &mut Word) -> Result<()> {
    loop {
        match bytes.next().context("a \" without its end")? {
            b'"' => return Ok(()),
            b'\\' => word.push(bytes.next().context("a \" without its end")?),
            other => word.push(other),
        }
    }
}

fn read_escaped(bytes: &mut impl Iterator<Item = u8>, word: &mut Word) -> Result<()> {
    loop {
        let byte = match bytes.next().context("a $' without its end")? {
            b'\'' => return Ok(()),
            b'\\' => match bytes.next().context("a $' without its end")? {
                b'n' => b'\n',
                b't' => b'\t',
                b'r' => b'\r',
                b'x' => {
                    let digits = [bytes.next(), bytes.next()].map(Option::unwrap_or_default);
                    u8::from_str_radix(std::str::from_utf8(&digits)?, 16).context("\\x wants two hexadecimal digits")?
                }
                other @ (b'\\' | b'\'') => other,
                other => bail!("unknown escape \\{}", char::from(other)),
            },
            other => other,
        };
        word.push(byte);
    }
}
