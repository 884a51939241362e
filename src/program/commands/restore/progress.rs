//! The changes, printed as they are made. A reader that waits never holds them up: what it does not take at once waits in
//! memory, where the plan takes more room anyway.

use crate::ipvs::model::Change;
use crate::ipvs::restore::Report;
use crate::program::context::{Context, Stream};
use crate::program::render::rules;
use std::io::{self, ErrorKind};

/// So many changes are worth a progress line.
const LARGE: usize = 1000;
/// A pipe that takes anything takes so many bytes (`PIPE_BUF`).
const PIECE: usize = 4096;

/// Prints changes. What cannot be written, to a full disk or a reader that has gone, does not end the restore.
pub struct Progress<'a, 'c> {
    context: &'a mut Context<'c>,
    verbose: bool,
    terminal: bool,
    waiting: Vec<u8>,
    lost: Option<io::Error>,
}

impl<'a, 'c> Progress<'a, 'c> {
    /// Prints nothing unless it is `verbose`, and then also how far it is, on a terminal.
    pub fn new(context: &'a mut Context<'c>, verbose: bool) -> Self {
        let terminal = verbose && context.host.is_terminal(Stream::Error);
        Self { context, verbose, terminal, waiting: Vec::new(), lost: None }
    }

    /// From now on a signal ends the program, which may be waiting for a reader.
    pub fn end_at_signal(&self) {
        self.context.host.end_at_signal();
    }

    /// Prints what is left: with patience all of it, else what is taken at once.
    ///
    /// # Errors
    /// When something could not be written.
    pub fn finish(mut self, patience: bool) -> io::Result<()> {
        self.write(patience);
        self.lost.map_or(Ok(()), Err)
    }

    fn write(&mut self, patience: bool) {
        self.lost = write(self.context, Stream::Output, &mut self.waiting, patience).err().or(self.lost.take());
    }
}

impl Report for Progress<'_, '_> {
    fn made(&mut self, change: &Change) {
        if self.verbose {
            rules::change(&mut self.waiting, change);
        }
    }

    fn progress(&mut self, done: usize, planned: usize) {
        let large = self.terminal && planned >= LARGE && self.context.host.can_write(Stream::Error);
        if large {
            // The line of before makes room for the changes.
            let _ = self.context.stderr.write_all(b"\r\x1b[K");
        }
        self.write(false);
        if large && done < planned {
            let _ = write!(self.context.stderr, "{done} of {planned} changes");
        }
    }
}

/// Writes text to standard output or error: with patience all of it, else what is taken at once; the rest stays.
///
/// # Errors
/// When it cannot be written; then all of it is lost.
pub fn write(context: &mut Context<'_>, stream: Stream, text: &mut Vec<u8>, patience: bool) -> io::Result<()> {
    let host = context.host;
    let out = if stream == Stream::Error { &mut *context.stderr } else { &mut *context.stdout };
    let mut written = 0;
    while written < text.len() && (patience || host.can_write(stream)) {
        let end = if patience { text.len() } else { text.len().min(written + PIECE) };
        match out.write(&text[written..end]) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Ok(count) if count > 0 => written += count,
            outcome => {
                text.clear();
                return Err(outcome.err().unwrap_or(ErrorKind::WriteZero.into()));
            }
        }
    }
    text.drain(..written);
    out.flush()
}
