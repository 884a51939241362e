//! Addresses with ports as the reference reads them: IPv4 as C's `inet_aton`, IPv6, host names, port names.

use super::number::{digits, is_space, number};
use crate::ipvs::model::Protocol;
use crate::program::names::NameService;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

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

/// Why a word is no address with a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EndpointError {
    /// It has not the form of one.
    Form,
    /// This host has no IPv4 address, or it is no host.
    Host(String),
    /// This is no port's number and no port's name.
    Port(String),
}

/// Reads `ADDR[:PORT]`, `[V6]:PORT` or a bare IPv6 address; host and service names are looked up. Without a protocol
/// (a server before its service) no service name is known.
pub fn endpoint(text: &str, protocol: Option<Protocol>, names: &dyn NameService) -> Result<Endpoint, EndpointError> {
    if let Some((endpoint, b"")) = usual_endpoint(text.as_bytes()) {
        return Ok(endpoint);
    }
    if text.bytes().all(|c| c.is_ascii_digit()) {
        return Err(EndpointError::Form);
    }
    let (host, bracket_port) = match text.strip_prefix('[') {
        Some(inner) => {
            let (host, after) = inner.split_once(']').ok_or(EndpointError::Form)?;
            (host, Some(after.strip_prefix(':').ok_or(EndpointError::Form)?))
        }
        None => (text, None),
    };
    let last = host.bytes().rposition(|c| c == b':');
    let (before, behind) = last.map_or((host, None), |at| (&host[..at], Some(&host[at + 1..])));
    // Nothing with less than two colons is an IPv6 address.
    if let Some(address) = before.contains(':').then(|| host.parse::<Ipv6Addr>().ok()).flatten() {
        return Ok(Endpoint { address: address.into(), port: port(bracket_port, protocol, names)? });
    }
    // Like the reference: what stands in brackets and is no IPv6 address is read as if the brackets and all behind
    // them were not there.
    let address = inet_aton(before).or_else(|| names.host_address(before));
    let address = address.ok_or_else(|| {
        let is_name = before.contains(char::is_alphabetic) && !before.contains(':');
        if is_name { EndpointError::Host(before.to_owned()) } else { EndpointError::Form }
    })?;
    Ok(Endpoint { address: address.into(), port: port(behind, protocol, names)? })
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

/// A port's number or name, if there is any.
fn port(text: Option<&str>, protocol: Option<Protocol>, names: &dyn NameService) -> Result<Option<u16>, EndpointError> {
    let Some(text) = text else { return Ok(None) };
    let number = number(text, 0, 65535).and_then(|number| u16::try_from(number).ok());
    let port = number.or_else(|| names.service_port(text, protocol?));
    port.map(Some).ok_or_else(|| EndpointError::Port(text.to_owned()))
}

#[cfg(test)]
pub(crate) mod tests {
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
        let shown = |text: &str| {
            let found = endpoint(text, Some(Protocol::Tcp), &FewNames).ok();
            found.map(|found| format!("{} {:?}", found.address, found.port))
        };
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
    }

    #[test]
    fn what_is_wrong_with_an_endpoint() {
        use EndpointError::*;
        for (text, protocol, expected) in [
            ("80", Some(Protocol::Tcp), Form),
            ("", Some(Protocol::Tcp), Form),
            ("[fe80::1]", Some(Protocol::Tcp), Form),
            ("1.2.3.256:80", Some(Protocol::Tcp), Form),
            ("fe80::zz:80", Some(Protocol::Tcp), Form),
            ("nosuch:80", Some(Protocol::Tcp), Host("nosuch".to_owned())),
            ("1.2.3.4:nosuch", Some(Protocol::Tcp), Port("nosuch".to_owned())),
            ("1.2.3.4:65536", Some(Protocol::Tcp), Port("65536".to_owned())),
            ("1.2.3.4:http", Some(Protocol::Udp), Port("http".to_owned())),
            ("1.2.3.4:http", None, Port("http".to_owned())),
        ] {
            assert_eq!(endpoint(text, protocol, &FewNames), Err(expected), "{text:?}");
        }
    }
}
