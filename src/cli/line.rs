//! One line of a restore file, as words.

/// Splits a line at blanks, tabs and carriage returns. There is no quoting, and the word `ipvsadm` is dropped wherever
/// it stands, so that files of whole commands can be read. Like a C string, a word ends at a NUL.
///
/// There are no words in a blank line, nor in one whose first character is `#`.
pub fn words(line: &str) -> Words<'_> {
    let start = line.bytes().position(|byte| !is_separator(byte)).unwrap_or(line.len());
    let comment = line.as_bytes().get(start) == Some(&b'#');
    Words { rest: if comment { "" } else { &line[start..] } }
}

// One comparison for most bytes: a restore file can have a million lines.
fn is_separator(byte: u8) -> bool {
    byte <= b' ' && matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// The words of a line.
#[derive(Clone, Debug)]
pub struct Words<'l> {
    /// Does not begin with a separator.
    rest: &'l str,
}

impl<'l> Iterator for Words<'l> {
    type Item = &'l str;

    fn next(&mut self) -> Option<&'l str> {
        while !self.rest.is_empty() {
            // Separators are characters of one byte, so that bytes can be looked at.
            let bytes = self.rest.as_bytes();
            let low = |from: usize| bytes[from..].iter().position(|byte| *byte <= b' ').map(|at| from + at);
            let mut end = low(0);
            let mut odd = false;
            while let Some(at) = end.filter(|at| !is_separator(bytes[*at])) {
                odd = true;
                end = low(at + 1);
            }
            let end = end.unwrap_or(bytes.len());
            let next = bytes[end..].iter().position(|byte| !is_separator(*byte)).map_or(bytes.len(), |at| end + at);
            let mut word = &self.rest[..end];
            self.rest = &self.rest[next..];
            if odd {
                word = word.split('\0').next().unwrap_or_default();
            }
            if word != "ipvsadm" {
                return Some(word);
            }
        }
        None
    }
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
        ] {
            assert_eq!(words(line).collect::<Vec<_>>(), expected, "{line:?}");
        }
    }
}
