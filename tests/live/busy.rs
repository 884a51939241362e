//! A table with one service of each kind, and traffic through all of them.

use std::net::{Shutdown, TcpStream};

use anyhow::{Context, Result};
use socket2::{SockRef, Socket};

use crate::network::Network;
use crate::peers::{self, AtEnd};
use crate::programs::Programs;

/// The services; what comes to 10.9.9.9 is lost.
const SERVICES: &str = "
-A -t 192.0.2.1:80 -s wrr
-a -t 192.0.2.1:80 -r 10.0.1.2:8080 -m -w 1
-a -t 192.0.2.1:80 -r 10.0.1.3:8080 -m -w 2 -x 100 -y 10
-A -t 192.0.2.1:81 -s rr
-a -t 192.0.2.1:81 -r 10.0.1.1 -g
-A -t 192.0.2.2:80 -s lc
-a -t 192.0.2.2:80 -r 10.0.1.4 -g -w 5
-A -t 192.0.2.3:80 -s sh -p 300 -M 255.255.255.0
-a -t 192.0.2.3:80 -r 10.0.1.2:8080 -m
-A -t 192.0.2.4:80 -s rr
-a -t 192.0.2.4:80 -r 10.9.9.9:80 -m
-A -t 192.0.2.6:80 -s rr
-a -t 192.0.2.6:80 -r 10.0.1.4:8082 -m
-A -t [2001:db8::1]:80 -s wlc
-a -t [2001:db8::1]:80 -r [fd00:1::2]:8080 -m
-A -u 192.0.2.1:53 -s rr
-a -u 192.0.2.1:53 -r 10.0.1.2:5353 -m
-A -u 192.0.2.1:54 -s rr -o
-a -u 192.0.2.1:54 -r 10.0.1.3:5353 -m
-A -u [2001:db8::1]:53 -s rr
-a -u [2001:db8::1]:53 -r [fd00:1::2]:5353 -m
-A -u 192.0.2.1:5060 -s rr -p 300 --pe sip
-a -u 192.0.2.1:5060 -r 10.0.1.2:5060 -m
-A -u 192.0.2.5:99 -s wrr
-a -u 192.0.2.5:99 -r 10.0.1.4:99 -i -w 1
-A -u 192.0.2.6:99 -s wrr
-a -u 192.0.2.6:99 -r 10.0.1.5:99 -i --tun-type gue --tun-port 5555 --tun-nocsum
-A --sctp-service 192.0.2.1:90 -s rr
-a --sctp-service 192.0.2.1:90 -r 10.0.1.2:9090 -m
-A -f 7 -s rr -p 600
-a -f 7 -r 10.0.1.2 -m
-A -f 8 -6 -s rr
-a -f 8 -6 -r fd00:1::3 -m
";

/// One SIP request as a telephone sends it.
const SIP: &str = "INVITE sip:bob@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.100:45060\r\n\
From: <sip:alice@192.0.2.100>\r\nTo: <sip:bob@192.0.2.1>\r\nCall-ID: call-0123456789@192.0.2.100\r\n\
CSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n";

/// The connections that the traffic leaves, as `-Lnc` lists them, without their expiry.
pub const CONNECTIONS: &[(&str, &str)] = &[
    ("TCP", "ESTABLISHED 192.0.2.100:40001 192.0.2.1:80 10.0.1.3:8080"),
    ("TCP", "ESTABLISHED 192.0.2.100:40002 192.0.2.1:80"),
    ("TCP", "ESTABLISHED 192.0.2.100:40003 192.0.2.1:80"),
    ("TCP", "TIME_WAIT 192.0.2.100:40010 192.0.2.1:80"),
    ("TCP", "CLOSE 192.0.2.100:40011 192.0.2.1:80"),
    ("TCP", "CLOSE_WAIT 192.0.2.100:40012 192.0.2.6:80 10.0.1.4:8082"),
    ("TCP", "ESTABLISHED 192.0.2.100:40020 192.0.2.1:81 10.0.1.1:81"),
    ("TCP", "ESTABLISHED 192.0.2.101:40030 192.0.2.2:80 10.0.1.4:80"),
    ("TCP", "192.0.2.0:0 192.0.2.3:80 10.0.1.2:8080"),
    ("TCP", "ESTABLISHED 192.0.2.100:40040 192.0.2.3:80 10.0.1.2:8080"),
    ("TCP", "SYN_RECV 192.0.2.100:40050 192.0.2.4:80 10.9.9.9:80"),
    ("TCP", "ESTABLISHED [2001:db8::100]:40060 [2001:db8::1]:80 [fd00:1::2]:8080"),
    ("UDP", "UDP 192.0.2.100:40070 192.0.2.1:53 10.0.1.2:5353"),
    ("UDP", "UDP [2001:db8::100]:40071 [2001:db8::1]:53 [fd00:1::2]:5353"),
    ("UDP", "UDP 192.0.2.100:40080 192.0.2.5:99 10.0.1.4:99"),
    ("UDP", "UDP 192.0.2.100:40081 192.0.2.6:99 10.0.1.5:99"),
    ("UDP", "UDP 192.0.2.100:45060 192.0.2.1:5060 10.0.1.2:5060"),
    ("UDP", "192.0.2.100:0 192.0.2.1:5060 10.0.1.2:5060"),
    ("IP", "192.0.2.100:0 0.0.0.7:0 10.0.1.2:0"),
    ("SCTP", "ESTABLISHED 192.0.2.100:40090 192.0.2.1:90 10.0.1.2:9090"),
    ("TCP", "ESTABLISHED 192.0.2.100:40100 192.0.2.7:8000 10.0.1.2:8000"),
    ("TCP", "ESTABLISHED [2001:db8::100]:40110 [2001:db8::7]:8000 [fd00:1::3]:8000"),
];

