//! Texts of documents: names of hosts and ports beside their numbers.

use super::key::object;
use crate::ipvs::model::Protocol;
use crate::ipvs::text;
use crate::program::names::NameService;
use std::borrow::Cow;
use std::net::IpAddr;

/// Where names of hosts and ports come from; without any (`-n`), names are null.
pub type Names<'n> = Option<&'n dyn NameService>;

/// The names of an address and of its port, where they have any.
pub struct NamesView {
    host: Option<String>,
    port: Option<String>,
}

object!(NamesView { host, port });

impl NamesView {
    /// Looks both up, where names are wanted. A port has a name only within a protocol.
    pub fn of((address, port): (IpAddr, u16), protocol: Option<Protocol>, names: Names<'_>) -> Option<Self> {
        let names = names?;
        let readable = |name: String| readable(&name).into_owned();
        Some(Self {
            host: names.host_name(address).map(readable),
            port: protocol.and_then(|protocol| names.service_name(port, protocol)).map(readable),
        })
    }
}

/// An address with its port, as an object of its own.
pub struct Endpoint {
    address: IpAddr,
    port: u16,
    names: Option<NamesView>,
}

object!(Endpoint { address, port, names });

impl Endpoint {
    /// With the names of both.
    pub fn of(endpoint: (IpAddr, u16), protocol: Option<Protocol>, names: Names<'_>) -> Self {
        Self { address: endpoint.0, port: endpoint.1, names: NamesView::of(endpoint, protocol, names) }
    }
}

/// A text that was read, with U+FFFD for what stands for bytes.
pub fn readable(read: &str) -> Cow<'_, str> {
    match text::encode(read) {
        Cow::Borrowed(_) => Cow::Borrowed(read),
        Cow::Owned(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
    }
}
