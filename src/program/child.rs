//! Other programs that ours starts. The standard library's `Command` can do more, and has the loader look for all that it
//! may need each time ours starts: a twentieth of a short command.

use nix::Result;
use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::spawn::{PosixSpawnAttr, PosixSpawnFileActions, posix_spawn};
use nix::sys::stat::Mode;
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{Pid, pipe2};
use std::ffi::CStr;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::AsRawFd;

/// Runs the program whose path is the first of these words, and says whether it claims success. What it prints goes where our
/// output goes; of our input and environment it sees nothing.
///
/// # Errors
/// When it cannot be started.
pub fn succeeds(words: &[&CStr]) -> Result<bool> {
    has_succeeded(start(words, PosixSpawnFileActions::init()?)?)
}

/// Runs a program likewise, and returns what it prints if it claims success. What it says of errors goes nowhere.
///
/// # Errors
/// When it cannot be started, or what it prints cannot be read.
#[inline(never)]
pub fn printed(words: &[&CStr]) -> io::Result<Option<Vec<u8>>> {
    let (read, write) = pipe2(OFlag::O_CLOEXEC)?;
    let mut files = PosixSpawnFileActions::init()?;
    files.add_dup2(write.as_raw_fd(), 1)?;
    files.add_open(2, c"/dev/null", OFlag::O_WRONLY, Mode::empty())?;
    let child = start(words, files)?;
    // Else there would be no end of it.
    drop(write);
    let mut printed = Vec::new();
    let outcome = File::from(read).read_to_end(&mut printed);
    let succeeded = has_succeeded(child)?;
    outcome?;
    Ok(succeeded.then_some(printed))
}

fn start(words: &[&CStr], mut files: PosixSpawnFileActions) -> Result<Pid> {
    files.add_open(0, c"/dev/null", OFlag::O_RDONLY, Mode::empty())?;
    let environment = [c"PATH=/usr/sbin:/usr/bin:/sbin:/bin"];
    posix_spawn(words[0], &files, &PosixSpawnAttr::init()?, words, &environment)
}

fn has_succeeded(child: Pid) -> Result<bool> {
    loop {
        match waitpid(child, None) {
            Err(Errno::EINTR) => {}
            ended => return Ok(ended? == WaitStatus::Exited(child, 0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_program_prints() {
        let shell = |script| printed(&[c"/bin/sh", c"-c", script]).unwrap();
        assert_eq!(shell(c"echo x; echo y >&2"), Some(b"x\n".to_vec()));
        assert_eq!(shell(c"echo x; exit 3"), None);
        // More than a pipe holds.
        assert_eq!(shell(c"head -c 1000000 /dev/zero").map(|printed| printed.len()), Some(1_000_000));
        assert!(!printed(&[c"/nowhere"]).is_ok_and(|printed| printed.is_some()));
    }

    #[test]
    fn what_a_program_claims() {
        assert_eq!(succeeds(&[c"/bin/true"]), Ok(true));
        assert_eq!(succeeds(&[c"/bin/false"]), Ok(false));
        // It has no input, and none of our environment.
        assert_eq!(succeeds(&[c"/bin/sh", c"-c", c"! read x && test -z \"$HOME\""]), Ok(true));
        assert!(!succeeds(&[c"/nowhere"]).unwrap_or(false));
    }
}
