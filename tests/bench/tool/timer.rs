//! Memory of processes, and their times by the kernel's clock, which counts instructions there: one is a nanosecond.

use nix::sys::resource::{UsageWho, getrusage};
use std::fs::File;
use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::time::Instant;

/// Runs a command, start and end of the process included, and prints how long one run takes, in nanoseconds. In its
/// words `%` is the number of the run. The output of all runs goes to one file, with each status that is not 0.
pub fn time(runs: u32, input: &str, output: &str, command: &[&str]) {
    let mut out = File::create(output).unwrap();
    let mut total = 0;
    for run in 1..=runs {
        let words: Vec<String> = command.iter().map(|word| word.replace('%', &run.to_string())).collect();
        let mut process = Command::new(&words[0]);
        process.args(&words[1..]).stdin(File::open(input).unwrap());
        process.stdout(out.try_clone().unwrap()).stderr(Stdio::from(out.try_clone().unwrap()));
        let start = Instant::now();
        let status = process.status().unwrap();
        total += start.elapsed().as_nanos();
        if !status.success() {
            writeln!(out, "{status}").unwrap();
        }
    }
    println!("{}", total / u128::from(runs));
}

/// Runs a command and prints the most memory that it had, in KiB.
pub fn peak(input: &str, command: &[&str]) {
    let input = File::open(input).unwrap();
    let status = Command::new(command[0]).args(&command[1..]).stdin(input).stdout(Stdio::null()).status().unwrap();
    assert!(status.success(), "{status}");
    println!("{}", getrusage(UsageWho::RUSAGE_CHILDREN).unwrap().max_rss());
}

/// Reads a file to its end and does nothing with it.
pub fn read(path: &str) {
    let mut file = File::open(path).unwrap();
    let mut buffer = vec![0; 64 << 10];
    while file.read(&mut buffer).unwrap() > 0 {}
}
