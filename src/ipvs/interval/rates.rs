//! Counters of two looks as rates.

use crate::ipvs::model::{Forwarding, RealServer, Stats};

/// What a service or a server carried in an interval, by the second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rates {
    /// New connections.
    pub connections: f64,
    /// Packets from clients.
    pub in_packets: f64,
    /// Packets to clients; `None` where they do not pass the load balancer, which is with everything but masquerading.
    pub out_packets: Option<f64>,
    /// Bytes from clients.
    pub in_bytes: f64,
    /// Bytes to clients; `None` as for packets.
    pub out_bytes: Option<f64>,
}

/// What counters have counted between two looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Difference {
    pub connections: u64,
    pub in_packets: u64,
    pub out_packets: u64,
    pub in_bytes: u64,
    pub out_bytes: u64,
}

impl Difference {
    /// `None` if one of the counters is less than it was.
    pub fn between(before: &Stats, now: &Stats) -> Option<Self> {
        Some(Self {
            connections: now.connections.checked_sub(before.connections)?,
            in_packets: now.in_packets.checked_sub(before.in_packets)?,
            out_packets: now.out_packets.checked_sub(before.out_packets)?,
            in_bytes: now.in_bytes.checked_sub(before.in_bytes)?,
            out_bytes: now.out_bytes.checked_sub(before.out_bytes)?,
        })
    }

    /// By the second. `replies_pass` is whether packets to clients mean anything.
    pub fn per(&self, seconds: f64, replies_pass: bool) -> Rates {
        let rate = |count: u64| count as f64 / seconds;
        Rates {
            connections: rate(self.connections),
            in_packets: rate(self.in_packets),
            out_packets: replies_pass.then(|| rate(self.out_packets)),
            in_bytes: rate(self.in_bytes),
            out_bytes: replies_pass.then(|| rate(self.out_bytes)),
        }
    }
}

/// Whether a server's replies pass the load balancer (`ip_vs_out_hook` of the kernel's ip_vs_core.c).
pub fn replies_pass(server: &RealServer) -> bool {
    matches!(server.forwarding, Forwarding::Masquerading | Forwarding::Other(_))
}
