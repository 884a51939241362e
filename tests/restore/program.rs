//! Starts the programs, ours by the name it is to have.

use anyhow::{Context, Result, ensure};
use std::io::Write;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The two programs, and how much to try.
pub struct Programs {
    pub ours: PathBuf,
    pub reference: PathBuf,
    pub pairs: u64,
    pub seed: u64,
}

/// How a program ended.
#[derive(Debug)]
pub struct Outcome {
    /// The exit status; for a signal, its number below 0.
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Programs {
    /// Ours by one of its names.
    pub fn called(&self, name: &str, words: &[&str], input: &str) -> Result<Outcome> {
        finish(start(&self.ours, name, words)?, input)
    }

    /// `ipvsadm-restore`, ours.
    pub fn restore(&self, options: &[&str], input: &str) -> Result<Outcome> {
        self.called("ipvsadm-restore", options, input)
    }

    /// A restore of ours that has to succeed.
    pub fn restored(&self, input: &str) -> Result<()> {
        let outcome = self.restore(&[], input)?;
        ensure!(outcome.status == 0 && outcome.stderr.is_empty(), "a restore failed: {outcome:?}");
        Ok(())
    }

    /// Starts `ipvsadm-restore`, ours, which waits for its input.
    pub fn start_restore(&self, options: &[&str]) -> Result<Child> {
        start(&self.ours, "ipvsadm-restore", options)
    }

    /// Runs a shell command in which `ours` is our `ipvsadm-restore`.
    pub fn shell(&self, text: &str) -> Result<Outcome> {
        let text = format!("ours() {{ (exec -a ipvsadm-restore {} \"$@\") }}; {text}", self.ours.display());
        let mut shell = Command::new("/bin/bash");
        shell.args(["-c", &text]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        finish(shell.spawn().context("starting bash")?, "")
    }

    /// `ipvsadm-restore` of the reference, a script that calls it.
    pub fn reference_restore(&self, input: &str) -> Result<Outcome> {
        let script = self.reference.with_file_name("ipvsadm-restore");
        finish(start(&script, "ipvsadm-restore", &[])?, input)
    }

    /// `ipvsadm`, the reference.
    pub fn reference(&self, words: &[&str], input: &str) -> Result<Outcome> {
        finish(start(&self.reference, "ipvsadm", words)?, input)
    }

    /// `ipvsadm`, ours.
    pub fn ipvsadm(&self, words: &[&str]) -> Result<Outcome> {
        self.called("ipvsadm", words, "")
    }

    /// The whole state of the kernel as rules.
    pub fn full(&self) -> Result<String> {
        let outcome = self.ipvsadm(&["-S", "--full"])?;
        ensure!(outcome.status == 0 && outcome.stderr.is_empty(), "-S --full failed: {outcome:?}");
        Ok(outcome.stdout)
    }
}

fn start(program: &Path, name: &str, words: &[&str]) -> Result<Child> {
    let mut command = Command::new(program);
    command.arg0(name).args(words).env_clear().env("LC_ALL", "C").env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().with_context(|| format!("starting {}", program.display()))
}

/// Gives a program its input and waits for its end.
pub fn finish(mut child: Child, input: &str) -> Result<Outcome> {
    let stdin = child.stdin.take();
    std::thread::scope(|scope| {
        // A program may end without reading its input.
        scope.spawn(move || stdin.map(|mut stdin| stdin.write_all(input.as_bytes())));
        let output = child.wait_with_output().context("waiting for a program")?;
        Ok(Outcome {
            status: output.status.code().unwrap_or_else(|| -output.status.signal().unwrap_or(1)),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    })
}

/// Runs a shell command that has to succeed.
pub fn shell(text: &str) -> Result<()> {
    let status = Command::new("sh").args(["-euc", text]).status().context("starting sh")?;
    ensure!(status.success(), "failed: {text}");
    Ok(())
}

/// The first line in which two texts differ.
pub fn first_difference(left: &str, right: &str) -> String {
    let pairs = left.lines().map(Some).chain([None]).zip(right.lines().map(Some).chain([None]));
    pairs.into_iter().find(|(a, b)| a != b).map_or_else(String::new, |(a, b)| format!("{a:?} and {b:?}"))
}
