//! Where standard error is a terminal, and only there, a second line helps. The terminal is script(1)'s.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::Test;
use crate::namespace::Namespace;
use crate::programs::{Outcome, Programs, Role};

pub const TESTS: &[Test] = &[
    ("terminal/hints", hints),
    ("terminal/nobody", nobody),
    ("terminal/a user namespace", user_namespace),
    ("terminal/control characters", control_characters),
];

/// Needs a kernel whose ip_vs is not there to be loaded.
pub const LOADING_TESTS: &[Test] = &[("terminal/no module", no_module)];

const RULES: &str = "-A -t 192.0.2.1:80 -s wrr\n\
                     -a -t 192.0.2.1:80 -r 10.0.0.1:8080 -m -w 5\n\
                     -a -t 192.0.2.1:80 -r 10.0.0.2:80 -m -w 5 -x 9\n";

/// What a shell's command line prints on a terminal, and its status.
fn on_terminal(line: &str) -> Result<(i32, String)> {
    let mut script = Command::new("script");
    script.args(["-qec", line, "/dev/null"]).env("SHELL", "/bin/sh").stdin(Stdio::null());
    let output = script.output().context("starting script(1), of Debian's bsdutils")?;
    let text = String::from_utf8(output.stdout)?.replace("\r\n", "\n");
    Ok((output.status.code().unwrap_or(-1), text))
}

fn fill(programs: &Programs) -> Result<()> {
    ensure!(programs.run(Role::Reference, "-C")?.status == 0);
    let loaded = programs.run_with_input(Role::Reference, "ipvsadm -R", RULES)?;
    ensure!(loaded.status == 0, "{loaded}");
    Ok(())
}

/// The command, and what the hint has to say; nothing for those without one.
const HINTS: &[(&str, &str)] = &[
    ("-A --sheduler=rr", "there is --scheduler"),
    ("list", "there is --list"),
    ("-A -t 192.0.2.9", "give a port, as in 192.0.2.1:80"),
    ("-A -t 2001:db8::1:80", "[2001:db8::1]:80"),
    ("-A -t nosuch.example:80", "no host nosuch.example is known"),
    ("-A -t 192.0.2.9:nosuch", "no port nosuch is known"),
    ("-A -t 192.0.2.9:80 -s wwr", "this kernel has no scheduler wwr, is wrr meant? It has dh "),
    ("-A -t 192.0.2.1:80", "-E changes it, and -A --ensure"),
    ("-D -t 192.0.2.1:81", "the table has -t 192.0.2.1:80"),
    ("-L -t 192.0.2.1:81", "the table has -t 192.0.2.1:80"),
    ("-a -t 192.0.2.1:81 -r 10.0.0.9", "the table has -t 192.0.2.1:80"),
    ("-a -t 192.0.2.7:81 -r 10.0.0.9", "add the service before its servers: ipvsadm -A -t 192.0.2.7:81"),
    ("-a -t 192.0.2.1:80 -r 10.0.0.2 -m", "-e changes it, and -a --ensure"),
    ("-a -t 192.0.2.1:80 -r 10.0.0.5 -m -x 1 -y 2", "the lower threshold, -y, is above the upper one, -x"),
    ("-e -t 192.0.2.1:80 -r 10.0.0.1:8080 -w 0", "the service has 10.0.0.1:8080: give its port, and -m"),
    (
        "-e -t 192.0.2.1:80 -r 10.0.0.2 -w 0",
        "what -e is not given gets its default again, without --keep; it was -m -x 9",
    ),
    ("-e -t 192.0.2.1:80 -r 10.0.0.2 -m -w 0 -x 9", ""),
    ("-E -t 192.0.2.1:80 -p", "what -E is not given gets its default again, without --keep; it was -s wrr"),
    ("-E -t 192.0.2.1:80 -s wrr", ""),
    ("-E -t 192.0.2.1:80 -p 60 --keep", ""),
    ("-e -t 192.0.2.1:80 -r 10.0.0.2 -w 1 --keep", ""),
    ("-A -t 192.0.2.9:80 -s wwr --ensure", "this kernel has no scheduler wwr, is wrr meant? It has dh "),
    ("-a -t 192.0.2.1:81 -r 10.0.0.9 --ensure", "the table has -t 192.0.2.1:80"),
    ("--start-daemon master", "there is no interface eth0: name one with --mcast-interface"),
    ("-L -n -c --stats", ""),
    ("-Ln", ""),
];

