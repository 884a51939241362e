//! One line of a restore file, as words.

/// Splits a line at blanks, tabs and carriage returns, in place of what `words` held. There is no quoting, and the word
/// `ipvsadm` is dropped wherever it stands, so that files of whole commands can be read. Like a C string, a word ends at
/// a NUL.
///
/// There are no words in a blank line, nor in one whose first character is `#`.
pub fn split<'l>(line: &'l str, words: &mut Vec<&'l str>) {
    words.clear();
    if line.trim_start_matches(SEPARATORS).starts_with('#') {
        return;
    }
    let mut start = 0;
    let mut cut = false;
    for (at, byte) in line.bytes().enumerate() {
        // One comparison for most bytes: a restore file can have a million lines.
        if byte <= b' ' {
            if SEPARATORS.contains(&byte.into()) {
                push(&line[start..at], words);
                start = at + 1;
            }
            cut |= byte == 0;
        }
    }
    push(&line[start..], words);
    if cut {
        words.iter_mut().for_each(|word| *word = word.split('\0').next().unwrap_or_default());
        words.retain(|word| *word != "ipvsadm");
    }
}

fn push<'l>(word: &'l str, words: &mut Vec<&'l str>) {
    if !word.is_empty() && word != "ipvsadm" {
        words.push(word);
    }
}

/// Characters of one byte, so that no other is split.
const SEPARATORS: [char; 4] = [' ', '\t', '\r', '\n'];

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
