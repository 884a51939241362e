//! Watches a program's messages to the kernel with ptrace(2): counts the changes that it sends, spoils one of them so
//! that the kernel refuses it, or signals the program when it is about to send.

use crate::program::{Outcome, finish};
use anyhow::{Context, Result, ensure};
use nix::errno::Errno;
use nix::sys::ptrace;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::Pid;
use std::fs::OpenOptions;
use std::os::unix::fs::FileExt;
use std::process::Child;

/// What to do to the program.
#[derive(Clone, Copy, Default)]
pub struct Meddling {
    /// The change, counted from 1, that is to be refused.
    pub refuse: Option<usize>,
    /// The signal to send before the change of this number is sent.
    pub signal: Option<(Signal, usize)>,
    /// The signal comes again with the program's next system call, before it has ended.
    pub again: bool,
    /// Nobody reads what the program prints.
    pub unread: bool,
}

/// `GENL_ID_CTRL`: messages to the register of families.
const CONTROLLER: u16 = 0x10;
/// The commands that change something: `IPVS_CMD_NEW_SERVICE`.. of linux/ip_vs.h, without those that get.
const CHANGES: [u8; 11] = [1, 2, 3, 5, 6, 7, 9, 10, 12, 16, 17];
/// A command that no kernel has.
const NO_COMMAND: u8 = 200;
/// The length of a netlink header, in bytes; the command follows it.
const HEADER: usize = 16;

/// Runs a program that waits for its input, and returns how it ended and how many changes it sent.
pub fn run(child: Child, input: &str, meddling: Meddling) -> Result<(Outcome, usize)> {
    let process = Pid::from_raw(child.id() as i32);
    ptrace::seize(process, ptrace::Options::PTRACE_O_TRACESYSGOOD).context("tracing the program")?;
    ptrace::interrupt(process)?;
    std::thread::scope(|scope| {
        // Another thread gives it its input and takes its output, but only this one may wait for it.
        let output = scope.spawn(|| finish_without_waiting(child, input, meddling.unread));
        let traced = trace(process, meddling);
        let (stdout, stderr, _unread) = output.join().map_err(|_| anyhow::anyhow!("a thread panicked"))??;
        let (status, sent) = traced?;
        Ok((Outcome { status, stdout, stderr }, sent))
    })
}

/// What the program prints, and its unread output, which is open as long as this is kept.
fn finish_without_waiting(mut child: Child, input: &str, unread: bool) -> Result<(String, String, Child)> {
    use std::io::{Read, Write};
    child.stdin.take().context("no input")?.write_all(input.as_bytes())?;
    let (mut stdout, mut stderr) = (String::new(), String::new());
    // Neither holds more than a pipe does.
    if !unread {
        child.stdout.take().context("no output")?.read_to_string(&mut stdout)?;
        child.stderr.take().context("no errors")?.read_to_string(&mut stderr)?;
    }
    Ok((stdout, stderr, child))
}

fn trace(process: Pid, meddling: Meddling) -> Result<(i32, usize)> {
    let (mut sent, mut entering, mut signalled, mut delivered) = (0, true, false, false);
    loop {
        let deliver = match waitpid(process, None)? {
            WaitStatus::Exited(_, status) => return Ok((status, sent)),
            WaitStatus::Signaled(_, signal, _) => return Ok((-(signal as i32), sent)),
            WaitStatus::PtraceSyscall(_) => {
                let registers = ptrace::getregs(process)?;
                if let Some((signal, _)) = meddling.signal.filter(|_| meddling.again && std::mem::take(&mut delivered))
                {
                    kill(process, signal)?;
                }
                if entering && registers.orig_rax == libc::SYS_sendto as u64 {
                    // Opened anew, for a shell may have become the program meanwhile.
                    let memory = OpenOptions::new().read(true).write(true).open(format!("/proc/{process}/mem"))?;
                    let mut bytes = vec![0; registers.rdx as usize];
                    memory.read_exact_at(&mut bytes, registers.rsi)?;
                    if let Some(place) = count(&bytes, meddling.refuse, &mut sent) {
                        memory.write_all_at(&[NO_COMMAND], registers.rsi + place as u64)?;
                    }
                    if let Some((signal, _)) = meddling.signal.filter(|(_, number)| sent >= *number && !signalled) {
                        signalled = true;
                        kill(process, signal)?;
                    }
                }
                entering = !entering;
                None
            }
            WaitStatus::Stopped(_, signal) => {
                delivered = true;
                Some(signal)
            }
            _ => None,
        };
        match ptrace::syscall(process, deliver) {
            // Killed meanwhile: the next wait says so.
            Ok(()) | Err(Errno::ESRCH) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// Counts the changes among netlink messages, and returns where the command of the one to refuse stands.
fn count(bytes: &[u8], refuse: Option<usize>, sent: &mut usize) -> Option<usize> {
    let (mut start, mut found) = (0, None);
    while let Some(header) = bytes.get(start..start + HEADER + 1) {
        let length = u32::from_ne_bytes([header[0], header[1], header[2], header[3]]) as usize;
        if u16::from_ne_bytes([header[4], header[5]]) > CONTROLLER && CHANGES.contains(&header[HEADER]) {
            *sent += 1;
            if refuse == Some(*sent) {
                found = Some(start + HEADER);
            }
        }
        start += length.next_multiple_of(4).max(HEADER);
    }
    found
}

/// Sends a signal to a program after some time and returns how it ended.
pub fn kill_after(child: Child, input: &str, time: std::time::Duration) -> Result<Outcome> {
    let process = Pid::from_raw(child.id() as i32);
    std::thread::scope(|scope| {
        let ending = scope.spawn(|| finish(child, input));
        std::thread::sleep(time);
        // It may have ended by itself; its number is not in use again so soon.
        let _ = kill(process, Signal::SIGKILL);
        let outcome = ending.join().map_err(|_| anyhow::anyhow!("a thread panicked"))?;
        ensure!(outcome.is_ok(), "the program could not be waited for");
        outcome
    })
}
