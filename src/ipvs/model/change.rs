//! A change of the kernel's state: one command of the kernel's interface each.

use super::{RealServer, ServerKey, ServiceKey, StopDaemon, SyncDaemon, VirtualService};
use std::num::NonZeroU32;

/// Timeouts of connections, in seconds. In a change, `None` leaves one as it is; as listed, it is one of a protocol that
/// the kernel was built without.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Timeouts {
    /// Established TCP connections.
    pub tcp: Option<NonZeroU32>,
    /// TCP connections after a FIN.
    pub tcp_fin: Option<NonZeroU32>,
    /// UDP.
    pub udp: Option<NonZeroU32>,
}

/// One change. What is edited has to be there and gets all of these settings, not only those that are other ones; what is
/// added must not be there.
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
