//! Counters and rates.

use super::key::object;
use crate::ipvs::model::Stats;

/// What a service or a server has carried.
pub struct Counters {
    connections: u64,
    packets_in: u64,
    packets_out: u64,
    bytes_in: u64,
    bytes_out: u64,
}

object!(Counters { connections, packets_in, packets_out, bytes_in, bytes_out });

struct Rates {
    connections_per_second: u64,
    packets_in_per_second: u64,
    packets_out_per_second: u64,
    bytes_in_per_second: u64,
    bytes_out_per_second: u64,
}

object!(Rates {
    connections_per_second,
    packets_in_per_second,
    packets_out_per_second,
    bytes_in_per_second,
    bytes_out_per_second
});

/// What a service or a server has carried, and the kernel's estimate of its rates.
pub struct StatsView {
    counters: Counters,
    rates: Rates,
}

object!(StatsView { counters, rates });

impl From<&Stats> for Counters {
    fn from(stats: &Stats) -> Self {
        Self {
            connections: stats.connections,
            packets_in: stats.in_packets,
            packets_out: stats.out_packets,
            bytes_in: stats.in_bytes,
            bytes_out: stats.out_bytes,
        }
    }
}

impl From<&Stats> for StatsView {
    fn from(stats: &Stats) -> Self {
        Self {
            counters: stats.into(),
            rates: Rates {
                connections_per_second: stats.connection_rate,
                packets_in_per_second: stats.in_packet_rate,
                packets_out_per_second: stats.out_packet_rate,
                bytes_in_per_second: stats.in_byte_rate,
                bytes_out_per_second: stats.out_byte_rate,
            },
        }
    }
}