fn hints(programs: &Programs) -> Result<()> {
    let _namespace = Namespace::new()?;
    for (line, hint) in HINTS {
        fill(programs)?;
        let reference = programs.run(Role::Reference, line)?;
        fill(programs)?;
        let ours = programs.run(Role::Ours, line)?;
        let only_ours = ["--keep", "--ensure"].iter().any(|option| line.contains(option));
        ensure!(only_ours || ours == reference, "{line}: without a terminal: {ours}reference: {reference}");
        fill(programs)?;
        let (status, text) = on_terminal(&format!("{} {line} >/dev/null", programs.ours.display()))?;
        ensure!(status == ours.status, "{line}: status {status}: {text}");
        let second = told(&text, &without_path(programs, &ours))
            .with_context(|| format!("{line}: not as without a terminal: {text}"))?;
        ensure!(second.is_empty() == hint.is_empty(), "{line}: {text}");
        ensure!(hint.is_empty() || second.starts_with("hint: ") && second.contains(hint), "{line}: {second}");
        ensure!(second.lines().count() <= 1, "{line}: more than a line: {second}");
    }
    Ok(())
}

/// The reference's words with the name that the terminal's shell calls us by.
fn without_path(programs: &Programs, outcome: &Outcome) -> String {
    let name = programs.ours.display().to_string();
    outcome.stderr.replace("`ipvsadm -h' or 'ipvsadm ", &format!("`{name} -h' or '{name} "))
}

/// What stands behind the message.
fn told<'t>(text: &'t str, message: &str) -> Option<&'t str> {
    text.strip_prefix(message)
}

/// It is said before modprobe has its own words.
fn nobody(programs: &Programs) -> Result<()> {
    let _namespace = Namespace::new()?;
    let (status, text) = on_terminal(&format!("setpriv --reuid 65534 --clear-groups {} -Ln", programs.ours.display()))?;
    let hint = "hint: only root may administer IPVS: put sudo before the command\n";
    let rest = text.strip_prefix(hint).with_context(|| format!("no hint comes first: {text}"))?;
    ensure!(status == 2 && rest.contains("Permission denied (you must be root)"), "status {status}: {text}");
    ensure!(rest.matches("hint: ").count() == 0, "two hints: {text}");
    let piped = programs.run_as_nobody(Role::Ours, "-Ln")?;
    ensure!(piped == programs.run_as_nobody(Role::Reference, "-Ln")?, "without a terminal: {piped}");
    Ok(())
}

fn user_namespace(programs: &Programs) -> Result<()> {
    let _namespace = Namespace::new()?;
    let (status, text) = on_terminal(&format!("unshare -Ur {} -Ln", programs.ours.display()))?;
    ensure!(
        status == 2 && text.contains("hint: the kernel lets nobody administer IPVS from a user namespace"),
        "{text}"
    );
    Ok(())
}

/// A terminal gets none that it would obey, others the reference's bytes.
fn control_characters(programs: &Programs) -> Result<()> {
    let _namespace = Namespace::new()?;
    let line = "-L '\u{1b}[31m\u{7}\u{9b}'";
    let run = |program: &Path| -> Result<(Option<i32>, Vec<u8>)> {
        let script = format!("exec -a ipvsadm {} {line}", program.display());
        let output = Command::new("/bin/bash").args(["-c", &script]).stdin(Stdio::null()).output()?;
        Ok((output.status.code(), output.stderr))
    };
    ensure!(run(&programs.ours)? == run(&programs.reference)?, "not the reference's bytes");
    let (_, text) = on_terminal(&format!("{} {line}", programs.ours.display()))?;
    ensure!(text == "unexpected argument \\x1b[31m\\x07\\u{9b}\n", "{text:?}");
    let long = "x".repeat(10_000);
    let (_, text) = on_terminal(&format!("{} -L {long}", programs.ours.display()))?;
    ensure!(text == format!("unexpected argument {}... (10000 bytes)\n", &long[..100]), "{text}");
    Ok(())
}

fn no_module(programs: &Programs) -> Result<()> {
    // The kernel's own loader finds no module either.
    const LOADER: &str = "/proc/sys/kernel/modprobe";
    let loader = fs::read_to_string(LOADER)?;
    fs::write(LOADER, "/nonexistent")?;
    // The lab runs on this machine's file tree, which may be a container's.
    let is_container = ["/.dockerenv", "/run/systemd/container"].iter().any(|file| Path::new(file).exists());
    let outside = "run `modprobe ip_vs' on its host\n";
    let gone = if is_container { outside } else { "are gone, as after an upgrade: reboot\n" };
    for (file, expected) in [("/run/nothing", gone), ("/run/.containerenv", outside)] {
        fs::write(file, "")?;
        let command = format!("mount -t tmpfs none /lib/modules; {} -Ln", programs.ours.display());
        let (_, text) = on_terminal(&format!("unshare -m sh -c '{command}'"))?;
        fs::remove_file(file)?;
        let (message, hint) = text.rsplit_once("hint: ").with_context(|| format!("no hint: {text}"))?;
        ensure!(message.contains("Can't initialize ipvs: Protocol not available\n"), "{text}");
        ensure!(hint.ends_with(expected), "{text}");
    }
    fs::write(LOADER, loader)?;
    Ok(())
}
