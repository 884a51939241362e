//! The suite's test of itself: our program's outcome is altered a little, and the judge has to notice.

use crate::case::Command;
use crate::program::{Outcome, Status};
use crate::views::{Kind, kind};

/// One way to alter what our program did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mutation {
    /// Another status.
    Status,
    /// One byte of stdout, the last before the line's end, is another.
    OutputByte,
    /// The first blank of the last line is gone.
    OutputBlank,
    OutputLastLineLost,
    OutputLastNewlineLost,
    /// The last two lines change places.
    OutputLinesSwapped,
    OutputLineTwice,
    ErrorByte,
    ErrorLost,
    ErrorAdded,
    /// An error goes to stdout.
    ErrorOnOutput,
    /// A restore's message names the line before.
    LineNumber,
}

/// Every mutation with a case on which it has to be noticed.
pub const MUTATIONS: &[(Mutation, &str)] = &[
    (Mutation::Status, "# a success\n$ ipvsadm -A -t 10.0.0.1:80\n"),
    (Mutation::OutputByte, "# a view in the end\n$ ipvsadm -A -t 10.0.0.1:80\n"),
    (Mutation::OutputByte, "# a view in the middle\nviews none\n$ ipvsadm -A -t 10.0.0.1:80\n? -Ln\n$ ipvsadm -C\n"),
    (Mutation::OutputByte, "# a listing as a step\nviews none\n$ ipvsadm -A -t 10.0.0.1:80\n$ ipvsadm -Ln\n"),
    (Mutation::OutputBlank, "# a trailing blank\n$ ipvsadm -A -f 1\n$ ipvsadm -a -f 1 -r 10.0.0.1\n? -Ln\n"),
    (Mutation::OutputLastLineLost, "# a server\n$ ipvsadm -A -f 1\n$ ipvsadm -a -f 1 -r 10.0.0.1\n"),
    (Mutation::OutputLastLineLost, "# a negative mark\n$ ipvsadm -A -f 4294967295\n"),
    (Mutation::OutputLastNewlineLost, "# any line\n$ ipvsadm -A -f 1\n"),
    (Mutation::OutputLinesSwapped, "# order\nviews none\n$ ipvsadm -A -f 1\n$ ipvsadm -A -f 2\n? -Ln\n"),
    (Mutation::OutputLinesSwapped, "# order\nviews none\n$ ipvsadm -A -f 1\n$ ipvsadm -A -f 2\n$ ipvsadm -Sn\n"),
    (Mutation::OutputLineTwice, "# any line\n$ ipvsadm -A -f 1\n"),
    (Mutation::ErrorByte, "# a kernel error\n$ ipvsadm -D -f 1\n"),
    (Mutation::ErrorByte, "# an error of values\nviews none\n$ ipvsadm -A -t 1.2.3.4:x -s rr\n"),
    (Mutation::ErrorLost, "# a syntax error\nviews none\n$ ipvsadm -L -Q\n"),
    (Mutation::ErrorAdded, "# a success\nviews none\n$ ipvsadm -C\n"),
    (Mutation::ErrorAdded, "# version\nviews none\n$ ipvsadm -v\n"),
    (Mutation::ErrorOnOutput, "# no command\nviews none\n$ ipvsadm -t 1.2.3.4:80\n"),
    (Mutation::LineNumber, "# a failing line\n$ ipvsadm -R <<END\n-A -f 1\n\n-A -f 1\nEND\n"),
    (Mutation::Status, "# a failing line\n$ ipvsadm -R <<END\n-A -f 1\n-A -f 1\n-A -f 2\nEND\n"),
];

impl Mutation {
    /// The outcome as this mutation makes it.
    pub fn apply(self, command: &Command, mut outcome: Outcome) -> Outcome {
        let (stdout, stderr) = (&mut outcome.stdout, &mut outcome.stderr);
        match self {
            Mutation::Status => {
                outcome.status = match outcome.status {
                    Status::Exit(code) => Status::Exit(code ^ 1),
                    Status::Signal(number) => Status::Exit(number),
                };
            }
            Mutation::OutputByte => change_byte(stdout),
            Mutation::OutputBlank => {
                let line = last_line(stdout);
                if let Some(at) = stdout[line..].iter().position(|byte| *byte == b' ') {
                    stdout.remove(line + at);
                }
            }
            Mutation::OutputLastLineLost => stdout.truncate(last_line(stdout)),
            Mutation::OutputLastNewlineLost => drop(stdout.pop()),
            Mutation::OutputLinesSwapped => {
                let last = stdout.split_off(last_line(stdout));
                let at = last_line(stdout);
                stdout.splice(at..at, last);
            }
            Mutation::OutputLineTwice => stdout.extend_from_within(last_line(stdout)..),
            Mutation::ErrorByte => change_byte(stderr),
            Mutation::ErrorLost => stderr.clear(),
            Mutation::ErrorAdded => stderr.push(b'\n'),
            Mutation::ErrorOnOutput => stdout.append(stderr),
            Mutation::LineNumber if kind(command) == Kind::Restore => {
                if let Some(digit) = stderr.iter_mut().find(|byte| byte.is_ascii_digit()) {
                    *digit -= 1;
                }
            }
            Mutation::LineNumber => {}
        }
        outcome
    }
}

fn change_byte(text: &mut [u8]) {
    if let Some(byte) = text.iter_mut().rfind(|byte| !byte.is_ascii_whitespace()) {
        *byte ^= 1;
    }
}

/// Where the last line begins.
fn last_line(text: &[u8]) -> usize {
    let inner = text.strip_suffix(b"\n").unwrap_or(text);
    inner.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1)
}
