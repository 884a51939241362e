//! What a restore tells of its lines, or of the objects of a document: the first ones of each kind, in the order of the lines, and how many there are.

use crate::ipvs::error::KernelError;
use crate::ipvs::restore::{Failed, Findings, Line, Repeated, Script, UnknownName};
use crate::ipvs::text;
use crate::program::failure::Failure;
use crate::program::quoted::quoted;
use crate::program::render::rules;
use std::fmt::{self, Display, Write};

/// So many messages of one kind are printed, where not all are wanted.
pub const MOST: usize = 50;

/// Messages about the lines of a file.
pub struct Messages<'s, 't> {
    script: &'s Script<'t>,
    all: bool,
    messages: Vec<(Option<Line>, String)>,
    more: String,
}

impl<'s, 't> Messages<'s, 't> {
    /// None so far. `all` prints every one of them.
    pub fn new(script: &'s Script<'t>, all: bool) -> Self {
        Self { script, all, messages: Vec::new(), more: String::new() }
    }

    /// Adds the lines that do not parse.
    pub fn bad(&mut self) -> &mut Self {
        let script = self.script;
        self.add(&script.bad, "that do not parse", |bad| (Some(bad.line), quoted(&bad.what).into_owned()))
    }

    /// Adds the lines with names that do not resolve.
    pub fn unresolved(&mut self) -> &mut Self {
        let script = self.script;
        self.add(&script.unresolved, "with names that do not resolve", |unresolved| {
            (Some(unresolved.line), quoted(&unresolved.what).into_owned())
        })
    }

    /// Adds what fails or does nothing.
    pub fn findings(&mut self, findings: &Findings) -> &mut Self {
        let script = self.script;
        self.unresolved()
            .add(&findings.failed, "that failed", |failed| (failed.line, refusal(failed, script.has_lines)));
        self.add(&findings.repeated, "that say what others say", |Repeated { line, first }| {
            let first = if script.has_lines { format!("line {first}") } else { script.line(*first).to_owned() };
            (Some(*line), format!("says what {first} says"))
        })
    }

    /// Adds the names that no kernel is known to have.
    pub fn unknown(&mut self, unknown: &[UnknownName]) -> &mut Self {
        self.add(unknown, "with names that no kernel is known to have", |unknown| {
            let (line, what, name) = match unknown {
                UnknownName::Scheduler(line, name) => (line, "scheduler", name),
                UnknownName::PersistenceEngine(line, name) => (line, "persistence engine", name),
            };
            let name = text::decode(name.as_bytes()).into_owned();
            (Some(*line), format!("warning: no kernel is known to have the {what} '{}'", quoted(&name)))
        })
    }

    fn add<F>(&mut self, found: &[F], which: &str, message: impl Fn(&F) -> (Option<Line>, String)) -> &mut Self {
        let told = if self.all { found.len() } else { found.len().min(MOST) };
        for (line, what) in found[..told].iter().map(message) {
            let text = match line {
                Some(line) if self.script.has_lines => {
                    format!("line {line}: {what}: {}", quoted(self.script.line(line)))
                }
                Some(line) => format!("{}: {what}", self.script.line(line)),
                None => what,
            };
            self.messages.push((line, text));
        }
        if told < found.len() {
            let (more, part) = (found.len() - told, part(self.script));
            let _ = writeln!(self.more, "... and {more} more {part}s {which}: --verbose names all.");
        }
        self
    }

    /// All of them, each a line.
    pub fn text(&mut self) -> String {
        self.messages.sort_by_key(|(line, _)| *line);
        let mut text = String::new();
        for (_, message) in self.messages.drain(..) {
            text += &message;
            text.push('\n');
        }
        text + &std::mem::take(&mut self.more)
    }
}

/// Why a change was refused, with the change itself where it is not `told` as a line of the file.
pub fn refusal(Failed { line, change, errno }: &Failed, told: bool) -> String {
    let refusal = Failure::Change(*change, KernelError::Refused(*errno)).to_string();
    if line.is_some() && told {
        return refusal;
    }
    let mut rule = Vec::new();
    rules::change(&mut rule, change);
    format!("{refusal}: {}", text::decode(rule.trim_ascii_end()))
}

/// `1 line`, `2 lines`.
pub fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// What a file is made of.
pub fn part(script: &Script<'_>) -> &'static str {
    if script.has_lines { "line" } else { "object" }
}

/// How many lines of a file fail, of how many.
pub struct Failures {
    failed: usize,
    all: usize,
    part: &'static str,
}

impl Failures {
    /// Whether no line is left that does not fail.
    pub fn are_all(&self) -> bool {
        self.failed == self.all
    }
}

impl Display for Failures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.failed, count(self.all, self.part))
    }
}

/// Counts the lines that fail.
pub fn failures(script: &Script<'_>, findings: &Findings) -> Failures {
    Failures {
        failed: findings.failed.iter().filter(|failed| failed.line.is_some()).count() + script.unresolved.len(),
        all: script.commands.len() + script.bad.len() + script.unresolved.len(),
        part: part(script),
    }
}

/// Whether anything fails.
pub fn fails(script: &Script<'_>, findings: &Findings) -> bool {
    !findings.failed.is_empty() || !script.unresolved.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ipvs::model::{Change, Errno, ServiceKey, VirtualService};
    use crate::ipvs::restore::Unfit;

    #[test]
    fn fifty_of_each_kind_in_the_order_of_the_lines() {
        let text = "bad\n".repeat(30) + &"-A -f 1 -s rr\n".repeat(60) + &"bad\n".repeat(40);
        let service = VirtualService::new(ServiceKey::mark(1, Default::default()), "rr".parse().unwrap());
        let script = Script::read(&text, |line| match line {
            "bad" => Err(Unfit::Bad("wrong".to_owned())),
            _ => Ok(Some(Change::AddService(service))),
        });
        let failed = |line| Failed { line: Some(line), change: Change::AddService(service), errno: Errno::EEXIST };
        let lines = script.commands.iter().map(|command| failed(command.line));
        let findings = Findings { failed: lines.collect(), ..Findings::default() };
        let told = Messages::new(&script, false).bad().findings(&findings).text();
        let lines: Vec<_> = told.lines().collect();
        assert_eq!(lines.len(), 102);
        assert_eq!(lines[0], "line 1: wrong: bad");
        assert_eq!(lines[30], "line 31: Service already exists: -A -f 1 -s rr");
        assert_eq!(lines[80], "line 91: wrong: bad");
        assert_eq!(lines[100], "... and 20 more lines that do not parse: --verbose names all.");
        assert_eq!(lines[101], "... and 10 more lines that failed: --verbose names all.");
        let all = Messages::new(&script, true).bad().findings(&findings).text();
        assert_eq!(all.lines().count(), 130);
        assert_eq!(failures(&script, &findings).to_string(), "60 of 130 lines");
    }

    #[test]
    fn what_a_file_holds_is_quoted() {
        let text = format!("\x1b[2J{}", "x".repeat(50_000));
        let script = Script::read(&text, |line| Err(Unfit::Bad(format!("{line}: unknown option"))));
        let told = Messages::new(&script, false).bad().text();
        assert!(told.starts_with("line 1: \\x1b[2Jxxx") && told.len() < 300, "{told}");
    }
}
