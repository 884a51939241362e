//! UDP: clients count as inactive connections and stay while they send; one-packet services have nothing to wait for.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use anyhow::{Result, ensure};

use crate::Test;
use crate::clients::{ask_datagram, datagrams};
use crate::director::Director;
use crate::programs::Programs;

pub const TESTS: &[Test] = &[("datagrams/udp", udp), ("datagrams/one packet", one_packet)];

fn udp(programs: &Programs) -> Result<()> {
    // So long does a busy machine have for what follows, until the kernel forgets the old client.
    let table = "
        --set 0 0 25
        -A -u 192.0.2.1:53 -s rr
        -a -u 192.0.2.1:53 -r 10.0.1.2:5353 -m
        -a -u 192.0.2.1:53 -r 10.0.1.3:5353 -m";
    let director = Director::new(programs, table)?;
    director.serve_datagrams()?;
    let client = |port: u16| director.network.client(|| datagrams(&format!("192.0.2.100:{port}"), "192.0.2.1:53"));
    let (one, other) = (client(40001)?, client(40002)?);
    let mut servers = [ask_datagram(&one)?, ask_datagram(&other)?];
    let old = if servers[0] == "10.0.1.2:5353" { &one } else { &other };
    servers.sort();
    ensure!(servers == ["10.0.1.2:5353", "10.0.1.3:5353"], "{servers:?}");

    let mut drain = programs.start("-d -u 192.0.2.1:53 -r 10.0.1.2:5353 --drain")?;
    programs.wait_for_weight_0("-u 192.0.2.1:53", "10.0.1.2:5353")?;
    let server = ask_datagram(old)?;
    ensure!(server == "10.0.1.2:5353", "the old client gets {server}");
    for port in 40010..40016 {
        let server = ask_datagram(&client(port)?)?;
        ensure!(server == "10.0.1.3:5353", "a new client gets {server}");
    }
    ensure!(drain.is_running()?, "the drain does not wait for UDP");
    drain.end()?.expect(0, &["10.0.1.2:5353: 0 active, 1 inactive\n", "it is removed."], &[])?;
    let server = ask_datagram(old)?;
    ensure!(server == "10.0.1.3:5353", "the old client gets {server} in the end");
    Ok(())
}

/// A client that never stops does not hold it up.
fn one_packet(programs: &Programs) -> Result<()> {
    let table = "
        -A -u 192.0.2.1:54 -s rr -o
        -a -u 192.0.2.1:54 -r 10.0.1.2:5353 -m
        -a -u 192.0.2.1:54 -r 10.0.1.3:5353 -m";
    let director = Director::new(programs, table)?;
    director.serve_datagrams()?;
    let client = director.network.client(|| datagrams("192.0.2.100:40001", "192.0.2.1:54"))?;
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                let _ = client.send(b"one packet");
                thread::yield_now();
            }
        });
        let outcome = programs.run("-d -u 192.0.2.1:54 -r 10.0.1.2:5353 --drain");
        stop.store(true, Ordering::Relaxed);
        outcome?.expect(0, &["no connections after 0 s; it is removed."], &[])
    })
}
