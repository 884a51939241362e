//! The connection synchronisation daemons.

use super::{Name, ParseError};
use std::net::IpAddr;
use std::num::{NonZeroU8, NonZeroU16};
use std::{fmt, str::FromStr};

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

impl fmt::Display for DaemonState {
    /// `master` or `backup`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Master => "master",
            Self::Backup => "backup",
        })
    }
}

impl FromStr for DaemonState {
    type Err = ParseError;

    /// Reads what is displayed.
    fn from_str(text: &str) -> Result<Self, ParseError> {
        [Self::Master, Self::Backup]
            .into_iter()
            .find(|state| state.to_string() == text)
            .ok_or_else(|| ParseError::new("state of a sync daemon", text))
    }
}

/// A sync daemon, to start or as listed. Kernels before 4.3 list none of the four last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SyncDaemon {
    /// Master or backup.
    pub state: DaemonState,
    /// The multicast interface, of at most [`Name::INTERFACE`] bytes.
    pub interface: Name,
    /// The sync id, 0..=255.
    pub syncid: u32,
    /// The longest sync message in bytes; `None` leaves it to the kernel, for which the interface's MTU decides (1472
    /// for Ethernet's).
    pub sync_maxlen: Option<NonZeroU16>,
    /// The multicast group; `None` leaves it to the kernel (224.0.0.81).
    pub mcast_group: Option<IpAddr>,
    /// The UDP port; `None` leaves it to the kernel (8848).
    pub mcast_port: Option<NonZeroU16>,
    /// The time to live of multicast packets; `None` leaves it to the kernel (1).
    pub mcast_ttl: Option<NonZeroU8>,
}

impl SyncDaemon {
    /// A daemon with the sync id 0, for which the kernel chooses the rest.
    pub fn new(state: DaemonState, interface: Name) -> Self {
        Self { state, interface, syncid: 0, sync_maxlen: None, mcast_group: None, mcast_port: None, mcast_ttl: None }
    }
}

/// Which daemon to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StopDaemon {
    /// Master or backup.
    pub state: DaemonState,
    /// The sync id given with it, 0 when none was.
    pub syncid: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_texts_lead_back() {
        for state in [DaemonState::Master, DaemonState::Backup] {
            assert_eq!(DaemonState::from_number(state.number()), Some(state));
            assert_eq!(state.to_string().parse(), Ok(state));
        }
        assert_eq!(DaemonState::from_number(0), None);
        assert!("Master".parse::<DaemonState>().is_err());
    }
}
