//! The plain view: forwarding method, weight and connections.

use super::{columns, numbers};
use crate::model::{Forwarding, ListedServer};

pub const TITLE: &[u8] = b"Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
";

/// ` %-7s %-6d %-10u %-10u`.
pub fn server(out: &mut Vec<u8>, listed: &ListedServer) {
    forwarding(out, listed.server.forwarding);
    numbers::left_signed(out, listed.server.weight, 6);
    connections(out, listed);
}

/// A blank, and the forwarding method in its column. One that the reference does not know is what C prints for no text.
pub fn forwarding(out: &mut Vec<u8>, forwarding: Forwarding) {
    out.extend_from_slice(match forwarding {
        Forwarding::MASQUERADING => b" Masq    ",
        Forwarding::LOCAL => b" Local   ",
        Forwarding::TUNNEL => b" Tunnel  ",
        Forwarding::ROUTE => b" Route   ",
        _ => b" (null)  ",
    });
}

/// Active and inactive connections; the last column is padded too.
pub fn connections(out: &mut Vec<u8>, listed: &ListedServer) {
    numbers::left(out, listed.active, 10);
    let start = out.len();
    numbers::decimal(out, listed.inactive);
    columns::pad(out, start, 10);
}
