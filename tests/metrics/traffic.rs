//! Services of each kind, and known traffic through them: UDP clients whose datagrams are answered, TCP connections that stay
//! open, a persistent client of a firewall mark.

use crate::network::Network;
use crate::program::Programs;
use anyhow::{Context, Result, ensure};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::thread;
use std::time::Duration;

const RULES: &str = "\
-A -u 192.0.2.1:53 -s wrr
-a -u 192.0.2.1:53 -r 10.0.1.2:5353 -m -w 3
-a -u 192.0.2.1:53 -r 10.0.1.3:5353 -m -w 1
-A -t 192.0.2.2:80 -s rr
-a -t 192.0.2.2:80 -r 10.0.1.2:8080 -m -x 20 -y 10
-a -t 192.0.2.2:80 -r 10.0.1.3:8080 -m
-a -t 192.0.2.2:80 -r 10.0.1.4:8080 -m -w 0
-A -f 7 -s rr -p 300
-a -f 7 -r 10.0.1.4:0 -m
--set 900 120 300
--start-daemon master --mcast-interface to-client --syncid 7
";
/// Clients of the UDP service, in whole rounds of its weights, the datagrams of each, and the bytes of a question and of its
/// answer, IP and UDP headers included.
const CLIENTS: u64 = 40;
const QUESTIONS: u64 = 3;
const QUESTION: u64 = 28 + 100;
const ANSWER: u64 = 28 + 50;
/// TCP connections, in whole rounds.
const OPEN: u64 = 6;
/// Datagrams of the one client of the mark.
const MARKED: u64 = 12;

/// What is known of a service or a server: its labels, and what the traffic has made of it.
#[derive(Clone, Copy, Debug)]
pub struct Figures {
    pub local: (&'static str, &'static str, &'static str, &'static str),
    pub remote: Option<(&'static str, &'static str)>,
    pub connections: u64,
    /// Packets in and out, bytes in and out; those of TCP are its own affair.
    pub carried: Option<[u64; 4]>,
    pub weight: u64,
    pub active: u64,
    pub inactive: u64,
    pub persistent: u64,
    pub upper_threshold: u64,
}

const DNS: Figures = Figures {
    local: ("192.0.2.1", "53", "udp", ""),
    remote: None,
    connections: CLIENTS,
    carried: Some(datagrams(CLIENTS * QUESTIONS)),
    weight: 0,
    active: 0,
    inactive: 0,
    persistent: 0,
    upper_threshold: 0,
};
const WEB: Figures = Figures { local: ("192.0.2.2", "80", "tcp", ""), connections: OPEN, carried: None, ..DNS };
const MARK: Figures = Figures { local: ("", "", "ipv4", "7"), connections: 1, carried: Some(datagrams(MARKED)), ..DNS };

const fn datagrams(number: u64) -> [u64; 4] {
    [number, number, number * QUESTION, number * ANSWER]
}

/// Of each service.
pub const SERVICES: [Figures; 3] = [DNS, WEB, MARK];

/// Of each server.
pub const SERVERS: [Figures; 6] = [
    dns_server("10.0.1.2", 3),
    dns_server("10.0.1.3", 1),
    Figures {
        remote: Some(("10.0.1.2", "8080")),
        connections: OPEN / 2,
        weight: 1,
        active: OPEN / 2,
        upper_threshold: 20,
        ..WEB
    },
    Figures { remote: Some(("10.0.1.3", "8080")), connections: OPEN / 2, weight: 1, active: OPEN / 2, ..WEB },
    Figures { remote: Some(("10.0.1.4", "8080")), connections: 0, carried: Some([0; 4]), ..WEB },
    Figures { remote: Some(("10.0.1.4", "0")), weight: 1, inactive: 1, persistent: 1, ..MARK },
];

const fn dns_server(address: &'static str, weight: u64) -> Figures {
    let clients = CLIENTS / 4 * weight;
    let carried = Some(datagrams(clients * QUESTIONS));
    Figures { remote: Some((address, "5353")), connections: clients, carried, weight, inactive: clients, ..DNS }
}

/// Makes the services, and the servers that answer.
pub fn prepare(programs: &Programs, network: &Network) -> Result<()> {
    let outcome = programs.reference(&["-R"], RULES)?;
    ensure!(outcome.status == 0 && outcome.stderr.is_empty(), "the reference: {outcome:?}");
    network.server(|| {
        for address in ["10.0.1.2:5353", "10.0.1.3:5353", "10.0.1.4:8000"] {
            let socket = UdpSocket::bind(address)?;
            thread::spawn(move || {
                let mut question = [0; 200];
                while let Ok((_, client)) = socket.recv_from(&mut question) {
                    let _ = socket.send_to(&[0; ANSWER as usize - 28], client);
                }
            });
        }
        for address in ["10.0.1.2:8080", "10.0.1.3:8080"] {
            let listener = TcpListener::bind(address)?;
            thread::spawn(move || listener.incoming().collect::<Vec<_>>());
        }
        Ok(())
    })
}

/// Sends it all, and returns the connections that are to stay open.
pub fn send(network: &Network) -> Result<Vec<TcpStream>> {
    network.client(|| {
        for _ in 0..CLIENTS {
            ask("192.0.2.1:53", QUESTIONS)?;
        }
        ask("192.0.2.1:8000", MARKED)?;
        (0..OPEN).map(|_| TcpStream::connect("192.0.2.2:80").context("a connection to 192.0.2.2:80")).collect()
    })
}

/// A client, each of whose questions is answered before the next.
fn ask(service: &str, questions: u64) -> Result<()> {
    let socket = UdpSocket::bind("192.0.2.100:0")?;
    socket.set_read_timeout(Some(Duration::from_secs(60)))?;
    socket.connect(service)?;
    for _ in 0..questions {
        socket.send(&[0; QUESTION as usize - 28])?;
        let length = socket.recv(&mut [0; 200]).with_context(|| format!("no answer from {service}"))?;
        ensure!(length as u64 == ANSWER - 28, "{length} bytes");
    }
    Ok(())
}
