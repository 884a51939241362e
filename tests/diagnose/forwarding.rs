//! Whether answers come back, by each way to forward. What keeps them from it is on the servers, as in most threads about
//! it: "InActConn grows, ActiveConn stays 0".

use anyhow::{Context, Result, ensure};

use crate::Test;
use crate::case::{
    DIRECT, Diagnosis, IPV6, MASQUERADED, TUNNELLED, ask_some, breaks, breaks_and_mends, expect, serve, set,
};
use crate::clients::{ask, begin};
use crate::director::Director;
use crate::network::shell;
use crate::programs::{Programs, until};

pub const TESTS: &[Test] = &[
    ("forwarding/masquerading without a way back", no_way_back),
    ("forwarding/direct routing without the address", no_address),
    ("forwarding/a tunnel that nobody unwraps", no_tunnel),
    ("forwarding/one server of two", one_of_two),
    ("forwarding/a server that refuses", refusing),
    ("forwarding/a server that has gone", gone),
    ("forwarding/a client on the servers' network", same_network),
    ("forwarding/switched off", switched_off),
    ("forwarding/switched off for IPv6", switched_off_for_ipv6),
    ("forwarding/a narrow tunnel", narrow_tunnel),
    ("forwarding/a tunnel too narrow for IPv6", too_narrow_for_ipv6),
];

/// A client that gives up soon. Its connection stays in the table for a minute.
fn begin_in_vain(director: &Director<'_>, from: &str, to: &str) -> Result<()> {
    director.network.client(|| {
        let clients = (0..3).map(|_| begin(&format!("{from}:0"), to)).collect::<Result<Vec<_>>>();
        std::thread::sleep(std::time::Duration::from_millis(300));
        clients.map(drop)
    })
}

/// The server's default route leads past the director.
fn no_way_back(programs: &Programs) -> Result<()> {
    let director = Director::new(programs, MASQUERADED)?;
    let breaking = || {
        shell("ip -n server route del default")?;
        begin_in_vain(&director, "192.0.2.100", "192.0.2.5:80")
    };
    breaks(&director, breaking, &["fault answers"])?;
    Ok(())
}

/// The server does not have the virtual address.
fn no_address(programs: &Programs) -> Result<()> {
    let director = Director::new(programs, DIRECT)?;
    let breaking = || {
        shell("ip -n server addr del 192.0.2.2/32 dev lo")?;
        begin_in_vain(&director, "192.0.2.101", "192.0.2.2:80")
    };
    let diagnosis = breaks(&director, breaking, &["fault answers"])?;
    ensure!(diagnosis.status == 1);
    let text = programs.run("--diagnose -t 192.0.2.2:80")?;
    text.expect(1, &["3 in SYN_RECV", "192.0.2.2 must be on lo, with arp_ignore=1"], &[])?;
    Ok(())
}

fn no_tunnel(programs: &Programs) -> Result<()> {
    let director = Director::new(programs, TUNNELLED)?;
    director.end_tunnels()?;
    ask_some(&director, "192.0.2.101", "192.0.2.4:80")?;
    // Once those who were answered are forgotten.
    let breaking = || {
        shell("ip -n server link set tunl0 down")?;
        begin_in_vain(&director, "192.0.2.101", "192.0.2.4:80")
    };
    breaks(&director, breaking, &["fault answers"])?;
    Ok(())
}

/// The share of each server is told, and the one that does not answer.
fn one_of_two(programs: &Programs) -> Result<()> {
    let director = Director::new(programs, MASQUERADED)?;
    programs.ours("-E -t 192.0.2.5:80 -s rr")?;
    let breaking = || {
        // Its answers go to nobody.
        shell("ip -n server rule add from 10.0.1.3 blackhole")?;
        let mut answered = 0;
        for _ in 0..3 {
            begin_in_vain(&director, "192.0.2.100", "192.0.2.5:80")?;
            answered += u32::from(serve(&director, "192.0.2.100", "192.0.2.5:80").is_ok());
        }
        ensure!(answered > 0, "no client was answered");
        Ok(())
    };
    let diagnosis = breaks(&director, breaking, &["fault answers"])?;
    ensure!(diagnosis.has("good answers"), "{diagnosis:?}");
    expect(programs, "-t 192.0.2.5:80 -r 10.0.1.2", &[])?;
    expect(programs, "-t 192.0.2.5:80 -r 10.0.1.3", &["fault answers"])?;
    Ok(())
}

/// Nothing listens on one server of two.
fn refusing(programs: &Programs) -> Result<()> {
    let director = Director::new(programs, "-A -t 192.0.2.5:80 -s rr\n-a -t 192.0.2.5:80 -r 10.0.1.2:8080 -m")?;
    serve(&director, "192.0.2.100", "192.0.2.5:80")?;
    let breaking = || {
        programs.ours("-a -t 192.0.2.5:80 -r 10.0.1.3:8099 -m")?;
        let refused = (0..6).filter(|_| director.network.client(|| ask("192.0.2.100:0", "192.0.2.5:80")).is_err());
        ensure!(refused.count() == 3, "not every second client was refused");
        Ok(())
    };
    let diagnosis = breaks(&director, breaking, &["warning answers"])?;
    ensure!(diagnosis.has("good answers"), "{diagnosis:?}");
    let text = programs.run("--diagnose -t 192.0.2.5:80 -r 10.0.1.3:8099")?;
    // Alone it cannot be told from one whose clients reset their connections.
    ensure!(text.status == 0 && text.stdout.contains("or by a server that refuses them"), "{text}");
    Ok(())
}

