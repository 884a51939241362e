//! `-L --timeout`.

use super::numbers;
use crate::ipvs::model::Timeouts;
use std::num::NonZero;

/// Appends the line of the timeouts, in seconds; like the reference, 0 for one that the kernel does not have.
pub fn line(out: &mut Vec<u8>, timeouts: &Timeouts) {
    out.extend_from_slice(b"Timeout (tcp tcpfin udp):");
    for seconds in [timeouts.tcp, timeouts.tcp_fin, timeouts.udp] {
        out.push(b' ');
        numbers::decimal(out, seconds.map_or(0, NonZero::get));
    }
    out.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_set_2678400_2_12345() {
        let mut out = Vec::new();
        line(&mut out, &Timeouts { tcp: NonZero::new(2_678_400), tcp_fin: NonZero::new(2), udp: NonZero::new(12_345) });
        assert_eq!(out, b"Timeout (tcp tcpfin udp): 2678400 2 12345\n");
    }
}
