//! `ADDR:PORT` as numbers or names.

use super::{columns, numbers};
use crate::ipvs::model::Protocol;
use crate::ipvs::text;
use crate::program::names::NameService;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Where names of hosts and ports come from; `None` prints numbers (`-n`).
pub type Names<'n> = Option<&'n dyn NameService>;

/// The most bytes of `ADDR:PORT`. Only names get there: the longest number has 47.
const LONGEST: usize = 59;

/// Appends `ADDR:PORT`, or `[ADDR]:PORT` for IPv6. A port has a name only within a protocol.
pub fn endpoint(out: &mut Vec<u8>, address: IpAddr, port: u16, protocol: Option<Protocol>, names: Names<'_>) {
    match names {
        None => {
            numeric_host(out, address);
            out.push(b':');
            numbers::decimal(out, port);
        }
        Some(names) => named_endpoint(out, address, port, protocol, names),
    }
}

fn numeric_host(out: &mut Vec<u8>, address: IpAddr) {
    match address {
        IpAddr::V4(address) => ipv4(out, address),
        IpAddr::V6(address) => {
            out.push(b'[');
            ipv6(out, address);
            out.push(b']');
        }
    }
}

fn named_endpoint(out: &mut Vec<u8>, address: IpAddr, port: u16, protocol: Option<Protocol>, names: &dyn NameService) {
    let start = out.len();
    match names.host_name(address) {
        None => numeric_host(out, address),
        Some(name) if address.is_ipv4() => out.extend_from_slice(&text::encode(&name)),
        Some(name) => {
            out.push(b'[');
            out.extend_from_slice(&text::encode(&name));
            out.push(b']');
        }
    }
    out.push(b':');
    match protocol.and_then(|protocol| names.service_name(port, protocol)) {
        None => numbers::decimal(out, port),
        Some(name) => out.extend_from_slice(&text::encode(&name)),
    }
    columns::cut(out, start, LONGEST);
}

/// Appends an IPv4 address as a dotted quad.
pub fn ipv4(out: &mut Vec<u8>, address: Ipv4Addr) {
    let (mut quad, mut end) = ([b'.'; 16], 0);
    for octet in address.octets() {
        for unit in [100, 10, 1] {
            if octet >= unit || unit == 1 {
                quad[end] = b'0' + octet / unit % 10;
                end += 1;
            }
        }
        end += 1;
    }
    out.extend_from_slice(&quad[..end - 1]);
}

/// Appends an IPv6 address as the C library's `inet_ntop` writes it. The standard library's text is not the same: it
/// has no dotted quad for the old IPv4-compatible addresses (`::1.2.3.4`).
pub fn ipv6(out: &mut Vec<u8>, address: Ipv6Addr) {
    let words = address.segments();
    let (zeros, length) = longest_zeros(&words);
    let quad = zeros == 0 && (length == 6 || (length == 5 && words[5] == 0xffff));
    let mut n = 0;
    while n < 8 {
        if length > 0 && n == zeros {
            out.push(b':');
            n += length;
            if n == 8 {
                out.push(b':');
            }
            continue;
        }
        if n > 0 {
            out.push(b':');
        }
        if quad && n == 6 {
            let [.., a, b, c, d] = address.octets();
            return ipv4(out, Ipv4Addr::new(a, b, c, d));
        }
        hexadecimal(out, words[n]);
        n += 1;
    }
}

/// Where the longest run of at least two zero words begins, and how long it is; the first one of equals. (8, 0): none.
fn longest_zeros(words: &[u16; 8]) -> (usize, usize) {
    let (mut best, mut length) = (8, 0);
    let mut run = 0;
    for (n, word) in words.iter().enumerate() {
        run = if *word == 0 { run + 1 } else { 0 };
        if run >= 2 && run > length {
            (best, length) = (n + 1 - run, run);
        }
    }
    (best, length)
}

fn hexadecimal(out: &mut Vec<u8>, word: u16) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let leading = (word | 1).leading_zeros() / 4;
    let digits = [12, 8, 4, 0].map(|shift| DIGITS[usize::from(word << (4 * leading) >> shift & 0xf)]);
    out.extend_from_slice(&digits[..4 - leading as usize]);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numeric(address: &str, port: u16) -> String {
        let mut out = Vec::new();
        endpoint(&mut out, address.parse().unwrap(), port, Some(Protocol::Tcp), None);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn ipv4_octets_of_every_length() {
        for address in ["0.0.0.0", "1.2.3.4", "10.99.100.9", "255.255.255.255", "192.168.0.1"] {
            assert_eq!(numeric(address, 65535), format!("{address}:65535"));
        }
    }

    #[test]
    fn ipv6_is_written_as_the_c_library_writes_it() {
        // `-A -t [...]:80`, as typed and as `-Ln` shows it.
        for (typed, shown) in [
            ("::", "::"),
            ("::1", "::1"),
            ("::ffff", "::ffff"),
            ("::1:0", "::0.1.0.0"),
            ("::1:2", "::0.1.0.2"),
            ("::1.2.3.4", "::1.2.3.4"),
            ("::1:0:0", "::1:0:0"),
            ("::ffff:1.2.3.4", "::ffff:1.2.3.4"),
            ("::ffff:0:1.2.3.4", "::ffff:0:102:304"),
            ("64:ff9b::1.2.3.4", "64:ff9b::102:304"),
            ("1:0:0:2::3", "1:0:0:2::3"),
            ("1:0:2:0:3:0:4:0", "1:0:2:0:3:0:4:0"),
            ("1:2:3:4:5:6:0:8", "1:2:3:4:5:6:0:8"),
            ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"),
            ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
            ("0:9::", "0:9::"),
            ("2001:db8:ffff:ffff:ffff:ffff:ffff:fffe", "2001:db8:ffff:ffff:ffff:ffff:ffff:fffe"),
        ] {
            assert_eq!(numeric(typed, 80), format!("[{shown}]:80"));
        }
    }
}
