//! A line of the connection table.

use super::key::object;
use super::text::{Endpoint, Names, readable};
use crate::ipvs::model::Protocol;
use crate::ipvs::model::connection::Connection;
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
        let (word, protocol): (Cow<'a, str>, _) = match connection.protocol {
            "TCP" => ("tcp".into(), Some(Protocol::Tcp)),
            "UDP" => ("udp".into(), Some(Protocol::Udp)),
            "SCTP" => ("sctp".into(), Some(Protocol::Sctp)),
            other => (readable(other).to_ascii_lowercase().into(), None),
        };
        Self {
            protocol: word,
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
