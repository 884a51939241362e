//! A restore file: its lines, numbered, and the change that each one asks for.

use crate::ipvs::model::Change;
use crate::ipvs::text;
use std::cell::OnceCell;

/// A line and its change.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Command {
    /// Counted from 1.
    pub line: u32,
    /// What it asks for.
    pub change: Change,
}

/// A line that does not parse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadLine {
    /// Counted from 1.
    pub line: u32,
    /// What is wrong with it.
    pub what: String,
}

/// A whole file.
#[derive(Debug)]
pub struct Script<'t> {
    text: &'t str,
    /// Split once a message needs a line.
    lines: OnceCell<Vec<&'t str>>,
    /// The lines that ask for something, in order.
    pub commands: Vec<Command>,
    /// The lines that do not parse, in order. If there is any, the file is not to be applied.
    pub bad: Vec<BadLine>,
}

impl<'t> Script<'t> {
    /// Reads the file line by line. `parse` returns `None` for a line that asks for nothing, a blank one or a comment,
    /// and what is wrong with a line that cannot stand in a restore file.
    pub fn read(text: &'t str, mut parse: impl FnMut(&'t str) -> Result<Option<Change>, String>) -> Self {
        let mut script = Self { text, lines: OnceCell::new(), commands: Vec::new(), bad: Vec::new() };
        for (number, line) in (1..).zip(text::lines(text)) {
            match parse(line) {
                Ok(None) => {}
                Ok(Some(change)) => script.commands.push(Command { line: number, change }),
                Err(what) => script.bad.push(BadLine { line: number, what }),
            }
        }
        script
    }

    /// The text of a line without the blanks around it, for messages; empty for a number that no line has.
    pub fn line(&self, number: u32) -> &'t str {
        let lines = self.lines.get_or_init(|| text::lines(self.text).collect());
        (number as usize).checked_sub(1).and_then(|index| lines.get(index)).map_or("", |line| line.trim())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_numbered_as_an_editor_does() {
        let script = Script::read("-C\n\n# x\r\n bad \r\n-C", |line| match line.trim() {
            "-C" => Ok(Some(Change::Flush)),
            "bad" => Err("wrong".to_owned()),
            _ => Ok(None),
        });
        assert_eq!(script.commands.iter().map(|command| command.line).collect::<Vec<_>>(), [1, 5]);
        assert_eq!(script.bad, [BadLine { line: 4, what: "wrong".to_owned() }]);
        assert_eq!([script.line(4), script.line(5), script.line(6), script.line(0)], ["bad", "-C", "", ""]);
    }
}
