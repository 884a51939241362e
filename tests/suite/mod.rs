//! What the suites on a real kernel have alike: their options, the kernel that they need, how proofs are told and how they end.

// No suite needs all of it.
#![allow(dead_code)]

use anyhow::{Context, Result, ensure};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::str::FromStr;
use std::time::Instant;

/// The options that every suite is given.
const ALWAYS: [&str; 3] = ["--ours", "--reference", "--only"];

/// The words behind a suite's name.
pub struct Options {
    usage: &'static str,
    given: BTreeMap<String, String>,
}

impl Options {
    /// Reads them: `--ours`, `--reference` and `--only`, those with a value and those without one, which the usage explains.
    pub fn read(usage: &'static str, with_value: &[&str], without: &[&str]) -> Result<Self> {
        let mut given = BTreeMap::new();
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            let name = word.as_str();
            let value = match without.contains(&name) {
                true => String::new(),
                false => {
                    ensure!(ALWAYS.contains(&name) || with_value.contains(&name), "{word} is no option\n{usage}");
                    words.next().with_context(|| format!("{word} wants a value\n{usage}"))?
                }
            };
            given.insert(word, value);
        }
        Ok(Self { usage, given })
    }

    /// Whether an option was given.
    pub fn has(&self, name: &str) -> bool {
        self.given.contains_key(name)
    }

    /// A path that has to be given, absolute since tests change their folder.
    pub fn path(&self, name: &str) -> Result<PathBuf> {
        let path = Path::new(self.given.get(name).with_context(|| format!("no {name}\n{}", self.usage))?);
        ensure!(path.is_absolute() && path.exists(), "{name}: there is no {} (absolute path)", path.display());
        Ok(path.to_owned())
    }

    /// A number, or what it is if it is not given.
    pub fn number<N: FromStr<Err: std::error::Error + Send + Sync + 'static>>(&self, name: &str, or: N) -> Result<N> {
        let given = self.given.get(name).map(|text| text.parse().with_context(|| format!("{name} wants a number")));
        given.unwrap_or(Ok(or))
    }

    /// Those whose name contains what `--only` says, of which there must be some.
    pub fn chosen<T: Copy>(&self, all: &[(&'static str, T)]) -> Result<Vec<(&'static str, T)>> {
        let only = self.given.get("--only").map_or("", String::as_str);
        let chosen: Vec<_> = all.iter().filter(|(name, _)| name.contains(only)).copied().collect();
        ensure!(!chosen.is_empty(), "no name contains '{only}'");
        Ok(chosen)
    }
}

/// Fails on a kernel without ip_vs.
pub fn needs_ip_vs() -> Result<()> {
    ensure!(Path::new("/proc/net/ip_vs").exists(), "this kernel has no ip_vs: run the suite in the lab, tests/lab/run");
    Ok(())
}

/// Plays proofs, which say what they have found; whether all hold.
pub fn prove<P: Copy>(proofs: &[(&str, P)], play: impl Fn(P) -> Result<String>) -> bool {
    let mut failed = 0;
    for (name, proof) in proofs {
        let started = Instant::now();
        match play(*proof) {
            Ok(found) => println!("ok   {name} ({:.1} s): {found}", started.elapsed().as_secs_f64()),
            Err(error) => {
                failed += 1;
                println!("FAIL {name}: {error:#}");
            }
        }
    }
    sum_up(proofs.len(), failed)
}

/// Prints the closing line, and says whether nothing failed.
pub fn sum_up(all: usize, failed: usize) -> bool {
    println!("{} passed, {failed} failed", all - failed);
    failed == 0
}

/// The exit status of a suite: 1 when something failed, 2 when it could not be played.
pub fn end(suite: &str, played: Result<bool>) -> ExitCode {
    match played {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            println!("{suite}: {error:#}");
            ExitCode::from(2)
        }
    }
}
