//! The connection table as the checks see it: by server, how many connections have been answered and how many wait.

use crate::ipvs::connections::{parse, read_lines};
use crate::ipvs::error::KernelError;
use crate::ipvs::model::connection::{Connection, transport};
use crate::ipvs::model::{ServerKey, ServiceKey};
use std::collections::HashMap;
use std::convert::Infallible;
use std::io::Read;
use std::net::IpAddr;

/// A connection that waits has 60 seconds; one with so many left has waited longer than an answer takes.
const LATE: u32 = 57;

/// TIME_WAIT lasts 120 seconds; one with no more left has ended before a connection began that still waits.
const LONG_ENDED: u32 = 60;

/// Connections by what they are to.
#[derive(Clone, Debug, Default)]
pub struct Connections {
    /// All of them, templates of persistent clients too.
    pub total: u64,
    /// By the server's address.
    groups: HashMap<IpAddr, HashMap<Group, States>>,
}

/// Connections to one port of a server by one virtual address.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Group {
    protocol: String,
    virtual_address: (IpAddr, u16),
    port: u16,
}

/// Their states, of TCP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct States {
    /// All of them, of other protocols too.
    pub all: u64,
    /// The client has begun it, and nobody has answered yet.
    pub waiting: u64,
    /// Those of them that have waited for some seconds.
    pub late: u64,
    /// It carries data.
    pub established: u64,
    /// It is ending, or has been reset.
    pub ending: u64,
    /// Those of them that were reset, by the client or by the server.
    pub reset: u64,
    /// Those of them that ended longer ago than connections wait.
    pub long_ended: u64,
    /// A client that has waited for some seconds.
    pub waiting_client: Option<IpAddr>,
}

impl States {
    /// Those that a server has answered, were it with a reset.
    pub fn answered(&self) -> u64 {
        self.established + self.ending
    }

    /// Those of them that are no older than one that waits can be.
    pub fn answered_of_late(&self) -> u64 {
        self.answered() - self.long_ended
    }

    fn add(&mut self, other: &Self) {
        self.all += other.all;
        self.waiting += other.waiting;
        self.late += other.late;
        self.established += other.established;
        self.ending += other.ending;
        self.reset += other.reset;
        self.long_ended += other.long_ended;
        self.waiting_client = self.waiting_client.or(other.waiting_client);
    }
}

impl Connections {
    /// Reads the connection table, line by line.
    ///
    /// # Errors
    /// Those of reading.
    pub fn read(table: impl Read) -> Result<Self, KernelError> {
        let mut connections = Self::default();
        let read = read_lines(table, |line| {
            if let Some(connection) = parse(line) {
                connections.add(&connection);
            }
            Ok::<_, Infallible>(())
        })?;
        match read {
            Ok(()) => Ok(connections),
            Err(never) => match never {},
        }
    }

    fn add(&mut self, connection: &Connection<'_>) {
        self.total += 1;
        // A template of persistent clients.
        if connection.client.1 == 0 {
            return;
        }
        let (address, port) = connection.server;
        let protocol = connection.protocol.to_owned();
        let group = Group { protocol, virtual_address: connection.virtual_address, port };
        let states = self.groups.entry(address).or_default().entry(group).or_default();
        states.all += 1;
        match (connection.protocol, connection.state) {
            ("TCP", "SYN_RECV" | "SYN_SENT" | "NONE") => {
                states.waiting += 1;
                if connection.expires <= LATE {
                    states.late += 1;
                    states.waiting_client = Some(connection.client.0);
                }
            }
            ("TCP", "ESTABLISHED") => states.established += 1,
            ("TCP", state) => {
                states.ending += 1;
                states.reset += u64::from(state == "CLOSE");
                states.long_ended += u64::from(state == "TIME_WAIT" && connection.expires <= LONG_ENDED);
            }
            _ => {}
        }
    }

    /// Those to a server of a service. Of a firewall mark the table says nothing but the server.
    pub fn to(&self, service: &ServiceKey, server: &ServerKey) -> States {
        let mut states = States::default();
        for (group, found) in self.groups.get(&server.address).into_iter().flatten() {
            if (server.port == 0 || server.port == group.port) && group.is_of(service) {
                states.add(found);
            }
        }
        states
    }
}

impl Group {
    fn is_of(&self, service: &ServiceKey) -> bool {
        match *service {
            ServiceKey::Address { protocol, address, port } => {
                self.virtual_address.0 == address
                    && (port == 0 || port == self.virtual_address.1)
                    && transport(&self.protocol) == Some(protocol)
            }
            ServiceKey::FirewallMark { .. } => true,
        }
    }
}
