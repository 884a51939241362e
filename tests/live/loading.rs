//! ip_vs loaded through `/sbin/modprobe`, or not to be had, on a kernel that was started without it. The kernel's own
//! loading of modules is switched off where a test wants to see the program do it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use nix::mount::{MsFlags, mount, umount};

use crate::Test;
use crate::network::shell;
use crate::programs::{Outcome, Programs, Role};

pub const TESTS: &[Test] = &[
    ("loading/help and version need nothing", help_and_version),
    ("loading/through modprobe", through_modprobe),
    ("loading/modprobe gets nothing of ours", nothing_of_ours),
    ("loading/modprobe fails", modprobe_fails),
    ("loading/modprobe succeeds without effect", modprobe_without_effect),
    ("loading/no modprobe", no_modprobe),
    ("loading/without rights", without_rights),
    ("loading/scheduler that is not loaded", scheduler),
    ("loading/for another namespace", another_namespace),
    ("loading/by the kernel", by_the_kernel),
];

/// A copy of the real one, while another stands in its place. Its name decides what it is.
const MODPROBE: &str = "/run/loading/modprobe";
const SCRIPT: &str = "/run/loading/script";
const CALLS: &str = "/run/loading/calls";
const KERNEL_LOADER: &str = "/proc/sys/kernel/modprobe";

/// Commands of each kind, none of which can do anything without ip_vs.
const COMMANDS: &[&str] = &[
    "-Ln",
    "",
    "-Ln --stats",
    "-Lnc",
    "-L --timeout",
    "-L --daemon",
    "-Sn",
    "-A -t 192.0.2.1:80",
    "-a -t 192.0.2.1:80 -r 10.0.0.1 -m",
    "-D -t 192.0.2.1:80",
    "-C",
    "-Z",
    "--set 1 2 3",
    "--start-daemon master",
];

fn loaded() -> Result<bool> {
    Ok(fs::read_to_string("/proc/modules")?.lines().any(|line| line.starts_with("ip_vs ")))
}

/// Takes ip_vs away, and the kernel's means to load it.
fn unload() -> Result<()> {
    fs::write(KERNEL_LOADER, "/bin/false").context("switching off the kernel's own loading")?;
    fs::create_dir_all("/run/loading")?;
    if !Path::new(MODPROBE).exists() {
        fs::copy("/sbin/modprobe", MODPROBE).context("copying modprobe")?;
    }
    if loaded()? {
        shell(&format!("{MODPROBE} -r ip_vs"))?;
    }
    ensure!(!loaded()?, "ip_vs does not go away");
    Ok(())
}

/// A file in the place of `/sbin/modprobe`, as long as this value lives.
struct InPlace;

impl InPlace {
    fn of(file: &str) -> Result<Self> {
        mount(Some(file), "/sbin/modprobe", None::<&str>, MsFlags::MS_BIND, None::<&str>)
            .with_context(|| format!("mounting {file} on /sbin/modprobe"))?;
        Ok(InPlace)
    }

    /// A script that writes down how it is called, and then does this.
    fn script(action: &str) -> Result<Self> {
        fs::write(SCRIPT, format!("#!/bin/sh\necho \"$0 $*\" >>{CALLS}\n{action}\n"))?;
        fs::set_permissions(SCRIPT, fs::Permissions::from_mode(0o755))?;
        let _ = fs::remove_file(CALLS);
        Self::of(SCRIPT)
    }
}

impl Drop for InPlace {
    fn drop(&mut self) {
        let _ = umount("/sbin/modprobe");
    }
}

/// The calls of modprobe since the last time.
fn calls() -> String {
    let calls = fs::read_to_string(CALLS).unwrap_or_default();
    let _ = fs::remove_file(CALLS);
    calls
}

fn help_and_version(programs: &Programs) -> Result<()> {
    unload()?;
    let _modprobe = InPlace::script("exit 1")?;
    for arguments in ["-h", "--help", "-v", "--version"] {
        for outcome in [programs.run(Role::Ours, arguments)?, programs.run_as_nobody(Role::Ours, arguments)?] {
            ensure!(outcome.status == 0 && outcome.stderr.is_empty() && !outcome.stdout.is_empty(), "{outcome}");
        }
    }
    ensure!(calls().is_empty() && !loaded()?, "help and version ask for the module");
    // What does not parse is told before the module is missed.
    let [reference, ours] = [Role::Reference, Role::Ours].map(|role| programs.run(role, "-A -x"));
    same("-A -x", &reference?, &ours?)
}

fn through_modprobe(programs: &Programs) -> Result<()> {
    let mut seen = Vec::new();
    for role in [Role::Reference, Role::Ours] {
        unload()?;
        let _modprobe = InPlace::script(&format!("exec {MODPROBE} \"$@\""))?;
        let first = programs.run(role, "-Ln")?;
        ensure!(first.status == 0 && loaded()?, "{role:?} does not load ip_vs: {first}");
        let called = calls();
        ensure!(called == "/sbin/modprobe -- ip_vs\n", "{role:?} calls modprobe so:\n{called}");
        let second = programs.run(role, "-Ln")?;
        ensure!(calls().is_empty(), "{role:?} calls modprobe with ip_vs loaded");
        seen.push((first, second));
    }
    let (reference, ours) = (&seen[0], &seen[1]);
    same("-Ln", &reference.0, &ours.0)?;
    same("-Ln", &reference.1, &ours.1)
}

