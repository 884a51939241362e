//! `-L -c`: the connection table.

use super::address::{Names, endpoint};
use super::{columns, numbers};
use crate::model::connection::Connection;
use crate::model::{Protocol, text};

/// Appends the title lines; `with_engine` adds the columns of the persistence engine (`--persistent-conn`).
pub fn title(out: &mut Vec<u8>, with_engine: bool) {
    out.extend_from_slice(b"IPVS connection entries\n");
    out.extend_from_slice(b"pro expire state       source             virtual            destination");
    if with_engine {
        out.extend_from_slice(b"        pe name          pe_data");
    }
    out.push(b'\n');
}

/// Appends the line of a connection. The engine's columns stand only where it has both a name and data.
pub fn line(out: &mut Vec<u8>, connection: &Connection<'_>, names: Names<'_>, with_engine: bool) {
    columns::text(out, connection.protocol.as_bytes(), 3);
    out.push(b' ');
    let start = out.len();
    numbers::two_digits(out, connection.expires / 60);
    out.push(b':');
    numbers::two_digits(out, connection.expires % 60);
    columns::pad(out, start, 6);
    out.push(b' ');
    columns::text(out, connection.state.as_bytes(), 11);

    let protocol = match connection.protocol {
        "TCP" => Some(Protocol::TCP),
        "UDP" => Some(Protocol::UDP),
        "SCTP" => Some(Protocol::SCTP),
        _ => None,
    };
    for (address, port) in [connection.client, connection.virtual_address] {
        out.push(b' ');
        let start = out.len();
        endpoint(out, address, port, protocol, names);
        columns::pad(out, start, 18);
    }
    out.push(b' ');
    let start = out.len();
    endpoint(out, connection.server.0, connection.server.1, protocol, names);
    if let (true, Some(engine), Some(data)) = (with_engine, connection.engine, connection.engine_data) {
        columns::pad(out, start, 16);
        out.push(b' ');
        columns::text(out, &text::encode(engine), 18);
        out.push(b' ');
        out.extend_from_slice(&text::encode(data));
    }
    out.push(b'\n');
}
