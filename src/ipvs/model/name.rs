//! The short names that the kernel keeps in fixed fields: schedulers, persistence engines, interfaces.

use std::fmt;

/// A name of at most 16 bytes, held in place so that tables of services need no allocation per name.
///
/// Bytes, not text: the kernel loads modules and has interfaces that nobody here has heard of.
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

    /// Takes the first `most` bytes (at most 16); like the reference, a longer name is cut, not refused.
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

impl From<&str> for Name {
    fn from(text: &str) -> Self {
        Self::cut(text.as_bytes(), 16)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", String::from_utf8_lossy(self.as_bytes()))
    }
}
