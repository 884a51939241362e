//! The screen of `--watch` does not wait for a name server: keys work, and names are shown once they come.

use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail, ensure};

use crate::Test;
use crate::name_server::{self, Records};
use crate::namespace::Namespace;
use crate::programs::{Programs, Role};

pub const TESTS: &[Test] = &[("names/on a screen", late)];

/// Far more than any machine is slow.
const PATIENCE: Duration = Duration::from_secs(120);
/// The key that draws all anew.
const CTRL_L: &str = "\x0c";

/// A program on the terminal of script(1).
struct Screen {
    child: Child,
    shown: Arc<Mutex<String>>,
}

impl Screen {
    fn start(line: &str) -> Result<Self> {
        let mut script = Command::new("script");
        script.args(["-qec", &format!("stty cols 100 rows 24; {line}"), "/dev/null"]).env("SHELL", "/bin/sh");
        script.env("TERM", "xterm").env("RES_OPTIONS", "timeout:30 attempts:1");
        let mut child = script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().context("starting script(1)")?;
        let mut output = child.stdout.take().context("no output")?;
        let shown = Arc::<Mutex<String>>::default();
        let more = Arc::clone(&shown);
        thread::spawn(move || {
            let mut piece = [0; 4096];
            while let Ok(length @ 1..) = output.read(&mut piece) {
                if let Ok(mut shown) = more.lock() {
                    *shown += &String::from_utf8_lossy(&piece[..length]);
                }
            }
        });
        Ok(Self { child, shown })
    }

    /// Presses keys again and again until this has been shown.
    fn press_until(&mut self, keys: &str, text: &str) -> Result<()> {
        let started = Instant::now();
        loop {
            let shown = self.shown.lock().map_err(|_| anyhow!("the reader panicked"))?.clone();
            if shown.contains(text) {
                return Ok(());
            }
            ensure!(started.elapsed() < PATIENCE, "'{text}' is not shown: {shown}");
            self.press(keys)?;
            thread::sleep(Duration::from_millis(300));
        }
    }

    fn press(&mut self, keys: &str) -> Result<()> {
        self.child.stdin.as_mut().context("no input")?.write_all(keys.as_bytes()).context("pressing keys")
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn late(programs: &Programs) -> Result<()> {
    let _namespace = Namespace::new()?;
    let loaded = programs.run_with_input(Role::Reference, "ipvsadm -R", "-A -t 10.2.0.1:80 -s rr")?;
    ensure!(loaded.status == 0, "{loaded}");
    // No answer before there is a second question.
    let reverse = vec![("10.2.0.1", "one.example")];
    let questions = name_server::serve(Records { reverse, together: 2, ..Records::default() })?;
    let mut screen = Screen::start(&format!("{} -L --watch", programs.ours.display()))?;
    screen.press_until("", "10.2.0.1:")?;
    screen.press("?")?;
    screen.press_until("", "Ctrl-L")?;
    ensure!(questions.take()? == ["10.2.0.1"]);
    Command::new("getent").args(["hosts", "10.2.0.9"]).status().context("starting getent")?;
    screen.press("?")?;
    screen.press_until(CTRL_L, "one.example:")?;
    screen.press("q")?;
    let started = Instant::now();
    while started.elapsed() < PATIENCE {
        if let Some(status) = screen.child.try_wait()? {
            ensure!(status.success(), "{status}");
            return Ok(());
        }
        thread::sleep(Duration::from_millis(20));
    }
    bail!("it does not end")
}
