//! Everything outside of the program. No command reaches past it, so that whole commands run in a test against a scripted
//! kernel, with files and a clock of the test's making.

use super::failure::{Failure, print_line};
use super::lock::Attempt;
use super::names::NameService;
use super::network::Network;
use super::network_namespace::NamespaceError;
use super::output_file::Replacement;
use crate::ipvs::client::Client;
use crate::program::kernel::ConnectError;
use std::collections::BTreeSet;
use std::ffi::CStr;
use std::io::{self, ErrorKind, Read, Write};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// Output is written in pieces of about this many bytes.
pub const PIECE: usize = 64 << 10;

/// One of the three streams that a program is started with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Standard input.
    Input,
    /// Standard output.
    Output,
    /// Standard error.
    Error,
}

/// The machine that the program runs on, but for its streams and names.
pub trait Host {
    /// Connects to the kernel's ip_vs, and loads the module if need be.
    ///
    /// # Errors
    /// When there is no ip_vs, or the caller may not administer it.
    fn connect(&self) -> Result<Client, ConnectError>;

    /// Moves the program into a network namespace, see [`super::network_namespace`]. Whatever is done afterwards is done in it.
    ///
    /// # Errors
    /// When there is no such namespace, or it may not be entered.
    fn enter(&self, namespace: &str) -> Result<(), NamespaceError> {
        let _ = namespace;
        Ok(())
    }

    /// Whether a stream is a terminal.
    fn is_terminal(&self, stream: Stream) -> bool;

    /// Opens a file for reading: of /proc, or one that the user has named.
    ///
    /// # Errors
    /// Those of opening.
    fn open(&self, path: &Path) -> io::Result<Box<dyn Read>>;

    /// Opens what takes the place of a file once it is complete, see [`super::output_file`].
    ///
    /// # Errors
    /// Those of making a file beside it.
    fn replace(&self, path: &Path) -> io::Result<Box<dyn Replacement>>;

    /// The names of what is in a folder.
    ///
    /// # Errors
    /// Those of reading it.
    fn folder(&self, path: &Path) -> io::Result<Vec<String>>;

    /// The links, addresses and neighbours of this host, and the routes to these addresses.
    ///
    /// # Errors
    /// Those of a netlink socket.
    fn network(&self, destinations: &BTreeSet<IpAddr>) -> io::Result<Network> {
        let _ = destinations;
        Err(ErrorKind::Unsupported.into())
    }

    /// What a program of the system prints when it is asked to list something.
    ///
    /// # Errors
    /// When there is none of that name, or it fails.
    fn listing_of(&self, program: &CStr, arguments: &[&CStr]) -> io::Result<Vec<u8>> {
        let _ = (program, arguments);
        Err(ErrorKind::NotFound.into())
    }

    /// Where a symbolic link leads, such as those of /proc/PID/ns.
    ///
    /// # Errors
    /// Those of reading it.
    fn link(&self, path: &Path) -> io::Result<PathBuf> {
        let _ = path;
        Err(ErrorKind::NotFound.into())
    }

    /// The time since some moment in the past.
    fn now(&self) -> Duration;

    /// Waits; once [`Host::interruption`] has been called, no longer than until a signal comes.
    fn wait(&self, time: Duration);

    /// Waits as [`Host::wait`] does, or until standard input can be read, and says whether it can.
    ///
    /// # Errors
    /// When standard input is a terminal that has gone.
    fn wait_for_input(&self, time: Duration) -> io::Result<bool> {
        self.wait(time);
        Ok(false)
    }

    /// A variable of the environment.
    fn variable(&self, name: &str) -> Option<String> {
        let _ = name;
        None
    }

    /// From now on, SIGINT, SIGTERM and SIGHUP make this true in place of ending the program, and a reader that has gone
    /// is an error of writing. The second of them ends the program after all, wherever it is. Signals that were ignored
    /// when the program was started stay so.
    ///
    /// # Errors
    /// When the system does not let us.
    fn interruption(&self) -> io::Result<Arc<AtomicBool>>;

    /// Does the same, but `restore` is called before a second signal ends the program.
    ///
    /// # Errors
    /// When the system does not let us.
    fn interruption_restoring(&self, restore: fn()) -> io::Result<()> {
        let _ = restore;
        self.interruption().map(drop)
    }

    /// The last signal that came since [`Host::interruption`] was called.
    fn signal(&self) -> Option<i32>;

    /// From now on the first signal ends the program; before, it is the second one.
    fn end_at_signal(&self) {}

    /// Whether a stream takes some bytes now, without waiting for its reader.
    fn can_write(&self, stream: Stream) -> bool {
        let _ = stream;
        true
    }

    /// Whether a file, or standard input without one, is a device or something else that holds no rules by itself.
    fn is_device(&self, path: Option<&Path>) -> bool {
        let _ = path;
        false
    }

    /// Tries to take the lock of restores.
    ///
    /// # Errors
    /// When it cannot be known whether somebody has it.
    fn try_lock(&self) -> io::Result<Attempt> {
        Ok(Attempt::Taken(None))
    }
}

/// What a command works with.
pub struct Context<'a> {
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
    /// The rest.
    pub host: &'a dyn Host,
}

impl Context<'_> {
    /// Writes to standard output.
    ///
    /// # Errors
    /// When it cannot be written, which ends a command.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.stdout.write_all(bytes).and_then(|()| self.stdout.flush()).map_err(Failure::Output)
    }

    /// Writes out what has been collected, once it is worth a system call.
    ///
    /// # Errors
    /// As [`Context::write`].
    pub fn write_pieces(&mut self, out: &mut Vec<u8>) -> Result<(), Failure> {
        if out.len() >= PIECE {
            self.write(out)?;
            out.clear();
        }
        Ok(())
    }

    /// Prints a line for the user.
    pub fn print_error(&mut self, message: &str) {
        print_line(self.stderr, message);
    }

    /// Prints what helps a person, which is looked for where standard error is a terminal only.
    pub fn hint(&mut self, hint: impl FnOnce(&Self) -> Option<String>) {
        if self.host.is_terminal(Stream::Error) {
            if let Some(hint) = hint(self) {
                self.print_error(&format!("hint: {hint}"));
            }
        }
    }

    /// Prints a failure and returns its status.
    pub fn report(&mut self, failure: &Failure) -> u8 {
        if let Some(message) = failure.message(self.program, self.host.is_terminal(Stream::Error)) {
            self.print_error(&message);
        }
        failure.status()
    }
}
