//! The view of connection thresholds, `--thresholds`.

use super::numbers;
use crate::ipvs::model::ListedServer;

pub const TITLE: &[u8] = b"Prot LocalAddress:Port            Uthreshold Lthreshold ActiveConn InActConn \n  \
    -> RemoteAddress:Port\n";

/// ` %-10u %-10u %-10u %-10u`.
pub fn server(out: &mut Vec<u8>, listed: &ListedServer) {
    out.push(b' ');
    let (upper, lower) = (listed.server.upper_threshold, listed.server.lower_threshold);
    numbers::left(out, [(upper, 10), (lower, 10), (listed.active, 10), (listed.inactive, 10)]);
}
