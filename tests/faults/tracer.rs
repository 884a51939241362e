//! Runs a program under ptrace(2), counts its system calls from the first one of its own on, and spoils one of them.

use crate::answers::{self, Datagram, Wrong};
use crate::commands::{Command, Kind};
use crate::received::Headers;
use anyhow::{Context, Result, bail, ensure};
use nix::errno::Errno;
use nix::sys::ptrace;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use std::fs;
use std::path::Path;
use std::process::{Command as Process, Stdio};
use std::time::{Duration, Instant};

/// A program that takes so long hangs: a fault must not make it wait for ever. Far more than any machine is slow.
const PATIENCE: Duration = Duration::from_secs(300);

/// What happens to a system call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fault {
    /// It fails with this number, and does nothing.
    Error(Errno),
    /// It is given half of the bytes.
    Short,
    /// What it has received is not what was sent.
    Answer(Wrong),
}

/// The calls that are spoiled, with what they fail with.
pub const CALLS: &[(i64, &str, &[Fault])] = &[
    (libc::SYS_read, "read", &[Fault::Error(Errno::EINTR), Fault::Error(Errno::EIO), Fault::Short]),
    (libc::SYS_write, "write", &[Fault::Error(Errno::EINTR), Fault::Error(Errno::ENOSPC), Fault::Short]),
    (libc::SYS_openat, "openat", &[Fault::Error(Errno::EMFILE), Fault::Error(Errno::ENOMEM)]),
    (libc::SYS_setns, "setns", &[Fault::Error(Errno::EPERM), Fault::Error(Errno::ENOMEM)]),
    (libc::SYS_socket, "socket", &[Fault::Error(Errno::EMFILE), Fault::Error(Errno::ENOMEM)]),
    (libc::SYS_setsockopt, "setsockopt", &[Fault::Error(Errno::ENOMEM)]),
    (
        libc::SYS_sendto,
        "sendto",
        &[Fault::Error(Errno::EINTR), Fault::Error(Errno::ENOBUFS), Fault::Error(Errno::ENOMEM)],
    ),
    (
        libc::SYS_recvmmsg,
        "recvmmsg",
        &[Fault::Error(Errno::EINTR), Fault::Error(Errno::ENOBUFS), Fault::Error(Errno::ENOMEM)],
    ),
    (libc::SYS_recvfrom, "recvfrom", &[Fault::Error(Errno::EINTR), Fault::Error(Errno::ENOMEM)]),
    (libc::SYS_rt_sigaction, "rt_sigaction", &[Fault::Error(Errno::EINVAL)]),
    (libc::SYS_fsync, "fsync", &[Fault::Error(Errno::EIO)]),
    (libc::SYS_rename, "rename", &[Fault::Error(Errno::ENOSPC)]),
];

/// What a call can meet: of those that receive answers, all that can be wrong with these too.
pub fn faults(place: usize) -> Vec<Fault> {
    let (call, _, faults) = CALLS[place];
    let wrong: &[Wrong] = if call == libc::SYS_recvmmsg { &answers::ALL } else { &[] };
    faults.iter().copied().chain(wrong.iter().copied().map(Fault::Answer)).collect()
}

/// The first call from this number on, among those of [`CALLS`], that is of this place there, and what happens to it. Where
/// a program waits, it does not make the same number of calls each time.
pub type Spoiled = (usize, usize, Fault);

