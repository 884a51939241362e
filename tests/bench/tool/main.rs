//! What the benchmark needs inside its kernel besides a shell: a timer, the kernel's floor (our program's messages
//! recorded and replayed), a slow name server and a maker of connections. `tests/bench/guest` calls it.

// A test program: a failure inside the measured kernel may end it at once, and what it prints is for the script.
#![allow(clippy::print_stdout, clippy::print_stderr, clippy::unwrap_used)]

mod connections;
mod dns;
mod recording;
mod timer;

use std::process::ExitCode;

const USAGE: &str = "usage: bench-tool time RUNS INPUT OUTPUT COMMAND [ARG...]
       bench-tool record FILE ARG...
       bench-tool replay FILE
       bench-tool peak INPUT COMMAND [ARG...]
       bench-tool read FILE
       bench-tool dns MILLISECONDS
       bench-tool send COUNT ADDRESS:PORT...";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["time", runs, input, output, ref command @ ..] => timer::time(runs.parse().unwrap(), input, output, command),
        ["record", file, ref arguments @ ..] => recording::record(file, arguments),
        ["replay", file] => recording::replay(file),
        ["peak", input, ref command @ ..] => timer::peak(input, command),
        ["read", file] => timer::read(file),
        ["dns", milliseconds] => dns::serve(milliseconds.parse().unwrap()),
        ["send", count, ref services @ ..] => connections::send(count.parse().unwrap(), services),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}
