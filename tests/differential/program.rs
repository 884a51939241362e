//! Starts one of the two programs and collects its status, output and errors.

use std::fmt;
use std::io::Write;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::case::Command;
use crate::mutate::Mutation;

/// A program that takes longer is killed, and its status (a signal) is then a difference.
const LIMIT: Duration = Duration::from_secs(120);
/// Debian's user nobody and its group.
const NOBODY: u32 = 65534;

/// The two programs, and how ours is altered while the suite tests itself.
pub struct Programs {
    pub reference: PathBuf,
    pub ours: PathBuf,
    pub mutation: Option<Mutation>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Role {
    Reference,
    Ours,
}

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Status {
    Exit(i32),
    Signal(i32),
}

/// All that a caller sees of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    pub status: Status,
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
}

impl From<ExitStatus> for Status {
    fn from(status: ExitStatus) -> Self {
        status.code().map_or(Status::Signal(status.signal().unwrap_or_default()), Status::Exit)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Status::Exit(code) => write!(f, "status {code}"),
            Status::Signal(number) => write!(f, "signal {number}"),
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [stdout, stderr] = [&self.stdout, &self.stderr].map(|text| String::from_utf8_lossy(text));
        write!(f, "{}\n{stdout}{stderr}", self.status)
    }
}

impl Programs {
    /// Runs a command in the namespace the calling thread is in.
    pub fn run(&self, role: Role, command: &Command) -> Result<Outcome> {
        let outcome = start(self.path(role), self.arg0(role, command), command)?;
        Ok(match (&self.mutation, role) {
            (Some(mutation), Role::Ours) => mutation.apply(command, outcome),
            _ => outcome,
        })
    }

    fn path(&self, role: Role) -> &Path {
        match role {
            Role::Reference => &self.reference,
            Role::Ours => &self.ours,
        }
    }

    /// The reference's wrappers are files beside it; ours is one file that looks at its argv[0].
    fn arg0(&self, role: Role, command: &Command) -> Option<PathBuf> {
        let name = Path::new(std::ffi::OsStr::from_bytes(&command.words[0])).file_name()?;
        let wrapper = self.path(role).with_file_name(name);
        (name != "ipvsadm" && wrapper.exists()).then_some(wrapper)
    }
}

fn start(program: &Path, wrapper: Option<PathBuf>, command: &Command) -> Result<Outcome> {
    let words: Vec<_> = command.words.iter().map(|word| std::ffi::OsString::from_vec(word.clone())).collect();
    let mut process = std::process::Command::new(wrapper.as_deref().unwrap_or(program));
    process.arg0(&words[0]).args(&words[1..]);
    process.env_clear().env("LC_ALL", "C").env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").current_dir("/");
    process.stdin(if command.input.is_some() { Stdio::piped() } else { Stdio::null() });
    process.stdout(Stdio::piped()).stderr(Stdio::piped());
    if command.as_nobody {
        process.uid(NOBODY).gid(NOBODY);
    }
    let mut child = process.spawn().with_context(|| format!("starting {}", program.display()))?;
    watch(Some(child.id()));
    let writer = child.stdin.take().zip(command.input.clone()).map(|(mut stdin, input)| {
        // A thread of its own, so that a program that prints before it has read all cannot block us.
        // A program may end without reading its input: a broken pipe is no error of the suite.
        std::thread::spawn(move || drop(stdin.write_all(&input)))
    });
    let output = child.wait_with_output().context("waiting for a program")?;
    watch(None);
    writer.map(|thread| thread.join());
    Ok(Outcome { status: output.status.into(), stdout: output.stdout, stderr: output.stderr })
}

/// The child that runs now and when its time is over.
static WATCHED: Mutex<Option<(u32, Instant)>> = Mutex::new(None);

fn watch(child: Option<u32>) {
    if let Ok(mut watched) = WATCHED.lock() {
        *watched = child.map(|id| (id, Instant::now() + LIMIT));
    }
}

/// Starts the thread that kills a child whose time is over.
pub fn start_watchdog() {
    std::thread::spawn(|| {
        loop {
            std::thread::sleep(Duration::from_secs(2));
            let overdue = WATCHED.lock().ok().and_then(|watched| *watched).filter(|(_, end)| Instant::now() > *end);
            if let Some((id, _)) = overdue {
                let _ = kill(Pid::from_raw(id as i32), Signal::SIGKILL);
            }
        }
    });
}
