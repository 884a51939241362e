//! What nft and iptables do to packets.

use std::process::Command;

use anyhow::{Result, ensure};

use crate::Test;
use crate::case::{Diagnosis, MASQUERADED, ask_some, breaks, breaks_and_mends, expect, left_out};
use crate::clients::begin;
use crate::director::Director;
use crate::network::shell;
use crate::programs::Programs;

/// Those that this kernel can play.
pub fn tests() -> Result<Vec<Test>> {
    let of_iptables: &[Test] = &[
        ("rules/a mark of iptables", mark_of_iptables),
        ("rules/answers that netfilter does not know", unknown_answers),
        ("rules/nothing is forwarded", shut),
        ("rules/clients that are not masked", not_masked),
    ];
    let mut tests = vec![("rules/a mark of nft", mark_of_nft as fn(&Programs) -> Result<()>)];
    if Command::new("modprobe").args(["-q", "ip_tables"]).status()?.success() {
        tests.extend(of_iptables);
    } else {
        // Without any rule for IP there is nothing to find.
        let for_ip = "nft add table ip probe\nnft 'add chain ip probe c { type filter hook forward priority 0; }'";
        let nft = Command::new("unshare").args(["--net", "sh", "-euc", for_ip]).output()?;
        ensure!(!nft.status.success(), "this kernel has no iptables, but nft for IP: it wants cases of its own");
        left_out(of_iptables, "it has neither iptables nor nft for IP, and so none of these rules");
    }
    Ok(tests)
}

const MARKED: &str = "
-A -f 7 -s rr
-a -f 7 -r 10.0.1.2:8080 -m";

/// The network marks packets by tc, of which nobody can say what it does.
fn mark_of_nft(programs: &Programs) -> Result<()> {
    let director = Director::new(programs, MARKED)?;
    let classified = Diagnosis::of(programs, "")?;
    classified.expect_good()?;
    ensure!(classified.has("unknown mark"), "{classified:?}");
    shell(
        "tc qdisc del dev to-client clsact
         nft add table bridge marks
         nft 'add chain bridge marks come { type filter hook prerouting priority 0; }'
         nft add rule bridge marks come ether type ip meta mark set 7",
    )?;
    let marked = Diagnosis::of(programs, "")?;
    ensure!(marked.has("good mark"), "{marked:?}");
    breaks(&director, || shell("nft flush chain bridge marks come"), &["fault mark"])?;
    Ok(())
}

fn mark_of_iptables(programs: &Programs) -> Result<()> {
    let director = Director::new(programs, MARKED)?;
    let rule = "PREROUTING -d 192.0.2.5/32 -p tcp --dport 80 -j MARK --set-mark 7";
    shell(&format!("tc qdisc del dev to-client clsact\niptables-legacy -t mangle -A {rule}"))?;
    // Of IPv6 packets.
    let other = || {
        shell(&format!(
            "iptables-legacy -t mangle -D {rule}\nip6tables-legacy -t mangle -A PREROUTING -j MARK --set-mark 7"
        ))
    };
    breaks(&director, other, &["fault mark"])?;
    shell(&format!("iptables-legacy -t mangle -A {rule}"))?;
    ask_some(&director, "192.0.2.100", "192.0.2.5:80")
}

/// Firewalls drop what belongs to no connection that they know, and so the answers of servers.
fn unknown_answers(programs: &Programs) -> Result<()> {
    let director = Director::new(programs, MASQUERADED)?;
    let rule = "FORWARD -m conntrack --ctstate INVALID -j DROP";
    let breaking = || shell(&format!("iptables-legacy -A {rule}"));
    let diagnosis = breaks(&director, breaking, &["fault conntrack"])?;
    // What is said is so.
    director.network.client(|| {
        let client = begin("192.0.2.100:0", "192.0.2.5:80")?;
        std::thread::sleep(std::time::Duration::from_millis(500));
        ensure!(client.peer_addr().is_err(), "a client got an answer that netfilter should have dropped");
        Ok(())
    })?;
    crate::case::follow(programs, &diagnosis)?;
    ask_some(&director, "192.0.2.100", "192.0.2.5:80")?;
    expect(programs, "", &[]).map(drop)
}

/// A firewall that lets nothing pass, and so no answer.
fn shut(programs: &Programs) -> Result<()> {
    let director = Director::new(programs, MASQUERADED)?;
    shell("iptables-legacy -A FORWARD -p icmp -j DROP")?;
    breaks(&director, || shell("iptables-legacy -P FORWARD DROP"), &["fault forwarding"])?;
    // What is said is so.
    let client = director.network.client(|| begin("192.0.2.100:0", "192.0.2.5:80"))?;
    std::thread::sleep(std::time::Duration::from_millis(500));
    ensure!(client.peer_addr().is_err(), "a client got an answer that is not forwarded");
    shell("iptables-legacy -A FORWARD -s 10.0.1.0/24 -j ACCEPT")?;
    ask_some(&director, "192.0.2.100", "192.0.2.5:80")?;
    expect(programs, "", &[]).map(drop)
}

fn not_masked(programs: &Programs) -> Result<()> {
    let director = Director::new(programs, MASQUERADED)?;
    let elsewhere = "iptables-legacy -t nat -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
        iptables-legacy -t nat -A POSTROUTING -o to-client -j MASQUERADE";
    shell(elsewhere)?;
    let breaking = || shell("iptables-legacy -t nat -A POSTROUTING -o to-server -j MASQUERADE");
    breaks_and_mends(&director, breaking, &["warning conntrack"])
}
