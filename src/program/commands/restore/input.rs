//! The input of a restore: all of it, within bounds, before anything else is done.

use crate::ipvs::text::LONGEST_LINE;
use crate::program::cli::Source;
use crate::program::context::{Context, Stream};
use crate::program::failure::Failure;
use crate::program::quoted::quoted;
use memchr::{memchr, memchr_iter, memrchr};
use std::io::{self, ErrorKind, Read};

/// More bytes are no rules: the kernel would need hours for their services.
const MOST: usize = 256 << 20;
/// Bytes for a read.
const PIECE: usize = 64 << 10;

/// Reads all of the rules, or of a document, which may be one line.
///
/// # Errors
/// When they cannot be read, or are not such that rules could be read from them.
pub fn read(context: &mut Context<'_>, source: &Source, json: bool) -> Result<Vec<u8>, Failure> {
    let longest = if json { usize::MAX } else { LONGEST_LINE };
    match source {
        Source::Stdin => {
            if context.host.is_terminal(Stream::Input) {
                let what = if json { "A document is" } else { "Rules are" };
                context.print_error(&format!(
                    "{what} read from the terminal: Ctrl-D ends it, Ctrl-C leaves all as it is."
                ));
            }
            all(context.stdin, longest).map_err(Failure::Input)
        }
        Source::File { path, forgiven_redirection } => {
            if *forgiven_redirection {
                let shown = path.to_string_lossy();
                let shown = quoted(&shown);
                context.print_error(&format!("'<' means nothing without a shell: reading {shown}"));
            }
            let unreadable = |error| Failure::of_file("read", path, &error, 255);
            context.host.open(path).and_then(|mut file| all(&mut file, longest)).map_err(unreadable)
        }
    }
}

fn all(input: &mut dyn Read, longest: usize) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    let mut line = 0;
    loop {
        let start = text.len();
        text.resize(start + PIECE, 0);
        let count = match input.read(&mut text[start..]) {
            Err(error) if error.kind() == ErrorKind::Interrupted => 0,
            Ok(0) => {
                text.truncate(start);
                return Ok(text);
            }
            outcome => outcome?,
        };
        text.truncate(start + count);
        let piece = &text[start..];
        let first = memchr(b'\n', piece).unwrap_or(count);
        if line + first > longest {
            let number = memchr_iter(b'\n', &text[..start + first]).count() + 1;
            let seems = if text.starts_with(b"{") { "; it seems to be JSON, for which there is --json" } else { "" };
            return Err(too_large(format!("line {number} is longer than {} KiB{seems}", longest >> 10)));
        }
        line = memrchr(b'\n', piece).map_or(line + count, |newline| count - newline - 1);
        if text.len() > MOST {
            return Err(too_large(format!("there are more than {} MiB of it", MOST >> 20)));
        }
    }
}

fn too_large(what: String) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_it_whatever_the_pieces() {
        let text = "-A -f 1\n".repeat(40_000);
        assert_eq!(all(&mut text.as_bytes(), LONGEST_LINE).unwrap(), text.as_bytes());
        assert_eq!(all(&mut io::empty(), LONGEST_LINE).unwrap(), b"");
        let two_lines = format!("{}\n{}", "x".repeat(LONGEST_LINE), "x".repeat(LONGEST_LINE));
        assert_eq!(all(&mut two_lines.as_bytes(), LONGEST_LINE).unwrap().len(), two_lines.len());
    }

    #[test]
    fn an_endless_line_ends_early() {
        let error = all(&mut b"-C\n-C\n".chain(io::repeat(0)), LONGEST_LINE).unwrap_err();
        assert_eq!(error.to_string(), format!("line 3 is longer than {} KiB", LONGEST_LINE >> 10));
        let error = all(&mut b"{".chain(io::repeat(b' ')), LONGEST_LINE).unwrap_err();
        assert!(error.to_string().ends_with(" --json"), "{error}");
        assert_eq!(all(&mut io::repeat(b' ').take(3 << 20), usize::MAX).unwrap().len(), 3 << 20);
    }
}
