//! `-L --timeout`.

use super::numbers;
use crate::ipvs::model::Timeouts;

/// Appends the line of the timeouts, in seconds.
pub fn line(out: &mut Vec<u8>, timeouts: &Timeouts) {
    out.extend_from_slice(b"Timeout (tcp tcpfin udp):");
    for seconds in [timeouts.tcp, timeouts.tcp_fin, timeouts.udp] {
        out.push(b' ');
        numbers::decimal(out, seconds);
    }
    out.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_set_2678400_2_12345() {
        let mut out = Vec::new();
        line(&mut out, &Timeouts { tcp: 2_678_400, tcp_fin: 2, udp: 12_345 });
        assert_eq!(out, b"Timeout (tcp tcpfin udp): 2678400 2 12345\n");
    }
}
