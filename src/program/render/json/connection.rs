//! A line of the connection table.

use super::key::object;
use super::text::{Endpoint, Names, readable};
use crate::ipvs::connection_counts::{Count, ServerCount, ServiceCount};
use crate::ipvs::model::connection::{Connection, transport};
use serde::{Serialize, Serializer};
use std::borrow::Cow;

/// A connection.
pub struct ConnectionView<'a> {
    protocol: Cow<'a, str>,
    client: Endpoint,
    virtual_address: Endpoint,
    server: Endpoint,
    state: Cow<'a, str>,
    expires_seconds: u32,
    persistence_engine: Option<Engine<'a>>,
}

object!(ConnectionView<'_> { protocol, client, virtual_address, server, state, expires_seconds, persistence_engine });

struct Engine<'a> {
    name: Cow<'a, str>,
    data: Option<Cow<'a, str>>,
}

object!(Engine<'_> { name, data });

impl<'a> ConnectionView<'a> {
    /// With the names of addresses and ports.
    pub fn new(connection: &Connection<'a>, names: Names<'_>) -> Self {
        let protocol = connection.transport();
        Self {
            protocol: word(connection.protocol),
            client: Endpoint::of(connection.client, protocol, names),
            virtual_address: Endpoint::of(connection.virtual_address, protocol, names),
            server: Endpoint::of(connection.server, protocol, names),
            state: readable(connection.state),
            expires_seconds: connection.expires,
            persistence_engine: connection
                .engine
                .map(|name| Engine { name: readable(name), data: connection.engine_data.map(readable) }),
        }
    }
}

/// `tcp`, `udp`, `sctp`, `ip` for templates of firewall marks, or what a newer kernel writes, in small letters.
fn word(protocol: &str) -> Cow<'_, str> {
    match protocol {
        "TCP" => "tcp".into(),
        "UDP" => "udp".into(),
        "SCTP" => "sctp".into(),
        other => readable(other).to_ascii_lowercase().into(),
    }
}

/// How many connections there are to a virtual address and port.
pub struct ServiceCountView<'a> {
    protocol: Cow<'a, str>,
    virtual_address: Endpoint,
    connections: u64,
    states: States<'a>,
    servers: Vec<ServerCountView<'a>>,
}

object!(ServiceCountView<'_> { protocol, virtual_address, connections, states, servers });

struct ServerCountView<'a> {
    server: Endpoint,
    connections: u64,
    states: States<'a>,
}

object!(ServerCountView<'_> { server, connections, states });

/// An array, for a state's name is no key of ours.
struct States<'a>(&'a Count);

struct StateView<'a> {
    state: Cow<'a, str>,
    connections: u64,
}

object!(StateView<'_> { state, connections });

impl<'a> ServiceCountView<'a> {
    /// With the names of addresses and ports.
    pub fn new(service: &'a ServiceCount, names: Names<'_>) -> Self {
        let protocol = transport(&service.protocol);
        let server = |ServerCount { endpoint, count }: &'a ServerCount| ServerCountView {
            server: Endpoint::of(*endpoint, protocol, names),
            connections: count.total,
            states: States(count),
        };
        Self {
            protocol: word(&service.protocol),
            virtual_address: Endpoint::of(service.endpoint, protocol, names),
            connections: service.count.total,
            states: States(&service.count),
            servers: service.servers.iter().map(server).collect(),
        }
    }
}

impl Serialize for States<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let view = |(state, connections): (&'_ String, &u64)| StateView {
            state: readable(state).into_owned().into(),
            connections: *connections,
        };
        serializer.collect_seq(self.0.states.iter().map(view))
    }
}
