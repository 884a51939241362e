//! A terminal that can be typed on and read: a pane of tmux.

use std::fs;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result, ensure};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::programs::{Programs, until};

/// Runs a program, and says whether the terminal is as it was, and how the program ended.
const SHELL: &str = r#"trap : INT; before=$(stty -g); "$@"; status=$?
[ "$before" = "$(stty -g)" ] && echo "the terminal is as it was"
echo "status $status"; read never"#;

/// A pane; it is gone with this value.
pub struct Pane {
    socket: String,
}

impl Pane {
    /// Starts ours in a terminal of this size, with variables as `NAME=VALUE`.
    pub fn start(programs: &Programs, (width, height): (u16, u16), variables: &[&str], line: &str) -> Result<Self> {
        // A server that has been told to end is still there for a while.
        static STARTED: AtomicUsize = AtomicUsize::new(0);
        let socket = format!("/mnt/tmux-{}", STARTED.fetch_add(1, Ordering::Relaxed));
        let pane = Self { socket };
        let size = [width.to_string(), height.to_string()];
        let mut words = vec!["new-session", "-d", "-x", &size[0], "-y", &size[1], "sh", "-c", SHELL, "sh", "env"];
        words.extend(variables);
        let ours = programs.ours.to_string_lossy();
        words.push(&ours);
        words.extend(line.split_whitespace());
        pane.tmux(&words)?;
        Ok(pane)
    }

    fn tmux(&self, words: &[&str]) -> Result<String> {
        let mut command = Command::new("tmux");
        command.args(["-f", "/dev/null", "-u", "-S", &self.socket]).args(words).env("TERM", "screen-256color");
        let output = command.env("LC_ALL", "C.UTF-8").output().context("starting tmux")?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "tmux {}: {said}", words.join(" "));
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Presses keys, by tmux's names.
    pub fn press(&self, keys: &str) -> Result<()> {
        for key in keys.split(' ') {
            self.tmux(&["send-keys", key])?;
        }
        Ok(())
    }

    /// The lines that are shown.
    pub fn lines(&self) -> Result<Vec<String>> {
        Ok(self.tmux(&["capture-pane", "-p"])?.lines().map(str::to_owned).collect())
    }

    /// The lines with their colours, as escape sequences, and with the blanks at their ends.
    pub fn coloured(&self) -> Result<String> {
        self.tmux(&["capture-pane", "-p", "-e", "-N"])
    }

    /// Waits until what is shown is what is wanted.
    pub fn until(&self, what: &str, holds: impl Fn(&[String]) -> bool) -> Result<Vec<String>> {
        let mut lines = Vec::new();
        until(what, || {
            lines = self.lines()?;
            Ok(holds(&lines))
        })
        .with_context(|| lines.join("\n"))?;
        Ok(lines)
    }

    /// Waits until a line contains this.
    pub fn wait_for(&self, text: &str) -> Result<Vec<String>> {
        self.until(&format!("'{text}' is shown"), |lines| lines.iter().any(|line| line.contains(text)))
    }

    /// Whether it shows the screen that programs have beside the ordinary one.
    pub fn is_alternate(&self) -> Result<bool> {
        Ok(self.tmux(&["display-message", "-p", "#{alternate_on}"])?.trim() == "1")
    }

    /// Gives it another size.
    pub fn resize(&self, width: u16, height: u16) -> Result<()> {
        self.tmux(&["resize-window", "-x", &width.to_string(), "-y", &height.to_string()]).map(drop)
    }

    /// The process of our program.
    pub fn process(&self) -> Result<Pid> {
        let shell = self.tmux(&["display-message", "-p", "#{pane_pid}"])?.trim().to_owned();
        let children = fs::read_to_string(format!("/proc/{shell}/task/{shell}/children"))?;
        let child = children.split_whitespace().next().context("the shell has no child")?;
        Ok(Pid::from_raw(child.parse()?))
    }

    /// Signals our program.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        kill(self.process()?, signal).context("sending a signal")
    }

    /// Waits until the program has ended with this status, and left the terminal as it was.
    pub fn ended(&self, status: i32) -> Result<()> {
        let lines = self.wait_for("status ")?;
        let shown = lines.join("\n");
        ensure!(
            shown.contains(&format!("status {status}\n")) || shown.ends_with(&format!("status {status}")),
            "{shown}"
        );
        ensure!(shown.contains("the terminal is as it was"), "{shown}");
        ensure!(!self.is_alternate()?, "the other screen is still shown");
        Ok(())
    }

    /// Takes the terminal away.
    pub fn close(&self) -> Result<()> {
        self.tmux(&["kill-server"]).map(drop)
    }
}

impl Drop for Pane {
    fn drop(&mut self) {
        let _ = self.close();
    }
}
