//! The view of persistent connections, `--persistent-conn`.

use super::{numbers, plain};
use crate::model::ListedServer;

pub const TITLE: &[u8] = b"Prot LocalAddress:Port            Weight    PersistConn ActiveConn InActConn \n  \
    -> RemoteAddress:Port\n";

/// ` %-9u %-11u %-10u %-10u`: in this view the reference prints the weight unsigned.
pub fn server(out: &mut Vec<u8>, listed: &ListedServer) {
    out.push(b' ');
    numbers::left(out, listed.server.weight as u32, 9);
    numbers::left(out, listed.persistent, 11);
    plain::connections(out, listed);
}
