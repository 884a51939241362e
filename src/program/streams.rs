//! Standard input and output as the system gives them. The standard library's own take a descriptor that cannot be read
//! for one without input, and one that cannot be written for one that was written.

use nix::unistd;
use std::io::{self, Read, Stdin, Stdout, Write};

/// Standard input, without a buffer.
pub struct Input(pub Stdin);

/// Standard output, without a buffer.
pub struct Output(pub Stdout);

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        Ok(unistd::read(&self.0, buffer)?)
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(unistd::write(&self.0, bytes)?)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
