//! Readers that do not read, and signals.

use crate::program::{Programs, finish};
use crate::tables::large;
use crate::tracer::{Meddling, run};
use anyhow::{Context, Result, ensure};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::io::Write;

const SERVICES: usize = 1000;

/// More is printed than a pipe holds, and nobody reads it.
pub fn a_reader_that_waits_holds_nothing_up(programs: &Programs) -> Result<String> {
    let rules = large(SERVICES, 2);
    programs.restored(&rules)?;
    let wanted = programs.full()?;
    for signal in [Signal::SIGTERM, Signal::SIGINT] {
        programs.reference(&["-C"], "")?;
        let mut child = programs.start_restore(&["--verbose"])?;
        child.stdin.take().context("no input")?.write_all(rules.as_bytes())?;
        while programs.full()? != wanted {
            ensure!(child.try_wait()?.is_none(), "it has ended before all was made");
        }
        // Now it can only wait for its reader.
        ensure!(child.try_wait()?.is_none(), "nothing was left to print");
        kill(Pid::from_raw(child.id() as i32), signal)?;
        let status = child.wait()?;
        ensure!(std::os::unix::process::ExitStatusExt::signal(&status) == Some(signal as i32), "{signal}: {status}");
    }
    Ok(format!("{} changes made for a reader that waited; then a signal ended it", 3 * SERVICES))
}

pub fn signals(programs: &Programs) -> Result<String> {
    let rules = large(SERVICES, 2);
    // One signal ends it between two batches, whoever reads.
    for signal in [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP] {
        programs.reference(&["-C"], "")?;
        let meddling = Meddling { signal: Some((signal, 2000)), unread: true, ..Meddling::default() };
        let (outcome, sent) = run(programs.start_restore(&["--verbose"])?, &rules, meddling)?;
        ensure!(outcome.status == 255 && sent < 2200, "{signal}: {sent} sent, {outcome:?}");
        // Two end it wherever it is.
        let meddling = Meddling { signal: Some((signal, 200)), again: true, ..Meddling::default() };
        let (outcome, _) = run(programs.start_restore(&[])?, &rules, meddling)?;
        ensure!(outcome.status == -(signal as i32), "{signal} twice: {outcome:?}");
    }
    // One that is ignored, as by nohup(1), is none.
    programs.reference(&["-C"], "")?;
    let link = "/run/ipvsadm-restore";
    let script = format!("ln -sf {} {link}; trap '' HUP INT; exec {link}", programs.ours.display());
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", &script]).stdin(std::process::Stdio::piped());
    shell.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut ignored = 0;
    for signal in [Signal::SIGHUP, Signal::SIGINT] {
        let meddling = Meddling { signal: Some((signal, 200)), ..Meddling::default() };
        let (outcome, _) = run(shell.spawn().context("starting sh")?, &rules, meddling)?;
        ensure!(outcome.status == 0 && outcome.stderr.is_empty(), "{signal} is ignored: {outcome:?}");
        ensure!(programs.restore(&["--diff"], &rules)?.status == 0, "{signal}: the table is not the file");
        programs.reference(&["-C"], "")?;
        ignored += 1;
    }
    finish(programs.start_restore(&["--allow-empty"])?, "")?;
    Ok(format!("three ended it between two batches, twice wherever it was; {ignored} were ignored"))
}
