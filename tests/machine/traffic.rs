//! Connections through services on the loopback device.

use crate::program::{Programs, shell};
use anyhow::{Context, Result, ensure};
use std::net::UdpSocket;

/// Services, their servers and connections: `clients` to each of two UDP services, one of them with persistent clients
/// and one by a firewall mark.
pub fn make(programs: &Programs, clients: u8) -> Result<()> {
    shell(
        "ip addr add 10.0.0.1/8 dev lo
         ip -6 addr add 2001:db8::1/64 dev lo nodad",
    )?;
    let rules = "\
-A -u 10.0.0.1:53 -s rr
-a -u 10.0.0.1:53 -r 127.0.0.2:53 -m -w 1
-a -u 10.0.0.1:53 -r 127.0.0.3:5353 -m -w 2
-A -u 10.0.0.1:5060 -s rr -p 100
-a -u 10.0.0.1:5060 -r 127.0.0.2:5060 -m
-A -u [2001:db8::1]:53 -s wlc
-a -u [2001:db8::1]:53 -r [::1]:53 -m
";
    let outcome = programs.reference(&["-R"], rules)?;
    ensure!(outcome.status == 0 && outcome.stderr.is_empty(), "the reference: {outcome:?}");
    for client in 0..clients {
        for (from, to) in [
            (format!("10.200.0.{}:7000", client + 1), "10.0.0.1:53"),
            (format!("10.200.{}.9:7001", client % 3), "10.0.0.1:5060"),
            (format!("[2001:db8::1]:{}", 7100 + u16::from(client)), "[2001:db8::1]:53"),
        ] {
            let socket = UdpSocket::bind(&from).with_context(|| format!("binding {from}"))?;
            socket.send_to(b"x", to).with_context(|| format!("from {from} to {to}"))?;
        }
    }
    Ok(())
}
