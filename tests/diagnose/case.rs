//! What a case does: nothing is wrong, something is broken, exactly that is found, and where the advice is a command, it
//! mends it.

use std::fs;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::Test;
use crate::clients::{Download, Leaving, ask};
use crate::director::Director;
use crate::network::shell;
use crate::programs::{Programs, until};

/// Tables for all three ways to forward, with the client that gets answers by each.
pub const MASQUERADED: &str = "
-A -t 192.0.2.5:80 -s wlc
-a -t 192.0.2.5:80 -r 10.0.1.2:8080 -m
-a -t 192.0.2.5:80 -r 10.0.1.3:8080 -m";
pub const DIRECT: &str = "
-A -t 192.0.2.2:80 -s rr
-a -t 192.0.2.2:80 -r 10.0.1.4 -g";
pub const TUNNELLED: &str = "
-A -t 192.0.2.4:80 -s rr
-a -t 192.0.2.4:80 -r 10.0.1.5 -i";
pub const IPV6: &str = "
-A -t [2001:db8::5]:80 -s wlc
-a -t [2001:db8::5]:80 -r [fd00:1::2]:8080 -m";

/// What of a diagnosis is right or wrong.
#[derive(Debug)]
pub struct Diagnosis {
    pub status: i32,
    findings: Vec<Value>,
}

impl Diagnosis {
    /// Diagnoses what these words name.
    pub fn of(programs: &Programs, words: &str) -> Result<Self> {
        let outcome = programs.run(&format!("--diagnose {words} --json"))?;
        ensure!(outcome.stderr.is_empty(), "{outcome}");
        let document: Value = serde_json::from_str(&outcome.stdout).with_context(|| outcome.to_string())?;
        ensure!(document["exit_status"] == outcome.status, "{outcome}");
        let findings = document["findings"].as_array().context("no findings")?.clone();
        Ok(Self { status: outcome.status, findings })
    }

    /// Those that are wrong: `STATUS CHECK`, each once.
    pub fn wrong(&self) -> Vec<String> {
        let mut wrong: Vec<_> = self.with(&["fault", "warning"]).map(line).collect();
        wrong.sort();
        wrong.dedup();
        wrong
    }

    fn with<'a>(&'a self, statuses: &'a [&str]) -> impl Iterator<Item = &'a Value> {
        self.findings.iter().filter(|finding| statuses.iter().any(|status| finding["status"] == *status))
    }

    /// Whether a check has found something of this status.
    pub fn has(&self, line: &str) -> bool {
        self.findings.iter().any(|finding| self::line(finding) == line)
    }

    /// The commands at the end of the advice of what is wrong, each once.
    fn commands(&self) -> Vec<String> {
        let advice = self.with(&["fault", "warning"]).filter_map(|finding| finding["advice"].as_str());
        let mut commands: Vec<_> = advice.filter_map(|advice| Some(advice.split_once(": ")?.1.to_owned())).collect();
        commands.dedup();
        commands
    }

    /// Fails unless nothing is wrong.
    pub fn expect_good(&self) -> Result<()> {
        ensure!(self.status == 0 && self.wrong().is_empty(), "nothing wrong expected: {}", self.text());
        Ok(())
    }

    fn text(&self) -> String {
        let line = |finding: &Value| format!("{} {} {}", line(finding), finding["seen"], finding["advice"]);
        self.with(&["fault", "warning", "unknown"]).map(line).collect::<Vec<_>>().join("\n")
    }
}

/// `STATUS CHECK`.
fn line(finding: &Value) -> String {
    let text = |key: &str| finding[key].as_str().unwrap_or_default().to_owned();
    format!("{} {}", text("status"), text("check"))
}

/// Fails unless exactly these are wrong, as `STATUS CHECK`, some time soon.
pub fn expect(programs: &Programs, words: &str, expected: &[&str]) -> Result<Diagnosis> {
    let mut last = Diagnosis::of(programs, words)?;
    let found = until(&format!("{expected:?} is found"), || {
        last = Diagnosis::of(programs, words)?;
        Ok(last.wrong() == expected)
    });
    found.with_context(|| last.text())?;
    ensure!(last.status == i32::from(!expected.is_empty()), "status {}", last.status);
    Ok(last)
}

/// Carries out what the diagnosis advises.
pub fn follow(programs: &Programs, diagnosis: &Diagnosis) -> Result<()> {
    let commands = diagnosis.commands();
    ensure!(!commands.is_empty(), "no command in {}", diagnosis.text());
    for command in commands {
        match command.strip_prefix("ipvsadm ") {
            Some(line) => programs.ours(line)?,
            None => shell(&command)?,
        }
    }
    Ok(())
}

/// Nothing is wrong; then something breaks, and exactly this is found; what is advised mends it.
pub fn breaks_and_mends(
    director: &Director<'_>,
    breaking: impl FnOnce() -> Result<()>,
    expected: &[&str],
) -> Result<()> {
    let diagnosis = breaks(director, breaking, expected)?;
    follow(director.programs, &diagnosis)?;
    Diagnosis::of(director.programs, "")?.expect_good().context("after following the advice")
}

/// The same without the advice.
pub fn breaks(director: &Director<'_>, breaking: impl FnOnce() -> Result<()>, expected: &[&str]) -> Result<Diagnosis> {
    Diagnosis::of(director.programs, "")?.expect_good()?;
    breaking()?;
    expect(director.programs, "", expected)
}

/// Some clients get answers.
pub fn ask_some(director: &Director<'_>, from: &str, to: &str) -> Result<()> {
    (0..4).try_for_each(|_| director.network.client(|| ask(&format!("{from}:0"), to).map(drop)))
}

/// A client gets all that it asks for, and closes its connection; those of [`ask_some`] reset theirs.
pub fn serve(director: &Director<'_>, from: &str, to: &str) -> Result<()> {
    director.network.client(|| Download::begin(&format!("{from}:0"), to)?.finish(Leaving::Close))
}

/// Says loudly that a kernel cannot have what these tests break.
pub fn left_out(tests: &[Test], why: &str) {
    for (name, _) in tests {
        println!("diagnose: LEFT OUT on this kernel: {name}: {why}");
    }
}

/// A setting of the director.
pub fn set(path: &str, value: &str) -> Result<()> {
    fs::write(format!("/proc/sys/net/{path}"), value).with_context(|| format!("setting net/{path}"))
}
