//! The granularity of persistence.

use super::{Family, ParseError};
use std::net::Ipv4Addr;
use std::{fmt, str::FromStr};

/// How wide a persistent client is: all clients that are equal under the mask are one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Netmask {
    /// IPv4: any mask, contiguous or not.
    Mask(Ipv4Addr),
    /// IPv6: a prefix length, 1..=128.
    Prefix(u32),
}

impl Netmask {
    /// A single address of the family: 255.255.255.255, or 128.
    pub fn single(family: Family) -> Self {
        match family {
            Family::Inet => Self::Mask(Ipv4Addr::BROADCAST),
            Family::Inet6 => Self::Prefix(128),
        }
    }
}

impl fmt::Display for Netmask {
    /// A dotted mask, or the prefix length.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mask(mask) => mask.fmt(f),
            Self::Prefix(length) => length.fmt(f),
        }
    }
}

impl FromStr for Netmask {
    type Err = ParseError;

    /// Reads a dotted mask, or a prefix length of 1 to 128 for IPv6.
    fn from_str(text: &str) -> Result<Self, ParseError> {
        let prefix = || text.parse().ok().filter(|length| (1..=128).contains(length)).map(Self::Prefix);
        let mask = text.parse().ok().map(Self::Mask);
        mask.or_else(prefix).ok_or_else(|| ParseError::new("netmask", text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_lead_back() {
        for text in ["255.255.255.0", "0.0.0.0", "255.0.255.0", "1", "64", "128"] {
            assert_eq!(text.parse::<Netmask>().unwrap().to_string(), text);
        }
        for text in ["0", "129", "255.255.255", "ffff::", ""] {
            assert!(text.parse::<Netmask>().is_err(), "{text}");
        }
        assert_eq!(Netmask::single(Family::Inet).to_string(), "255.255.255.255");
        assert_eq!(Netmask::single(Family::Inet6), Netmask::Prefix(128));
    }
}
