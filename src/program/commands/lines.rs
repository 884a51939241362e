//! `-R`: commands from standard input, line by line as it arrives. A program may keep the pipe open, so what has come
//! is applied before we wait for more; lines that have come together go to the kernel together.

use super::App;
use crate::ipvs::client::{Client, Pipeline, Transport};
use crate::ipvs::error::KernelError;
use crate::ipvs::model::Change;
use crate::ipvs::text::{self, WholeLines};
use crate::program::cli::{self, Request, UsageError};
use crate::program::failure::Failure;

/// Changes in flight, each with its line.
type InFlight<'c, T> = Pipeline<'c, (u64, Change), T>;

impl<T: Transport> App<'_, T> {
    /// Goes on after a line that the kernel refuses or that has a syntax error; the status is 255 if there was any. A
    /// line that means nothing ends it, as in the reference.
    pub(super) fn restore_lines(&mut self, client: &mut Client<T>) -> Result<u8, Failure> {
        let mut in_flight = client.pipeline();
        let mut whole = WholeLines::default();
        let (mut number, mut status) = (0, 0);
        loop {
            let text = match whole.read(self.stdin) {
                Ok(Some(text)) => text,
                Ok(None) => return Ok(status),
                Err(error) => return Ok(self.report(&Failure::Input(error).at(number + 1))),
            };
            let mut words = Vec::new();
            for line in text::lines(&text) {
                number += 1;
                let request = cli::parse_line(line, &mut words, self.names);
                match self.line(request, number, &mut in_flight, &mut status) {
                    Ok(true) => {}
                    Ok(false) => return Ok(status),
                    Err(failure) => {
                        // The lines before it come first.
                        self.flush(&mut in_flight, &mut status)?;
                        let goes_on = matches!(&failure, Failure::Usage(error) if error.is_syntax());
                        let failed = self.report(&failure.at(number));
                        if !goes_on {
                            return Ok(failed);
                        }
                        status = failed;
                    }
                }
                if in_flight.is_full() {
                    self.flush(&mut in_flight, &mut status)?;
                }
            }
            self.flush(&mut in_flight, &mut status)?;
        }
    }

    /// Does what a line asks for; false when it ends the input, as help and version do in the reference.
    fn line(
        &mut self,
        request: Result<Option<Request>, UsageError>,
        number: u64,
        in_flight: &mut InFlight<'_, T>,
        status: &mut u8,
    ) -> Result<bool, Failure> {
        match request? {
            None => Ok(true),
            Some(Request::Change(change)) => {
                in_flight.push(&change, (number, change));
                Ok(true)
            }
            Some(request) => {
                self.flush(in_flight, status)?;
                self.execute(in_flight.client(), request)?;
                Ok(!matches!(request, Request::Help | Request::Version))
            }
        }
    }

    /// Has the kernel make the changes in flight and reports those that it refuses.
    fn flush(&mut self, in_flight: &mut InFlight<'_, T>, status: &mut u8) -> Result<(), Failure> {
        for ((number, change), errno) in in_flight.flush().map_err(Failure::Kernel)? {
            *status = self.report(&Failure::Change(change, KernelError::Refused(errno)).at(number));
        }
        Ok(())
    }
}
