//! What the program is started with: descriptors that are closed or of the wrong kind, readers that have gone, full disks.
//! Wrong input takes nothing away, and output that is lost is told.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::Test;
use crate::namespace::Namespace;
use crate::programs::{NOBODY, Programs, Role};

pub const TESTS: &[Test] = &[
    ("start/closed descriptors", closed_descriptors),
    ("start/input that cannot be read", unreadable_input),
    ("start/readers that have gone", gone_readers),
    ("start/full disk", full_disk),
    ("start/output that is lost in between", unwritten_in_between),
    ("start/a set-uid copy", set_uid),
    ("start/without proc", without_proc),
];

const RULES: &str = "-A -t 192.0.2.1:80 -s rr\n-a -t 192.0.2.1:80 -r 10.0.0.1:80 -m -w 1\n";

/// Listings and saves.
const OUTPUTS: [&str; 7] = [
    "ipvsadm",
    "ipvsadm -Ln",
    "ipvsadm -Ln --stats",
    "ipvsadm -Lnc",
    "ipvsadm -Sn",
    "ipvsadm -h",
    "ipvsadm-save --full",
];

/// Ways to read rules, with the status when they cannot be read.
const INPUTS: [(&str, i32); 6] = [
    ("ipvsadm -R", 255),
    ("ipvsadm-restore", 255),
    ("ipvsadm-restore --atomic", 255),
    ("ipvsadm-restore --noflush", 255),
    ("ipvsadm-restore --diff", 2),
    ("ipvsadm-restore --test", 2),
];

/// What a shell makes of a command line of ours with these redirections.
fn shell(programs: &Programs, line: &str, redirections: &str) -> Result<(i32, String, String)> {
    let (name, arguments) = line.split_once(' ').unwrap_or((line, ""));
    let script = format!("exec -a {name} {} {arguments} {redirections}", programs.ours.display());
    let mut command = Command::new("/bin/bash");
    command.args(["-c", &script]).stdin(Stdio::null());
    let output = command.output().with_context(|| format!("starting {script}"))?;
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Ok((output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr)))
}

fn table(programs: &Programs) -> Result<String> {
    Ok(programs.run(Role::Reference, "-Sn")?.stdout)
}

fn fill(programs: &Programs) -> Result<()> {
    let loaded = programs.run_with_input(Role::Reference, "ipvsadm -R", RULES)?;
    ensure!(loaded.status == 0 && table(programs)? == RULES, "{loaded}");
    Ok(())
}

/// Each of the eight combinations of what is closed of 0, 1 and 2.
fn closed_descriptors(programs: &Programs) -> Result<()> {
    let _namespace = Namespace::new()?;
    fill(programs)?;
    for closed in 0..8 {
        let is_closed = |descriptor: u32| closed >> descriptor & 1 == 1;
        let parts = ["<&-", ">&-", "2>&-"].iter().enumerate().filter(|(n, _)| is_closed(*n as u32));
        let redirections = parts.map(|(_, part)| *part).collect::<Vec<_>>().join(" ");
        for line in OUTPUTS {
            let (status, out, err) = shell(programs, line, &redirections)?;
            let expected = i32::from(is_closed(1));
            ensure!(status == expected, "{line} {redirections}: status {status}: {err}");
            ensure!(out.is_empty() == is_closed(1), "{line} {redirections}: {out}");
            let told = err == "cannot write: Bad file descriptor\n";
            ensure!(told == (is_closed(1) && !is_closed(2)), "{line} {redirections}: {err}");
        }
        if is_closed(0) {
            for (line, expected) in INPUTS {
                let (status, out, err) = shell(programs, line, &redirections)?;
                ensure!(status == expected && out.is_empty(), "{line} {redirections}: status {status}: {out}{err}");
                ensure!(is_closed(2) || err.contains("Bad file descriptor"), "{line} {redirections}: {err}");
            }
        }
        let (status, ..) = shell(programs, "ipvsadm -e -t 192.0.2.1:80 -r 10.0.0.1:80 -m -w 1", &redirections)?;
        ensure!(status == 0, "{redirections}: a change: status {status}");
        ensure!(table(programs)? == RULES, "{redirections}: the table is not as it was");
    }
    Ok(())
}

/// A descriptor for writing only, and a folder.
fn unreadable_input(programs: &Programs) -> Result<()> {
    let _namespace = Namespace::new()?;
    fill(programs)?;
    for (redirection, reason) in [("0>/dev/null", "Bad file descriptor"), ("</", "Is a directory")] {
        for (line, expected) in INPUTS {
            let (status, out, err) = shell(programs, line, redirection)?;
            ensure!(status == expected && out.is_empty(), "{line} {redirection}: status {status}: {out}{err}");
            ensure!(err.contains(reason), "{line} {redirection}: {err}");
            ensure!(table(programs)? == RULES, "{line} {redirection}: the table is not as it was");
        }
    }
    Ok(())
}

