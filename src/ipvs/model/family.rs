//! Address families.

use super::ParseError;
use std::net::IpAddr;
use std::{fmt, str::FromStr};

/// An address family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Family {
    /// IPv4 (`AF_INET`, 2).
    #[default]
    Inet,
    /// IPv6 (`AF_INET6`, 10).
    Inet6,
}

impl Family {
    /// The family that an address belongs to.
    pub fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(_) => Self::Inet,
            IpAddr::V6(_) => Self::Inet6,
        }
    }

    /// The kernel's number of the family (`AF_INET`, `AF_INET6` of linux/socket.h).
    pub fn number(self) -> u16 {
        match self {
            Self::Inet => 2,
            Self::Inet6 => 10,
        }
    }

    /// The family that has a number.
    pub fn from_number(number: u16) -> Option<Self> {
        [Self::Inet, Self::Inet6].into_iter().find(|family| family.number() == number)
    }
}

impl fmt::Display for Family {
    /// `IPv4` or `IPv6`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Inet => "IPv4",
            Self::Inet6 => "IPv6",
        })
    }
}

impl FromStr for Family {
    type Err = ParseError;

    /// Reads what is displayed, in any case.
    fn from_str(text: &str) -> Result<Self, ParseError> {
        [Self::Inet, Self::Inet6]
            .into_iter()
            .find(|family| family.to_string().eq_ignore_ascii_case(text))
            .ok_or_else(|| ParseError::new("address family", text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_texts_lead_back() {
        for family in [Family::Inet, Family::Inet6] {
            assert_eq!(Family::from_number(family.number()), Some(family));
            assert_eq!(family.to_string().parse(), Ok(family));
        }
        assert_eq!(Family::from_number(0), None);
        assert_eq!("ipv6".parse(), Ok(Family::Inet6));
        assert!("6".parse::<Family>().is_err());
    }
}
