//! The view of tunnels, `--tun-info`.

use super::{columns, numbers, plain};
use crate::ipvs::model::{Forwarding, ListedServer, RealServer, TunnelFlags, TunnelType};

pub const TITLE: &[u8] = b"Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port           Forward TunnelInfo    Weight ActiveConn InActConn
";

/// ` %-7s %-13s %-6d %-10u %-10u`.
pub fn server(out: &mut Vec<u8>, listed: &ListedServer) {
    plain::forwarding(out, listed.server.forwarding);
    let start = out.len();
    tunnel(out, &listed.server);
    columns::pad(out, start, 13);
    out.push(b' ');
    plain::weight_and_connections(out, listed);
}

/// `ipip`, `gue:PORT:CHECKSUM`, `gre:CHECKSUM`, or `n/a` where nothing is wrapped.
fn tunnel(out: &mut Vec<u8>, server: &RealServer) {
    let tunnel = server.tunnel;
    match tunnel.kind {
        _ if server.forwarding != Forwarding::Tunnel => out.extend_from_slice(b"n/a"),
        TunnelType::Ipip => out.extend_from_slice(b"ipip"),
        TunnelType::Gue => {
            out.extend_from_slice(b"gue:");
            numbers::decimal(out, tunnel.port);
            out.push(b':');
            out.extend_from_slice(checksum(tunnel.flags));
        }
        TunnelType::Gre => {
            out.extend_from_slice(b"gre:");
            out.extend_from_slice(checksum(tunnel.flags));
        }
        _ => out.extend_from_slice(b"n/a"),
    }
}

fn checksum(flags: TunnelFlags) -> &'static [u8] {
    match flags {
        TunnelFlags::NOCSUM => b"-c",
        TunnelFlags::CSUM => b"+c",
        TunnelFlags::REMCSUM => b"r+c",
        // The reference prints what C prints for no text here, or crashes.
        _ => b"(null)",
    }
}
