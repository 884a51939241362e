//! Whole commands against a scripted kernel.

use super::*;
use crate::ipvs::client::scripted::{Message, Peer, family, info};
use crate::ipvs::error::KernelError;
use crate::ipvs::model::Errno;
use crate::program::cli::options::OPTIONS;
use crate::program::context::{Host, Stream};
use crate::program::kernel::ConnectError;
use crate::program::names::System;
use crate::program::output_file::{self, Replacement};
use std::cell::RefCell;
use std::io::{self, Read, Write};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// `IPVS_CMD_NEW_SERVICE`.
const NEW_SERVICE: u8 = 1;

/// The datagrams that answer a message, if it is one that only looks.
type Look = fn(&Message) -> Option<Vec<Vec<u8>>>;

/// A kernel that keeps count of the changes and refuses some.
#[derive(Clone, Default)]
pub(super) struct Kernel {
    /// What it answers to those who only look.
    pub(super) look: Option<Look>,
    /// The commands that it was given.
    pub(super) commands: Rc<RefCell<Vec<u8>>>,
    /// Error numbers for the commands, in order; 0 for those it makes.
    pub(super) errors: Rc<RefCell<Vec<i32>>>,
}

impl Kernel {
    fn client(&self) -> Client {
        let kernel = self.clone();
        Client::over(Peer::new(move |messages| messages.iter().flat_map(|message| kernel.answer(message)).collect()))
            .unwrap()
    }

    fn answer(&self, message: &Message) -> Vec<Vec<u8>> {
        if let Some(seen) = self.look.and_then(|look| look(message)) {
            return seen;
        }
        match (message.family, message.command) {
            (0x10, _) => vec![message.reply(0, &family())],
            (_, 15) => vec![message.reply(0, &info())],
            (_, command) => {
                let mut commands = self.commands.borrow_mut();
                let error = self.errors.borrow().get(commands.len()).copied().unwrap_or(0);
                commands.push(command);
                let answered = error != 0 || message.flags & 4 != 0;
                answered.then(|| message.answer(error)).into_iter().collect()
            }
        }
    }

    /// Runs a command and returns its status, output and errors.
    pub(super) fn run(&self, arguments: &[&str], stdin: &mut dyn Read) -> (u8, String, String) {
        let mut out = Vec::new();
        let (status, err) = run_on(self, Applet::Ipvsadm, arguments, stdin, &mut out);
        (status, String::from_utf8(out).unwrap(), err)
    }
}

impl Host for Kernel {
    fn connect(&self) -> Result<Client, ConnectError> {
        Ok(self.client())
    }

    fn is_terminal(&self, _: Stream) -> bool {
        false
    }

    fn open(&self, _: &Path) -> io::Result<Box<dyn Read>> {
        Err(io::ErrorKind::NotFound.into())
    }

    fn replace(&self, path: &Path) -> io::Result<Box<dyn Replacement>> {
        output_file::replace(path)
    }

    fn folder(&self, _: &Path) -> io::Result<Vec<String>> {
        Ok(Vec::new())
    }

    fn now(&self) -> Duration {
        Duration::ZERO
    }

    fn wait(&self, _: Duration) {}

    fn interruption(&self) -> io::Result<Arc<AtomicBool>> {
        Ok(Arc::default())
    }

    fn signal(&self) -> Option<i32> {
        None
    }
}

/// A machine without ip_vs.
struct NoKernel;

impl Host for NoKernel {
    fn connect(&self) -> Result<Client, ConnectError> {
        Err(ConnectError(KernelError::Refused(Errno::ENOPROTOOPT)))
    }

    fn is_terminal(&self, _: Stream) -> bool {
        false
    }

    fn open(&self, _: &Path) -> io::Result<Box<dyn Read>> {
        Err(io::ErrorKind::NotFound.into())
    }

    fn replace(&self, path: &Path) -> io::Result<Box<dyn Replacement>> {
        output_file::replace(path)
    }

    fn folder(&self, _: &Path) -> io::Result<Vec<String>> {
        Ok(Vec::new())
    }

    fn now(&self) -> Duration {
        Duration::ZERO
    }

    fn wait(&self, _: Duration) {}

    fn interruption(&self) -> io::Result<Arc<AtomicBool>> {
        Ok(Arc::default())
    }

    fn signal(&self) -> Option<i32> {
        None
    }
}

/// Runs a command and returns its status and errors.
pub(super) fn run_on(
    host: &dyn Host,
    applet: Applet,
    arguments: &[&str],
    stdin: &mut dyn Read,
    stdout: &mut dyn Write,
) -> (u8, String) {
    let mut err = Vec::new();
    let mut context = Context { program: "ipvsadm", stdin, stdout, stderr: &mut err, names: &System, host };
    let status = run(&mut context, applet, arguments).unwrap_or_else(|failure| context.report(&failure));
    (status, String::from_utf8(err).unwrap())
}

/// An input that comes in pieces, of which each says how many commands the kernel must have been given before.
struct Pieces(Kernel, Vec<(usize, &'static str)>);

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.1.is_empty() {
            return Ok(0);
        }
        let (before, piece) = self.1.remove(0);
        assert_eq!(self.0.commands.borrow().len(), before, "before {piece:?}");
        buffer[..piece.len()].copy_from_slice(piece.as_bytes());
        Ok(piece.len())
    }
}

