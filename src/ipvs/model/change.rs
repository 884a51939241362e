//! A change of the kernel's state: one command of the kernel's interface each.

use super::{RealServer, ServerKey, ServiceKey, StopDaemon, SyncDaemon, VirtualService};
use std::fmt;
use std::num::NonZeroU32;

/// Timeouts of connections, in seconds. In a change, `None` leaves one as it is; as listed, it is one of a protocol
/// that the kernel was built without.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Timeouts {
    /// Established TCP connections.
    pub tcp: Option<NonZeroU32>,
    /// TCP connections after a FIN.
    pub tcp_fin: Option<NonZeroU32>,
    /// UDP.
    pub udp: Option<NonZeroU32>,
}

/// One change. What is edited has to be there and gets all of these settings, not only those that are other ones; what
/// is added must not be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// `-A` (`IPVS_CMD_NEW_SERVICE`).
    AddService(VirtualService),
    /// `-E` (`IPVS_CMD_SET_SERVICE`).
    EditService(VirtualService),
    /// `-D` (`IPVS_CMD_DEL_SERVICE`).
    DeleteService(ServiceKey),
    /// `-a` (`IPVS_CMD_NEW_DEST`).
    AddServer(ServiceKey, RealServer),
    /// `-e` (`IPVS_CMD_SET_DEST`).
    EditServer(ServiceKey, RealServer),
    /// `-d` (`IPVS_CMD_DEL_DEST`).
    DeleteServer(ServiceKey, ServerKey),
    /// `-C` (`IPVS_CMD_FLUSH`).
    Flush,
    /// `-Z`, of one service or of all (`IPVS_CMD_ZERO`).
    Zero(Option<ServiceKey>),
    /// `--set` (`IPVS_CMD_SET_CONFIG`).
    SetTimeouts(Timeouts),
    /// `--start-daemon` (`IPVS_CMD_NEW_DAEMON`).
    StartDaemon(SyncDaemon),
    /// `--stop-daemon` (`IPVS_CMD_DEL_DAEMON`).
    StopDaemon(StopDaemon),
}

impl fmt::Display for Change {
    /// What is done, as in `add the server 198.51.100.7:80 of TCP 192.0.2.1:80`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AddService(service) => write!(f, "add the service {}", service.key),
            Self::EditService(service) => write!(f, "edit the service {}", service.key),
            Self::DeleteService(key) => write!(f, "delete the service {key}"),
            Self::AddServer(key, server) => write!(f, "add the server {} of {key}", server.key),
            Self::EditServer(key, server) => write!(f, "edit the server {} of {key}", server.key),
            Self::DeleteServer(key, server) => write!(f, "delete the server {server} of {key}"),
            Self::Flush => f.write_str("delete all services"),
            Self::Zero(Some(key)) => write!(f, "zero the counters of {key}"),
            Self::Zero(None) => f.write_str("zero all counters"),
            Self::SetTimeouts(_) => f.write_str("set the timeouts"),
            Self::StartDaemon(daemon) => write!(f, "start the {} sync daemon on {}", daemon.state, daemon.interface),
            Self::StopDaemon(daemon) => write!(f, "stop the {} sync daemon", daemon.state),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ipvs::model::{DaemonState, Family};

    #[test]
    fn a_change_names_its_object() {
        let key = ServiceKey::mark(7, Family::Inet6);
        let server = RealServer::new([198, 51, 100, 7], 80);
        let daemon = SyncDaemon::new(DaemonState::Backup, "eth0".parse().unwrap());
        for (change, text) in [
            (Change::AddServer(key, server), "add the server 198.51.100.7:80 of FWM 7 IPv6"),
            (Change::DeleteServer(key, server.key), "delete the server 198.51.100.7:80 of FWM 7 IPv6"),
            (Change::Zero(Some(key)), "zero the counters of FWM 7 IPv6"),
            (Change::StartDaemon(daemon), "start the backup sync daemon on eth0"),
        ] {
            assert_eq!(change.to_string(), text);
        }
    }
}
