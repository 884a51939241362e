//! A change of the kernel's state: one command of the kernel's interface each.

use super::{RealServer, ServerKey, ServiceKey, StopDaemon, SyncDaemon, VirtualService};

/// Timeouts of connections in seconds; 0 leaves one as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Timeouts {
    /// Established TCP connections.
    pub tcp: u32,
    /// TCP connections after a FIN.
    pub tcp_fin: u32,
    /// UDP.
    pub udp: u32,
}

/// One change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
