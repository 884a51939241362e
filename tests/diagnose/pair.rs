//! Sync daemons, and a keepalived beside hand-made changes.

use std::fs::{self, File};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::Test;
use crate::case::{Diagnosis, MASQUERADED, ask_some, breaks, breaks_and_mends, expect, set};
use crate::clients::{Download, ask};
use crate::director::Director;
use crate::network::shell;
use crate::programs::{Programs, until};

pub const TESTS: &[Test] = &[
    ("pair/both ends", both_ends),
    ("pair/interface", interface),
    ("pair/backup only", backup_only),
    ("pair/keepalived", keepalived),
];

/// The other director stands by: it has the same table, but not the addresses.
fn both_ends(programs: &Programs) -> Result<()> {
    let director = Director::new(programs, MASQUERADED)?;
    shell(
        "ip netns add other
         ip link add to-other type veth peer name eth0 netns other
         ip addr add 10.8.0.1/24 dev to-other
         ip link set to-other up
         ip -n other addr add 10.8.0.2/24 dev eth0
         ip -n other link set lo up
         ip -n other link set eth0 up
         ip -n other route add 10.0.1.0/24 via 10.8.0.1
         ip netns exec other sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'",
    )?;
    let other = |action: &dyn Fn() -> Result<()>| director.network.inside("other", action);
    programs.ours("--start-daemon master --mcast-interface to-other --syncid 9")?;
    other(&|| {
        programs.ours(MASQUERADED)?;
        expect(programs, "", &["fault virtual-address"])?;
        programs.ours("--start-daemon backup --mcast-interface eth0 --syncid 9")?;
        let waits = Diagnosis::of(programs, "")?;
        waits.expect_good()?;
        ensure!(waits.has("unknown sync-daemon") && waits.has("unknown virtual-address"), "{waits:?}");
        Ok(())
    })?;
    let mut download = director.network.client(|| Download::begin("192.0.2.100:0", "192.0.2.5:80"))?;
    director.network.client(|| download.go_on().context("a download"))?;
    other(&|| {
        until("a connection has come", || Ok(Diagnosis::of(programs, "")?.has("good sync-daemon")))?;
        Diagnosis::of(programs, "")?.expect_good()
    })?;
    Diagnosis::of(programs, "")?.expect_good()
}

fn interface(programs: &Programs) -> Result<()> {
    let director = Director::new(programs, MASQUERADED)?;
    shell("ip link set swallow multicast on")?;
    programs.ours("--start-daemon master --mcast-interface swallow")?;
    breaks_and_mends(&director, || shell("ip link set swallow multicast off"), &["fault sync-daemon"])?;
    breaks_and_mends(&director, || shell("ip link set swallow down"), &["fault sync-daemon"])?;
    breaks(&director, || shell("ip addr flush dev swallow"), &["fault sync-daemon"])?;
    Ok(())
}

fn backup_only(programs: &Programs) -> Result<()> {
    let director = Director::new(programs, MASQUERADED)?;
    programs.ours("--start-daemon backup --mcast-interface to-server")?;
    ask_some(&director, "192.0.2.100", "192.0.2.5:80")?;
    let breaking = || {
        set("ipv4/vs/backup_only", "1")?;
        let refused = director.network.client(|| ask("192.0.2.100:0", "192.0.2.5:80"));
        ensure!(refused.is_err(), "ip_vs took a client");
        Ok(())
    };
    breaks_and_mends(&director, breaking, &["fault backup-only"])?;
    ask_some(&director, "192.0.2.100", "192.0.2.5:80")
}

struct Keepalived(Child);

impl Drop for Keepalived {
    fn drop(&mut self) {
        let _ = kill(Pid::from_raw(self.0.id() as i32), Signal::SIGTERM);
        let _ = self.0.wait();
    }
}

fn keepalived(programs: &Programs) -> Result<()> {
    let director = Director::new(programs, "")?;
    let configuration = "
        virtual_server 192.0.2.5 80 {
            lb_algo rr
            lb_kind NAT
            protocol TCP
            real_server 10.0.1.2 8080 { weight 3 }
            real_server 10.0.1.3 8080 { weight 1 }
        }
        ";
    let file = "/mnt/keepalived.conf";
    fs::write(file, configuration)?;
    let log = File::create("/mnt/log")?;
    let words = ["--dont-fork", "--log-console", "--check", "--use-file", file, "--pid", "/mnt/pid"];
    let child = Command::new("keepalived")
        .args(words)
        .args(["--checkers_pid", "/mnt/checkers.pid"])
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()
        .context("starting keepalived (Debian's package of that name)")?;
    let _keepalived = Keepalived(child);
    until("keepalived has made its service", || {
        Ok(programs.saved()?.lines().filter(|line| line.starts_with("-a")).count() == 2)
    })?;
    // What keepalived does not know is nobody's business.
    programs.ours("-A -t 192.0.2.6:80\n-a -t 192.0.2.6:80 -r 10.0.1.2:8080 -m")?;
    let set_back = "-e -t 192.0.2.5:80 -r 10.0.1.2:8080 -m -w 3";
    for (change, undo) in [
        ("-e -t 192.0.2.5:80 -r 10.0.1.2:8080 -m -w 9", set_back),
        ("-a -t 192.0.2.5:80 -r 10.0.1.4:8080 -m", "-d -t 192.0.2.5:80 -r 10.0.1.4:8080"),
        ("-d -t 192.0.2.5:80 -r 10.0.1.2:8080", "-a -t 192.0.2.5:80 -r 10.0.1.2:8080 -m -w 3"),
        ("-D -t 192.0.2.5:80", ""),
    ] {
        let diagnosis = breaks(&director, || programs.ours(change), &["warning keepalived"])?;
        ensure!(diagnosis.status == 1);
        programs.ours(undo)?;
    }
    Ok(())
}
