//! What our `ipvsadm-restore` has to do where the reference's wrapper stops half-way: it judges the whole input first.
//! If a line does not parse, it names all such lines and leaves the table untouched; otherwise the lines that fail are
//! named and the others applied. What each line is worth is asked from the reference, one by one. A line that fails
//! changes nothing that is live, so that a table on which lines fail may keep more than the reference's has then; what
//! it keeps exactly is proved by the restore suite.

use anyhow::{Result, ensure};

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
    let alone = full(programs)?;
    let bad: Vec<&Line> = lines.iter().filter(|line| line.is_bad()).collect();
    namespace.enter()?;
    if !bad.is_empty() {
        let mut stderr = messages(bad.into_iter(), ours);
        stderr.extend(b"The table is untouched.\n");
        return Ok(Outcome { status: Status::Exit(2), stdout: Vec::new(), stderr });
    }
    let live = full(programs)?;
    let mut failed: Vec<&Line> =
        lines.iter().filter(|line| line.outcome.status != Status::Exit(0) && !line.repeats(ours)).collect();
    if failed.is_empty() || live.is_empty() {
        programs.run(Role::Reference, &Command::ipvsadm(&[b"-C".to_vec()]))?;
        play(programs, input)?;
    } else {
        programs.run(Role::Ours, command)?;
        only_keeps(&full(programs)?, &alone, &live)?;
        // Lines about the servers of a service that stays do not fail.
        failed.retain(|line| line.is_named(ours) || !line.is_about_a_server());
    }
    let status = Status::Exit(if failed.is_empty() { 0 } else { 255 });
    let told = lines.iter().filter(|line| line.repeats(ours) || failed.iter().any(|other| other.number == line.number));
    Ok(Outcome { status, stdout: Vec::new(), stderr: messages(told, ours) })
}

/// The whole table as rules.
fn full(programs: &Programs) -> Result<Vec<String>> {
    let save = Command::ipvsadm(&[b"-S".to_vec(), b"--full".to_vec()]);
    let text = String::from_utf8(programs.run(Role::Ours, &save)?.stdout)?;
    Ok(text.lines().filter(|rule| !rule.starts_with("--")).map(str::to_owned).collect())
}

/// What is in the table and not made by the lines alone was live, or is done to a service that was; and nothing is missing
/// that the lines alone make, but for what was live.
fn only_keeps(made: &[String], alone: &[String], live: &[String]) -> Result<()> {
    let key = |rule: &str| {
        rule.split(" -s ").next().and_then(|rule| rule.split(" -r ").next()).map(|rule| rule[3..].to_owned())
    };
    let has_service = |rules: &[String], rule: &str| rules.iter().any(|other| key(other) == key(rule));
    for rule in made.iter().filter(|rule| !alone.contains(rule)) {
        ensure!(live.contains(rule) || has_service(live, rule), "'{rule}' comes from nowhere");
    }
    for rule in alone.iter().filter(|rule| !made.contains(rule)) {
        ensure!(has_service(live, rule) && has_service(made, rule), "'{rule}' is missing");
    }
    Ok(())
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

    /// It says what an earlier line said, and ours says so: the reference has it already.
    fn repeats(&self, ours: &Outcome) -> bool {
        let begin = format!("line {}: says what line ", self.number).into_bytes();
        self.outcome.stderr.ends_with(b" already exists\n")
            && ours.stderr.split(|byte| *byte == b'\n').any(|line| line.starts_with(&begin))
    }

    fn is_named(&self, ours: &Outcome) -> bool {
        let begin = format!("line {}: ", self.number).into_bytes();
        ours.stderr.split(|byte| *byte == b'\n').any(|line| line.starts_with(&begin))
    }

    fn is_about_a_server(&self) -> bool {
        self.outcome.stderr == b"Service not defined\n" || self.outcome.stderr == b"No such destination\n"
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
        let in_own_words = line.has_own_words() && line.outcome.status != Status::Exit(2) || line.repeats(ours);
        match own.filter(|_| in_own_words) {
            Some(own) => stderr.extend_from_slice(own),
            None => stderr.extend([&begin, line.outcome.stderr.trim_ascii_end(), &end].concat()),
        }
    }
    stderr
}
