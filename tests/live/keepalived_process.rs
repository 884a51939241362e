//! A keepalived of its own configuration, in the namespace of the calling thread; of its daemons only the checker.

use std::fs;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// One that runs. It is ended with this value, and takes its services with it.
pub struct Keepalived {
    child: Child,
    /// Where its files are.
    folder: &'static str,
}

impl Keepalived {
    /// Starts one with this configuration, without waiting for its services.
    pub fn start(folder: &'static str, configuration: &str) -> Result<Self> {
        fs::create_dir_all(folder).context("making a folder for keepalived")?;
        configure(folder, configuration)?;
        let log = fs::File::create(format!("{folder}/log"))?;
        let child = Command::new("keepalived")
            .args(["--dont-fork", "--log-console", "--check", "--use-file", &format!("{folder}/keepalived.conf")])
            .args(["--pid", &format!("{folder}/pid"), "--checkers_pid", &format!("{folder}/checkers.pid")])
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .context("starting keepalived (Debian's package of that name)")?;
        Ok(Self { child, folder })
    }

    /// Has it read a new configuration, which it does on its own time.
    pub fn reload(&self, configuration: &str) -> Result<()> {
        configure(self.folder, configuration)?;
        self.signal(Signal::SIGHUP)
    }

    /// Ends it, and waits until its services are gone.
    pub fn stop(mut self) -> Result<()> {
        self.signal(Signal::SIGTERM)?;
        let status = self.child.wait()?;
        ensure!(status.success(), "keepalived ended with {status}:\n{}", log(self.folder));
        Ok(())
    }

    fn signal(&self, signal: Signal) -> Result<()> {
        kill(Pid::from_raw(self.child.id().try_into()?), signal).context("sending a signal to keepalived")
    }
}

impl Drop for Keepalived {
    fn drop(&mut self) {
        // Once it was waited for, its number may be another's.
        if let Ok(None) = self.child.try_wait() {
            let _ = self.signal(Signal::SIGTERM);
            let _ = self.child.wait();
        }
    }
}

fn configure(folder: &str, configuration: &str) -> Result<()> {
    let text = format!("global_defs {{\n    router_id tests\n}}\n{configuration}");
    fs::write(format!("{folder}/keepalived.conf"), text).context("writing keepalived's configuration")
}

/// What the one of this folder has said.
pub fn log(folder: &str) -> String {
    fs::read_to_string(format!("{folder}/log")).unwrap_or_default()
}