/// A network with traffic; the connections are open as long as this value lives.
pub struct Busy {
    pub network: Network,
    /// Each can be used in both directions.
    pub open: Vec<TcpStream>,
    /// One has begun, one is half closed.
    _others: [Socket; 2],
}

impl Busy {
    /// Makes the network, the servers, the services (by our program) and the traffic.
    pub fn new(programs: &Programs) -> Result<Self> {
        let network = Network::new()?;
        serve(&network)?;
        programs.ours(SERVICES).context("making the services")?;
        let (open, others) = network.client(speak)?;
        Ok(Busy { network, open, _others: others })
    }
}

/// Starts every server.
pub fn serve(network: &Network) -> Result<()> {
    peers::serve_tcp("192.0.2.1:81", AtEnd::Close)?; // the director itself
    network.server(|| {
        let ipv4 = ["10.0.1.2:8080", "10.0.1.3:8080", "192.0.2.2:80", "10.0.1.2:8000"];
        for address in ipv4.iter().chain(&["[fd00:1::2]:8080", "[fd00:1::3]:8000"]) {
            peers::serve_tcp(address, AtEnd::Close)?;
        }
        peers::serve_tcp("10.0.1.4:8082", AtEnd::Hold)?;
        for address in ["10.0.1.2:5353", "10.0.1.3:5353", "[fd00:1::2]:5353", "10.0.1.2:5060"] {
            peers::serve_udp(address)?;
        }
        peers::serve_sctp("10.0.1.2:9090")
    })
}

/// The traffic of the client.
fn speak() -> Result<(Vec<TcpStream>, [Socket; 2])> {
    let mut open = Vec::new();
    for port in [40001, 40002, 40003] {
        open.push(peers::connect_tcp(&format!("192.0.2.100:{port}"), "192.0.2.1:80")?);
    }
    let mut closed = peers::connect_tcp("192.0.2.100:40010", "192.0.2.1:80")?;
    closed.shutdown(Shutdown::Write)?;
    peers::wait_for_end(&mut closed)?;
    let half_closed = peers::connect_tcp("192.0.2.100:40012", "192.0.2.6:80")?;
    half_closed.shutdown(Shutdown::Write)?;
    for (from, to) in [
        ("192.0.2.100:40020", "192.0.2.1:81"),
        ("192.0.2.101:40030", "192.0.2.2:80"),
        ("192.0.2.100:40040", "192.0.2.3:80"),
        ("[2001:db8::100]:40060", "[2001:db8::1]:80"),
        ("192.0.2.100:40100", "192.0.2.7:8000"),
        ("[2001:db8::100]:40110", "[2001:db8::7]:8000"),
    ] {
        open.push(peers::connect_tcp(from, to)?);
    }
    open.push(peers::connect_sctp("192.0.2.100:40090", "192.0.2.1:90")?);
    let begun = peers::begin_tcp("192.0.2.100:40050", "192.0.2.4:80")?;
    peers::ask_udp("192.0.2.100:40070", "192.0.2.1:53", "a question")?;
    peers::ask_udp("[2001:db8::100]:40071", "[2001:db8::1]:53", "a question")?;
    for _ in 0..3 {
        // The answer is not translated back: there is no connection.
        peers::tell_udp("192.0.2.100:40072", "192.0.2.1:54", "one packet")?;
    }
    peers::ask_udp("192.0.2.100:45060", "192.0.2.1:5060", SIP)?;
    peers::tell_udp("192.0.2.100:40080", "192.0.2.5:99", "through a tunnel")?;
    peers::tell_udp("192.0.2.100:40081", "192.0.2.6:99", "through another tunnel")?;
    // The last, since the kernel forgets it after ten seconds.
    let reset = peers::connect_tcp("192.0.2.100:40011", "192.0.2.1:80")?;
    SockRef::from(&reset).set_linger(Some(std::time::Duration::ZERO))?;
    Ok((open, [begun, half_closed.into()]))
}
