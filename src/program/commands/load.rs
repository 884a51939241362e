//! `-R`: commands from standard input, line by line as it arrives. A program may keep the pipe open, so what has come
//! is applied before we wait for more; lines that have come together go to the kernel together.

use super::execute;
use crate::ipvs::client::{Batch, Client};
use crate::ipvs::error::KernelError;
use crate::ipvs::model::Change;
use crate::ipvs::text::{self, WholeLines};
use crate::program::cli::{self, Request, UsageError};
use crate::program::context::Context;
use crate::program::failure::Failure;

/// Goes on after a line that the kernel refuses or that has a syntax error. A line that means nothing ends it, as in the
/// reference, and the status is that of the last line: programs live by it.
#[inline(never)]
pub fn run(context: &mut Context<'_>, client: &mut Client) -> Result<u8, Failure> {
    let mut whole = WholeLines::default();
    let mut load = Load { client, batch: Batch::default(), number: 0, status: 0 };
    loop {
        let text = match whole.read(context.stdin) {
            Ok(Some(text)) => text,
            Ok(None) => return Ok(load.status),
            Err(error) => return Ok(context.report(&Failure::Input(error).at(load.number + 1))),
        };
        if !load.lines(context, &text)? {
            return Ok(load.status);
        }
        load.send(context)?;
    }
}

/// How far a load has come.
struct Load<'c> {
    client: &'c mut Client,
    /// Changes that are still to be sent, each with its line.
    batch: Batch<(u64, Change)>,
    /// Of the last line.
    number: u64,
    /// The last line's.
    status: u8,
}

impl Load<'_> {
    /// Does what lines ask for; false when one ends the input.
    fn lines(&mut self, context: &mut Context<'_>, text: &str) -> Result<bool, Failure> {
        let mut words = Vec::new();
        for line in text::lines(text) {
            self.number += 1;
            let request = cli::parse_line(line, &mut words, context.names);
            match self.line(context, request) {
                Ok(true) => {}
                Ok(false) => return Ok(false),
                Err(failure) => {
                    // The lines before it come first.
                    self.send(context)?;
                    let goes_on = matches!(&failure, Failure::Usage(error) if error.is_syntax());
                    self.status = context.report(&failure.at(self.number));
                    if !goes_on {
                        return Ok(false);
                    }
                }
            }
            if self.batch.is_full() {
                self.send(context)?;
            }
        }
        Ok(true)
    }

    /// Does what a line asks for; false when it ends the input, as help and version do in the reference.
    fn line(
        &mut self,
        context: &mut Context<'_>,
        request: Result<Option<Request>, UsageError>,
    ) -> Result<bool, Failure> {
        match request? {
            None => Ok(true),
            Some(Request::Change(change)) => {
                self.batch.push(&change, (self.number, change));
                Ok(true)
            }
            Some(request) => {
                self.send(context)?;
                let ends = matches!(request, Request::Help | Request::Version);
                self.status = execute(context, self.client, request)?;
                Ok(!ends)
            }
        }
    }

    /// Has the kernel make the changes that wait, and reports those that it refuses.
    fn send(&mut self, context: &mut Context<'_>) -> Result<(), Failure> {
        let Some((last, _)) = self.batch.last() else { return Ok(()) };
        let last = *last;
        self.status = 0;
        for ((number, change), errno) in self.client.send(&mut self.batch).map_err(Failure::Kernel)? {
            let status = context.report(&Failure::Change(change, KernelError::Refused(errno)).at(number));
            if number == last {
                self.status = status;
            }
        }
        Ok(())
    }
}
