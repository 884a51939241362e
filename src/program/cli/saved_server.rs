//! A real server's rule to the letter as `ipvsadm-save -n` writes the most of them, read in one pass: what large restore
//! files consist of. Anything else goes the general way, which makes the same of such a line; a test plays both.

use super::endpoint::usual_endpoint;
use super::number::digits;
use crate::ipvs::model::{Change, Forwarding, Protocol, RealServer, ServerKey, ServiceKey, Tunnel};

/// Reads `-a -t ADDR:PORT -r ADDR:PORT -m -w N`, or with `-u` or `-g`; IPv4 only.
pub fn read(line: &[u8]) -> Option<Change> {
    let (protocol, rest) = match line {
        [b'-', b'a', b' ', b'-', b't', b' ', rest @ ..] => (Protocol::Tcp, rest),
        [b'-', b'a', b' ', b'-', b'u', b' ', rest @ ..] => (Protocol::Udp, rest),
        _ => return None,
    };
    let (service, rest) = usual_endpoint(rest)?;
    let (server, rest) = usual_endpoint(rest.strip_prefix(b" -r ")?)?;
    let (service_port, server_port) = (service.port?, server.port?);
    let (forwarding, port, mut rest) = match rest {
        [b' ', b'-', b'm', b' ', b'-', b'w', b' ', rest @ ..] => (Forwarding::Masquerading, server_port, rest),
        // Only masquerading can translate a port.
        [b' ', b'-', b'g', b' ', b'-', b'w', b' ', rest @ ..] => (Forwarding::Route, service_port, rest),
        _ => return None,
    };
    // Nine digits at most: less than the largest weight.
    let weight = digits(&mut rest).filter(|_| rest.is_empty())?;
    let service = ServiceKey::Address { protocol, address: service.address, port: service_port };
    let server = RealServer {
        key: ServerKey { address: server.address, port },
        forwarding,
        weight: weight as i32,
        upper_threshold: 0,
        lower_threshold: 0,
        tunnel: Tunnel::default(),
    };
    Some(Change::AddServer(service, server))
}

#[cfg(test)]
mod tests {
    use super::super::builder::request_of;
    use super::super::endpoint::tests::FewNames;
    use super::super::popt::Walk;
    use super::super::{Request, line};
    use super::*;

    fn general(line: &str) -> Option<Request> {
        let mut words = Vec::new();
        line::split(line, &mut words);
        request_of(Walk::new(&words), &FewNames).ok().flatten()
    }

    /// 200,000 lines, each a usual one with up to three changes: what is read here is what the general way reads.
    #[test]
    fn the_general_way_reads_the_same() {
        let usual = [
            "-a -t 10.1.2.3:80 -r 192.168.255.1:8080 -m -w 1",
            "-a -u 0.0.0.0:0 -r 1.2.3.4:65535 -g -w 999999999",
            "-a -t 255.255.255.255:1 -r 10.0.0.10:443 -g -w 0",
        ];
        for line in usual {
            assert_eq!(read(line.as_bytes()).map(Request::Change), general(line), "{line}");
            assert!(read(line.as_bytes()).is_some(), "{line}");
        }
        let mut seed = 1_u64;
        let mut next = |below: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as usize % below
        };
        let mut count = 0;
        for _ in 0..200_000 {
            let mut line = usual[next(usual.len())].as_bytes().to_vec();
            for _ in 0..next(4) {
                let at = next(line.len());
                let byte = b" 0123456789.:-atgmwruix\t\r\0#"[next(27)];
                match next(3) {
                    0 => line[at] = byte,
                    1 => line.insert(at, byte),
                    _ => drop(line.remove(at)),
                }
            }
            let line = String::from_utf8(line).unwrap();
            if let Some(change) = read(line.as_bytes()) {
                assert_eq!(Some(Request::Change(change)), general(&line), "{line:?}");
                count += 1;
            }
        }
        assert!(count > 50_000, "{count}");
    }
}
