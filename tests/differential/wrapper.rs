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
    let bad: Vec<&Line> = lines.iter().filter(|line| line.is_bad() && !line.is_unresolved(ours)).collect();
    namespace.enter()?;
    if !bad.is_empty() {
        let told = lines.iter().filter(|line| line.is_bad());
        let mut stderr = messages(told, ours);
        stderr.extend(own_line(ours, bad.len(), " not parse. The table is untouched."));
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
    let told = lines.iter().filter(|line| line.repeats(ours) || failed.iter().any(|other| other.number == line.number));
    let mut stderr = messages(told, ours);
    if !failed.is_empty() {
        let end = if failed.len() == lines.len() { " failed." } else { " failed; the others are applied." };
        stderr.extend(own_line(ours, failed.len(), end));
    }
    // How many stay, and how many were removed by nothing, is proved by the restore suite.
    let counts = ours.stderr.split_inclusive(|byte| *byte == b'\n').filter(|line| {
        let said = |part| line.windows(str::len(part)).any(|window| window == part.as_bytes());
        !failed.is_empty() && !live.is_empty() && said(" that no line names may be meant by lines that failed")
            || lines.is_empty() && !live.is_empty() && said("There were no rules in the input")
    });
    stderr.extend(counts.flatten());
    let status = Status::Exit(if failed.is_empty() { 0 } else { 255 });
    Ok(Outcome { status, stdout: Vec::new(), stderr })
}

/// `N of M lines`, where ours counts the lines that ask for anything, and what is said of them.
fn own_line(ours: &Outcome, number: usize, end: &str) -> Vec<u8> {
    let (begin, end) = (format!("{number} of ").into_bytes(), format!("{end}\n").into_bytes());
    let mut lines = ours.stderr.split_inclusive(|byte| *byte == b'\n');
    let own = lines.find(|line| line.starts_with(&begin) && line.ends_with(&end));
    own.map_or_else(|| [begin, end].concat(), <[u8]>::to_vec)
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
            let rule = Some([without_comment(text), b"\n"].concat());
            let outcome = programs.run(Role::Reference, &Command { input: rule, ..restore })?;
            Ok(Line { number, text: text.trim_ascii(), outcome })
        })
        .collect()
}

/// What is left of a line without a comment behind it.
fn without_comment(line: &[u8]) -> &[u8] {
    let comment = line.windows(2).position(|pair| matches!(pair, [b' ' | b'\t', b'#']));
    comment.map_or(line, |at| &line[..at])
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

    /// It names a host or a port that does not resolve: for the reference such an address is illegal.
    fn is_unresolved(&self, ours: &Outcome) -> bool {
        let begin = format!("line {}: the ", self.number).into_bytes();
        let said = |line: &[u8], part: &str| line.windows(part.len()).any(|window| window == part.as_bytes());
        self.outcome.stderr.ends_with(b" address[:port] specified\n")
            && ours.stderr.split(|byte| *byte == b'\n').any(|line| {
                line.starts_with(&begin) && (said(line, "' does not resolve: ") || said(line, "' is not known: "))
            })
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
        let message = [&begin, line.outcome.stderr.trim_ascii_end()].concat();
        let own = ours.stderr.split_inclusive(|byte| *byte == b'\n').find(|own| own.starts_with(&begin));
        let in_own_words = line.has_own_words() && line.outcome.status != Status::Exit(2)
            || line.repeats(ours)
            || line.is_unresolved(ours);
        match own {
            Some(own) if in_own_words => stderr.extend_from_slice(own),
            // A text that could do harm, or is long, is quoted.
            Some(own) if !is_harmless(&message[begin.len()..]) => stderr.extend_from_slice(own),
            Some(own) if !is_harmless(line.text) && own.starts_with(&message) => stderr.extend_from_slice(own),
            _ => stderr.extend([message, end].concat()),
        }
    }
    stderr
}

/// Whether a text is shown as it is.
fn is_harmless(text: &[u8]) -> bool {
    text.len() <= 100 && text.iter().all(|byte| matches!(byte, b' '..=b'~'))
}
