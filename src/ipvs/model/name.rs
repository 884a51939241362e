//! The short names that the kernel keeps in fixed fields: schedulers, persistence engines, interfaces.

use super::ParseError;
use std::{fmt, str::FromStr};

/// A name of at most 16 bytes, held in place so that tables of services need no allocation per name.
///
/// Bytes, not text: the kernel loads modules and has interfaces that nobody here has heard of.
///
/// ```
/// use ipvsadm::ipvs::model::Name;
///
/// let scheduler: Name = "wlc".parse()?;
/// assert_eq!(scheduler.to_string(), "wlc");
/// assert!("a-scheduler-of-our-own".parse::<Name>().is_err());
/// assert_eq!(Name::cut(b"a-scheduler-of-our-own", Name::SCHEDULER), "a-scheduler-of-".parse()?);
/// # Ok::<_, ipvsadm::ipvs::model::ParseError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Name {
    length: u8,
    bytes: [u8; 16],
}

impl Name {
    /// The most bytes of a scheduler's name (`IP_VS_SCHEDNAME_MAXLEN` less the final NUL).
    pub const SCHEDULER: usize = 15;
    /// The most bytes of a persistence engine's name (`IP_VS_PENAME_MAXLEN`).
    pub const PERSISTENCE_ENGINE: usize = 16;
    /// The most bytes of an interface's name (`IP_VS_IFNAME_MAXLEN` less the final NUL).
    pub const INTERFACE: usize = 15;

    /// The first `most` bytes (at most 16) of a name: ipvsadm has always cut a longer one, and does not refuse it. To
    /// be told of one that is too long, parse it.
    pub fn cut(bytes: &[u8], most: usize) -> Self {
        let length = bytes.len().min(most).min(16);
        let mut name = Self { length: length as u8, ..Self::default() };
        name.bytes[..length].copy_from_slice(&bytes[..length]);
        name
    }

    /// The bytes of the name, without a final NUL.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }

    /// Whether there is no name.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }
}

impl FromStr for Name {
    type Err = ParseError;

    /// Takes a name that fits all of the kernel's fields: at most 15 bytes, none of them NUL.
    fn from_str(text: &str) -> Result<Self, ParseError> {
        if text.len() > 15 || text.contains('\0') {
            return Err(ParseError::new("name of at most 15 bytes", text));
        }
        Ok(Self::cut(text.as_bytes(), 15))
    }
}

impl TryFrom<&str> for Name {
    type Error = ParseError;

    fn try_from(text: &str) -> Result<Self, ParseError> {
        text.parse()
    }
}

impl fmt::Display for Name {
    /// The name; bytes that are not UTF-8 are replaced.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&String::from_utf8_lossy(self.as_bytes()))
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", String::from_utf8_lossy(self.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_would_be_cut_is_refused_unless_it_is_to_be_cut() {
        for name in ["", "rr", "fifteen-letters"] {
            assert_eq!(name.parse::<Name>().unwrap().as_bytes(), name.as_bytes());
            assert_eq!(name.parse::<Name>().unwrap().to_string(), name);
        }
        for name in ["sixteen-letters!", "n\0l", "f\u{fc}nfzehn-zeichen"] {
            assert!(name.parse::<Name>().is_err(), "{name}");
        }
        assert_eq!(Name::cut(b"sixteen-letters!", Name::INTERFACE).as_bytes(), b"sixteen-letters");
        assert_eq!(Name::cut(b"sixteen-letters!?", Name::PERSISTENCE_ENGINE).as_bytes(), b"sixteen-letters!");
        assert_eq!(Name::cut(b"\xff", 99).to_string(), "\u{fffd}");
    }
}
