//! How packets reach a real server.

use super::ParseError;
use std::{fmt, str::FromStr};

/// A forwarding method: the low three bits of the kernel's connection flags (`IP_VS_CONN_F_FWD_MASK`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Forwarding {
    /// Addresses are translated, `-m` (`IP_VS_CONN_F_MASQ`, 0).
    Masquerading,
    /// The server is the load balancer itself (`IP_VS_CONN_F_LOCALNODE`, 1). Kernels find this out by themselves, and
    /// only old ones report it.
    Local,
    /// Packets are wrapped in others, `-i` (`IP_VS_CONN_F_TUNNEL`, 2).
    Tunnel,
    /// Direct routing, `-g` (`IP_VS_CONN_F_DROUTE`, 3).
    Route,
    /// Past the cache (`IP_VS_CONN_F_BYPASS`, 4): decided by the kernel.
    Bypass,
    /// Another one, by its number; never one of those above, see [`Forwarding::from_number`].
    Other(u32),
}

impl Forwarding {
    /// The kernel's number of the method.
    pub fn number(self) -> u32 {
        match self {
            Self::Masquerading => 0,
            Self::Local => 1,
            Self::Tunnel => 2,
            Self::Route => 3,
            Self::Bypass => 4,
            Self::Other(number) => number,
        }
    }

    /// The method of a number.
    pub fn from_number(number: u32) -> Self {
        match number {
            0 => Self::Masquerading,
            1 => Self::Local,
            2 => Self::Tunnel,
            3 => Self::Route,
            4 => Self::Bypass,
            other => Self::Other(other),
        }
    }
}

impl fmt::Display for Forwarding {
    /// The words of the kernel and of listings: `Masq`, `Local`, `Tunnel`, `Route`, `Bypass`, or a number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Masquerading => f.pad("Masq"),
            Self::Local => f.pad("Local"),
            Self::Tunnel => f.pad("Tunnel"),
            Self::Route => f.pad("Route"),
            Self::Bypass => f.pad("Bypass"),
            Self::Other(number) => number.fmt(f),
        }
    }
}

impl FromStr for Forwarding {
    type Err = ParseError;

    /// Reads what is displayed, in any case.
    fn from_str(text: &str) -> Result<Self, ParseError> {
        [Self::Masquerading, Self::Local, Self::Tunnel, Self::Route, Self::Bypass]
            .into_iter()
            .find(|method| method.to_string().eq_ignore_ascii_case(text))
            .or_else(|| text.parse().ok().map(Self::from_number))
            .ok_or_else(|| ParseError::new("forwarding method", text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_texts_lead_back() {
        for number in (0..8).chain([u32::MAX]) {
            let method = Forwarding::from_number(number);
            assert_eq!(method.number(), number);
            assert_eq!(method.to_string().parse(), Ok(method));
        }
        assert_eq!("masq".parse(), Ok(Forwarding::Masquerading));
        assert_eq!(format!("{:7}|", Forwarding::Route), "Route  |");
        assert!("droute".parse::<Forwarding>().is_err());
    }
}
