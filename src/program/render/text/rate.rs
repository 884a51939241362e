//! The view of rates, `--rate`.

use super::numbers;
use crate::ipvs::model::Stats;

pub const TITLE: &[u8] = b"Prot LocalAddress:Port                 CPS    InPPS   OutPPS    InBPS   OutBPS
  -> RemoteAddress:Port
";

/// The columns of a service, scaled or with all digits.
pub fn service(out: &mut Vec<u8>, stats: &Stats, exact: bool) {
    let Stats { connection_rate, in_packet_rate, out_packet_rate, in_byte_rate, out_byte_rate, .. } = *stats;
    let numbers = [connection_rate, in_packet_rate, out_packet_rate, in_byte_rate, out_byte_rate];
    numbers::counters(out, numbers, exact);
}

/// The columns of a server: like the reference, only the rates of bytes are ever scaled.
pub fn server(out: &mut Vec<u8>, stats: &Stats, exact: bool) {
    numbers::exact(out, [stats.connection_rate, stats.in_packet_rate, stats.out_packet_rate]);
    let bytes = [stats.in_byte_rate, stats.out_byte_rate];
    numbers::counters(out, bytes, exact);
}
