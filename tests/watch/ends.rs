//! The terminal is as it was after any end, and none is outlived.

use std::path::PathBuf;

use anyhow::{Result, ensure};
use nix::sys::signal::Signal;

use crate::Test;
use crate::network::Network;
use crate::pane::Pane;
use crate::programs::{Programs, until};

pub const TESTS: &[Test] = &[
    ("ends/by a key", by_a_key),
    ("ends/by a signal", by_a_signal),
    ("ends/by two signals at once", by_two_signals),
    ("ends/by an error", by_an_error),
    ("ends/with its terminal", with_its_terminal),
];

fn watch(programs: &Programs) -> Result<Pane> {
    let pane = Pane::start(programs, (100, 20), &[], "-Ln --watch")?;
    pane.wait_for("ipvsadm --watch")?;
    ensure!(pane.is_alternate()?, "no screen of its own");
    Ok(pane)
}

fn by_a_key(programs: &Programs) -> Result<()> {
    let _network = Network::new()?;
    for key in ["q", "Escape", "C-c"] {
        let pane = watch(programs)?;
        pane.press(key)?;
        pane.ended(0)?;
    }
    Ok(())
}

fn by_a_signal(programs: &Programs) -> Result<()> {
    let _network = Network::new()?;
    for signal in [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP] {
        let pane = watch(programs)?;
        pane.signal(signal)?;
        pane.ended(128 + signal as i32)?;
    }
    Ok(())
}

/// The second signal ends a program wherever it is, but not without restoring the terminal.
fn by_two_signals(programs: &Programs) -> Result<()> {
    let _network = Network::new()?;
    let pane = watch(programs)?;
    for signal in [Signal::SIGSTOP, Signal::SIGINT, Signal::SIGTERM, Signal::SIGCONT] {
        pane.signal(signal)?;
    }
    let shown = pane.wait_for("status ")?.join("\n");
    let status = if shown.contains("status 130") { 130 } else { 143 };
    pane.ended(status)
}

/// A service that is not there is told of on the ordinary screen.
fn by_an_error(programs: &Programs) -> Result<()> {
    let _network = Network::new()?;
    let pane = Pane::start(programs, (100, 20), &[], "-Ln --watch -t 192.0.2.1:80")?;
    pane.wait_for("No such service")?;
    pane.ended(1)
}

/// A program whose terminal has gone ends, and does not wait for keys for ever.
fn with_its_terminal(programs: &Programs) -> Result<()> {
    let _network = Network::new()?;
    let pane = watch(programs)?;
    let process = PathBuf::from(format!("/proc/{}", pane.process()?));
    pane.close()?;
    until("the program has ended", || Ok(!process.exists()))
}
