//! What listens on this host, as /proc/net/tcp and its like show it.

use crate::ipvs::model::Protocol;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The files, and what they are of.
pub const FILES: [(&str, Protocol); 4] = [
    ("/proc/net/tcp", Protocol::Tcp),
    ("/proc/net/tcp6", Protocol::Tcp),
    ("/proc/net/udp", Protocol::Udp),
    ("/proc/net/udp6", Protocol::Udp),
];
/// A TCP socket that listens (`TCP_LISTEN`).
const LISTEN: &str = "0A";

/// Sockets that take what anybody sends.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sockets(Vec<(Protocol, IpAddr, u16)>);

impl Sockets {
    /// Adds those that one of the files shows.
    pub fn add(&mut self, protocol: Protocol, text: &str) {
        for line in text.lines().skip(1) {
            let mut words = line.split_ascii_whitespace().skip(1);
            let (local, state) = (words.next(), words.nth(1));
            if protocol == Protocol::Tcp && state != Some(LISTEN) {
                continue;
            }
            self.0.extend(local.and_then(endpoint).map(|(address, port)| (protocol, address, port)));
        }
    }

    /// Whether something takes what is sent to an address and port.
    pub fn take(&self, protocol: Protocol, address: IpAddr, port: u16) -> bool {
        let takes = |own: IpAddr| own == address || own.is_unspecified() && (own.is_ipv6() || address.is_ipv4());
        self.0.iter().any(|(of, own, at)| *of == protocol && *at == port && takes(*own))
    }
}

/// An address in words of 32 bits as the machine has them, and a port.
fn endpoint(word: &str) -> Option<(IpAddr, u16)> {
    let (address, port) = word.split_once(':')?;
    let part = |at: usize| u32::from_str_radix(address.get(at * 8..at * 8 + 8)?, 16).ok().map(u32::to_ne_bytes);
    let address = match address.len() {
        8 => Ipv4Addr::from(part(0)?).into(),
        32 => {
            let mut octets = [0; 16];
            for (at, octets) in octets.chunks_exact_mut(4).enumerate() {
                octets.copy_from_slice(&part(at)?);
            }
            // A socket of both families has an IPv4 address written as an IPv6 one.
            Ipv6Addr::from(octets).to_canonical()
        }
        _ => return None,
    };
    Some((address, u16::from_str_radix(port, 16).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ipvs::fixtures::sockets_shown;

    const TCP: &str = "\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100000A:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 19 1 0000000000000000
   1: 0100000A:0050 0200000A:8000 01 00000000:00000000 00:00000000 00000000     0        0 20 1 0000000000000000
   2: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 21 1 0000000000000000
not a line
";
    const TCP6: &str = "\
  sl  local_address                         remote_address                        st
   0: B80D0120000000000000000001000000:01BB 00000000000000000000000000000000:0000 0A
   1: 00000000000000000000000000000000:1F40 00000000000000000000000000000000:0000 0A
   2: 0000000000000000FFFF00000500000A:0051 00000000000000000000000000000000:0000 0A
";

    #[test]
    fn who_listens() {
        let [tcp, tcp6] = [TCP, TCP6].map(sockets_shown);
        let mut sockets = Sockets::default();
        sockets.add(Protocol::Tcp, &tcp);
        sockets.add(Protocol::Tcp, &tcp6);
        let takes = |address: &str, port| sockets.take(Protocol::Tcp, address.parse().unwrap(), port);
        assert!(takes("10.0.0.1", 8080) && !takes("10.0.0.2", 8080) && !takes("10.0.0.1", 80));
        assert!(takes("10.9.9.9", 22) && !takes("2001:db8::1", 22));
        assert!(takes("2001:db8::1", 443) && !takes("2001:db8::2", 443));
        assert!(takes("2001:db8::2", 8000) && takes("10.0.0.7", 8000) && takes("10.0.0.5", 81));
        assert!(!sockets.take(Protocol::Udp, [10, 0, 0, 1].into(), 8080));
        sockets.add(Protocol::Udp, &tcp);
        assert!(sockets.take(Protocol::Udp, [10, 0, 0, 1].into(), 80));
    }
}