/// The signal ends both programs; where it is ignored, neither notices.
fn gone_readers(programs: &Programs) -> Result<()> {
    let _namespace = Namespace::new()?;
    // More than a pipe holds.
    let rules: String = (1..4000).map(|port| format!("-A -t 192.0.2.1:{port} -s rr\n")).collect();
    ensure!(programs.run_with_input(Role::Reference, "ipvsadm -R", &rules)?.status == 0);
    for (trap, expected) in [("trap - PIPE", "141 0"), ("trap '' PIPE", "0 0")] {
        for program in [&programs.reference, &programs.ours] {
            for line in ["-Ln", "-Sn"] {
                let program = program.display();
                let script =
                    format!("{trap}; ({program} {line}; echo $? >&2) | head -c 1 >/dev/null; echo ${{PIPESTATUS[1]}}");
                let output = Command::new("/bin/bash").args(["-c", &script]).stdin(Stdio::null()).output()?;
                let (status, err) = (String::from_utf8(output.stdout)?, String::from_utf8(output.stderr)?);
                ensure!(
                    format!("{} {}", err.trim(), status.trim()) == expected,
                    "{trap}: {program} {line}: {err}{status}"
                );
            }
        }
    }
    Ok(())
}

fn full_disk(programs: &Programs) -> Result<()> {
    let _namespace = Namespace::new()?;
    fill(programs)?;
    for line in OUTPUTS {
        let (status, _, err) = shell(programs, line, ">/dev/full")?;
        ensure!((status, err.as_str()) == (1, "cannot write: No space left on device\n"), "{line}: {status}: {err}");
    }
    let (status, _, err) = shell(programs, "ipvsadm-restore --diff", ">/dev/full < <(echo -A -t 192.0.2.2:80)")?;
    ensure!((status, err.as_str()) == (2, "cannot write: No space left on device\n"), "--diff: {status}: {err}");
    Ok(())
}

/// A listing within rules takes nothing from the lines behind it.
fn unwritten_in_between(programs: &Programs) -> Result<()> {
    let _namespace = Namespace::new()?;
    let rules = "-C\\n-Ln\\n-A -t 192.0.2.1:80 -s rr\\n-Ln\\n-a -t 192.0.2.1:80 -r 10.0.0.1:80 -m -w 1\\n";
    for program in [&programs.reference, &programs.ours] {
        let load = format!("printf '%b' '{rules}' | {} -R", program.display());
        let ended = Command::new("/bin/bash").args(["-c", &format!("{load} >/dev/full")]).output()?;
        ensure!(ended.status.success() && table(programs)? == RULES, "{load}, a full disk: {ended:?}");
        let script = format!("trap '' PIPE; set -o pipefail; ({load}) | exec true");
        let ended = Command::new("/bin/bash").args(["-c", &script]).output()?;
        ensure!(ended.status.success() && ended.stderr.is_empty(), "{script}: {ended:?}");
        ensure!(table(programs)? == RULES, "{script}: {}", table(programs)?);
    }
    Ok(())
}

/// It would lend root's rights to everybody.
fn set_uid(programs: &Programs) -> Result<()> {
    let _namespace = Namespace::new()?;
    fill(programs)?;
    let copy = "/run/set-uid-ipvsadm";
    for mode in [0o4755, 0o2755] {
        fs::copy(&programs.ours, copy)?;
        fs::set_permissions(copy, fs::Permissions::from_mode(mode))?;
        let output = Command::new(copy).arg("-C").uid(NOBODY).gid(NOBODY).output()?;
        let err = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.code() == Some(2) && err.contains("set-uid"), "{mode:o}: {:?}: {err}", output.status);
        ensure!(table(programs)? == RULES, "{mode:o}: the table is not as it was");
    }
    Ok(())
}

/// The connection table is a file of /proc, which a container may hide; the message names it.
fn without_proc(programs: &Programs) -> Result<()> {
    let _namespace = Namespace::new()?;
    let look = |program: &Path| -> Result<(Option<i32>, String)> {
        let script = format!("mount -t tmpfs none /proc; {} -Lnc", program.display());
        let output = Command::new("unshare").args(["-m", "sh", "-c", &script]).output()?;
        Ok((output.status.code(), String::from_utf8(output.stderr)?))
    };
    let (reference, ours) = (look(&programs.reference)?, look(&programs.ours)?);
    ensure!(reference == ours && ours.1.contains("/proc/net/ip_vs_conn"), "reference: {reference:?}, ours: {ours:?}");
    Ok(())
}
