//! What services and servers may be, whoever describes them: options, or a document.

use super::UsageError;
use crate::ipvs::model::{Forwarding, Protocol, ServerKey, ServiceKey};

/// The longest timeout, 31 days in seconds.
pub const MAX_TIMEOUT: u32 = 86400 * 31;
/// The largest weight and threshold, C's `INT_MAX`.
pub const INT_MAX: u32 = i32::MAX as u32;
/// The persistence timeout of `-p` alone, in seconds.
pub const DEFAULT_PERSISTENCE: u32 = 360;
/// The scheduler of a service for which none is given.
pub const DEFAULT_SCHEDULER: &[u8] = b"wlc";

/// Judges a port: that of every port is for persistent services.
pub fn every_port(service: &ServiceKey, persistent: bool) -> Result<(), UsageError> {
    match service {
        ServiceKey::Address { port: 0, .. } if !persistent => Err(UsageError::ZeroPort),
        _ => Ok(()),
    }
}

/// Judges one-packet scheduling.
pub fn one_packet(service: &ServiceKey) -> Result<(), UsageError> {
    match service {
        ServiceKey::Address { protocol, .. } if *protocol != Protocol::Udp => Err(UsageError::OnePacketNotUdp),
        _ => Ok(()),
    }
}

/// Judges the families of a service and its server.
pub fn families(service: &ServiceKey, server: &ServerKey, forwarding: Forwarding) -> Result<(), UsageError> {
    let mixed = server.family() != service.family() && forwarding != Forwarding::Tunnel;
    if mixed { Err(UsageError::MixedFamilies) } else { Ok(()) }
}