/// How a run ended.
#[derive(Debug, PartialEq)]
pub struct Outcome {
    /// The exit status; a signal's number is negative.
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

/// Runs a command, one of whose calls may meet a fault. Returns how it ended and the calls in order, as places in [`CALLS`].
pub fn run(program: &Path, command: &Command, input: &Path, spoiled: Option<Spoiled>) -> Result<(Outcome, Vec<usize>)> {
    let (name, words) = command.line.split_once(' ').unwrap_or((command.line, ""));
    let (out, err) = ("/run/faults.out", "/run/faults.err");
    // It stops itself, so that it is traced from its start on.
    let script =
        format!("kill -STOP $$; exec -a {name} {} {words} <{} >{out} 2>{err}", program.display(), input.display());
    let mut child = Process::new("/bin/bash").args(["-c", &script]).env("LC_ALL", "C").stdin(Stdio::null()).spawn()?;
    let process = Pid::from_raw(child.id() as i32);
    waitpid(process, Some(WaitPidFlag::WUNTRACED)).context("waiting for the shell to stop")?;
    ptrace::seize(process, ptrace::Options::PTRACE_O_TRACESYSGOOD).context("tracing")?;
    kill(process, Signal::SIGCONT)?;
    let traced = trace(process, spoiled, command.kind == Kind::Endless);
    if traced.is_err() {
        let _ = kill(process, Signal::SIGKILL);
        let _ = child.wait();
    }
    let (status, calls) = traced?;
    let text = |path| fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    Ok((Outcome { status, stdout: text(out)?, stderr: text(err)? }, calls))
}

/// What becomes of a call at its end.
enum End {
    Error(Errno),
    Answer(Wrong),
    /// It has done nothing, and is given what is left of wrong answers.
    Left,
}

fn trace(process: Pid, mut spoiled: Option<Spoiled>, mut endless: bool) -> Result<(i32, Vec<usize>)> {
    let end = Instant::now() + PATIENCE;
    // The shell and the dynamic linker come first: our first call asks for the flags of descriptor 0.
    let (mut ours, mut entering, mut at_end, mut calls) = (false, true, None::<End>, Vec::new());
    // Wrong answers for which there was no room yet, and the socket that gets them.
    let (mut left, mut socket) = (Vec::new(), 0);
    loop {
        let deliver = match waitpid(process, Some(WaitPidFlag::WNOHANG))? {
            WaitStatus::StillAlive => {
                ensure!(Instant::now() < end, "it hangs");
                std::thread::sleep(Duration::from_micros(200));
                continue;
            }
            WaitStatus::Exited(_, status) => return Ok((status, calls)),
            WaitStatus::Signaled(_, signal, _) => return Ok((-(signal as i32), calls)),
            WaitStatus::PtraceSyscall(_) => {
                let mut registers = ptrace::getregs(process)?;
                let number = registers.orig_rax as i64;
                if !entering {
                    if let Some(end) = at_end.take() {
                        registers.rax = end.result(process, &registers, &mut left)? as u64;
                        ptrace::setregs(process, registers)?;
                    }
                } else if ours {
                    if endless && number == libc::SYS_write && registers.rdi == 1 {
                        kill(process, Signal::SIGTERM)?;
                        endless = false;
                    }
                    if let Some(place) = CALLS.iter().position(|(call, ..)| *call == number) {
                        if let Some((.., fault)) = spoiled.take_if(|(from, of, _)| *from <= calls.len() && *of == place)
                        {
                            socket = registers.rdi;
                            at_end = spoil(&mut registers, fault);
                            ptrace::setregs(process, registers)?;
                        } else if number == libc::SYS_recvmmsg && !left.is_empty() && registers.rdi == socket {
                            registers.rdi = u64::MAX;
                            at_end = Some(End::Left);
                            ptrace::setregs(process, registers)?;
                        }
                        calls.push(place);
                    }
                } else {
                    let flags = registers.rsi == libc::F_GETFD as u64;
                    ours = number == libc::SYS_fcntl && flags && registers.rdi == 0 && is_ours(process);
                }
                entering = !entering;
                None
            }
            WaitStatus::PtraceEvent(..) => None,
            WaitStatus::Stopped(_, Signal::SIGCONT) => None,
            WaitStatus::Stopped(_, signal) => Some(signal),
            other => bail!("{other:?}"),
        };
        match ptrace::syscall(process, deliver) {
            // Killed meanwhile: the next wait says so.
            Ok(()) | Err(Errno::ESRCH) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// Whether the process has become our program.
fn is_ours(process: Pid) -> bool {
    fs::read_to_string(format!("/proc/{process}/comm")).is_ok_and(|name| name.starts_with("ipvsadm"))
}

impl End {
    /// What the call returns.
    fn result(self, process: Pid, registers: &libc::user_regs_struct, left: &mut Vec<Datagram>) -> Result<i64> {
        let headers = || Headers::of(process, registers.rsi, registers.rdx as usize);
        match (self, registers.rax as i64) {
            (Self::Error(errno), _) => Ok(-(errno as i64)),
            (Self::Answer(_), failed @ ..=0) => Ok(failed),
            (Self::Answer(wrong), count) => {
                *left = wrong.spoil(headers()?.read(count as usize)?);
                headers()?.write(left)
            }
            (Self::Left, _) => headers()?.write(left),
        }
    }
}

/// Makes a call do nothing, or less; returns what becomes of it at its end.
fn spoil(registers: &mut libc::user_regs_struct, fault: Fault) -> Option<End> {
    match fault {
        Fault::Short => {
            registers.rdx = registers.rdx.div_ceil(2);
            None
        }
        Fault::Answer(wrong) => Some(End::Answer(wrong)),
        Fault::Error(errno) => {
            // No descriptor, family or path has this number; the path of openat is its second argument.
            match registers.orig_rax as i64 {
                libc::SYS_openat => registers.rsi = 0,
                _ => registers.rdi = u64::MAX,
            }
            Some(End::Error(errno))
        }
    }
}
