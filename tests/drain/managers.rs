//! A real keepalived beside a drain: the drain says so, and stops when keepalived sets the weight.

use std::fs;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::Test;
use crate::clients::Leaving;
use crate::director::Director;
use crate::programs::{Programs, until};

pub const TESTS: &[Test] = &[("managers/keepalived", keepalived)];

const FOLDER: &str = "/mnt/keepalived";

struct Keepalived(Child);

impl Keepalived {
    fn start(weight: u32) -> Result<Self> {
        fs::create_dir_all(FOLDER).context("making a folder for keepalived")?;
        configure(weight)?;
        let log = fs::File::create(format!("{FOLDER}/log"))?;
        let child = Command::new("keepalived")
            .args(["--dont-fork", "--log-console", "--check", "--use-file", &format!("{FOLDER}/keepalived.conf")])
            .args(["--pid", &format!("{FOLDER}/pid"), "--checkers_pid", &format!("{FOLDER}/checkers.pid")])
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .context("starting keepalived (Debian's package of that name)")?;
        Ok(Self(child))
    }
}

impl Drop for Keepalived {
    /// So that it takes its services with it.
    fn drop(&mut self) {
        let _ = kill(Pid::from_raw(self.0.id() as i32), Signal::SIGTERM);
        let _ = self.0.wait();
    }
}

fn configure(weight: u32) -> Result<()> {
    let text = format!(
        "virtual_server 192.0.2.1 80 {{
             lb_algo rr
             lb_kind NAT
             protocol TCP
             real_server 10.0.1.2 8080 {{ weight {weight} }}
             real_server 10.0.1.3 8080 {{ weight 1 }}
         }}\n"
    );
    fs::write(format!("{FOLDER}/keepalived.conf"), text).context("writing keepalived's configuration")
}

fn keepalived(programs: &Programs) -> Result<()> {
    let director = Director::new(programs, "")?;
    let keepalived = Keepalived::start(3)?;
    let has_weight = |weight| matches!(programs.server("-t 192.0.2.1:80", "10.0.1.2:8080"), Ok(Some([found, ..])) if found == weight);
    until("keepalived has made its service", || Ok(has_weight(3)))?;
    let downloads = director.downloads_until("192.0.2.100:0", "192.0.2.1:80", "10.0.1.2:8080")?;
    let drain = programs.start("-e -t 192.0.2.1:80 -r 10.0.1.2:8080 --drain")?;
    programs.wait_for_weight_0("-t 192.0.2.1:80", "10.0.1.2:8080")?;
    configure(5)?;
    kill(Pid::from_raw(keepalived.0.id() as i32), Signal::SIGHUP)?;
    let outcome = drain.end()?;
    outcome.expect(4, &[], &["Warning: keepalived runs here", "somebody else set its weight to 5. It is left so."])?;
    ensure!(has_weight(5), "the drain changed what keepalived made");
    downloads.into_iter().try_for_each(|download| download.leave(Leaving::Reset))
}
