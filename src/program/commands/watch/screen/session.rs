//! The terminal while it shows the screen. It is restored whatever ends the watch: a key, a signal, an error, a panic.

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::cursor::Show;
use ratatui::crossterm::event;
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::os::fd::AsFd;
use std::panic;
use std::thread;
use std::time::Duration;

/// A terminal that shows a screen of ours.
pub struct Session<'o> {
    /// The terminal.
    pub terminal: Terminal<CrosstermBackend<BufWriter<&'o mut dyn Write>>>,
}

impl<'o> Session<'o> {
    /// Takes the terminal over.
    pub fn start(stdout: &'o mut dyn Write) -> io::Result<Self> {
        let before = panic::take_hook();
        // The program ends by itself in a panic, without undoing anything.
        panic::set_hook(Box::new(move |info| {
            restore_terminal();
            before(info);
        }));
        enable_raw_mode()?;
        let mut backend = CrosstermBackend::new(BufWriter::new(stdout));
        let started = execute!(backend, EnterAlternateScreen)
            // From now on, changes of size are noticed.
            .and_then(|()| event::poll(Duration::ZERO))
            .and_then(|_| Terminal::new(backend));
        match started {
            Ok(terminal) => Ok(Self { terminal }),
            Err(error) => {
                restore_terminal();
                Err(error)
            }
        }
    }
}

impl Drop for Session<'_> {
    fn drop(&mut self) {
        restore(self.terminal.backend_mut());
        if !thread::panicking() {
            let _ = panic::take_hook();
        }
    }
}

/// Restores the terminal of a program that ends at once, also while another thread writes to it. One that takes no bytes
/// (Ctrl-S) is not waited for.
pub fn restore_terminal() {
    let _ = disable_raw_mode();
    let stdout = io::stdout();
    let mut asked = [PollFd::new(stdout.as_fd(), PollFlags::POLLOUT)];
    if poll(&mut asked, PollTimeout::ZERO) == Ok(0) {
        return;
    }
    if let Ok(stdout) = stdout.as_fd().try_clone_to_owned() {
        restore(&mut File::from(stdout));
    }
}

/// What cannot be restored is left: a terminal that has gone.
fn restore(terminal: &mut impl Write) {
    let _ = execute!(terminal, LeaveAlternateScreen, Show);
    let _ = disable_raw_mode();
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::pty::openpty;
    use nix::sys::termios::{Termios, tcgetattr};
    use std::env;
    use std::io::Read;
    use std::process::Command;

    const ENTER: &str = "\x1b[?1049h";
    const LEAVE: &str = "\x1b[?1049l";
    /// Tells this test's own process, started again on a terminal, how to end.
    const END: &str = "IPVSADM_TEST_END";

    /// What a terminal gets from a session that ends this way, and how it was before and after.
    fn written(end: &str) -> (String, Termios, Termios) {
        let terminal = openpty(None, None).unwrap();
        let before = tcgetattr(&terminal.slave).unwrap();
        let mut command = Command::new("setsid");
        command.args(["--ctty", "--wait"]).arg(env::current_exe().unwrap());
        command.args(["--exact", "--nocapture", "--test-threads=1"]);
        command.arg("program::commands::watch::screen::session::tests::a_session").env(END, end);
        let slave = terminal.slave;
        let ours = || slave.try_clone().unwrap();
        let mut child = command.stdin(ours()).stdout(ours()).stderr(ours()).spawn().unwrap();
        let reader = thread::spawn(move || {
            let (mut text, mut piece) = (String::new(), [0; 4096]);
            let mut master = File::from(terminal.master);
            while let Ok(length @ 1..) = master.read(&mut piece) {
                text += &String::from_utf8_lossy(&piece[..length]);
            }
            text
        });
        child.wait().unwrap();
        let after = tcgetattr(&slave).unwrap();
        // The reading ends when nobody has the terminal open.
        drop((slave, command));
        (reader.join().unwrap(), before, after)
    }

    /// Does nothing unless it is started on a terminal by the test below.
    #[test]
    fn a_session() {
        let Ok(end) = env::var(END) else { return };
        let mut stdout = io::stdout();
        let session = Session::start(&mut stdout).unwrap();
        match end.as_str() {
            "panic" => panic!("a library's fault"),
            _ => drop(session),
        }
    }

    #[test]
    fn the_terminal_is_as_it_was_after_any_end() {
        for end in ["drop", "panic"] {
            let (text, before, after) = written(end);
            let place = |part: &str| text.find(part).unwrap_or_else(|| panic!("{end}: no {part:?} in {text:?}"));
            assert!(place(ENTER) < place(LEAVE), "{text:?}");
            assert_eq!(before, after, "{end}");
            if end == "panic" {
                // Where it can be read.
                assert!(place(LEAVE) < place("a library's fault"), "{text:?}");
            }
        }
    }
}
