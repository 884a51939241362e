//! The plain view: forwarding method, weight and connections.

use super::numbers;
use crate::ipvs::model::{Forwarding, ListedServer};

pub const TITLE: &[u8] = b"Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
";

/// ` %-7s %-6d %-10u %-10u`.
pub fn server(out: &mut Vec<u8>, listed: &ListedServer) {
    forwarding(out, listed.server.forwarding);
    weight_and_connections(out, listed);
}

/// A blank, and the forwarding method in its column. One that the reference does not know is what C prints for no text.
pub fn forwarding(out: &mut Vec<u8>, forwarding: Forwarding) {
    out.extend_from_slice(match forwarding {
        Forwarding::Masquerading => b" Masq    ",
        Forwarding::Local => b" Local   ",
        Forwarding::Tunnel => b" Tunnel  ",
        Forwarding::Route => b" Route   ",
        _ => b" (null)  ",
    });
}

/// `%-6d %-10u %-10u`: the last column is padded too. A kernel may answer a negative weight.
#[inline]
pub fn weight_and_connections(out: &mut Vec<u8>, listed: &ListedServer) {
    let weight = listed.server.weight;
    let sign = usize::from(weight < 0);
    if sign == 1 {
        out.push(b'-');
    }
    numbers::left(out, [(weight.unsigned_abs(), 6 - sign), (listed.active, 10), (listed.inactive, 10)]);
}
