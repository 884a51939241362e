//! A director: its table and its sync daemons by our program, its addresses by keepalived.

use std::fs::{self, File};
use std::io::Write;
use std::net::UdpSocket;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::network::{self, DIRECTORS};
use crate::page;

/// Where the programs are that the page's scripts find, and all that keepalived writes.
const FOLDER: &str = "/run/failover";
/// How long a director may take to become what is waited for.
const PATIENCE: Duration = Duration::from_secs(60);
const SCRIPT: &str = "/etc/keepalived/sync-daemons";

/// Puts the programs and the page's scripts in place. Between these directors, `ssh` is a step into a namespace.
pub fn install(ours: &Path) -> Result<()> {
    fs::create_dir_all(format!("{FOLDER}/bin")).context("making a folder")?;
    fs::create_dir_all("/run/lock")?;
    for name in ["ipvsadm", "ipvsadm-save", "ipvsadm-restore"] {
        symlink(ours, format!("{FOLDER}/bin/{name}"))?;
    }
    let ssh = "#!/bin/sh\nhost=$1\nshift\nexec ip netns exec \"$host\" sh -c \"$*\"\n";
    script("bin/ssh", ssh)?;
    script("bin/failover-check", page::file("/usr/local/sbin/failover-check")?)?;
    for name in DIRECTORS {
        fs::create_dir_all(format!("{FOLDER}/{name}"))?;
    }
    Ok(())
}

/// Writes a program, and gives its path.
fn script(name: &str, text: &str) -> Result<String> {
    let path = format!("{FOLDER}/{name}");
    fs::write(&path, text)?;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755))
        .with_context(|| format!("making {path} a program"))?;
    Ok(path)
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Role {
    Master,
    Backup,
}

pub struct Director {
    pub name: &'static str,
    keepalived: Option<Child>,
    /// Both sync daemons run, whatever its role.
    pub both_daemons: bool,
}

impl Director {
    pub fn new(name: &'static str) -> Self {
        Director { name, keepalived: None, both_daemons: false }
    }

    /// Puts the page's script in keepalived's way, and runs it; or one that does nothing.
    pub fn use_script(&mut self, use_it: bool) -> Result<()> {
        self.both_daemons = !use_it;
        // Two namespaces of one machine have one folder for locks.
        let lock = "/run/lock/sync-daemons";
        let text = page::replaced(page::file(SCRIPT)?, lock, &format!("{lock}.{}", self.name))?;
        let path = script(&format!("{}/sync-daemons", self.name), if use_it { &text } else { "#!/bin/sh\n" })?;
        self.run(&path, &[], "").map(drop)
    }

    fn path(&self, file: &str) -> String {
        format!("{FOLDER}/{}/{file}", self.name)
    }

    /// Starts keepalived with the page's configuration, unless it runs.
    pub fn start_keepalived(&mut self) -> Result<()> {
        if self.keepalived.is_some() {
            return Ok(());
        }
        let mut text = page::file("/etc/keepalived/keepalived.conf")?.to_owned();
        if self.name != DIRECTORS[0] {
            text = page::replaced(&text, "priority 150", "priority 100")?;
        }
        // A minute is long enough to learn of connections; here it is as long as `freeze_as_backup` makes it, which a busy machine
        // has to come to before the time is over.
        text = page::replaced(&text, "preempt_delay 60", "preempt_delay 12")?;
        text = page::replaced(&text, SCRIPT, &self.path("sync-daemons"))?;
        fs::write(self.path("keepalived.conf"), text)?;
        let log = File::options().create(true).append(true).open(self.path("log"))?;
        let (pid, vrrp_pid) = (self.path("pid"), self.path("vrrp.pid"));
        if Path::new(&vrrp_pid).exists() {
            fs::remove_file(&vrrp_pid)?; // of one that was killed
        }
        let child = network::inside(self.name, || {
            let mut command = Self::command("keepalived");
            command.args(["--dont-fork", "--log-console", "--vrrp", "--use-file", &self.path("keepalived.conf")]);
            command.args(["--pid", &pid, "--vrrp_pid", &vrrp_pid]).stdin(Stdio::null());
            command.stdout(log.try_clone()?).stderr(log).spawn().context("starting keepalived (Debian's package)")
        })?;
        self.keepalived = Some(child);
        self.wait_until("keepalived has started", || Ok(self.vrrp_process().is_ok()))
    }

    /// The process of keepalived that does the work.
    fn vrrp_process(&self) -> Result<Pid> {
        Ok(Pid::from_raw(fs::read_to_string(self.path("vrrp.pid"))?.trim().parse()?))
    }

