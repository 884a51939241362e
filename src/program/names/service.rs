//! Names of hosts and ports, as the layers that read or print them ask for them.

use crate::ipvs::model::Protocol;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

/// Where names come from: the system's, a cache before it, or a test's.
pub trait NameService {
    /// The first IPv4 address of a host name.
    fn host_address(&self, name: &str) -> Option<Ipv4Addr>;
    /// The port of a service name, in host byte order.
    fn service_port(&self, name: &str, protocol: Protocol) -> Option<u16>;
    /// The name of an address.
    fn host_name(&self, address: IpAddr) -> Option<String>;
    /// The name of a port (host byte order).
    fn service_name(&self, port: u16, protocol: Protocol) -> Option<String>;

    /// Looks up the names of all these addresses ahead, side by side, where the implementation can.
    fn prefetch(&self, addresses: &mut dyn Iterator<Item = IpAddr>) {
        let _ = addresses;
    }

    /// The same, but waits no longer than this: an address has no name until it comes, which the next call sees.
    fn prefetch_within(&self, time: Duration, addresses: &mut dyn Iterator<Item = IpAddr>) {
        let _ = time;
        self.prefetch(addresses);
    }
}
