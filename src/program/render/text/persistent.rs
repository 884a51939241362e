//! The view of persistent connections, `--persistent-conn`.

use super::numbers;
use crate::ipvs::model::ListedServer;

pub const TITLE: &[u8] = b"Prot LocalAddress:Port            Weight    PersistConn ActiveConn InActConn \n  \
    -> RemoteAddress:Port\n";

/// ` %-9u %-11u %-10u %-10u`: in this view the reference prints the weight unsigned.
pub fn server(out: &mut Vec<u8>, listed: &ListedServer) {
    out.push(b' ');
    let weight = listed.server.weight as u32;
    numbers::left(out, [(weight, 9), (listed.persistent, 11), (listed.active, 10), (listed.inactive, 10)]);
}
