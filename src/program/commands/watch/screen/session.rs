//! The terminal while it shows the screen. It is restored whatever ends the watch: a key, a signal, an error, a panic.

use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::cursor::Show;
use ratatui::crossterm::event;
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use std::io::{self, BufWriter, Write};
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
            restore(&mut io::stdout());
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
                restore(&mut io::stdout());
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

/// What cannot be restored is left: a terminal that has gone.
fn restore(terminal: &mut impl Write) {
    let _ = execute!(terminal, LeaveAlternateScreen, Show);
    let _ = disable_raw_mode();
}
