//! The process: argv in, exit status out.

use ipvsadm::app::App;
use ipvsadm::applet::Applet;
use ipvsadm::kernel::Client;
use ipvsadm::model::text;
use ipvsadm::names::{Resolver, System};
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<Vec<u8>> = std::env::args_os().map(OsStringExt::into_vec).collect();
    let words: Vec<_> = words.iter().map(|word| text::decode(word)).collect();
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    let (program, arguments) = words.split_first().map_or(("", &[][..]), |(program, rest)| (*program, rest));
    let mut app = App {
        program,
        stdin: &mut io::stdin(),
        stdout: &mut io::stdout(),
        stderr: &mut io::stderr(),
        names: &Resolver::new(System),
        connect: &Client::connect,
    };
    ExitCode::from(app.run(Applet::of(program), arguments))
}
