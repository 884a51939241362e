//! Values as the reference reads them: C's numbers, C's IPv4 addresses, addresses with ports.

use crate::ipvs::model::Protocol;
use crate::program::names::NameService;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Blanks as C's `isspace` sees them.
fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\x0b' | '\x0c' | '\r')
}

/// A whole decimal number within a range, as `strtol` reads it: blanks and a sign may stand before it.
pub fn number(text: &str, min: i64, max: i64) -> Option<i64> {
    let mut rest = text.as_bytes();
    let value = match digits(&mut rest) {
        Some(value) if rest.is_empty() => value.into(),
        _ => signed(text.trim_start_matches(is_space).as_bytes())?,
    };
    (min..=max).contains(&value).then_some(value)
}

fn signed(text: &[u8]) -> Option<i64> {
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    if digits.is_empty() {
        return None;
    }
    let mut value = 0_i64;
    for digit in digits {
        let digit = digit.is_ascii_digit().then(|| i64::from(digit - b'0'))?;
        value = value.checked_mul(10)?.checked_add(digit)?;
    }
    Some(if negative { -value } else { value })
}

/// Takes the digits that `rest` begins with, one to nine of them.
pub fn digits(rest: &mut &[u8]) -> Option<u32> {
    let mut value = 0_u32;
    let mut count = 0;
    while let Some(digit @ 0..=9) = rest.get(count).map(|byte| byte.wrapping_sub(b'0')) {
        value = value.wrapping_mul(10).wrapping_add(digit.into());
        count += 1;
    }
    *rest = &rest[count..];
    (1..=9).contains(&count).then_some(value)
}

/// A number as `atoi` reads it: what stands behind the digits does not matter, and only its low 32 bits count.
pub fn atoi(text: &str) -> i32 {
    let start = text.trim_start_matches(is_space);
    let (negative, unsigned) = match start.strip_prefix('-') {
        Some(unsigned) => (true, unsigned),
        None => (false, start.strip_prefix('+').unwrap_or(start)),
    };
    let digits = unsigned.bytes().take_while(u8::is_ascii_digit);
    let value = digits.fold(0_i64, |value, digit| value.saturating_mul(10).saturating_add((digit - b'0').into()));
    (if negative { -value } else { value }) as i32
}

/// The same for unsigned 32-bit fields.
pub fn number_u32(text: &str, min: u32, max: u32) -> Option<u32> {
    number(text, min.into(), max.into()).and_then(|value| u32::try_from(value).ok())
}

/// An IPv4 address as `inet_aton` reads it: one to four parts, each decimal, octal or hexadecimal, the last one as
/// wide as the rest; a blank ends it and what follows does not matter.
pub fn inet_aton(text: &str) -> Option<Ipv4Addr> {
    let mut rest = text.split_once(is_space).map_or(text, |(before, _)| before);
    let mut leading = 0_u32;
    let mut parts = 0_u32;
    loop {
        let (part, after) = match rest.split_once('.') {
            Some((part, after)) => (part, Some(after)),
            None => (rest, None),
        };
        let part = c_unsigned(part)?;
        match after {
            Some(after) if parts < 3 && part <= 0xff => {
                leading |= part << (24 - 8 * parts);
                parts += 1;
                rest = after;
            }
            None if u64::from(part) >> (32 - 8 * parts) == 0 => return Some(Ipv4Addr::from_bits(leading | part)),
            _ => return None,
        }
    }
}

/// The usual form of an address, four decimal numbers, and what stands behind it. Nothing that may be octal is one.
fn dotted(text: &[u8]) -> Option<(Ipv4Addr, &[u8])> {
    let mut rest = text;
    let mut address = 0;
    for part in 0..4 {
        if part > 0 {
            rest = rest.strip_prefix(b".")?;
        }
        if let [b'0', b'0'..=b'9', ..] = rest {
            return None;
        }
        address = address << 8 | digits(&mut rest).filter(|octet| *octet <= 255)?;
    }
    Some((Ipv4Addr::from_bits(address), rest))
}

/// A number in C's notation: `0x` hexadecimal, `0` octal, else decimal.
fn c_unsigned(text: &str) -> Option<u32> {
    if !text.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let (digits, radix) = match text.strip_prefix("0x").or(text.strip_prefix("0X")) {
        Some(hexadecimal) => (hexadecimal, 16),
        None if text.starts_with('0') => (text, 8),
        None => (text, 10),
    };
    if digits.starts_with('+') {
        return None;
    }
    u32::from_str_radix(digits, radix).ok()
}

/// An address, and a port where one was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The address.
    pub address: IpAddr,
    /// The port.
    pub port: Option<u16>,
}

/// Reads `ADDR[:PORT]`, `[V6]:PORT` or a bare IPv6 address; host and service names are looked up. Without a protocol
/// (a server before its service) no service name is known.
pub fn endpoint(text: &str, protocol: Option<Protocol>, names: &dyn NameService) -> Option<Endpoint> {
    if let Some((endpoint, b"")) = usual_endpoint(text.as_bytes()) {
        return Some(endpoint);
    }
    if text.bytes().all(|c| c.is_ascii_digit()) {
        return None;
    }
    let (host, bracket_port) = match text.strip_prefix('[') {
        Some(inner) => {
            let (host, after) = inner.split_once(']')?;
            (host, Some(after.strip_prefix(':')?))
        }
        None => (text, None),
    };
    let last = host.bytes().rposition(|c| c == b':');
    let (before, behind) = last.map_or((host, None), |at| (&host[..at], Some(&host[at + 1..])));
    // Nothing with less than two colons is an IPv6 address.
    if let Some(address) = before.contains(':').then(|| host.parse::<Ipv6Addr>().ok()).flatten() {
        return Some(Endpoint { address: address.into(), port: port(bracket_port, protocol, names)? });
    }
    // Like the reference: what stands in brackets and is no IPv6 address is read as if the brackets and all behind
    // them were not there.
    let address = inet_aton(before).or_else(|| names.host_address(before))?;
    Some(Endpoint { address: address.into(), port: port(behind, protocol, names)? })
}

