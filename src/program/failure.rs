//! Every layer's error as the text that the user reads and the status that scripts see: 1, 2 and 255 are decided here.

use crate::ipvs::error::{ChangeError, KernelError, io_text};
use crate::ipvs::model::{Change, Errno};
use crate::ipvs::text;
use crate::program::cli::UsageError;
use crate::program::kernel::ConnectError;
use crate::program::network_namespace::NamespaceError;
use crate::program::quoted::quoted;
use anyhow::anyhow;
use std::io;
use std::path::Path;
use thiserror::Error;

/// What ended a command, or failed a line of a restore file.
#[derive(Debug, Error)]
pub enum Failure {
    /// The command line does not parse.
    #[error(transparent)]
    Usage(#[from] UsageError),
    /// There is no such network namespace, or no permission to enter it.
    #[error(transparent)]
    Namespace(#[from] NamespaceError),
    /// There is no ip_vs, or no permission to administer it.
    #[error("Can't initialize ipvs: {}\nAre you sure that IP Virtual Server is built in the kernel or as module?", .0.errno().map_or_else(|| .0.to_string(), general_text))]
    Connect(#[from] ConnectError),
    /// A change was refused.
    #[error("{}", refusal(.0, .1))]
    Change(Change, KernelError),
    /// A change that was to be made whatever is there was refused.
    #[error("{}", refusal_of_ensured(.0, .1))]
    Ensure(Change, KernelError),
    /// There is no such service or server; the whole text.
    #[error("{0}")]
    NotThere(String),
    /// Something could not be listed.
    #[error("{}", list_refusal(.0))]
    List(KernelError),
    /// The way to the kernel failed.
    #[error("cannot talk to the kernel: {0}")]
    Kernel(KernelError),
    /// It failed when these lines, from the first to the last one, were sent.
    #[error("lines {0} to {1}: cannot talk to the kernel: {2}: it is unknown which of them were made")]
    Lines(u64, u64, KernelError),
    /// Standard output cannot be written.
    #[error("cannot write: {}", io_text(.0))]
    Output(io::Error),
    /// Standard input cannot be read.
    #[error("cannot read standard input: {}", io_text(.0))]
    Input(io::Error),
    /// What the reference has no text for: the whole chain of reasons, and the status.
    #[error("{0:#}")]
    Other(anyhow::Error, u8),
    /// One of them, in a line of standard input.
    #[error("line {0}: {1}")]
    Line(u64, Box<Self>),
}

impl From<ChangeError> for Failure {
    fn from(refused: ChangeError) -> Self {
        Self::Change(refused.change, refused.error)
    }
}

impl Failure {
    /// Puts the line's number before it.
    pub fn at(self, line: u64) -> Self {
        Self::Line(line, Box::new(self))
    }

    /// A file that cannot be read or written.
    pub fn of_file(what: &str, path: &Path, error: &io::Error, status: u8) -> Self {
        let path = path.to_string_lossy();
        Self::Other(anyhow!(io_text(error)).context(format!("cannot {what} {}", quoted(&path))), status)
    }

    /// The exit status.
    pub fn status(&self) -> u8 {
        match self {
            Self::Usage(error) => error.status(),
            Self::Connect(_) | Self::Namespace(_) => 2,
            Self::Change(..)
            | Self::Ensure(..)
            | Self::NotThere(_)
            | Self::Kernel(_)
            | Self::Lines(..)
            | Self::Input(_) => 255,
            // With SIGPIPE ignored, as systemd starts services, the reference does not notice that its reader has gone.
            // Else the signal has ended us before.
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => 0,
            Self::List(_) | Self::Output(_) => 1,
            Self::Other(_, status) => *status,
            Self::Line(_, failure) => failure.status(),
        }
    }

    /// The text for standard error, without its last newline; `program` is `argv[0]` as it was called. A reader that
    /// has gone away is no error to speak of.
    ///
    /// Scripts get the user's words byte for byte; on a terminal none is shown that it would obey.
    pub fn message(&self, program: &str, on_terminal: bool) -> Option<String> {
        match self {
            Self::Usage(error) if on_terminal => Some(error.clone().shown().message(&quoted(program))),
            Self::Usage(error) => Some(error.message(program)),
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => None,
            Self::Line(line, failure) => Some(format!("line {line}: {}", failure.message(program, on_terminal)?)),
            other => Some(other.to_string()),
        }
    }
}

/// Prints a line for the user, byte for byte as its words were given.
pub fn print_line(stderr: &mut dyn io::Write, message: &str) {
    let mut line = text::encode(message).into_owned();
    line.push(b'\n');
    // Nobody is left to tell if this fails.
    let _ = stderr.write_all(&line);
}

/// The reference's texts for a refusal, by command: scripts read them.
fn refusal(change: &Change, error: &KernelError) -> String {
    let Some(errno) = error.errno() else {
        return format!("{error}: it is unknown whether the change was made");
    };
    let text = match (change, errno) {
        (Change::AddService(_), Errno::EEXIST) => "Service already exists",
        (Change::AddServer(..), Errno::EEXIST) => "Destination already exists",
        (Change::StartDaemon(_), Errno::EEXIST) => "Daemon has already run",
        (Change::AddService(_) | Change::EditService(_), Errno::ENOENT) => "Scheduler or persistence engine not found",
        (Change::EditServer(..) | Change::DeleteServer(..), Errno::ENOENT) => "No such destination",
        (Change::EditService(_) | Change::DeleteService(_) | Change::Zero(_), Errno::ESRCH) => "No such service",
        (Change::AddServer(..) | Change::EditServer(..) | Change::DeleteServer(..), Errno::ESRCH) => {
            "Service not defined"
        }
        (Change::StopDaemon(_), Errno::ESRCH) => "No daemon is running",
        _ => return general_text(errno),
    };
    text.to_owned()
}

/// The same; what is missing has its name, for that is not what was to be made.
fn refusal_of_ensured(change: &Change, error: &KernelError) -> String {
    let text = refusal(change, error);
    match (change, error.errno()) {
        (Change::AddServer(key, _), Some(Errno::ESRCH)) => format!("{text}: {key}"),
        _ => text,
    }
}

fn list_refusal(error: &KernelError) -> String {
    if let KernelError::NoService(key) = error {
        return format!("No such service: {key}");
    }
    match error.errno() {
        Some(Errno::ESRCH) => "No such service".to_owned(),
        Some(errno) => general_text(errno),
        None => error.to_string(),
    }
}

/// The reference's texts for an error number, whatever the command.
fn general_text(errno: Errno) -> String {
    let text = match errno {
        Errno::EPERM => "Permission denied (you must be root)",
        Errno::EINVAL => "Invalid operation.  Possibly wrong module version, address not unicast, ...",
        Errno::ENOPROTOOPT => "Protocol not available",
        Errno::ENOMEM => "Memory allocation problem",
        Errno::EOPNOTSUPP => "Operation not supported with IPv6",
        Errno::EAFNOSUPPORT => "Operation not supported with specified address family",
        Errno::EMSGSIZE => "Module is wrong version",
        _ => return errno.to_string(),
    };
    text.to_owned()
}