/// Every command says the same, and asks modprobe once.
fn refused(programs: &Programs, modprobe_calls: &str) -> Result<()> {
    for command in COMMANDS {
        let reference = programs.run(Role::Reference, command)?;
        calls();
        let ours = programs.run(Role::Ours, command)?;
        let called = calls();
        same(command, &reference, &ours)?;
        ensure!(called == modprobe_calls, "ipvsadm {command} calls modprobe so:\n{called}");
        ensure!(ours.status == 2, "ipvsadm {command}: {ours}");
    }
    let rules = "-A -t 192.0.2.1:80\n-A -t 192.0.2.1:81\n";
    for line in ["ipvsadm-save -n", "ipvsadm -R"] {
        let reference = programs.run_with_input(Role::Reference, line, rules)?;
        same(line, &reference, &programs.run_with_input(Role::Ours, line, rules)?)?;
    }
    // The reference's wrapper starts two programs, and each of them says it.
    let cleared = programs.run(Role::Reference, "-C")?;
    same("ipvsadm-restore", &cleared, &programs.run_with_input(Role::Ours, "ipvsadm-restore", rules)?)?;
    ensure!(!loaded()?, "ip_vs is there after all");
    Ok(())
}

fn modprobe_fails(programs: &Programs) -> Result<()> {
    unload()?;
    let _modprobe = InPlace::script("echo 'modprobe: no such module' >&2\nexit 1")?;
    refused(programs, "/sbin/modprobe -- ip_vs\n")?;
    let ours = programs.run(Role::Ours, "-Ln")?;
    let expected = "modprobe: no such module\nCan't initialize ipvs: Protocol not available\n\
                    Are you sure that IP Virtual Server is built in the kernel or as module?\n";
    ensure!(ours.stderr == expected && ours.stdout.is_empty(), "{ours}");
    Ok(())
}

fn modprobe_without_effect(programs: &Programs) -> Result<()> {
    unload()?;
    let _modprobe = InPlace::script("exit 0")?;
    refused(programs, "/sbin/modprobe -- ip_vs\n")
}

fn no_modprobe(programs: &Programs) -> Result<()> {
    unload()?;
    // Not executable.
    let _modprobe = InPlace::of("/dev/null")?;
    refused(programs, "")
}

/// Neither options of modprobe from the environment, nor the rules on standard input, nor a descriptor.
fn nothing_of_ours(programs: &Programs) -> Result<()> {
    unload()?;
    let seen = "/run/loading/seen";
    let _modprobe = InPlace::script(&format!("{{ env; cat; ls -l /proc/self/fd/; }} >{seen} 2>&1; exit 1"))?;
    let line = format!("echo a rule | exec -a ipvsadm {} -R", programs.ours.display());
    let status = Command::new("/bin/bash").args(["-c", &line]).env("MODPROBE_OPTIONS", "--show").status()?;
    let seen = fs::read_to_string(seen)?;
    ensure!(status.code() == Some(2), "{status}");
    let foreign = ["MODPROBE_OPTIONS", "a rule", "socket:", "pipe:"].iter().find(|word| seen.contains(**word));
    ensure!(foreign.is_none(), "modprobe sees {foreign:?}:\n{seen}");
    Ok(())
}

/// The real modprobe, which may not load anything then.
fn without_rights(programs: &Programs) -> Result<()> {
    unload()?;
    for command in COMMANDS {
        let reference = programs.run_as_nobody(Role::Reference, command)?;
        let ours = programs.run_as_nobody(Role::Ours, command)?;
        same(command, &reference, &ours)?;
        ensure!(ours.status == 2 && ours.stderr.contains("Can't initialize ipvs: "), "ipvsadm {command}: {ours}");
    }
    ensure!(!loaded()?, "nobody loads modules");
    Ok(())
}

/// It is the kernel that loads schedulers: with no means to do so there are none.
fn scheduler(programs: &Programs) -> Result<()> {
    unload()?;
    shell(&format!("{MODPROBE} ip_vs"))?;
    for command in ["-A -t 192.0.2.1:80 -s wrr", "-A -u 192.0.2.1:80 -s rr -p --pe sip"] {
        let [reference, ours] = [Role::Reference, Role::Ours].map(|role| programs.run(role, command));
        let (reference, ours) = (reference?, ours?);
        same(command, &reference, &ours)?;
        ensure!(ours.status == 255, "ipvsadm {command}: {ours}");
    }
    Ok(())
}

/// A module is the whole kernel's, whatever namespace the program has entered.
fn another_namespace(programs: &Programs) -> Result<()> {
    shell("ip netns add elsewhere")?;
    for command in ["-C --netns elsewhere", "--netns=elsewhere -Sn"] {
        unload()?;
        let _modprobe = InPlace::script(&format!("exec {MODPROBE} \"$@\""))?;
        let outcome = programs.run(Role::Ours, command)?;
        let called = calls();
        ensure!(outcome.status == 0 && called == "/sbin/modprobe -- ip_vs\n", "{command}: {outcome}\n{called}");
    }
    // Before it is missed, the namespace is.
    unload()?;
    let outcome = programs.run(Role::Ours, "-Ln --netns nowhere")?;
    ensure!(outcome.status == 2 && outcome.stderr.starts_with("there is no network namespace"), "{outcome}");
    ensure!(!loaded()?, "the module is loaded for nothing");
    shell("ip netns del elsewhere")
}

/// As on most machines: the kernel itself asks for the module when the family is named.
fn by_the_kernel(programs: &Programs) -> Result<()> {
    unload()?;
    fs::write(KERNEL_LOADER, "/sbin/modprobe")?;
    programs.ours("-A -t 192.0.2.1:80 -s wrr")?;
    programs.same("-Ln")?;
    programs.ours("-C")
}

fn same(command: &str, reference: &Outcome, ours: &Outcome) -> Result<()> {
    ensure!(reference == ours, "ipvsadm {command}\n  reference: {reference}\n  ours: {ours}");
    Ok(())
}
