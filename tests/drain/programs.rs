//! Starts the programs in the namespace of the calling thread. The reference is who looks at the table.

use std::fmt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// How long something may take that has to come; a busy machine may be slow.
const PATIENCE: Duration = Duration::from_secs(180);

pub struct Programs {
    pub ours: PathBuf,
    pub reference: PathBuf,
}

/// All that a caller sees of a run. A signal's number is negative.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "status {}\n{}{}", self.status, self.stdout, self.stderr)
    }
}

impl Outcome {
    /// Fails unless this is the status and the texts have these parts.
    pub fn expect(&self, status: i32, stdout: &[&str], stderr: &[&str]) -> Result<()> {
        ensure!(self.status == status, "status {status} expected: {self}");
        for (text, parts) in [(&self.stdout, stdout), (&self.stderr, stderr)] {
            for part in parts {
                ensure!(text.contains(part), "'{part}' expected: {self}");
            }
        }
        Ok(())
    }

    /// The command that a line ends with, behind these words.
    pub fn command(&self, words: &str) -> Result<String> {
        let lines = self.stdout.lines().chain(self.stderr.lines());
        let mut found = lines.filter_map(|line| line.split_once(words));
        let (_, command) = found.next().with_context(|| format!("no '{words}': {self}"))?;
        Ok(command.to_owned())
    }
}

/// A run that has not ended. It is killed with this value.
pub struct Running(Option<Child>);

impl Running {
    pub fn is_running(&mut self) -> Result<bool> {
        let child = self.0.as_mut().context("it has ended")?;
        Ok(child.try_wait()?.is_none())
    }

    pub fn signal(&self, signal: Signal) -> Result<()> {
        let child = self.0.as_ref().context("it has ended")?;
        kill(Pid::from_raw(child.id().try_into()?), signal).context("sending a signal")
    }

    /// Waits for its end. What it writes has to fit a pipe.
    pub fn end(mut self) -> Result<Outcome> {
        let child = self.0.take().context("it has ended")?;
        let output = child.wait_with_output().context("waiting for the program")?;
        Ok(Outcome {
            status: output.status.code().unwrap_or_else(|| -output.status.signal().unwrap_or_default()),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Programs {
    /// Starts ours; blanks part words.
    pub fn start(&self, line: &str) -> Result<Running> {
        start(&self.ours, line)
    }

    /// Runs ours to its end.
    pub fn run(&self, line: &str) -> Result<Outcome> {
        self.start(line)?.end()
    }

    /// Commands of ours, one a line, that have to succeed and say nothing.
    pub fn ours(&self, lines: &str) -> Result<()> {
        succeed(&self.ours, lines)
    }

    /// Commands of the reference, one a line, that have to succeed and say nothing.
    pub fn reference(&self, lines: &str) -> Result<()> {
        succeed(&self.reference, lines)
    }

    /// What the reference lists.
    pub fn list(&self, line: &str) -> Result<String> {
        let outcome = start(&self.reference, line)?.end()?;
        ensure!(outcome.status == 0, "ipvsadm {line}: {outcome}");
        Ok(outcome.stdout)
    }

    /// The whole table with thresholds.
    pub fn saved(&self) -> Result<String> {
        let outcome = self.run("-S --full")?;
        ensure!(outcome.status == 0, "-S --full: {outcome}");
        Ok(outcome.stdout)
    }

    /// Weight, active and inactive connections of a server of a service, if it is there.
    pub fn server(&self, service: &str, server: &str) -> Result<Option<[u32; 3]>> {
        let listing = self.list(&format!("-Ln {service}"))?;
        let words = listing.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
        let found = words.into_iter().find(|words| words.get(1) == Some(&server));
        let number = |word: &&str| word.parse().with_context(|| listing.clone());
        found.map(|words| Ok([number(&words[3])?, number(&words[4])?, number(&words[5])?])).transpose()
    }

    /// Waits until a server has weight 0, which is when a drain of it has begun.
    pub fn wait_for_weight_0(&self, service: &str, server: &str) -> Result<()> {
        until(&format!("{server} of {service} has weight 0"), || {
            Ok(matches!(self.server(service, server)?, Some([0, ..])))
        })
    }

    /// The server that carries the connection of a client, which the connection table knows.
    pub fn server_of(&self, client: &str) -> Result<String> {
        let listing = self.list("-Lnc")?;
        let line = listing.lines().find(|line| line.split_whitespace().any(|word| word == client));
        let line = line.with_context(|| format!("no connection of {client} in\n{listing}"))?;
        Ok(line.split_whitespace().next_back().unwrap_or_default().to_owned())
    }
}

fn start(program: &Path, line: &str) -> Result<Running> {
    let mut command = Command::new(program);
    command.arg0("ipvsadm").args(line.split_whitespace()).env_clear().env("LC_ALL", "C");
    command.env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    Ok(Running(Some(command.spawn().with_context(|| format!("starting {}", program.display()))?)))
}

fn succeed(program: &Path, lines: &str) -> Result<()> {
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let outcome = start(program, line)?.end()?;
        let silent = outcome.status == 0 && outcome.stdout.is_empty() && outcome.stderr.is_empty();
        ensure!(silent, "ipvsadm {line}: {outcome}");
    }
    Ok(())
}

/// Waits until something holds.
pub fn until(what: &str, mut holds: impl FnMut() -> Result<bool>) -> Result<()> {
    let end = Instant::now() + PATIENCE;
    while !holds()? {
        ensure!(Instant::now() < end, "in vain waited until {what}");
        thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}