    /// Has keepalived stand still when this director listens and has no virtual address, so that it takes over when the
    /// other one is known to have told everything, and not by the clock.
    pub fn freeze_as_backup(&self) -> Result<()> {
        self.wait_for(Role::Backup)?;
        kill(self.vrrp_process()?, Signal::SIGSTOP).context("freezing keepalived")
    }

    pub fn thaw(&self) -> Result<()> {
        kill(self.vrrp_process()?, Signal::SIGCONT).context("thawing keepalived")
    }

    /// Ends keepalived as an administrator does.
    pub fn stop_keepalived(&mut self) -> Result<()> {
        let mut child = self.keepalived.take().context("keepalived does not run")?;
        kill(Pid::from_raw(child.id().try_into()?), Signal::SIGTERM)?;
        let status = child.wait()?;
        ensure!(status.success(), "keepalived ended with {status}:\n{}", self.log());
        Ok(())
    }

    /// Kills both its processes, so that neither can do anything about it.
    pub fn kill_keepalived(&mut self) -> Result<()> {
        let mut child = self.keepalived.take().context("keepalived does not run")?;
        let both = [Pid::from_raw(child.id().try_into()?), self.vrrp_process()?];
        for signal in [Signal::SIGSTOP, Signal::SIGKILL] {
            both.iter().try_for_each(|pid| kill(*pid, signal))?;
        }
        child.wait()?;
        Ok(())
    }

    /// The end of what keepalived says.
    pub fn log(&self) -> String {
        let text = fs::read_to_string(self.path("log")).unwrap_or_default();
        let lines: Vec<_> = text.lines().collect();
        format!("{}'s keepalived:\n{}", self.name, lines[lines.len().saturating_sub(12)..].join("\n"))
    }

    /// The sync daemons as our program lists them.
    pub fn daemons(&self) -> Result<String> {
        self.ipvsadm("-L --daemon")
    }

    /// A command line of our program, which has to succeed; what it prints.
    pub fn ipvsadm(&self, line: &str) -> Result<String> {
        self.run("ipvsadm", &line.split(' ').collect::<Vec<_>>(), "")
    }

    /// Waits until it has the virtual addresses, or has them no more, and its sync daemons fit.
    pub fn wait_for(&self, role: Role) -> Result<()> {
        self.wait_until(&format!("{role:?}"), || {
            let active = network::inside(self.name, || Ok(UdpSocket::bind("192.0.2.1:0").is_ok()))?;
            let daemons = self.daemons()?;
            let kinds: Vec<_> = daemons.lines().filter_map(|line| line.split(' ').next()).collect();
            let fit = match role {
                _ if self.both_daemons => kinds == ["master", "backup"],
                Role::Master => kinds == ["master"],
                Role::Backup => kinds == ["backup"],
            };
            Ok(fit && active == (role == Role::Master))
        })
    }

    fn wait_until(&self, what: &str, mut is_true: impl FnMut() -> Result<bool>) -> Result<()> {
        let end = Instant::now() + PATIENCE;
        while !is_true()? {
            ensure!(Instant::now() < end, "{}: waited for '{what}': {}\n{}", self.name, self.daemons()?, self.log());
            thread::sleep(Duration::from_millis(200));
        }
        Ok(())
    }

    /// A program in this director's namespace, which has to succeed; what it prints.
    pub fn run(&self, program: &str, words: &[&str], input: &str) -> Result<String> {
        let (status, output) = self.run_any(program, words, input)?;
        if status != 0 {
            bail!("{}: {program} {words:?}: status {status}\n{output}", self.name);
        }
        Ok(output)
    }

    /// As [`Director::run`], with any status, and what it prints on either way.
    pub fn run_any(&self, program: &str, words: &[&str], input: &str) -> Result<(i32, String)> {
        let mut child = network::inside(self.name, || {
            let mut command = Self::command(program);
            command.args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
            command.spawn().with_context(|| format!("starting {program}"))
        })?;
        // The inputs are smaller than a pipe.
        child.stdin.take().context("a pipe")?.write_all(input.as_bytes())?;
        let output = child.wait_with_output()?;
        let text = [output.stdout, output.stderr].concat();
        Ok((output.status.code().unwrap_or(-1), String::from_utf8_lossy(&text).into_owned()))
    }

    fn command(program: &str) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("LC_ALL", "C").env("PATH", format!("{FOLDER}/bin:/usr/sbin:/usr/bin:/sbin:/bin"));
        command
    }
}

impl Drop for Director {
    fn drop(&mut self) {
        if self.keepalived.is_some() {
            let _ = self.kill_keepalived();
        }
    }
}
