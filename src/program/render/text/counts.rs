//! `-L -c --count`: how many connections there are, for each virtual address and real server, and in which states.

use super::address::{Names, endpoint};
use super::{columns, numbers};
use crate::ipvs::connection_counts::{Count, Endpoint, ServiceCount};
use crate::ipvs::model::connection::transport;
use crate::ipvs::text;

/// The width of an address, as in the listing of the table.
const WIDTH: usize = 33;

/// Appends all lines.
pub fn lines(out: &mut Vec<u8>, services: &[ServiceCount], names: Names<'_>) {
    out.extend_from_slice(
        b"IPVS connection counts\nProt VirtualAddress:Port         Connections States\n  -> RemoteAddress:Port\n",
    );
    for service in services {
        let protocol = transport(&service.protocol);
        let place = |out: &mut Vec<u8>, (address, port): Endpoint| endpoint(out, address, port, protocol, names);
        let start = out.len();
        columns::text(out, &text::encode(&service.protocol), 5);
        place(out, service.endpoint);
        columns::pad(out, start, WIDTH);
        count(out, &service.count);
        for server in &service.servers {
            let start = out.len();
            out.extend_from_slice(b"  -> ");
            place(out, server.endpoint);
            columns::pad(out, start, WIDTH);
            count(out, &server.count);
        }
    }
}

/// ` %-11u` and the states, each with its number.
fn count(out: &mut Vec<u8>, count: &Count) {
    out.push(b' ');
    let start = out.len();
    numbers::decimal(out, count.total);
    columns::pad(out, start, 10);
    for (state, number) in &count.states {
        out.push(b' ');
        out.extend_from_slice(&text::encode(state));
        out.push(b'=');
        numbers::decimal(out, *number);
    }
    out.push(b'\n');
}