/// It has served clients whose connections are in the table still.
fn gone(programs: &Programs) -> Result<()> {
    let director = Director::new(programs, "-A -t 192.0.2.5:80 -s rr\n-a -t 192.0.2.5:80 -r 10.0.1.3:8080 -m")?;
    serve(&director, "192.0.2.100", "192.0.2.5:80")?;
    let breaking = || {
        shell("ip -n server rule add from 10.0.1.3 blackhole")?;
        until("the connections are a minute old", || {
            begin_in_vain(&director, "192.0.2.100", "192.0.2.5:80")?;
            std::thread::sleep(std::time::Duration::from_secs(10));
            Ok(Diagnosis::of(programs, "")?.has("fault answers"))
        })?;
        ensure!(programs.list("-Lnc")?.contains("TIME_WAIT"), "they have been forgotten");
        Ok(())
    };
    breaks(&director, breaking, &["fault answers"]).map(drop)
}

/// The client is a neighbour of the server, which answers it directly.
fn same_network(programs: &Programs) -> Result<()> {
    let table = "
        -A -t 10.0.1.1:80 -s rr
        -a -t 10.0.1.1:80 -r 10.0.1.2:8080 -m";
    let director = Director::new(programs, table)?;
    // Clients from elsewhere get answers.
    shell("ip -n client route add 10.0.1.1/32 via 192.0.2.1")?;
    Diagnosis::of(programs, "")?.expect_good()?;
    shell(
        "ip netns add mate
         ip link add mates type bridge
         ip link add to-mate type veth peer name eth0 netns mate
         ip link set to-mate master mates up
         ip link set mates up
         ip addr flush dev to-server
         ip link set to-server master mates
         ip addr add 10.0.1.1/24 dev mates
         ip -n mate addr add 10.0.1.9/24 dev eth0
         ip -n mate link set eth0 up",
    )?;
    ask_some(&director, "192.0.2.100", "10.0.1.1:80").context("a client from elsewhere")?;
    Diagnosis::of(programs, "")?.expect_good().context("with a client from elsewhere")?;
    programs.ours(&format!("-C\n{table}"))?;
    director.network.inside("mate", || {
        let clients = (0..3).map(|_| begin("10.0.1.9:0", "10.0.1.1:80")).collect::<Result<Vec<_>>>();
        std::thread::sleep(std::time::Duration::from_millis(300));
        clients.map(drop)
    })?;
    expect(programs, "", &["fault answers", "fault same-network"])?;
    let text = programs.run("--diagnose")?;
    text.expect(1, &["the client 10.0.1.9 is on its network on mates"], &[])
}

fn switched_off(programs: &Programs) -> Result<()> {
    let director = Director::new(programs, MASQUERADED)?;
    breaks_and_mends(&director, || set("ipv4/ip_forward", "0"), &["fault forwarding"])?;
    breaks(&director, || set("ipv4/conf/to-server/forwarding", "0"), &["fault forwarding"])?;
    Ok(())
}

fn switched_off_for_ipv6(programs: &Programs) -> Result<()> {
    let director = Director::new(programs, IPV6)?;
    director.network.client(|| ask("[2001:db8::100]:0", "[2001:db8::5]:80").map(drop))?;
    breaks_and_mends(&director, || set("ipv6/conf/all/forwarding", "0"), &["fault forwarding"])
}

fn narrow_tunnel(programs: &Programs) -> Result<()> {
    let director = Director::new(programs, TUNNELLED)?;
    breaks(&director, || shell("ip link set to-server mtu 1200"), &["warning tunnel-mtu"])?;
    Ok(())
}

/// The kernel sends nothing.
fn too_narrow_for_ipv6(programs: &Programs) -> Result<()> {
    let table = "
        -A -t 192.0.2.4:80 -s rr
        -a -t 192.0.2.4:80 -r fd00:1::2 -i";
    let director = Director::new(programs, table)?;
    breaks(&director, || shell("ip link set to-server mtu 1300"), &["fault tunnel-mtu"])?;
    // The address has to be asked for before.
    shell("ip -6 neigh replace fd00:1::2 lladdr 02:00:00:00:00:01 dev to-server nud permanent")?;
    ensure!(!leaves(&director)?, "the kernel sends packets into a tunnel that is too narrow");
    shell("ip link set to-server mtu 1500")?;
    ensure!(leaves(&director)?, "the kernel sends nothing into a tunnel that is wide enough");
    Ok(())
}

/// Whether the packets of three clients leave by the servers' link, each time anew. Now and then a packet of the link's own
/// does, in which it looks for routers or tells of groups.
fn leaves(director: &Director<'_>) -> Result<bool> {
    for _ in 0..5 {
        let before = sent()?;
        begin_in_vain(director, "192.0.2.100", "192.0.2.4:80")?;
        if sent()? < before + 3 {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Packets that have left by the servers' link.
fn sent() -> Result<u64> {
    let text = std::fs::read_to_string("/proc/thread-self/net/dev")?;
    let line = text.lines().find_map(|line| line.trim().strip_prefix("to-server:")).context("no to-server")?;
    line.split_whitespace().nth(9).context("no packets")?.parse().context("packets")
}
