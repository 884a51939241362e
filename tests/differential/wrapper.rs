//! What our `ipvsadm-restore` has to do where the reference's wrapper stops half-way: it judges the whole input first.
//! If a line does not parse, it names all such lines and leaves the table untouched; otherwise the lines that fail are
//! named and the others applied. What each line is worth is asked from the reference, one by one.

use anyhow::Result;

use crate::case::Command;
use crate::namespace::Namespace;
use crate::program::{Outcome, Programs, Role, Status};
use crate::restore::input_lines;
use crate::views::{self, Kind};

/// The outcome that ours should have, given what it had; the reference makes the table in `namespace` as it should be.
/// Where a message is in our own words, ours is right whatever it says about the right line.
pub fn expected(programs: &Programs, command: &Command, namespace: &Namespace, ours: &Outcome) -> Result<Outcome> {
    let input = command.input.as_deref().unwrap_or_default();
    // Whether a line parses does not depend on the table.
    let scratch = Namespace::new()?;
    scratch.enter()?;
    let lines = play(programs, input)?;
    let bad: Vec<&Line> = lines.iter().filter(|line| line.is_bad()).collect();
    namespace.enter()?;
    if !bad.is_empty() {
        let mut stderr = messages(bad.into_iter(), ours);
        stderr.extend(b"The table is untouched.\n");
        return Ok(Outcome { status: Status::Exit(2), stdout: Vec::new(), stderr });
    }
    programs.run(Role::Reference, &Command::ipvsadm(&[b"-C".to_vec()]))?;
    let lines = play(programs, input)?;
    let stderr = messages(lines.iter().filter(|line| line.outcome.status != Status::Exit(0)), ours);
    let status = Status::Exit(if stderr.is_empty() { 0 } else { 255 });
    Ok(Outcome { status, stdout: Vec::new(), stderr })
}

/// One line of the input and what the reference does with it.
struct Line<'t> {
    /// Counted from 1.
    number: usize,
    text: &'t [u8],
    outcome: Outcome,
}

fn play<'t>(programs: &Programs, input: &'t [u8]) -> Result<Vec<Line<'t>>> {
    let lines = input_lines(input).filter(|(_, line)| line.trim_ascii_start().first() != Some(&b'#'));
    lines
        .map(|(number, text)| {
            let restore = Command::ipvsadm(&[b"-R".to_vec()]);
            let outcome = programs.run(Role::Reference, &Command { input: Some(text.to_vec()), ..restore })?;
            Ok(Line { number, text: text.trim_ascii(), outcome })
        })
        .collect()
}

impl Line<'_> {
    /// The line means nothing, or nothing that has a place in a restore.
    fn is_bad(&self) -> bool {
        let message = &self.outcome.stderr;
        let is_syntax = [&b": unknown option\n"[..], b": missing argument\n", b": option does not take an argument\n"];
        self.outcome.status == Status::Exit(2)
            || self.has_own_words()
            || is_syntax.iter().any(|syntax| message.ends_with(syntax))
    }

    /// No command, or a listing.
    fn has_own_words(&self) -> bool {
        let words: Vec<_> =
            self.text.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).map(<[u8]>::to_vec).collect();
        let words = words.strip_prefix(&[b"ipvsadm".to_vec()]).unwrap_or(&words);
        self.outcome.stderr.starts_with(b"Try `") || views::kind(&Command::ipvsadm(words)) == Kind::Listing
    }
}

/// `line N: MESSAGE: TEXT` for each.
fn messages<'l>(lines: impl Iterator<Item = &'l Line<'l>>, ours: &Outcome) -> Vec<u8> {
    let mut stderr = Vec::new();
    for line in lines {
        let begin = format!("line {}: ", line.number).into_bytes();
        let end = [b": ", line.text, b"\n"].concat();
        let mut our_lines = ours.stderr.split_inclusive(|byte| *byte == b'\n');
        let own = our_lines.find(|own| own.starts_with(&begin) && own.ends_with(&end));
        match own.filter(|_| line.has_own_words() && line.outcome.status != Status::Exit(2)) {
            Some(own) => stderr.extend_from_slice(own),
            None => stderr.extend([&begin, line.outcome.stderr.trim_ascii_end(), &end].concat()),
        }
    }
    stderr
}
