//! Standard input and output as the system gives them. The standard library's own take a descriptor that cannot be read
//! for one without input, and one that cannot be written for one that was written.

use nix::unistd;
use std::io::{self, Read, Write};

/// Standard input, without a buffer.
pub struct Input;

/// Standard output, without a buffer.
pub struct Output;

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        Ok(unistd::read(io::stdin(), buffer)?)
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(unistd::write(io::stdout(), bytes)?)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
