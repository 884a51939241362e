//! `-L --daemon`: the connection synchronisation daemons.

use super::{address, numbers};
use crate::ipvs::model::{DaemonState, SyncDaemon};
use std::net::IpAddr;
use std::num::NonZero;

/// Appends a line for each daemon. What a kernel does not say (those before 4.3 have none of the multicast values) is
/// left out.
pub fn lines(out: &mut Vec<u8>, daemons: &[SyncDaemon]) {
    for daemon in daemons {
        line(out, daemon);
    }
}

fn line(out: &mut Vec<u8>, daemon: &SyncDaemon) {
    out.extend_from_slice(match daemon.state {
        DaemonState::Master => b"master sync daemon (mcast=",
        DaemonState::Backup => b"backup sync daemon (mcast=",
    });
    out.extend_from_slice(daemon.interface.as_bytes());
    out.extend_from_slice(b", syncid=");
    numbers::decimal(out, daemon.syncid);
    value(out, b", maxlen=", daemon.sync_maxlen.map(NonZero::get));
    if let Some(group) = daemon.mcast_group {
        out.extend_from_slice(b", group=");
        bare_address(out, group);
    }
    value(out, b", port=", daemon.mcast_port.map(NonZero::get));
    value(out, b", ttl=", daemon.mcast_ttl.map(NonZero::get));
    out.extend_from_slice(b")\n");
}

/// Appends `label` and the number, where there is one.
fn value(out: &mut Vec<u8>, label: &[u8], number: Option<impl itoa::Integer>) {
    if let Some(number) = number {
        out.extend_from_slice(label);
        numbers::decimal(out, number);
    }
}

/// An address without brackets.
pub fn bare_address(out: &mut Vec<u8>, address: IpAddr) {
    match address {
        IpAddr::V4(address) => address::ipv4(out, address),
        IpAddr::V6(address) => address::ipv6(out, address),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_daemons_with_defaults_and_an_ipv6_group() {
        let master = SyncDaemon {
            state: DaemonState::Master,
            interface: "d0".parse().unwrap(),
            syncid: 0,
            sync_maxlen: NonZero::new(1472),
            mcast_group: Some([224, 0, 0, 81].into()),
            mcast_port: NonZero::new(8848),
            mcast_ttl: NonZero::new(1),
        };
        let backup = SyncDaemon {
            state: DaemonState::Backup,
            syncid: 7,
            sync_maxlen: NonZero::new(65487),
            mcast_group: Some("ff0e::1:2:3".parse().unwrap()),
            mcast_port: NonZero::new(65535),
            mcast_ttl: NonZero::new(255),
            ..master
        };
        let mut out = Vec::new();
        lines(&mut out, &[master, backup]);
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "master sync daemon (mcast=d0, syncid=0, maxlen=1472, group=224.0.0.81, port=8848, ttl=1)\n\
             backup sync daemon (mcast=d0, syncid=7, maxlen=65487, group=ff0e::1:2:3, port=65535, ttl=255)\n"
        );
    }

    #[test]
    fn what_an_old_kernel_does_not_say_is_left_out() {
        // The kernel's answer with those attributes taken out on the way to the reference.
        let daemon = SyncDaemon { syncid: 3, ..SyncDaemon::new(DaemonState::Backup, "d0".parse().unwrap()) };
        let mut out = Vec::new();
        lines(&mut out, &[daemon]);
        assert_eq!(out, b"backup sync daemon (mcast=d0, syncid=3)\n");
    }
}
