//! Wiring: from a command line to the kernel and back to bytes. Everything outside comes in through [`App`], so that
//! whole commands run in a test against a scripted kernel.

mod full_save;
mod lines;
mod listing;
mod restore;
#[cfg(test)]
mod tests;

use crate::ipvs::client::{Client, Transport};
use crate::ipvs::error::ConnectError;
use crate::ipvs::model::Change;
use crate::program::applet::Applet;
use crate::program::cli::{self, Request, usage};
use crate::program::failure::{Failure, print_line};
use crate::program::names::NameService;
use std::io::{Read, Write};

/// Output is written in pieces of about this many bytes.
const PIECE: usize = 64 << 10;

/// What a command works with.
pub struct App<'a, T> {
    /// `argv[0]` as it was called.
    pub program: &'a str,
    /// Standard input.
    pub stdin: &'a mut dyn Read,
    /// Standard output.
    pub stdout: &'a mut dyn Write,
    /// Standard error.
    pub stderr: &'a mut dyn Write,
    /// Names of hosts and ports.
    pub names: &'a dyn NameService,
    /// Connects to the kernel, when a command needs it.
    pub connect: &'a dyn Fn() -> Result<Client<T>, ConnectError>,
}

impl<T: Transport> App<'_, T> {
    /// Runs one command line (without `argv[0]`) and returns the exit status.
    ///
    /// # Errors
    /// What ended the command, and is still to be printed. Of lines that fail one by one, each has been.
    pub fn run(&mut self, applet: Applet, arguments: &[&str]) -> Result<u8, Failure> {
        match applet {
            Applet::Ipvsadm => self.ipvsadm(arguments),
            Applet::Save => self.save(arguments),
            Applet::Restore => self.restore(arguments),
        }
    }

    fn ipvsadm(&mut self, arguments: &[&str]) -> Result<u8, Failure> {
        let request = cli::parse(arguments, self.names);
        if let Ok(Request::Help | Request::Version) = request {
            return self.about(request == Ok(Request::Help)).map(|()| 0);
        }
        // Before it complains of the arguments, the reference complains of a kernel without ip_vs.
        let mut client = (self.connect)()?;
        match request? {
            Request::Restore => self.restore_lines(&mut client),
            request => self.execute(&mut client, request).map(|()| 0),
        }
    }

    /// `ipvsadm-save [-n] [--full]`: any other option is answered with the usage, other words are ignored.
    fn save(&mut self, arguments: &[&str]) -> Result<u8, Failure> {
        let options = || arguments.iter().filter(|word| word.starts_with('-'));
        if options().any(|word| !matches!(*word, "-n" | "--full")) {
            self.print_error(
                "ipvsadm-save: Script to save the IPVS table to stdout.\n   \
                 With the -n option, prints out the table in numeric format.",
            );
            return Ok(1);
        }
        let has = |option| options().any(|word| *word == option);
        let (numeric, full) = (has("-n"), has("--full"));
        let mut client = (self.connect)()?;
        self.execute(&mut client, Request::Save { numeric, full }).map(|()| 0)
    }

    /// Executes any request but a restore.
    fn execute(&mut self, client: &mut Client<T>, request: Request) -> Result<(), Failure> {
        match request {
            Request::Change(change) => self.change(client, change),
            Request::List(listing) => self.list(client, &listing),
            Request::Save { full: true, .. } => self.save_everything(client),
            Request::Save { numeric, full: false } => self.save_rules(client, numeric),
            Request::Help => self.about(true),
            Request::Version => self.about(false),
            Request::Restore => self.restore_lines(client).map(drop),
        }
    }

    fn change(&self, client: &mut Client<T>, change: Change) -> Result<(), Failure> {
        client.apply(&change).map_err(|error| Failure::Change(change, error))
    }

    fn about(&mut self, help: bool) -> Result<(), Failure> {
        let text = if help { usage::help() } else { usage::version() };
        self.write(text.as_bytes())
    }

    /// Prints a failure and returns its status.
    fn report(&mut self, failure: &Failure) -> u8 {
        if let Some(message) = failure.message(self.program) {
            self.print_error(&message);
        }
        failure.status()
    }

    fn print_error(&mut self, message: &str) {
        print_line(self.stderr, message);
    }

    /// Writes to standard output. Like the reference, only a closed pipe ends a command; a full disk does not.
    fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        match self.stdout.write_all(bytes).and_then(|()| self.stdout.flush()) {
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Err(Failure::Output(error)),
            _ => Ok(()),
        }
    }

    /// Writes out what has been collected, once it is worth a system call.
    fn write_pieces(&mut self, out: &mut Vec<u8>) -> Result<(), Failure> {
        if out.len() >= PIECE {
            self.write(out)?;
            out.clear();
        }
        Ok(())
    }
}
