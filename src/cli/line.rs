//! One line of a restore file, as words.

use memchr::memchr;

/// Splits a line at blanks, tabs and carriage returns, in place of what `words` held. There is no quoting, and the word
/// `ipvsadm` is dropped wherever it stands, so that files of whole commands can be read. Like a C string, a word ends at
/// a NUL.
///
/// There are no words in a blank line, nor in one whose first character is `#`.
pub fn split<'l>(line: &'l str, words: &mut Vec<&'l str>) {
    words.clear();
    let mut rest = after_separators(line);
    if rest.starts_with('#') {
        return;
    }
    while !rest.is_empty() {
        // Separators are characters of one byte, so that none is split.
        let (word, after) = rest.split_at(separator(rest.as_bytes()));
        if word != "ipvsadm" {
            words.push(word);
        }
        rest = after_separators(after);
    }
    if memchr(0, line.as_bytes()).is_some() {
        words.iter_mut().for_each(|word| *word = word.split('\0').next().unwrap_or_default());
        words.retain(|word| *word != "ipvsadm");
    }
}

fn after_separators(text: &str) -> &str {
    &text[text.bytes().position(|byte| !is_separator(byte)).unwrap_or(text.len())..]
}

fn is_separator(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// Where the first separator stands, or the end.
fn separator(bytes: &[u8]) -> usize {
    bytes.iter().position(|byte| *byte <= b' ' && is_separator(*byte)).unwrap_or(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_line() {
        for (line, expected) in [
            ("-A -t 1.2.3.4:80", &["-A", "-t", "1.2.3.4:80"][..]),
            ("  ipvsadm -A\t-t\rX ipvsadm\r\n", &["-A", "-t", "X"]),
            ("", &[]),
            (" \t\r", &[]),
            ("# -A", &[]),
            ("  #-A", &[]),
            ("-A #x", &["-A", "#x"]),
            ("-A a\0b \0c", &["-A", "a", ""]),
            ("\u{fc} \u{10fe80}", &["\u{fc}", "\u{10fe80}"]),
            ("ipvsadm", &[]),
            ("ipvsadm\0x #x", &["#x"]),
        ] {
            let mut words = vec!["left over"];
            split(line, &mut words);
            assert_eq!(words, expected, "{line:?}");
        }
    }
}
