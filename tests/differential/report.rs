//! Differences for people: what ran, what each program did, line by line.

use std::fmt::{self, Write};

use crate::play::Difference;

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "    {}", self.place.replace('\n', "\n    "))?;
        if self.reference.status != self.ours.status {
            writeln!(f, "    status: reference {}, ours {}", self.reference.status, self.ours.status)?;
        }
        if self.reference == self.ours {
            writeln!(f, "    equal, where docs/differences.md promises a difference:\n{}", self.ours)?;
        }
        f.write_str(&compare("stdout", &self.reference.stdout, &self.ours.stdout))?;
        f.write_str(&compare("stderr", &self.reference.stderr, &self.ours.stderr))
    }
}

/// Both texts, equal lines once, the reference's lines with `-`, ours with `+`; nothing when they are equal.
fn compare(name: &str, reference: &[u8], ours: &[u8]) -> String {
    if reference == ours {
        return String::new();
    }
    let (reference, ours) = (lines(reference), lines(ours));
    let before = reference.iter().zip(&ours).take_while(|(a, b)| a == b).count();
    let rest = reference.len().min(ours.len()) - before;
    let after = reference.iter().rev().zip(ours.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
    let mut text = format!("    {name}: - reference, + ours\n");
    let mut show = |mark: char, lines: &[String]| {
        lines.iter().for_each(|line| _ = writeln!(text, "      {mark} {line}"));
    };
    show(' ', &reference[before.saturating_sub(3)..before]);
    show('-', &reference[before..reference.len() - after]);
    show('+', &ours[before..ours.len() - after]);
    show(' ', &reference[reference.len() - after..(reference.len() - after + 2).min(reference.len())]);
    text
}

/// Lines with what cannot be seen made visible: `|` where trailing blanks end, `\` where the newline is missing.
fn lines(text: &[u8]) -> Vec<String> {
    let lines = text.split_inclusive(|byte| *byte == b'\n');
    lines
        .map(|line| {
            let (line, end) = match line.strip_suffix(b"\n") {
                Some(line) if line.ends_with(b" ") => (line, "|"),
                Some(line) => (line, ""),
                None => (line, "\\ no newline"),
            };
            let shown: String = String::from_utf8_lossy(line).chars().flat_map(visible).collect();
            shown + end
        })
        .collect()
}

fn visible(c: char) -> Vec<char> {
    if c.is_control() { c.escape_default().collect() } else { vec![c] }
}
