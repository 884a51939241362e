//! What else the kernel tells: daemons, timeouts, and itself. With `decode` and `encode`, all byte order lives here.

use super::attributes::*;
use super::decode::{nest, required, to_address};
use crate::ipvs::error::KernelError;
use crate::ipvs::model::{DaemonState, Family, Info, SyncDaemon, Timeouts};
use std::num::NonZero;

/// The daemon in a reply to `IPVS_CMD_GET_DAEMON`. Kernels before 4.3 tell no more than state, interface and sync id.
pub(crate) fn daemon(reply: &[u8]) -> Result<SyncDaemon, KernelError> {
    let (mut state, mut interface, mut syncid) = (None, None, None);
    let (mut sync_maxlen, mut mcast_group, mut mcast_port, mut mcast_ttl) = (None, None, None, None);
    for field in fields(nest(reply, IPVS_CMD_ATTR_DAEMON)?, daemon_attribute) {
        let field = field?;
        match field.kind {
            IPVS_DAEMON_ATTR_STATE => {
                let number = u32::from_ne_bytes(field.bytes()?);
                state = Some(DaemonState::from_number(number).ok_or_else(|| field.malformed())?);
            }
            IPVS_DAEMON_ATTR_MCAST_IFN => interface = Some(field.name()),
            IPVS_DAEMON_ATTR_SYNC_ID => syncid = Some(u32::from_ne_bytes(field.bytes()?)),
            IPVS_DAEMON_ATTR_SYNC_MAXLEN => sync_maxlen = NonZero::new(u16::from_ne_bytes(field.bytes()?)),
            IPVS_DAEMON_ATTR_MCAST_GROUP => mcast_group = Some(to_address(Family::Inet, &field)?),
            IPVS_DAEMON_ATTR_MCAST_GROUP6 => mcast_group = Some(to_address(Family::Inet6, &field)?),
            IPVS_DAEMON_ATTR_MCAST_PORT => mcast_port = NonZero::new(u16::from_ne_bytes(field.bytes()?)),
            IPVS_DAEMON_ATTR_MCAST_TTL => mcast_ttl = NonZero::new(u8::from_ne_bytes(field.bytes()?)),
            _ => {}
        }
    }
    Ok(SyncDaemon {
        state: required(state, "IPVS_DAEMON_ATTR_STATE")?,
        interface: required(interface, "IPVS_DAEMON_ATTR_MCAST_IFN")?,
        syncid: required(syncid, "IPVS_DAEMON_ATTR_SYNC_ID")?,
        sync_maxlen,
        mcast_group,
        mcast_port,
        mcast_ttl,
    })
}

/// The reply to `IPVS_CMD_GET_CONFIG`. A kernel without one of the protocols leaves out its timeouts.
pub(crate) fn timeouts(reply: &[u8]) -> Result<Timeouts, KernelError> {
    let mut timeouts = Timeouts::default();
    for field in fields(reply, command_attribute) {
        let field = field?;
        match field.kind {
            IPVS_CMD_ATTR_TIMEOUT_TCP => timeouts.tcp = NonZero::new(u32::from_ne_bytes(field.bytes()?)),
            IPVS_CMD_ATTR_TIMEOUT_TCP_FIN => timeouts.tcp_fin = NonZero::new(u32::from_ne_bytes(field.bytes()?)),
            IPVS_CMD_ATTR_TIMEOUT_UDP => timeouts.udp = NonZero::new(u32::from_ne_bytes(field.bytes()?)),
            _ => {}
        }
    }
    Ok(timeouts)
}

/// The reply to `IPVS_CMD_GET_INFO`.
pub(crate) fn info(reply: &[u8]) -> Result<Info, KernelError> {
    let (mut version, mut size) = (None, None);
    for field in fields(reply, info_attribute) {
        let field = field?;
        match field.kind {
            IPVS_INFO_ATTR_VERSION => version = Some(u32::from_ne_bytes(field.bytes()?)),
            IPVS_INFO_ATTR_CONN_TAB_SIZE => size = Some(u32::from_ne_bytes(field.bytes()?)),
            _ => {}
        }
    }
    Ok(Info {
        version: required(version, "IPVS_INFO_ATTR_VERSION")?,
        connection_table_size: required(size, "IPVS_INFO_ATTR_CONN_TAB_SIZE")?,
    })
}

/// The number of the family, in the reply to `CTRL_CMD_GETFAMILY`.
pub(crate) fn family_id(reply: &[u8]) -> Result<u16, KernelError> {
    for field in fields(reply, |_| "CTRL_ATTR_FAMILY_ID") {
        let field = field?;
        if field.kind == netlink_packet_generic::constants::CTRL_ATTR_FAMILY_ID {
            return Ok(u16::from_ne_bytes(field.bytes()?));
        }
    }
    Err(KernelError::Missing("CTRL_ATTR_FAMILY_ID"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ipvs::fixtures::hex;

    #[test]
    fn daemons_as_the_kernel_sends_them() {
        // ipvsadm -L --daemon, after --start-daemon master --mcast-interface v0 --syncid 5 and then one with ff02::81
        let bytes = hex(
            "3c00030008000100010000000700020076300000080003000500000006000400c00500000600070090220000050008000100000008000500e0000051",
        );
        let expected = SyncDaemon {
            state: DaemonState::Master,
            interface: "v0".parse().unwrap(),
            syncid: 5,
            sync_maxlen: NonZero::new(1472),
            mcast_group: Some([224, 0, 0, 81].into()),
            mcast_port: NonZero::new(8848),
            mcast_ttl: NonZero::new(1),
        };
        assert_eq!(daemon(&bytes).unwrap(), expected);
        let bytes = hex(
            "4800030008000100010000000700020076300000080003000000000006000400ac0500000600070090220000050008000100000014000600ff020000000000000000000000000081",
        );
        let group = Some("ff02::81".parse().unwrap());
        let expected = SyncDaemon { syncid: 0, sync_maxlen: NonZero::new(1452), mcast_group: group, ..expected };
        assert_eq!(daemon(&bytes).unwrap(), expected);
        assert!(matches!(
            daemon(&hex("0c0003000800010003000000")),
            Err(KernelError::Malformed("IPVS_DAEMON_ATTR_STATE"))
        ));
    }

    #[test]
    fn settings_as_the_kernel_sends_them() {
        // ipvsadm -L --timeout
        let reply = hex("08000400840300000800050078000000080006000a000000");
        assert_eq!(
            timeouts(&reply).unwrap(),
            Timeouts { tcp: NonZero::new(900), tcp_fin: NonZero::new(120), udp: NonZero::new(10) }
        );
        assert_eq!(timeouts(&[]).unwrap(), Timeouts::default());
        // ipvsadm -L
        let reply = hex("08000100010201000800020000010000");
        assert_eq!(info(&reply).unwrap(), Info { version: 0x10201, connection_table_size: 256 });
    }

    #[test]
    fn a_reply_without_the_family_is_an_error() {
        assert!(matches!(family_id(&[]), Err(KernelError::Missing("CTRL_ATTR_FAMILY_ID"))));
    }
}
