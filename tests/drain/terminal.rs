//! On a terminal one line shows how it goes, and the interrupt key leaves the server at weight 0.

use std::fs::File;
use std::io::{Read, Write};
use std::process::{Child, Command};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use nix::pty::{OpenptyResult, Winsize, openpty};

use crate::Test;
use crate::clients::Leaving;
use crate::director::Director;
use crate::programs::Programs;

pub const TESTS: &[Test] = &[("terminal/one line", one_line), ("terminal/interrupted", interrupted)];

const TABLE: &str = "
--set 0 1 1
-A -t 192.0.2.2:80 -s rr
-a -t 192.0.2.2:80 -r 10.0.1.4 -g -w 3
-a -t 192.0.2.2:80 -r 10.0.1.5 -g";
const DRAIN: &str = "-e -t 192.0.2.2:80 -r 10.0.1.4 --drain=600";
const PATIENCE: Duration = Duration::from_secs(180);

/// Says how the program ended that a session began, and goes on for as long as there is a keyboard: what the first
/// process of a session has written just before its end may be lost.
const SHELL: &str = "trap : INT; \"$@\"; echo \"status $?\"; read never";

/// A drain on a terminal of its own.
struct Session {
    child: Child,
    keyboard: File,
    written: Receiver<Vec<u8>>,
    text: String,
}

impl Session {
    fn start(programs: &Programs, line: &str) -> Result<Self> {
        let size = Winsize { ws_row: 24, ws_col: 50, ws_xpixel: 0, ws_ypixel: 0 };
        let OpenptyResult { master, slave } = openpty(&size, None).context("opening a terminal")?;
        let mut command = Command::new("setsid");
        command.args(["--ctty", "sh", "-c", SHELL, "sh"]).arg(&programs.ours).args(line.split_whitespace());
        command.stdin(slave.try_clone()?).stdout(slave.try_clone()?).stderr(slave);
        let child = command.spawn().context("starting setsid")?;
        let keyboard = File::from(master);
        let mut screen = keyboard.try_clone()?;
        let (sender, written) = channel();
        thread::spawn(move || {
            let mut piece = [0; 4096];
            while let Ok(length @ 1..) = screen.read(&mut piece) {
                let _ = sender.send(piece[..length].to_vec());
            }
        });
        Ok(Self { child, keyboard, written, text: String::new() })
    }

    /// Reads until the screen shows this.
    fn wait_for(&mut self, shown: &str) -> Result<()> {
        let end = Instant::now() + PATIENCE;
        while !screen(&self.text).iter().any(|line| line.contains(shown)) {
            let left = end.saturating_duration_since(Instant::now());
            let piece = self.written.recv_timeout(left);
            let piece = piece.with_context(|| format!("no '{shown}' on the screen: {:?}", self.text))?;
            self.text += &String::from_utf8_lossy(&piece);
        }
        Ok(())
    }

    fn press(&mut self, key: &[u8]) -> Result<()> {
        self.keyboard.write_all(key).context("typing")
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The lines that a terminal shows which gets this. A line is cut where it does not wrap, which is for its users to see.
fn screen(text: &str) -> Vec<String> {
    let (mut lines, mut line) = (Vec::new(), String::new());
    for part in text.replace("\r\n", "\n").split_inclusive(['\r', '\n']) {
        let (shown, end) = part.split_at(part.trim_end_matches(['\r', '\n']).len());
        let shown = shown.replace("\x1b[?7l", "").replace("\x1b[?7h", "");
        match shown.rsplit_once("\x1b[K") {
            Some((_, shown)) => line = shown.to_owned(),
            None => line.push_str(&shown),
        }
        if end == "\n" {
            lines.push(std::mem::take(&mut line));
        }
    }
    lines.push(line);
    lines
}

fn one_line(programs: &Programs) -> Result<()> {
    let director = Director::new(programs, TABLE)?;
    let mut downloads = director.downloads_until("192.0.2.101:0", "192.0.2.2:80", "10.0.1.4:80")?;
    downloads.extend(director.downloads_until("192.0.2.101:0", "192.0.2.2:80", "10.0.1.4:80")?);
    let mut session = Session::start(programs, DRAIN)?;
    session.wait_for("599 s left, 2 active, 0 inactive")?;
    let first = downloads
        .iter()
        .position(|download| programs.server_of(&download.client).is_ok_and(|server| server == "10.0.1.4:80"));
    downloads.remove(first.context("no download through the server")?).finish(Leaving::Close)?;
    session.wait_for(" s left, 1 active (-1), 0 inactive")?;
    downloads.into_iter().try_for_each(|download| download.finish(Leaving::Close))?;
    session.wait_for("status 0")?;
    let shown = screen(&session.text);
    let expected = [
        "TCP 192.0.2.2:80 -> 10.0.1.4:80: weight 3 is 0 now.",
        "To put it back: ",
        "TCP 192.0.2.2:80 -> 10.0.1.4:80: no connections ",
        "To put it back: ",
        "To remove it now: ",
        "status 0",
    ];
    let same = shown.iter().zip(expected).all(|(line, start)| line.starts_with(start));
    ensure!(same, "{shown:#?}");
    // Lines wrap again.
    ensure!(session.text.matches("\x1b[?7l").count() == session.text.matches("\x1b[?7h").count(), "{}", session.text);
    Ok(())
}

fn interrupted(programs: &Programs) -> Result<()> {
    let director = Director::new(programs, TABLE)?;
    let downloads = director.downloads_until("192.0.2.101:0", "192.0.2.2:80", "10.0.1.4:80")?;
    let mut session = Session::start(programs, DRAIN)?;
    session.wait_for("599 s left, 1 active, 0 inactive")?;
    session.press(b"\x03")?;
    session.wait_for("status 130")?;
    let shown = screen(&session.text).join("\n");
    ensure!(shown.contains("interrupted with 1 active, 0 inactive; it stays at weight 0."), "{shown}");
    ensure!(!shown.contains(" s left"), "{shown}");
    ensure!(matches!(programs.server("-t 192.0.2.2:80", "10.0.1.4:80")?, Some([0, ..])), "not at weight 0");
    downloads.into_iter().try_for_each(|download| download.finish(Leaving::Close))
}
