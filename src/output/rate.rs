//! The view of rates, `--rate`.

use super::numbers;
use crate::model::Stats;

pub const TITLE: &[u8] = b"Prot LocalAddress:Port                 CPS    InPPS   OutPPS    InBPS   OutBPS
  -> RemoteAddress:Port
";

/// The columns of a service, scaled or with all digits.
pub fn service(out: &mut Vec<u8>, stats: &Stats, exact: bool) {
    let column = if exact { numbers::exact } else { numbers::scaled };
    for number in
        [stats.connection_rate, stats.in_packet_rate, stats.out_packet_rate, stats.in_byte_rate, stats.out_byte_rate]
    {
        column(out, number);
    }
}

/// The columns of a server: like the reference, only the rates of bytes are ever scaled.
pub fn server(out: &mut Vec<u8>, stats: &Stats, exact: bool) {
    for number in [stats.connection_rate, stats.in_packet_rate, stats.out_packet_rate] {
        numbers::exact(out, number);
    }
    let column = if exact { numbers::exact } else { numbers::scaled };
    column(out, stats.in_byte_rate);
    column(out, stats.out_byte_rate);
}
