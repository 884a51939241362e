//! A restore file: its lines, numbered, and the change that each one asks for; or objects that ask for changes.

use crate::ipvs::model::{Change, Protocol, ServiceKey};
use crate::ipvs::text;
use std::cell::OnceCell;
use std::net::IpAddr;
use std::num::NonZeroU32;

/// The number of a line, counted from 1.
pub type Line = NonZeroU32;

/// A line and its change.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Command {
    /// The line.
    pub line: Line,
    /// What it asks for.
    pub change: Change,
}

/// A line that does not parse, or has no place in a restore.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadLine {
    /// The line.
    pub line: Line,
    /// What is wrong with it.
    pub what: String,
}

/// A line with a name that does not resolve now: it fails like one that the kernel refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnresolvedLine {
    /// The line.
    pub line: Line,
    /// What does not resolve.
    pub what: String,
    /// What it may mean.
    pub meant: Meant,
}

/// What a line may mean whose names do not resolve, as far as it wants something to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meant {
    /// Any real server of this service.
    Servers(ServiceKey),
    /// Any service like this.
    Services(ServicePattern),
    /// Nothing: it is to remove, or to zero counters.
    Nothing,
}

/// What is known of a service whose name, or whose port's, does not resolve. Names are those of IPv4 hosts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ServicePattern {
    /// The transport protocol.
    pub protocol: Protocol,
    /// The address, where it is known.
    pub address: Option<IpAddr>,
    /// The port, where it is known.
    pub port: Option<u16>,
}

/// Why a line asks for nothing that can be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// It does not parse, or has no place in a restore; this is what is wrong.
    Bad(String),
    /// A name in it does not resolve: what, and what it may mean.
    Unresolved(String, Meant),
}

/// A whole file.
#[derive(Debug)]
pub struct Script<'t> {
    text: &'t str,
    /// Whether the lines are those of a file. Else they are names of objects, which say how something is to be: what one
    /// adds to a table that has it already is edited.
    pub has_lines: bool,
    /// Split once a message needs a line.
    lines: OnceCell<Vec<&'t str>>,
    /// The lines that ask for something, in order.
    pub commands: Vec<Command>,
    /// The lines that do not parse, in order. If there is any, the file is not to be applied.
    pub bad: Vec<BadLine>,
    /// The lines with names that do not resolve, in order.
    pub unresolved: Vec<UnresolvedLine>,
}

impl<'t> Script<'t> {
    /// Reads the file line by line. `parse` returns `None` for a line that asks for nothing, a blank one or a comment.
    pub fn read(text: &'t str, mut parse: impl FnMut(&'t str) -> Result<Option<Change>, Unfit>) -> Self {
        let (commands, bad, unresolved) = (Vec::new(), Vec::new(), Vec::new());
        let mut script = Self { text, has_lines: true, lines: OnceCell::new(), commands, bad, unresolved };
        let mut line = Line::MIN;
        for text in text::lines(text) {
            match parse(text) {
                Ok(None) => {}
                Ok(Some(change)) => script.commands.push(Command { line, change }),
                Err(Unfit::Bad(what)) => script.bad.push(BadLine { line, what }),
                Err(Unfit::Unresolved(what, meant)) => script.unresolved.push(UnresolvedLine { line, what, meant }),
            }
            line = line.saturating_add(1);
        }
        script
    }

    /// Objects of a document that has no lines, each a line by its number: `names` has the name of each in a line of its
    /// own.
    pub fn of_objects(names: &'t str, changes: Vec<Change>) -> Self {
        let mut changes = changes.into_iter();
        Self { has_lines: false, ..Self::read(names, |_| Ok(changes.next())) }
    }

    /// The text of a line without the blanks around it, for messages; empty for a number that no line has.
    pub fn line(&self, number: Line) -> &'t str {
        let lines = self.lines.get_or_init(|| text::lines(self.text).collect());
        lines.get(number.get() as usize - 1).map_or("", |line| line.trim())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_numbered_as_an_editor_does() {
        let script = Script::read("-C\n\n# x\r\n bad \r\nname\n-C", |line| match line.trim() {
            "-C" => Ok(Some(Change::Flush)),
            "bad" => Err(Unfit::Bad("wrong".to_owned())),
            "name" => Err(Unfit::Unresolved("nobody".to_owned(), Meant::Nothing)),
            _ => Ok(None),
        });
        let line = |number| Line::new(number).unwrap();
        assert_eq!(script.commands.iter().map(|command| command.line.get()).collect::<Vec<_>>(), [1, 6]);
        assert_eq!(script.bad, [BadLine { line: line(4), what: "wrong".to_owned() }]);
        assert_eq!(script.unresolved.iter().map(|unresolved| unresolved.line.get()).collect::<Vec<_>>(), [5]);
        assert_eq!([script.line(line(4)), script.line(line(6)), script.line(line(7))], ["bad", "-C", ""]);
    }
}