#[test]
fn lines_of_a_slow_pipe_are_applied_at_once() {
    let kernel = Kernel::default();
    let mut input = Pieces(
        kernel.clone(),
        vec![(0, "-A -t 10.0.0.1:80\n-A -t 10.0.0.2:80\n-A -t 10.0"), (2, ".0.3:80\n"), (3, "-A -t 10.0.0.4:80")],
    );
    assert_eq!(kernel.run(&["-R"], &mut input), (0, String::new(), String::new()));
    assert_eq!(*kernel.commands.borrow(), [NEW_SERVICE; 4]);
}

#[test]
fn failing_lines_are_numbered_and_the_rest_applied() {
    let kernel = Kernel::default();
    *kernel.errors.borrow_mut() = vec![0, libc::EEXIST];
    let mut input = &b"# one\n-A -t 10.0.0.1:80\n\n-A -t 10.0.0.1:80\n-A --bogus\n-A -t 10.0.0.2:80\n"[..];
    let (status, out, err) = kernel.run(&["-R"], &mut input);
    assert_eq!((status, out.as_str()), (0, ""));
    assert_eq!(err, "line 4: Service already exists\nline 5: --bogus: unknown option\n");
    assert_eq!(kernel.commands.borrow().len(), 3);
}

#[test]
fn a_line_without_meaning_ends_it_after_those_before() {
    let kernel = Kernel::default();
    *kernel.errors.borrow_mut() = vec![libc::ENOENT];
    let mut input = &b"-A -t 10.0.0.1:80\n-A -f 0\n-A -t 10.0.0.2:80\n"[..];
    let (status, _, err) = kernel.run(&["-R"], &mut input);
    assert_eq!(status, 2);
    assert_eq!(err, "line 1: Scheduler or persistence engine not found\nline 2: invalid fwmark value `0' specified\n");
    assert_eq!(kernel.commands.borrow().len(), 1);
}

#[test]
fn input_that_cannot_be_read_is_a_failed_line() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::from_raw_os_error(libc::EISDIR))
        }
    }
    let (status, _, err) = Kernel::default().run(&["-R"], &mut Broken);
    assert_eq!(status, 255);
    assert!(err.starts_with("line 1: cannot read standard input: "), "{err}");
}

/// Runs a command where there is no ip_vs.
fn without_kernel(applet: Applet, arguments: &[&str]) -> (u8, String, String) {
    let mut out = Vec::new();
    let (status, err) = run_on(&NoKernel, applet, arguments, &mut io::empty(), &mut out);
    (status, String::from_utf8(out).unwrap(), err)
}

#[test]
fn without_a_kernel() {
    let none = "Can't initialize ipvs: Protocol not available\n\
                Are you sure that IP Virtual Server is built in the kernel or as module?\n";
    for arguments in [&["-Ln"][..], &["-A", "-f", "0"], &["--bogus"], &[]] {
        assert_eq!(without_kernel(Applet::Ipvsadm, arguments), (2, String::new(), none.to_owned()), "{arguments:?}");
    }
    let (status, out, err) = without_kernel(Applet::Ipvsadm, &["-v"]);
    assert!(out.starts_with("ipvsadm v1.31 "), "{out}");
    assert_eq!((status, err.as_str()), (0, ""));
    let (status, out, err) = without_kernel(Applet::Ipvsadm, &["--help"]);
    assert_eq!((status, err.as_str()), (0, ""));
    for spec in &OPTIONS {
        assert!(out.contains(&format!("--{}", spec.long)), "--{} is not in the help", spec.long);
    }
    assert_eq!(without_kernel(Applet::Restore, &["--test", "--allow-empty"]), (0, String::new(), String::new()));
}

#[test]
fn the_status_of_a_load_is_that_of_its_last_line() {
    for (input, errors, expected) in [
        ("-D -t 10.0.0.1:80\n-A -t 10.0.0.1:80\n", &[libc::ESRCH][..], 0),
        ("-A -t 10.0.0.1:80\n-A -t 10.0.0.1:80\n", &[0, libc::EEXIST], 255),
        ("-A -t 10.0.0.1:80\n-A -t 10.0.0.1:80\n# the end\n\n", &[0, libc::EEXIST], 255),
        ("-A --bogus\n-A -t 10.0.0.1:80\n", &[], 0),
        ("-A -t 10.0.0.1:80\n-A --bogus\n", &[], 255),
        ("", &[], 0),
    ] {
        let kernel = Kernel::default();
        *kernel.errors.borrow_mut() = errors.to_vec();
        assert_eq!(kernel.run(&["-R"], &mut input.as_bytes()).0, expected, "{input}");
    }
}

#[test]
fn output_that_cannot_be_written_is_an_error_but_a_reader_that_has_gone_is_none() {
    struct Refuses(i32);
    impl Write for Refuses {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::Error::from_raw_os_error(self.0))
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let run = |errno| run_on(&NoKernel, Applet::Ipvsadm, &["-h"], &mut io::empty(), &mut Refuses(errno));
    assert_eq!(run(libc::EPIPE), (0, String::new()));
    assert_eq!(run(libc::ENOSPC), (1, "cannot write: No space left on device\n".to_owned()));
}
