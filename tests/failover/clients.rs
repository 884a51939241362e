//! All clients of a scenario: those with long connections, those of UDP, and those of persistent services, who come
//! again; each through direct routing and masquerading, IPv4 and IPv6.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use anyhow::{Context, Result};

use crate::network;
use crate::talker::{self, PATIENCE, Protocol, Talker};

/// A way through a director: its clients' network, and the virtual address.
#[derive(Clone, Copy)]
pub struct Way {
    pub client: &'static str,
    pub address: &'static str,
    masquerading: bool,
}

pub const WAYS: [Way; 4] = [
    Way { client: "192.0.2.", address: "192.0.2.1", masquerading: false },
    Way { client: "198.51.100.", address: "192.0.2.2", masquerading: true },
    Way { client: "2001:db8::", address: "2001:db8::1", masquerading: false },
    Way { client: "2001:db8:1::", address: "2001:db8::2", masquerading: true },
];

impl Way {
    /// One of its clients' addresses, of 100 to 139.
    pub fn client(self, number: usize) -> Result<IpAddr> {
        Ok(format!("{}{number}", self.client).parse()?)
    }

    pub fn service(self, port: u16) -> Result<SocketAddr> {
        Ok(SocketAddr::new(self.address.parse()?, port))
    }
}

/// A client of a persistent service, and the server that it was given.
pub struct Visitor {
    pub from: IpAddr,
    pub to: SocketAddr,
    pub server: u8,
}

impl Visitor {
    fn visit(from: IpAddr, to: SocketAddr) -> Result<u8> {
        let mut stream = talker::connect(from, to, PATIENCE)?;
        talker::ask(&mut stream).with_context(|| format!("a visit from {from} to {to}"))
    }
}

pub struct Clients {
    /// The first of three numbers of their addresses.
    number: usize,
    pub talkers: Vec<Talker>,
    pub visitors: Vec<Visitor>,
}

/// So many of all.
#[derive(Default)]
pub struct Share {
    pub kept: usize,
    all: usize,
}

impl Share {
    fn add(&mut self, kept: bool) {
        self.kept += usize::from(kept);
        self.all += 1;
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.kept, self.all)
    }
}

/// Which of the clients still have what they had: their connection, or their server.
#[derive(Default)]
pub struct Survey {
    pub connections: Share,
    pub udp: Share,
    pub persistent: Share,
    /// What happened to the others.
    pub lost: Vec<String>,
    /// The longest time in which a client of UDP had no answer.
    pub gap: Duration,
}

impl fmt::Display for Survey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Survey { connections, udp, persistent, .. } = self;
        write!(f, "{connections} connections live, {udp} UDP and {persistent} persistent clients kept their server")?;
        write!(f, "; gap {:.1} s", self.gap.as_secs_f64())
    }
}

impl Clients {
    /// Opens all of them. Their addresses are the round's own, so that no table knows them yet; there are enough for a
    /// dozen rounds.
    pub fn open(round: usize) -> Result<Self> {
        let mut clients = Clients { number: 103 + 3 * round, talkers: Vec::new(), visitors: Vec::new() };
        clients.open_more(6)?;
        network::inside("client", || {
            for (way, number) in WAYS.iter().flat_map(|way| (0..3).map(move |place| (way, clients.number + place))) {
                let (from, to) = (way.client(number)?, way.service(81)?);
                clients.visitors.push(Visitor { from, to, server: Visitor::visit(from, to)? });
            }
            Ok(())
        })?;
        Ok(clients)
    }

    /// Opens, each way, this many connections, and half as many clients of UDP.
    pub fn open_more(&mut self, count: usize) -> Result<()> {
        network::inside("client", || {
            for way in WAYS {
                for number in 0..count + count / 2 {
                    let (protocol, port) = if number < count { (Protocol::Tcp, 80) } else { (Protocol::Udp, 53) };
                    self.talkers.push(Talker::start(protocol, way.client(self.number)?, way.service(port)?)?);
                }
            }
            Ok(())
        })
    }

    pub fn forget_gaps(&self) {
        self.talkers.iter().for_each(Talker::forget_gaps);
    }

    /// How a director that knows all of them lists them: protocol, state (but for templates), client, service and the
    /// server that answers.
    pub fn listed(&self) -> Vec<String> {
        let talkers = self.talkers.iter().map(|Talker { protocol, from, to, server, .. }| {
            let state = if *protocol == Protocol::Tcp { "TCP ESTABLISHED" } else { "UDP UDP" };
            format!("{state} {from} {to} {}", server_address(*to, *server))
        });
        let visitors = self.visitors.iter().map(|Visitor { from, to, server }| {
            format!("TCP {} {to} {}", SocketAddr::new(*from, 0), server_address(*to, *server))
        });
        talkers.chain(visitors).collect()
    }

    /// Waits until each talker has had two more answers or has given up, and lets the visitors come again, the last one
    /// first, so that who is scheduled anew gets another server.
    pub fn survey(&self) -> Result<Survey> {
        let mut survey = Survey::default();
        let before: Vec<_> = self.talkers.iter().map(|talker| talker.state().answers).collect();
        for (talker, before) in self.talkers.iter().zip(before) {
            let state = talker.wait_for(before + 2)?;
            match talker.protocol {
                Protocol::Tcp => survey.connections.add(state.end.is_none()),
                Protocol::Udp => {
                    survey.udp.add(state.end.is_none());
                    survey.gap = survey.gap.max(state.longest_gap);
                }
            }
            survey
                .lost
                .extend(state.end.map(|end| format!("{:?} {} {}: {end}", talker.protocol, talker.from, talker.to)));
        }
        network::inside("client", || {
            for Visitor { from, to, server } in self.visitors.iter().rev() {
                let found = Visitor::visit(*from, *to)?;
                survey.persistent.add(found == *server);
                if found != *server {
                    survey.lost.push(format!("{from} {to}: {}", talker::moved(*server, found)));
                }
            }
            Ok(())
        })?;
        Ok(survey)
    }
}

/// Where a service sends what the server with this digit answers; see the table of the services.
fn server_address(service: SocketAddr, digit: u8) -> String {
    let masquerading = WAYS.iter().any(|way| way.masquerading && service.ip().to_string() == way.address);
    let port = match service.port() {
        53 if masquerading => 5353,
        _ if masquerading => 8080,
        port => port,
    };
    let digit = char::from(digit);
    if service.is_ipv4() { format!("192.0.2.2{digit}:{port}") } else { format!("[2001:db8::2{digit}]:{port}") }
}
