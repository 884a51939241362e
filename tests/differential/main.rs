//! Plays command sequences by the reference (Debian's ipvsadm) and by our program, each on an IPVS table of its own,
//! and compares status, output and errors of every step and every view of both tables. Runs as root on a kernel with
//! ip_vs: `tests/lab/run -- EXECUTABLE --ours PATH --reference PATH`. The curated cases are files in `cases/`, the
//! others come from a seeded generator.

// A test program: what it prints is for the terminal, nothing reads it but people and the closing line's counter.
#![allow(clippy::print_stdout)]

mod case;
mod generate;
mod judge;
mod known;
mod mutate;
mod namespace;
mod narrowed;
mod play;
mod program;
mod report;
mod restore;
mod self_test;
mod shrink;
mod views;
mod words;
mod wrapper;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};

use crate::case::Case;
use crate::play::{Played, play};
use crate::program::Programs;

/// The folder of this file.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/differential");

const USAGE: &str = "usage: differential --ours PATH --reference PATH [--curated [FILTER]] [--seed N] [--count N]
       [--self-test] [--file CASE]...
  --curated [FILTER]  the curated cases whose topic/name contains FILTER
  --count N, --seed N N generated sequences; the seed is 1 unless given
  --self-test         only what tests the suite itself
  --file CASE         a case from a file, such as a reproduction printed before
Without any of them: self-test and all curated cases.";

/// What to play.
#[derive(Default)]
struct Options {
    ours: PathBuf,
    reference: PathBuf,
    curated: Option<String>,
    self_test: bool,
    seed: u64,
    count: u64,
    files: Vec<PathBuf>,
}

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            println!("differential: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<bool> {
    let options = parse_options(std::env::args().skip(1))?;
    ensure!(
        Path::new("/proc/net/ip_vs").exists(),
        "this kernel has no ip_vs (no /proc/net/ip_vs): run the suite in the lab, tests/lab/run"
    );
    namespace::use_own_names(&Path::new(FOLDER).join("etc"))?;
    program::start_watchdog();
    let mut programs = Programs { reference: options.reference, ours: options.ours, mutation: None };
    let mut tally = Tally { started: Instant::now(), passed: 0, failed: 0, met: Vec::new() };
    if options.self_test {
        self_test::run(&mut programs, Path::new(env!("CARGO_MANIFEST_DIR")), &mut tally)?;
    }
    for file in &options.files {
        let case = Case::read(file)?;
        println!("differential: {}: {}", case.name, case.shows);
        tally.play(&programs, &case, false)?;
    }
    if let Some(filter) = &options.curated {
        let cases: Vec<Case> = read_cases()?.into_iter().filter(|case| case.name.contains(filter)).collect();
        ensure!(!cases.is_empty(), "no case's name contains '{filter}'");
        println!("differential: {} curated cases", cases.len());
        for case in &cases {
            tally.play(&programs, case, false)?;
        }
    }
    if options.count > 0 {
        println!("differential: {} generated sequences, seed {}", options.count, options.seed);
    }
    for number in 0..options.count {
        tally.play(&programs, &generate::sequence(options.seed, number), true)?;
    }
    Ok(tally.close())
}

fn parse_options(words: impl Iterator<Item = String>) -> Result<Options> {
    let mut words = words.peekable();
    let mut options = Options { seed: 1, ..Options::default() };
    while let Some(word) = words.next() {
        let mut value = || words.next().with_context(|| format!("{word} wants a value\n{USAGE}"));
        match word.as_str() {
            "--ours" => options.ours = value()?.into(),
            "--reference" => options.reference = value()?.into(),
            "--seed" => options.seed = value()?.parse().context("--seed wants a number")?,
            "--count" => options.count = value()?.parse().context("--count wants a number")?,
            "--file" => options.files.push(value()?.into()),
            "--self-test" => options.self_test = true,
            "--curated" => options.curated = Some(words.next_if(|next| !next.starts_with('-')).unwrap_or_default()),
            _ => bail!("{word} is no option\n{USAGE}"),
        }
    }
    for program in [&options.ours, &options.reference] {
        ensure!(
            program.is_absolute() && program.is_file(),
            "no program at '{}' (absolute path)\n{USAGE}",
            program.display()
        );
    }
    if options.curated.is_none() && options.files.is_empty() && !options.self_test && options.count == 0 {
        (options.self_test, options.curated) = (true, Some(String::new()));
    }
    Ok(options)
}

/// Every file of `cases/TOPIC/`, in order.
fn read_cases() -> Result<Vec<Case>> {
    let mut cases = Vec::new();
    for topic in read_folder(&Path::new(FOLDER).join("cases"))? {
        for path in read_folder(&topic)? {
            cases.push(Case::read(&path)?);
        }
    }
    Ok(cases)
}

fn read_folder(path: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(path).with_context(|| format!("reading {}", path.display()))?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

/// Counts, and says how it goes.
pub struct Tally {
    started: Instant,
    passed: usize,
    failed: usize,
    /// Headings of known differences, once per time met.
    met: Vec<&'static str>,
}

impl Tally {
    /// Plays a case and counts it. A generated one that differs is shrunk.
    fn play(&mut self, programs: &Programs, case: &Case, shrinks: bool) -> Result<()> {
        match play(programs, case) {
            Ok(Played::Equal(met)) => {
                self.met.extend(met);
                self.pass();
            }
            Ok(Played::Different(difference)) => {
                self.fail(&case.name, &format!("{difference}"));
                let case = if shrinks { shrink::shrink(programs, case, &difference)? } else { case.clone() };
                println!("    reproduce with:\n      {}", case.to_string().trim_end().replace('\n', "\n      "));
            }
            Err(error) => self.fail(&case.name, &format!("    {error:#}\n")),
        }
        Ok(())
    }

    /// Counts a check that went well.
    pub fn pass(&mut self) {
        self.passed += 1;
        let done = self.passed + self.failed;
        if done % 25 == 0 {
            println!("differential: {done} done, {} s", self.started.elapsed().as_secs());
        }
    }

    /// Counts a check that failed, and says how.
    pub fn fail(&mut self, name: &str, how: &str) {
        self.failed += 1;
        print!("FAILED {name}\n{how}");
    }

    fn close(mut self) -> bool {
        self.met.sort_unstable();
        for known in self.met.chunk_by(|a, b| a == b) {
            println!("differential: {} times as in docs/differences.md, '{}'", known.len(), known[0]);
        }
        println!("{} passed, {} failed", self.passed, self.failed);
        self.failed == 0
    }
}
