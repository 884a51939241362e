//! `--netns`: the network namespace that a command works in, with its own IPVS table, connections and settings.

use crate::ipvs::error::io_text;
use crate::ipvs::text::encode;
use crate::program::quoted::quoted;
use nix::errno::Errno;
use nix::sched::{CloneFlags, setns};
use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Where `ip netns` has the namespaces that have names; the second is where older ones had them.
pub const FOLDERS: [&str; 2] = ["/run/netns", "/var/run/netns"];

/// Why a network namespace was not entered. Each has the user's word for it.
#[derive(Debug, Error)]
pub enum NamespaceError {
    /// No namespace has this name.
    #[error("there is no network namespace {}, no file of that name in {}", quoted(.0), FOLDERS[0])]
    NoName(String),
    /// No process has this number.
    #[error("there is no process {0} whose network namespace could be entered")]
    NoProcess(String),
    /// Its file cannot be opened.
    #[error("cannot open the network namespace {}: {}", quoted(.0), io_text(.1))]
    Unopened(String, io::Error),
    /// The file is something else.
    #[error("cannot enter {}: it is no network namespace", quoted(.0))]
    NoNamespace(String),
    /// The caller may not.
    #[error("cannot enter the network namespace {}: this needs CAP_SYS_ADMIN", quoted(.0))]
    Forbidden(String),
    /// Anything else.
    #[error("cannot enter the network namespace {}: {}", quoted(.0), io_text(.1))]
    NotEntered(String, io::Error),
}

/// Moves the calling thread into the namespace that a word of the user's means: a PID if there are only digits in it, a path
/// if there is a `/`, else a name of `ip netns`.
///
/// What it opens from then on is of that namespace, and so are the threads and processes that it starts. /proc/net is that
/// of the process's first thread: it is for this one to enter.
///
/// # Errors
/// When there is no such namespace, or it may not be entered.
pub fn enter(word: &str) -> Result<(), NamespaceError> {
    let namespace = open(word)?;
    setns(namespace, CloneFlags::CLONE_NEWNET).map_err(|errno| match errno {
        Errno::EINVAL => NamespaceError::NoNamespace(word.to_owned()),
        Errno::EPERM => NamespaceError::Forbidden(word.to_owned()),
        errno => NamespaceError::NotEntered(word.to_owned(), errno.into()),
    })
}

fn open(word: &str) -> Result<File, NamespaceError> {
    let kind = Kind::of(word);
    let path = OsString::from_vec(encode(word).into_owned());
    let opened = match kind {
        Kind::Process => File::open(Path::new("/proc").join(path).join("ns/net")),
        Kind::Path => File::open(path),
        Kind::Name => {
            let [first, second] = FOLDERS.map(|folder| PathBuf::from(folder).join(&path));
            File::open(first).or_else(|error| File::open(second).map_err(|_| error))
        }
    };
    opened.map_err(|error| match (kind, error.kind()) {
        (Kind::Name, io::ErrorKind::NotFound) => NamespaceError::NoName(word.to_owned()),
        (Kind::Process, io::ErrorKind::NotFound) => NamespaceError::NoProcess(word.to_owned()),
        _ => NamespaceError::Unopened(word.to_owned(), error),
    })
}

/// What a word means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Name,
    Path,
    Process,
}

impl Kind {
    fn of(word: &str) -> Self {
        if word.contains('/') {
            Self::Path
        } else if !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit()) {
            Self::Process
        } else {
            Self::Name
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_word_means() {
        for (word, kind) in [
            ("blue", Kind::Name),
            ("", Kind::Name),
            ("12a", Kind::Name),
            ("..", Kind::Name),
            ("12", Kind::Process),
            ("./12", Kind::Path),
            ("/run/netns/blue", Kind::Path),
        ] {
            assert_eq!(Kind::of(word), kind, "{word}");
        }
    }

    #[test]
    fn what_is_not_there() {
        for (word, expected) in [
            ("no such\n", "there is no network namespace no such\\n, no file of that name in /run/netns"),
            ("4294967295", "there is no process 4294967295 whose network namespace could be entered"),
            ("/no/such", "cannot open the network namespace /no/such: No such file or directory"),
        ] {
            assert_eq!(enter(word).unwrap_err().to_string(), expected);
        }
    }
}
