//! The program: what a user types, sees and gets as an exit status. It stands on the library, [`crate::ipvs`].

pub mod applet;
pub mod child;
pub mod cli;
pub mod commands;
pub mod context;
pub mod diagnosis;
mod draining;
pub mod failure;
pub mod hints;
pub mod host;
pub mod kernel;
pub mod listing;
pub mod lock;
pub mod names;
pub mod network;
pub mod network_namespace;
pub mod output_file;
mod processes;
pub mod quoted;
pub mod render;
pub mod streams;
pub mod watching;

use applet::Applet;
use context::Context;
use names::{Resolver, System};
use nix::unistd::{Gid, Uid};
use std::io;

/// Runs the program with these words, of which the first is the name it is called by, and returns the exit status.
pub fn run(words: &[Vec<u8>]) -> u8 {
    let words: Vec<_> = words.iter().map(|word| crate::ipvs::text::decode(word)).collect();
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    let (program, arguments) = words.split_first().map_or(("", &[][..]), |(program, rest)| (*program, rest));
    let mut context = Context {
        program,
        stdin: &mut streams::Input,
        stdout: &mut streams::Output,
        stderr: &mut io::stderr(),
        names: &Resolver::new(System),
        host: &host::Machine::default(),
    };
    if is_set_uid() {
        context.print_error("This copy is set-uid or set-gid: it would lend its rights to everybody. Use sudo.");
        return 2;
    }
    commands::run(&mut context, Applet::of(program), arguments).unwrap_or_else(|failure| {
        let status = context.report(&failure);
        context.hint(|context| hints::hint(context, arguments, &failure));
        status
    })
}

/// Whether the rights are not those of the user who started us, but of the file's owner.
fn is_set_uid() -> bool {
    Uid::current() != Uid::effective() || Gid::current() != Gid::effective()
}