/// The usual form, an IPv4 address and perhaps a port, all in decimal numbers, and what stands behind it.
pub fn usual_endpoint(text: &[u8]) -> Option<(Endpoint, &[u8])> {
    let (address, mut rest) = dotted(text)?;
    let mut port = None;
    if let [b':', number @ ..] = rest {
        rest = number;
        port = Some(u16::try_from(digits(&mut rest)?).ok()?);
    }
    Some((Endpoint { address: address.into(), port }, rest))
}

/// A port's number or name; the outer `None` is a port that is neither.
fn port(text: Option<&str>, protocol: Option<Protocol>, names: &dyn NameService) -> Option<Option<u16>> {
    let Some(text) = text else { return Some(None) };
    match number(text, 0, 65535) {
        Some(port) => Some(u16::try_from(port).ok()),
        None => names.service_port(text, protocol?).map(Some),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A name service that knows `localhost` and `http`.
    pub struct FewNames;

    impl NameService for FewNames {
        fn host_address(&self, name: &str) -> Option<Ipv4Addr> {
            (name == "localhost").then_some(Ipv4Addr::LOCALHOST)
        }
        fn service_port(&self, name: &str, protocol: Protocol) -> Option<u16> {
            (name == "http" && protocol == Protocol::Tcp).then_some(80)
        }
        fn host_name(&self, _: IpAddr) -> Option<String> {
            None
        }
        fn service_name(&self, _: u16, _: Protocol) -> Option<String> {
            None
        }
    }

    #[test]
    fn numbers_as_strtol() {
        for (text, expected) in [
            ("5", Some(5)),
            (" 5", Some(5)),
            ("+5", Some(5)),
            ("\t-0", Some(0)),
            ("010", Some(10)),
            ("0x10", None),
            ("5 ", None),
            ("5x", None),
            ("", None),
            ("-", None),
            ("- 5", None),
            ("+-5", None),
            ("99999999999999999999", None),
            ("-1", None),
        ] {
            assert_eq!(number(text, 0, 65535), expected, "{text:?}");
        }
    }

    #[test]
    fn numbers_as_atoi() {
        for (text, expected) in
            [("64x", 64), (" +64", 64), ("255.255.255.0", 255), ("", 0), ("x", 0), ("-5", -5), ("4294967360", 64)]
        {
            assert_eq!(atoi(text), expected, "{text:?}");
        }
        assert_eq!(atoi("18446744073709551680"), -1);
    }

    #[test]
    fn addresses_as_inet_aton() {
        for (text, expected) in [
            ("1.2.3.4", Some([1, 2, 3, 4])),
            ("10.1", Some([10, 0, 0, 1])),
            ("1.2.3", Some([1, 2, 0, 3])),
            ("0x0a000001", Some([10, 0, 0, 1])),
            ("012.1.1.1", Some([10, 1, 1, 1])),
            ("24", Some([0, 0, 0, 24])),
            ("1.2.3.4 foo", Some([1, 2, 3, 4])),
            ("0", Some([0, 0, 0, 0])),
            ("4294967295", Some([255, 255, 255, 255])),
            ("4294967296", None),
            ("1.2.3.256", None),
            ("1.2.65536", None),
            ("256.1.1.1", None),
            ("1.2.3.4.5", None),
            ("1.2.3.", None),
            (".1", None),
            ("08", None),
            ("0x", None),
            ("+1", None),
            ("0x+1", None),
            (" 1.2.3.4", None),
            ("", None),
        ] {
            assert_eq!(inet_aton(text), expected.map(Ipv4Addr::from), "{text:?}");
        }
    }

    #[test]
    fn endpoints() {
        let shown =
            |text: &str| endpoint(text, Some(Protocol::Tcp), &FewNames).map(|e| format!("{} {:?}", e.address, e.port));
        for (text, expected) in [
            ("1.2.3.4:80", Some("1.2.3.4 Some(80)")),
            ("1.2.3.4", Some("1.2.3.4 None")),
            ("1.2.3.4: 81", Some("1.2.3.4 Some(81)")),
            ("1.2.3.4:http", Some("1.2.3.4 Some(80)")),
            ("1.2.3.4:", None),
            ("1.2.3.4:nosuch", None),
            ("1.2.3.4:65536", None),
            ("localhost:80", Some("127.0.0.1 Some(80)")),
            ("nosuch:80", None),
            ("[fe80::1]:80", Some("fe80::1 Some(80)")),
            ("fe80::1", Some("fe80::1 None")),
            ("[fe80::1]", None),
            ("[fe80::1]80", None),
            ("[fe80::1", None),
            ("[fe80::1]:", None),
            ("[1.2.3.4]:80", Some("1.2.3.4 None")),
            ("[1.2.3.4:90]:80", Some("1.2.3.4 Some(90)")),
            ("80", None),
            ("", None),
            (":80", None),
            ("1.2.3.4:80:90", None),
        ] {
            assert_eq!(shown(text).as_deref(), expected, "{text:?}");
        }
        assert_eq!(endpoint("1.2.3.4:http", None, &FewNames), None);
    }
}
