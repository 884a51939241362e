//! One line of the kernel's connection table, `/proc/net/ip_vs_conn`.

use super::Protocol;
use std::net::IpAddr;

/// A connection. The text fields borrow from the line that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connection<'a> {
    /// `TCP`, `UDP`, `SCTP`, `IP` for templates of firewall marks, or what a newer kernel writes.
    pub protocol: &'a str,
    /// The client.
    pub client: (IpAddr, u16),
    /// The virtual address.
    pub virtual_address: (IpAddr, u16),
    /// The real server.
    pub server: (IpAddr, u16),
    /// The state's name, e.g. `ESTABLISHED`.
    pub state: &'a str,
    /// Seconds until it is forgotten.
    pub expires: u32,
    /// The persistence engine's name, where the line has one.
    pub engine: Option<&'a str>,
    /// The persistence engine's data, where the line has some.
    pub engine_data: Option<&'a str>,
}

impl Connection<'_> {
    /// The transport protocol, if that is what its word names.
    pub fn transport(&self) -> Option<Protocol> {
        transport(self.protocol)
    }
}

/// The transport protocol that the connection table calls by a word.
pub fn transport(word: &str) -> Option<Protocol> {
    match word {
        "TCP" => Some(Protocol::Tcp),
        "UDP" => Some(Protocol::Udp),
        "SCTP" => Some(Protocol::Sctp),
        _ => None,
    }
}
