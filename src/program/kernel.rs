//! The way to an ip_vs that may not be loaded yet.

use super::child;
use crate::ipvs::client::Client;
use crate::ipvs::error::KernelError;
use crate::ipvs::model::Errno;
use std::fs;
use thiserror::Error;

/// `CAP_NET_RAW` of linux/capability.h.
const CAP_NET_RAW: u32 = 13;

/// No ip_vs to talk to, even after an attempt to load the module.
///
/// As in the reference, the error number is `ENOPROTOOPT` for a kernel without ip_vs, and `EPERM` for a caller who may
/// not administer it.
#[derive(Debug, Error)]
#[error("{0}")]
pub struct ConnectError(#[source] pub KernelError);

impl ConnectError {
    /// The error number, where the kernel or the C library gave one.
    pub fn errno(&self) -> Option<Errno> {
        self.0.errno()
    }
}

/// Connects to the kernel's ip_vs. Like the reference, loads the module once when that fails, whatever the reason, and
/// tries again if modprobe says that it succeeded. `before_loading` is called before.
///
/// # Errors
/// When there is no ip_vs, or the caller may not administer it.
pub fn connect(before_loading: impl FnOnce()) -> Result<Client, ConnectError> {
    let connected = Client::connect().or_else(|error| {
        before_loading();
        if load_module() { Client::connect() } else { Err(error) }
    });
    connected.map_err(|error| {
        ConnectError(match error {
            KernelError::Refused(Errno::ENOENT) => KernelError::Refused(absent()),
            error => error,
        })
    })
}

/// Loads ip_vs and says whether modprobe claims success. What modprobe prints goes to the user; the user's rules on
/// standard input and options of modprobe in the environment do not go to it.
fn load_module() -> bool {
    child::succeeds(&[c"/sbin/modprobe", c"--", c"ip_vs"]) == Ok(true)
}

/// What the reference says when the kernel has no ip_vs: it asks once more through a raw socket, which refuses its
/// option, or cannot be opened without privilege.
fn absent() -> Errno {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    if has_capability(&status, CAP_NET_RAW) { Errno::ENOPROTOOPT } else { Errno::EPERM }
}

/// Whether a `/proc/PID/status` shows an effective capability. Unreadable ones are taken to show it.
fn has_capability(status: &str, capability: u32) -> bool {
    status
        .lines()
        .find_map(|line| line.strip_prefix("CapEff:"))
        .and_then(|digits| u64::from_str_radix(digits.trim(), 16).ok())
        .is_none_or(|set| set >> capability & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn effective_capabilities() {
        assert!(has_capability("Name:\tx\nCapPrm:\t0\nCapEff:\t000001ffffffffff\nCapBnd:\t0\n", CAP_NET_RAW));
        assert!(!has_capability("CapPrm:\t000001ffffffffff\nCapEff:\t0000000000000000\n", CAP_NET_RAW));
        assert!(!has_capability("CapEff:\t0000000000001000\n", CAP_NET_RAW));
        assert!(has_capability("CapEff:\t0000000000002000\n", CAP_NET_RAW));
        assert!(has_capability("", CAP_NET_RAW));
    }
}
