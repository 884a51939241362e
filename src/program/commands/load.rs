//! `-R`: commands from standard input, line by line as it arrives. A program may keep the pipe open, so what has come
//! is applied before we wait for more; lines that have come together go to the kernel together.

use super::execute;
use crate::ipvs::client::Client;
use crate::ipvs::ensure::{Pipeline, Refused};
use crate::ipvs::error::KernelError;
use crate::ipvs::text::{self, WholeLines};
use crate::program::cli::kept::Kept;
use crate::program::cli::{self, Request, UsageError};
use crate::program::context::Context;
use crate::program::failure::Failure;

/// Goes on after a line that the kernel refuses, that has a syntax error, or that lists what cannot be written. A line that
/// means nothing ends it, as in the reference, and the status is that of the last line: programs live by it.
#[inline(never)]
pub fn run(context: &mut Context<'_>, client: &mut Client) -> Result<u8, Failure> {
    let mut whole = WholeLines::default();
    let mut load = Load { client, pipeline: Pipeline::default(), number: 0, last: 0, status: 0 };
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
    /// What is still to be done, each with its line.
    pipeline: Pipeline<u64>,
    /// Of the last line.
    number: u64,
    /// Of the last line that went into the pipeline.
    last: u64,
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
                    let goes_on = match &failure {
                        Failure::Usage(error) => error.is_syntax(),
                        Failure::Output(_) => true,
                        _ => false,
                    };
                    self.status = context.report(&failure.at(self.number));
                    if !goes_on {
                        return Ok(false);
                    }
                }
            }
            let refused = self.pipeline.refused();
            self.tell(context, refused);
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
                self.begin();
                let lost = self.lost();
                self.pipeline.push(self.client, &change, self.number).map_err(lost)?;
                Ok(true)
            }
            Some(Request::Ensure(change)) => {
                self.begin();
                let lost = self.lost();
                self.pipeline.ensure(self.client, &change, self.number).map_err(lost)?;
                Ok(true)
            }
            Some(Request::Keep(kept)) => self.keep(context, &kept).map(|()| true),
            Some(request) => {
                self.send(context)?;
                let ends = matches!(request, Request::Help | Request::Version);
                self.status = execute(context, self.client, request)?;
                Ok(!ends)
            }
        }
    }

    /// A line goes into the pipeline, and is well unless something else is heard of it.
    fn begin(&mut self) {
        (self.last, self.status) = (self.number, 0);
    }

    /// What it is that the kernel fails in the middle of what waits.
    fn lost(&self) -> impl FnOnce(KernelError) -> Failure + use<> {
        let (first, last) = (self.pipeline.first().copied().unwrap_or(self.number), self.last);
        move |error| Failure::Lines(first, last, error)
    }

    /// Unlike in a line that means nothing in itself, what does not go with what lives ends nothing.
    #[inline(never)]
    fn keep(&mut self, context: &mut Context<'_>, kept: &Kept) -> Result<(), Failure> {
        self.begin();
        let lost = self.lost();
        let Self { client, pipeline, number, .. } = self;
        let judged = match kept {
            Kept::Service(kept) => pipeline.edit_service(client, kept.key(), *number, |live| kept.over(&live)),
            Kept::Server(kept) => {
                let (service, server) = kept.keys();
                pipeline.edit_server(client, service, server, *number, |live| kept.over(&live))
            }
        };
        if let Err(error) = judged.map_err(lost)? {
            self.send(context)?;
            self.status = context.report(&Failure::Usage(error).at(self.number));
        }
        Ok(())
    }

    /// Has the kernel do what waits, and reports what it refuses.
    fn send(&mut self, context: &mut Context<'_>) -> Result<(), Failure> {
        let lost = self.lost();
        let refused = self.pipeline.finish(self.client).map_err(lost)?;
        self.tell(context, refused);
        Ok(())
    }

    /// Reports what has been refused.
    fn tell(&mut self, context: &mut Context<'_>, refused: Vec<Refused<u64>>) {
        for Refused { context: number, error, ensured, .. } in refused {
            let failure = match ensured {
                true => Failure::Ensure(error.change, error.error),
                false => error.into(),
            };
            let status = context.report(&failure.at(number));
            if number == self.last {
                self.status = status;
            }
        }
    }
}
