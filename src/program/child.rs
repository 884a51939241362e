//! Other programs that ours starts. The standard library's `Command` can do more, and has the loader look for all that it
//! may need each time ours starts: a twentieth of a short command.

use nix::Result;
use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::spawn::{PosixSpawnAttr, PosixSpawnFileActions, posix_spawn};
use nix::sys::stat::Mode;
use nix::sys::wait::{WaitStatus, waitpid};
use std::ffi::CStr;

/// Runs the program whose path is the first of these words, and says whether it claims success. What it prints goes where our
/// output goes; of our input and environment it sees nothing.
///
/// # Errors
/// When it cannot be started.
pub fn succeeds(words: &[&CStr]) -> Result<bool> {
    let mut files = PosixSpawnFileActions::init()?;
    files.add_open(0, c"/dev/null", OFlag::O_RDONLY, Mode::empty())?;
    let environment = [c"PATH=/usr/sbin:/usr/bin:/sbin:/bin"];
    let child = posix_spawn(words[0], &files, &PosixSpawnAttr::init()?, words, &environment)?;
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
    fn what_a_program_claims() {
        assert_eq!(succeeds(&[c"/bin/true"]), Ok(true));
        assert_eq!(succeeds(&[c"/bin/false"]), Ok(false));
        // It has no input, and none of our environment.
        assert_eq!(succeeds(&[c"/bin/sh", c"-c", c"! read x && test -z \"$HOME\""]), Ok(true));
        assert!(!succeeds(&[c"/nowhere"]).unwrap_or(false));
    }
}
