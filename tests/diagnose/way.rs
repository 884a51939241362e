//! Whether packets come, and reach the servers.

use std::net::{TcpListener, UdpSocket};

use anyhow::{Context, Result, ensure};

use crate::Test;
use crate::case::{DIRECT, Diagnosis, IPV6, MASQUERADED, ask_some, breaks, breaks_and_mends, expect, set};
use crate::director::Director;
use crate::network::shell;
use crate::programs::Programs;

pub const TESTS: &[Test] = &[
    ("way/neighbour", neighbour),
    ("way/virtual address", virtual_address),
    ("way/virtual address on a link that is down", link_down),
    ("way/loopback address", loopback),
    ("way/reverse path", reverse_path),
    ("way/route", route),
    ("way/route of IPv6", route_of_ipv6),
    ("way/this host as a server", local_server),
    ("way/direct routing by a gateway", direct_link),
];

fn virtual_address(programs: &Programs) -> Result<()> {
    let director = Director::new(programs, MASQUERADED)?;
    let gone = || shell("ip addr del 192.0.2.5/24 dev to-client");
    breaks(&director, gone, &["fault virtual-address"])?;
    // As a transparent proxy or a router's own table has it.
    shell("ip route add local 192.0.2.5 dev lo")?;
    Diagnosis::of(programs, "")?.expect_good()?;
    ask_some(&director, "192.0.2.100", "192.0.2.5:80")
}

fn link_down(programs: &Programs) -> Result<()> {
    let director = Director::new(programs, MASQUERADED)?;
    breaks(&director, || shell("ip -n client link set eth0 down"), &["fault virtual-address"])?;
    Ok(())
}

/// "Works locally only", or not even that.
fn loopback(programs: &Programs) -> Result<()> {
    let director = Director::new(programs, MASQUERADED)?;
    let rules = "-A -t 127.0.0.1:80\n-a -t 127.0.0.1:80 -r 10.0.1.2:8080 -m";
    breaks(&director, || programs.ours(rules), &["warning virtual-address"])?;
    Ok(())
}

/// A director whose default route is by the servers' link: clients from afar come by the other one, and are dropped.
fn reverse_path(programs: &Programs) -> Result<()> {
    let director = Director::new(programs, MASQUERADED)?;
    let far = "ip addr add 198.51.100.7/32 dev lo; ip link set lo up; ip route add default via 192.0.2.1";
    shell(&format!("ip netns exec client sh -euc '{far}'\nip route add default via 10.0.1.2"))?;
    breaks_and_mends(&director, || set("ipv4/conf/to-client/rp_filter", "1"), &["warning reverse-path"])?;
    // What the warning says is so.
    set("ipv4/conf/to-client/rp_filter", "1")?;
    let heard = || Ok(programs.list("-Lnc")?.contains("198.51.100.7"));
    let begin = || director.network.client(|| crate::clients::begin("198.51.100.7:0", "192.0.2.5:80").map(drop));
    begin()?;
    std::thread::sleep(std::time::Duration::from_millis(300));
    ensure!(!heard()?, "the kernel let a client pass whose answers leave by another link");
    set("ipv4/conf/to-client/rp_filter", "2")?;
    begin()?;
    crate::programs::until("the client is heard", heard)
}

fn route(programs: &Programs) -> Result<()> {
    let director = Director::new(programs, MASQUERADED)?;
    breaks(&director, || shell("ip route add unreachable 10.0.1.2/32"), &["fault route"])?;
    shell("ip route del unreachable 10.0.1.2/32")?;
    for kind in ["prohibit", "blackhole"] {
        breaks(&director, || shell(&format!("ip route add {kind} 10.0.1.2/32")), &["fault route"])?;
        let text = programs.run("--diagnose -t 192.0.2.5:80 -r 10.0.1.2")?;
        text.expect(1, &[&format!("a route of the type {kind} ")], &[])?;
        shell(&format!("ip route del {kind} 10.0.1.2/32"))?;
    }
    breaks(&director, || shell("ip addr flush dev to-server"), &["fault route"])?;
    let text = programs.run("--diagnose -t 192.0.2.5:80 -r 10.0.1.2")?;
    text.expect(1, &["there is no route to 10.0.1.2: Network is unreachable. "], &[])?;
    Ok(())
}

fn route_of_ipv6(programs: &Programs) -> Result<()> {
    let director = Director::new(programs, IPV6)?;
    breaks(&director, || shell("ip -6 addr flush dev to-server"), &["fault route"])?;
    Ok(())
}

/// A server that is off: nobody answers for its address.
fn neighbour(programs: &Programs) -> Result<()> {
    let director = Director::new(programs, MASQUERADED)?;
    ask_some(&director, "192.0.2.100", "192.0.2.5:80")?;
    let off = || {
        shell("ip -n server addr del 10.0.1.3/24 dev eth0; ip neigh flush dev to-server")?;
        UdpSocket::bind("10.0.1.1:0")?.send_to(b"x", "10.0.1.3:9").context("sending to a server that is off")?;
        Ok(())
    };
    breaks(&director, off, &["fault neighbour"])?;
    expect(programs, "-t 192.0.2.5:80 -r 10.0.1.2", &[])?;
    Ok(())
}

fn local_server(programs: &Programs) -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let director = Director::new(programs, MASQUERADED)?;
    drop(listener);
    let masqueraded = TcpListener::bind("192.0.2.9:8080")?;
    let direct = TcpListener::bind("192.0.2.5:80")?;
    programs.ours("-a -t 192.0.2.5:80 -r 192.0.2.9:8080 -m")?;
    let stops = || {
        drop(masqueraded);
        Ok(())
    };
    breaks(&director, stops, &["fault local-server"])?;
    programs.ours("-d -t 192.0.2.5:80 -r 192.0.2.9:8080\n-a -t 192.0.2.5:80 -r 192.0.2.9 -g")?;
    let stops = || {
        drop(direct);
        Ok(())
    };
    breaks(&director, stops, &["fault local-server"])?;
    Ok(())
}

/// The gateway sends the packets back, whose virtual address is the director's.
fn direct_link(programs: &Programs) -> Result<()> {
    let director = Director::new(programs, DIRECT)?;
    ask_some(&director, "192.0.2.101", "192.0.2.2:80")?;
    breaks(&director, || shell("ip route add 10.0.1.4/32 via 10.0.1.2"), &["fault direct-link"])?;
    Ok(())
}
