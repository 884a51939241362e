//! One link with a client, two directors and three servers, each in a network namespace of its own, and the switch between
//! them in another, where a cable can be pulled.
//!
//! ```text
//! client     192.0.2.9   2001:db8::9    and clients: 192.0.2.100 to .139 on the link, 198.51.100.100 to .139 beyond
//! director1  192.0.2.11  2001:db8::11   and on one of the two what keepalived gives it: 192.0.2.1 (direct routing),
//! director2  192.0.2.12  2001:db8::12   192.0.2.2 (masquerading), 192.0.2.3 (the servers' way out); IPv6 likewise
//! server1    192.0.2.21  2001:db8::21   and 192.0.2.1, 2001:db8::1 on lo
//! server2    192.0.2.22  2001:db8::22
//! server3    192.0.2.23  2001:db8::23
//! ```
//!
//! Clients of masquerading are beyond the link, so that the servers answer by their way out, the director.

use std::fs::{self, File};
use std::io::Write;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use nix::sched::{CloneFlags, setns};

use crate::page;

/// The hosts, each with the last part of its addresses.
const HOSTS: [(&str, u8); 6] =
    [("client", 9), ("director1", 11), ("director2", 12), ("server1", 21), ("server2", 22), ("server3", 23)];
pub const DIRECTORS: [&str; 2] = ["director1", "director2"];
/// Each answers with the last digit of its name.
pub const SERVERS: [&str; 3] = ["server1", "server2", "server3"];

/// Makes all of it; nothing of the calling thread's namespace is touched.
pub fn make() -> Result<()> {
    let links = HOSTS.map(|(host, _)| {
        format!("netns add {host}\nlink add eth0 netns {host} type veth peer name {host} netns switch\n")
    });
    ip(&[], &format!("netns add switch\n{}", links.concat()))?;
    let ports = HOSTS.map(|(host, _)| format!("link set {host} master bridge up\n"));
    ip(&["-n", "switch"], &format!("link add bridge type bridge\nlink set bridge up\n{}", ports.concat()))?;
    for (host, number) in HOSTS {
        let lines = match host {
            "client" => client_addresses(),
            "director1" | "director2" => {
                set(host, &page::settings("/etc/sysctl.d/60-director.conf")?)?;
                "route add 198.51.100.0/24 via 192.0.2.9\nroute add 2001:db8:1::/64 via 2001:db8::9\n".to_owned()
            }
            _ => {
                set(host, &page::settings("/etc/sysctl.d/60-server.conf")?)?;
                "addr add 192.0.2.1/32 dev lo\naddr add 2001:db8::1/128 dev lo nodad\n\
                 route add default via 192.0.2.3\nroute add default via 2001:db8::3\n"
                    .to_owned()
            }
        };
        let own = format!("addr add 192.0.2.{number}/24 dev eth0\naddr add 2001:db8::{number}/64 dev eth0 nodad\n");
        ip(&["-n", host], &format!("link set lo up\nlink set eth0 up\n{own}{lines}"))?;
    }
    Ok(())
}

fn client_addresses() -> String {
    (100..140)
        .map(|n| {
            format!(
                "addr add 192.0.2.{n}/24 dev eth0\naddr add 198.51.100.{n}/32 dev lo\n\
                 addr add 2001:db8::{n}/64 dev eth0 nodad\naddr add 2001:db8:1::{n}/128 dev lo nodad\n"
            )
        })
        .collect()
}

/// Sets kernel parameters of a host.
pub fn set(host: &str, settings: &[(&str, &str)]) -> Result<()> {
    inside(host, || {
        settings.iter().try_for_each(|(name, value)| {
            let path = format!("/proc/sys/{}", name.replace('.', "/"));
            fs::write(&path, value).with_context(|| format!("writing '{value}' to {path}"))
        })
    })
}

/// Pulls a host's cable out of the switch, or plugs it in again.
pub fn cable(host: &str, plugged: bool) -> Result<()> {
    ip(&["-n", "switch"], &format!("link set {host} {}\n", if plugged { "up" } else { "down" }))
}

/// Lets the switch take nothing from a host and give nothing to it, while the cable stays; or all again.
pub fn silence(host: &str, silent: bool) -> Result<()> {
    let state = if silent { "0" } else { "3" }; // BR_STATE_DISABLED, BR_STATE_FORWARDING
    lines_of("bridge", &["-n", "switch"], &format!("link set dev {host} state {state}\n"))
}

/// Does something in a host's namespace; what it opens and starts, threads and programs, stays there.
pub fn inside<T>(host: &str, action: impl FnOnce() -> Result<T>) -> Result<T> {
    let home = File::open("/proc/thread-self/ns/net").context("opening the network namespace")?;
    let place = File::open(format!("/run/netns/{host}")).with_context(|| format!("opening namespace {host}"))?;
    setns(place, CloneFlags::CLONE_NEWNET).with_context(|| format!("entering namespace {host}"))?;
    let result = action();
    setns(home, CloneFlags::CLONE_NEWNET).context("leaving a namespace")?;
    result
}

fn ip(options: &[&str], lines: &str) -> Result<()> {
    lines_of("ip", options, lines)
}

/// Runs lines of `ip` or `bridge` in one process, since a process is what takes time in user-mode Linux.
fn lines_of(program: &str, options: &[&str], lines: &str) -> Result<()> {
    let mut command = Command::new(program);
    command.args(options).args(["-batch", "-"]).stdin(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().with_context(|| format!("starting {program} (Debian's package iproute2)"))?;
    child.stdin.take().context("a pipe")?.write_all(lines.as_bytes())?;
    let output = child.wait_with_output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{program} {options:?}: {said}in\n{lines}");
    Ok(())
}
