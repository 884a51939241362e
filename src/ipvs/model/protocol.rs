//! The transport protocols of virtual services.

use super::ParseError;
use std::{fmt, str::FromStr};

/// A transport protocol. The kernel of today balances three.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Protocol {
    /// TCP (`IPPROTO_TCP`, 6).
    Tcp,
    /// UDP (`IPPROTO_UDP`, 17).
    Udp,
    /// SCTP (`IPPROTO_SCTP`, 132).
    Sctp,
    /// Another one, by its number; never one of those above, see [`Protocol::from_number`].
    Other(u16),
}

impl Protocol {
    /// The number of the protocol (`IPPROTO_*`).
    pub fn number(self) -> u16 {
        match self {
            Self::Tcp => 6,
            Self::Udp => 17,
            Self::Sctp => 132,
            Self::Other(number) => number,
        }
    }

    /// The protocol of a number.
    pub fn from_number(number: u16) -> Self {
        match number {
            6 => Self::Tcp,
            17 => Self::Udp,
            132 => Self::Sctp,
            other => Self::Other(other),
        }
    }
}

impl fmt::Display for Protocol {
    /// `TCP`, `UDP`, `SCTP`, or a number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp => f.pad("TCP"),
            Self::Udp => f.pad("UDP"),
            Self::Sctp => f.pad("SCTP"),
            Self::Other(number) => number.fmt(f),
        }
    }
}

impl FromStr for Protocol {
    type Err = ParseError;

    /// Reads what is displayed, in any case.
    fn from_str(text: &str) -> Result<Self, ParseError> {
        [Self::Tcp, Self::Udp, Self::Sctp]
            .into_iter()
            .find(|protocol| protocol.to_string().eq_ignore_ascii_case(text))
            .or_else(|| text.parse().ok().map(Self::from_number))
            .ok_or_else(|| ParseError::new("protocol", text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_texts_lead_back() {
        for number in [0, 6, 17, 132, u16::MAX] {
            let protocol = Protocol::from_number(number);
            assert_eq!(protocol.number(), number);
            assert_eq!(protocol.to_string().parse(), Ok(protocol));
        }
        assert_eq!("sctp".parse(), Ok(Protocol::Sctp));
        assert_eq!("17".parse(), Ok(Protocol::Udp));
        let error = "icmp".parse::<Protocol>().unwrap_err();
        assert_eq!(error.to_string(), "`icmp` is no protocol");
    }
}
