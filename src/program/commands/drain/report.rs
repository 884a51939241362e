//! Tells how a drain goes: line by line, in one line of a terminal, or in documents. What cannot be written does not
//! end the drain.

use super::counts::Counts;
use super::obstacle::Obstacle;
use super::progress::{Drain, State};
use super::target::Target;
use super::{REFUSED, json, text};
use crate::ipvs::model::Change;
use crate::program::context::{Context, Host, Stream};
use crate::program::draining::Draining;
use crate::program::failure::print_line;
use crate::program::render::json::{DrainView, write};
use std::io::{self, Write};

/// How it is told.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Form {
    /// A line when something changes.
    Lines,
    /// A line that changes, on a terminal.
    Status,
    /// A document when something changes, and nothing on standard error.
    Json,
}

/// The teller.
pub struct Report<'a> {
    form: Form,
    host: &'a dyn Host,
    stdout: &'a mut dyn Write,
    stderr: &'a mut dyn Write,
    /// What was told last of each target.
    told: Vec<Counts>,
    /// Why standard output could not be written at first.
    failure: Option<io::Error>,
}

impl<'a> Report<'a> {
    pub fn new(context: &'a mut Context<'_>, draining: &Draining) -> Self {
        let form = match context.host.is_terminal(Stream::Output) {
            _ if draining.json => Form::Json,
            true => Form::Status,
            false => Form::Lines,
        };
        let Context { stdout, stderr, host, .. } = context;
        Self { form, host: *host, stdout: *stdout, stderr: *stderr, told: Vec::new(), failure: None }
    }

    /// That nothing is done.
    pub fn refused(&mut self, targets: &[Target], obstacles: &[Obstacle], draining: &Draining) {
        if self.form == Form::Json {
            let limit = draining.limit.map(|limit| limit.as_secs());
            return self.document(&json::refused(targets, obstacles, limit, REFUSED));
        }
        for obstacle in obstacles.iter().filter(|obstacle| obstacle.refuses()) {
            print_line(self.stderr, &text::obstacle(obstacle));
        }
        print_line(self.stderr, "Nothing is changed. Give another server a weight, or add --force.");
    }

    /// What stands in the way. Documents have it in the first one.
    pub fn obstacles(&mut self, obstacles: &[Obstacle]) {
        for obstacle in obstacles.iter().filter(|_| self.form != Form::Json) {
            print_line(self.stderr, &format!("Warning: {}", text::obstacle(obstacle)));
        }
    }

    /// That the targets take no new connections from now on.
    pub fn begun(&mut self, drain: &Drain<'_>, obstacles: &[Obstacle]) {
        if self.form == Form::Json {
            return self.document(&json::event("begun", drain, obstacles));
        }
        drain.targets().iter().flat_map(text::begun).for_each(|line| self.line(&line));
    }

    /// What was seen. Somebody who does not read it does not hold the drain up.
    pub fn seen(&mut self, drain: &Drain<'_>) {
        if !self.host.can_write(Stream::Output) {
            return;
        }
        if self.form == Form::Status {
            let line = text::status(drain);
            // A long line is cut by the terminal, whose size may change, and not wrapped.
            return self.write(format!("\r\x1b[K\x1b[?7l{line}\x1b[?7h").as_bytes());
        }
        let now: Vec<Counts> = drain.seen().iter().map(|seen| seen.counts).collect();
        if self.form == Form::Json && self.told != now {
            self.document(&json::event("progress", drain, &[]));
        }
        for (index, target) in drain.targets().iter().enumerate() {
            if self.form == Form::Lines && self.told.get(index) != Some(&now[index]) {
                self.line(&format!("{target}: {}", text::counts(target, now[index])));
            }
        }
        self.told = now;
    }

    /// How it ended, when the changes that the end asks for have been made.
    pub fn ended(&mut self, drain: &Drain<'_>, changes: &[Change], orphans_end: Option<bool>) {
        match self.form {
            Form::Json => return self.document(&json::ended(drain, changes)),
            Form::Status => self.write(b"\r\x1b[K"),
            Form::Lines => {}
        }
        let targets = 0..drain.targets().len();
        let mut lines: Vec<_> = targets.flat_map(|index| text::ended(drain, index, changes)).collect();
        let removes = changes.iter().any(|change| matches!(change, Change::DeleteServer(..)));
        if *drain.state() == State::TimeLimit && removes {
            lines.push(format!("Now {}", text::fate(orphans_end)));
        }
        for line in lines {
            match drain.state() {
                State::Drained => self.line(&line),
                _ => print_line(self.stderr, &line),
            }
        }
    }

    /// Why standard output could not be written, if it could not.
    pub fn failure(self) -> Option<io::Error> {
        self.failure
    }

    fn document(&mut self, document: &DrainView) {
        if let Err(error) = write(self.stdout, document) {
            self.failure.get_or_insert(error);
        }
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
