//! How a tunnelling server's packets are wrapped.

use super::ParseError;
use bitflags::bitflags;
use std::{fmt, str::FromStr};

/// What packets are wrapped in (`IP_VS_CONN_F_TUNNEL_TYPE_*`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum TunnelType {
    /// IP in IP (`IP_VS_CONN_F_TUNNEL_TYPE_IPIP`, 0).
    #[default]
    Ipip,
    /// Generic UDP encapsulation, since Linux 5.3 (`IP_VS_CONN_F_TUNNEL_TYPE_GUE`, 1).
    Gue,
    /// GRE, since Linux 5.3 (`IP_VS_CONN_F_TUNNEL_TYPE_GRE`, 2).
    Gre,
    /// Another one, by its number; never one of those above, see [`TunnelType::from_number`].
    Other(u8),
}

impl TunnelType {
    /// The kernel's number of the type.
    pub fn number(self) -> u8 {
        match self {
            Self::Ipip => 0,
            Self::Gue => 1,
            Self::Gre => 2,
            Self::Other(number) => number,
        }
    }

    /// The type of a number.
    pub fn from_number(number: u8) -> Self {
        match number {
            0 => Self::Ipip,
            1 => Self::Gue,
            2 => Self::Gre,
            other => Self::Other(other),
        }
    }
}

impl fmt::Display for TunnelType {
    /// The words of `--tun-type`: `ipip`, `gue`, `gre`; or a number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ipip => f.pad("ipip"),
            Self::Gue => f.pad("gue"),
            Self::Gre => f.pad("gre"),
            Self::Other(number) => number.fmt(f),
        }
    }
}

impl FromStr for TunnelType {
    type Err = ParseError;

    /// Reads what is displayed.
    fn from_str(text: &str) -> Result<Self, ParseError> {
        [Self::Ipip, Self::Gue, Self::Gre]
            .into_iter()
            .find(|kind| kind.to_string() == text)
            .or_else(|| text.parse().ok().map(Self::from_number))
            .ok_or_else(|| ParseError::new("tunnel type", text))
    }
}

bitflags! {
    /// How wrapped packets are checked (`IP_VS_TUNNEL_ENCAP_FLAG_*`).
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
    pub struct TunnelFlags: u16 {
        /// A checksum (`IP_VS_TUNNEL_ENCAP_FLAG_CSUM`).
        const CSUM = 1;
        /// A checksum that leaves the inner one to the receiver (`IP_VS_TUNNEL_ENCAP_FLAG_REMCSUM`).
        const REMCSUM = 2;
        /// What newer kernels may know.
        const _ = !0;
    }
}

impl TunnelFlags {
    /// No checksum: no flag at all (`IP_VS_TUNNEL_ENCAP_FLAG_NOCSUM`).
    pub const NOCSUM: Self = Self::empty();
}

/// How packets are wrapped. By default they are what they have always been: IP in IP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct Tunnel {
    /// What they are wrapped in.
    pub kind: TunnelType,
    /// The UDP port of [`TunnelType::Gue`], else 0.
    pub port: u16,
    /// How they are checked, for [`TunnelType::Gue`] and [`TunnelType::Gre`].
    pub flags: TunnelFlags,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_texts_lead_back() {
        for number in [0, 1, 2, 3, 255] {
            let kind = TunnelType::from_number(number);
            assert_eq!(kind.number(), number);
            assert_eq!(kind.to_string().parse(), Ok(kind));
        }
        // As `--tun-type` reads it.
        assert!("GUE".parse::<TunnelType>().is_err());
        assert!("256".parse::<TunnelType>().is_err());
    }

    #[test]
    fn flags_of_newer_kernels_are_kept() {
        let flags = TunnelFlags::from_bits_retain(0x8002);
        assert_eq!(flags.bits(), 0x8002);
        assert!(flags.contains(TunnelFlags::REMCSUM) && flags != TunnelFlags::REMCSUM);
    }
}
