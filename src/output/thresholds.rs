//! The view of connection thresholds, `--thresholds`.

use super::{numbers, plain};
use crate::model::ListedServer;

pub const TITLE: &[u8] = b"Prot LocalAddress:Port            Uthreshold Lthreshold ActiveConn InActConn \n  \
    -> RemoteAddress:Port\n";

/// ` %-10u %-10u %-10u %-10u`.
pub fn server(out: &mut Vec<u8>, listed: &ListedServer) {
    out.push(b' ');
    numbers::left(out, listed.server.upper_threshold, 10);
    numbers::left(out, listed.server.lower_threshold, 10);
    plain::connections(out, listed);
}
