//! Tells how a drain goes: line by line, in one line of a terminal, or in documents. What cannot be written does not
//! end the drain.

use super::counts::Counts;
use super::obstacle::Obstacle;
use super::progress::{Drain, State};
use super::target::Target;
use super::text;
use crate::ipvs::model::Change;
use crate::program::context::{Context, Stream};
use crate::program::draining::Draining;
use crate::program::failure::print_line;
use std::io::{self, Write};

/// How it is told.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Form {
    /// A line when something changes.
    Lines,
    /// A line that changes, on a terminal.
    Status,
}

/// The teller.
pub struct Report<'a> {
    form: Form,
    stdout: &'a mut dyn Write,
    stderr: &'a mut dyn Write,
    /// What was told last of each target.
    told: Vec<Counts>,
    /// Why standard output could not be written at first.
    failure: Option<io::Error>,
}

impl<'a> Report<'a> {
    pub fn new(context: &'a mut Context<'_>, _draining: &Draining) -> Self {
        let form = match context.host.is_terminal(Stream::Output) {
            true => Form::Status,
            false => Form::Lines,
        };
        Self { form, stdout: context.stdout, stderr: context.stderr, told: Vec::new(), failure: None }
    }

    /// What stands in the way.
    pub fn obstacles(&mut self, obstacles: &[Obstacle]) {
        for obstacle in obstacles {
            print_line(self.stderr, &format!("Warning: {}", text::obstacle(obstacle)));
        }
    }

    /// That nothing is done.
    pub fn refused(&mut self, obstacles: &[Obstacle]) {
        for obstacle in obstacles.iter().filter(|obstacle| obstacle.refuses()) {
            print_line(self.stderr, &text::obstacle(obstacle));
        }
        print_line(self.stderr, "Nothing is changed. Give another server a weight, or add --force.");
    }

    /// That a target takes no new connections from now on.
    pub fn begun(&mut self, target: &Target) {
        self.line(&text::begun(target));
    }

    /// What was seen.
    pub fn seen(&mut self, drain: &Drain<'_>) {
        if self.form == Form::Status {
            let line = text::status(drain);
            // A long line is cut by the terminal, whose size may change, and not wrapped.
            return self.write(format!("\r\x1b[K\x1b[?7l{line}\x1b[?7h").as_bytes());
        }
        let now: Vec<Counts> = drain.seen().iter().map(|seen| seen.counts).collect();
        for (index, target) in drain.targets().iter().enumerate() {
            if self.told.get(index) != Some(&now[index]) {
                self.line(&format!("{target}: {}", text::counts(target, now[index])));
            }
        }
        self.told = now;
    }

    /// How it ended, when the changes that the end asks for have been made.
    pub fn ended(&mut self, drain: &Drain<'_>, changes: &[Change], orphans_end: Option<bool>) {
        if self.form == Form::Status {
            self.write(b"\r\x1b[K");
        }
        let well = *drain.state() == State::Drained;
        let mut lines: Vec<_> =
            (0..drain.targets().len()).flat_map(|index| text::ended(drain, index, changes)).collect();
        if *drain.state() == State::TimeLimit && changes.iter().any(|change| matches!(change, Change::DeleteServer(..)))
        {
            lines.push(format!("Now {}", text::fate(orphans_end)));
        }
        for line in lines {
            match well {
                true => self.line(&line),
                false => print_line(self.stderr, &line),
            }
        }
    }

    /// Why standard output could not be written, if it could not.
    pub fn failure(self) -> Option<io::Error> {
        self.failure
    }

    fn line(&mut self, line: &str) {
        self.write(format!("{line}\n").as_bytes());
    }

    fn write(&mut self, bytes: &[u8]) {
        if let Err(error) = self.stdout.write_all(bytes).and_then(|()| self.stdout.flush()) {
            self.failure.get_or_insert(error);
        }
    }
}
