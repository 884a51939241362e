//! The connection synchronisation daemons.

use super::Name;
use std::net::IpAddr;

/// Which of the two daemons (`IP_VS_STATE_*`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DaemonState {
    /// Sends connections (`IP_VS_STATE_MASTER`, 1).
    Master,
    /// Receives connections (`IP_VS_STATE_BACKUP`, 2).
    Backup,
}

impl DaemonState {
    /// The kernel's number of the state.
    pub fn number(self) -> u32 {
        match self {
            Self::Master => 1,
            Self::Backup => 2,
        }
    }

    /// The state that has a number.
    pub fn from_number(number: u32) -> Option<Self> {
        [Self::Master, Self::Backup].into_iter().find(|state| state.number() == number)
    }
}

/// A sync daemon, to start or as listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SyncDaemon {
    /// Master or backup.
    pub state: DaemonState,
    /// The multicast interface.
    pub interface: Name,
    /// The sync id, 0..=255.
    pub syncid: u32,
    /// The longest sync message in bytes; 0 leaves it to the kernel (1472 at most with an Ethernet MTU).
    pub sync_maxlen: u16,
    /// The multicast group; `None` leaves it to the kernel (224.0.0.81).
    pub mcast_group: Option<IpAddr>,
    /// The UDP port; 0 leaves it to the kernel (8848).
    pub mcast_port: u16,
    /// The time to live of multicast packets; 0 leaves it to the kernel (1).
    pub mcast_ttl: u8,
}

/// Which daemon to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StopDaemon {
    /// Master or backup.
    pub state: DaemonState,
    /// The sync id given with it, 0 when none was.
    pub syncid: u32,
}
