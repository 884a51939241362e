//! Starts the two programs in the namespace of the calling thread and compares what they say of one live table.

use std::fmt;
use std::io::Write;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::views;

/// Debian's user nobody and its group.
pub const NOBODY: u32 = 65534;
/// How long a listing may take to become what a test waits for: the kernel renews its counters every two seconds, and
/// a busy machine may be slow.
const PATIENCE: Duration = Duration::from_secs(120);
const PAUSE: Duration = Duration::from_millis(100);

#[derive(Clone)]
pub struct Programs {
    pub reference: PathBuf,
    pub ours: PathBuf,
    /// What they are to do otherwise than resolv.conf(5) says, as its line `options`.
    pub resolver: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Role {
    Reference,
    Ours,
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
    /// As the outcome is compared: without what changes from one moment to the next.
    fn masked(mut self) -> Self {
        self.stdout = views::masked(&self.stdout);
        self
    }
}

impl Programs {
    /// Runs `ipvsadm` with these arguments.
    pub fn run(&self, role: Role, arguments: &str) -> Result<Outcome> {
        self.start(role, &format!("ipvsadm {arguments}"), "", false)
    }

    /// The same without rights.
    pub fn run_as_nobody(&self, role: Role, arguments: &str) -> Result<Outcome> {
        self.start(role, &format!("ipvsadm {arguments}"), "", true)
    }

    /// Runs a command line, whose first word is the name that the program is called by, with standard input.
    /// The reference's wrappers are files beside it; ours is one file.
    pub fn run_with_input(&self, role: Role, line: &str, input: &str) -> Result<Outcome> {
        self.start(role, line, input, false)
    }

    fn start(&self, role: Role, line: &str, input: &str, as_nobody: bool) -> Result<Outcome> {
        let mut words = line.split_whitespace();
        let name = words.next().context("a command line without a word")?;
        let program = match role {
            Role::Ours => self.ours.clone(),
            Role::Reference => self.reference.with_file_name(name),
        };
        let mut command = Command::new(program);
        command.arg0(name).args(words).env_clear().env("LC_ALL", "C").env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        command.env("RES_OPTIONS", self.resolver);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        if as_nobody {
            command.uid(NOBODY).gid(NOBODY);
        }
        let mut child = command.spawn().with_context(|| format!("starting {line}"))?;
        if let Some(mut stdin) = child.stdin.take() {
            // A program may end without reading its input; the inputs here are smaller than a pipe.
            let _ = stdin.write_all(input.as_bytes());
        }
        let output = child.wait_with_output().with_context(|| format!("waiting for {line}"))?;
        Ok(Outcome {
            status: output.status.code().unwrap_or_else(|| -output.status.signal().unwrap_or_default()),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }

    /// Commands of ours, one a line, that have to succeed and say nothing.
    pub fn ours(&self, lines: &str) -> Result<()> {
        self.succeed(Role::Ours, lines)
    }

    /// Commands of the reference, one a line, that have to succeed and say nothing.
    pub fn reference(&self, lines: &str) -> Result<()> {
        self.succeed(Role::Reference, lines)
    }

    fn succeed(&self, role: Role, lines: &str) -> Result<()> {
        for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let outcome = self.run(role, line)?;
            let silent = outcome.status == 0 && outcome.stdout.is_empty() && outcome.stderr.is_empty();
            ensure!(silent, "{role:?}: ipvsadm {line}: {outcome}");
        }
        Ok(())
    }

    /// A view by both programs on the live table, equal: the reference's listing, masked. The table changes meanwhile,
    /// so ours stands between two looks of the reference that agree.
    pub fn same(&self, view: &str) -> Result<String> {
        self.same_outcome(view).map(|outcome| outcome.stdout)
    }

    /// As [`Programs::same`], for a command that may be refused.
    pub fn same_outcome(&self, view: &str) -> Result<Outcome> {
        let end = Instant::now() + PATIENCE;
        loop {
            let before = self.run(Role::Reference, view)?.masked();
            let ours = self.run(Role::Ours, view)?.masked();
            let after = self.run(Role::Reference, view)?.masked();
            if before == after {
                ensure!(before == ours, "ipvsadm {view}\n  reference: {before}\n  ours: {ours}");
                return Ok(before);
            }
            ensure!(Instant::now() < end, "ipvsadm {view} never stands still:\n{before}\n{after}");
            thread::sleep(PAUSE);
        }
    }

    /// Each of these views by both programs, equal.
    pub fn same_views(&self, views: &[&str]) -> Result<()> {
        views.iter().try_for_each(|view| self.same(view).map(drop))
    }

    /// Looks with both programs until the listing has all these parts; blanks of any number are one.
    pub fn same_with(&self, view: &str, parts: &[&str]) -> Result<String> {
        let end = Instant::now() + PATIENCE;
        loop {
            let listing = self.same(view)?;
            let squeezed = squeeze(&listing);
            let Some(missing) = parts.iter().find(|part| !squeezed.contains(squeeze(part).trim_end())) else {
                return Ok(listing);
            };
            if Instant::now() > end {
                bail!("ipvsadm {view} has no '{missing}':\n{listing}");
            }
            thread::sleep(PAUSE);
        }
    }
}

/// Every run of blanks as one, so that a test names values and not widths.
pub fn squeeze(text: &str) -> String {
    text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ") + "\n").collect()
}

/// The path of a program as given.
pub fn existing(path: &str) -> Result<PathBuf> {
    let path = Path::new(path);
    ensure!(path.is_absolute() && path.is_file(), "no program at '{}' (absolute path)", path.display());
    Ok(path.to_owned())
}
