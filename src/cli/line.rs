//! One line of a restore file, as words.

/// Splits a line at blanks, tabs and carriage returns. There is no quoting, and the word `ipvsadm` is dropped wherever
/// it stands, so that files of whole commands can be read. Like a C string, a word ends at a NUL.
///
/// There are no words in a blank line, nor in one whose first character is `#`.
pub fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split([' ', '\t', '\r', '\n'])
        .take_while({
            let mut first = true;
            move |word| word.is_empty() || !std::mem::take(&mut first) || !word.starts_with('#')
        })
        .map(|word| word.split_once('\0').map_or(word, |(before, _)| before))
        .filter(|word| !word.is_empty() && *word != "ipvsadm")
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
            ("-A a\0b c", &["-A", "a", "c"]),
            ("ipvsadm", &[]),
        ] {
            assert_eq!(words(line).collect::<Vec<_>>(), expected, "{line:?}");
        }
    }
}
