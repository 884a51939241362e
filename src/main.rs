//! The process: argv in, exit status out.
//!
//! `main` is C's. The standard library's own start also reads /proc/self/maps and makes a stack for signals, which takes
//! another tenth of a short command.
#![no_main]
#![allow(unsafe_code)]

use anyhow::{Error, Result};
use ipvsadm::ipvs::text;
use ipvsadm::program::applet::Applet;
use ipvsadm::program::commands::App;
use ipvsadm::program::failure::{Failure, print_line};
use ipvsadm::program::kernel::connect;
use ipvsadm::program::names::{Resolver, System};
use std::ffi::{c_char, c_int};
use std::io;
use std::os::unix::ffi::OsStringExt;

/// The C library calls this. It has given the arguments to the standard library before.
// SAFETY: the one function of this name, with the signature that the C library expects.
#[unsafe(no_mangle)]
extern "C" fn main(_: c_int, _: *const *const c_char) -> c_int {
    let words: Vec<Vec<u8>> = std::env::args_os().map(OsStringExt::into_vec).collect();
    let words: Vec<_> = words.iter().map(|word| text::decode(word)).collect();
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    let (program, arguments) = words.split_first().map_or(("", &[][..]), |(program, rest)| (*program, rest));
    run(program, arguments).unwrap_or_else(|error| report(program, &error)).into()
}

fn run(program: &str, arguments: &[&str]) -> Result<u8> {
    let applet = Applet::of(program);
    if applet == Applet::Restore {
        // A reader that has gone must not end a restore in the middle. Anywhere else it ends us, like the reference.
        // SAFETY: no handler of ours is installed, and there is no other thread yet.
        unsafe { libc::signal(libc::SIGPIPE, libc::SIG_IGN) };
    }
    let mut app = App {
        program,
        stdin: &mut io::stdin(),
        stdout: &mut io::stdout(),
        stderr: &mut io::stderr(),
        names: &Resolver::new(System),
        connect: &connect,
    };
    Ok(app.run(applet, arguments)?)
}

/// Prints what ended the command, and returns the exit status.
fn report(program: &str, error: &Error) -> u8 {
    let failure = error.downcast_ref::<Failure>();
    if let Some(message) = failure.map_or_else(|| Some(format!("{error:#}")), |failure| failure.message(program)) {
        print_line(&mut io::stderr(), &message);
    }
    failure.map_or(1, Failure::status)
}
