//! The view of counters, `--stats`.

use super::numbers;
use crate::ipvs::model::Stats;

pub const TITLE: &[u8] = b"Prot LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes
  -> RemoteAddress:Port
";

/// The columns of a service, scaled or with all digits.
pub fn service(out: &mut Vec<u8>, stats: &Stats, exact: bool) {
    let numbers = [stats.connections, stats.in_packets, stats.out_packets, stats.in_bytes, stats.out_bytes];
    numbers::counters(out, numbers, exact);
}

/// The columns of a server. The reference cuts three of these counters to 32 bits; they are whole here.
pub fn server(out: &mut Vec<u8>, stats: &Stats, exact: bool) {
    service(out, stats, exact);
}
