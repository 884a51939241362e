//! Counters and rates of a service or a server.

/// What a service or a server has carried since it was made or zeroed, and the kernel's running estimate of the rates
/// (`ip_vs_kstats` of net/ip_vs.h).
///
/// The kernel brings both up to date every two seconds, and not at all while `net.ipv4.vs.run_estimation` is 0. A rate
/// is an average that shows a quarter of a step after two seconds and nine tenths after 16. What goes to clients past
/// the load balancer, as with direct routing and tunnels, is not counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Stats {
    /// Connections scheduled.
    pub connections: u64,
    /// Packets from clients.
    pub in_packets: u64,
    /// Packets to clients.
    pub out_packets: u64,
    /// Bytes from clients.
    pub in_bytes: u64,
    /// Bytes to clients.
    pub out_bytes: u64,
    /// Connections a second.
    pub connection_rate: u64,
    /// Packets from clients a second.
    pub in_packet_rate: u64,
    /// Packets to clients a second.
    pub out_packet_rate: u64,
    /// Bytes from clients a second.
    pub in_byte_rate: u64,
    /// Bytes to clients a second.
    pub out_byte_rate: u64,
}
