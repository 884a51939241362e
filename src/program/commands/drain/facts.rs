//! What a drain has to know of the machine. Sysctls are read and never set.

use crate::program::context::Host;
use crate::program::processes::{Place, running};
use std::io::Read;
use std::path::Path;

/// Programs that set weights by themselves, by the names of their processes.
const MANAGERS: [&str; 4] = ["keepalived", "ldirectord", "kube-proxy", "kube-router"];

/// Settings of ip_vs in this network namespace, and who else is at work. `None` is a setting that cannot be read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// `expire_quiescent_template`: whether persistent clients of a server at weight 0 go elsewhere.
    pub quiescent_templates_expire: Option<bool>,
    /// `expire_nodest_conn`: whether connections end whose server has been removed.
    pub orphans_end: Option<bool>,
    /// `conn_reuse_mode`: whether a client's port that is used again counts as a new connection.
    pub reused_ports_are_new: Option<bool>,
    /// Those of [`MANAGERS`] that run in this network namespace, or may.
    pub managers: Vec<(&'static str, Place)>,
}

impl Facts {
    /// Reads all.
    pub fn read(host: &dyn Host) -> Self {
        Self {
            quiescent_templates_expire: templates_expire(host),
            orphans_end: setting(host, "expire_nodest_conn"),
            reused_ports_are_new: setting(host, "conn_reuse_mode"),
            managers: managers(host),
        }
    }

    /// Whether persistent clients go elsewhere; what cannot be read has its default, 0.
    pub fn templates_expire(&self) -> bool {
        self.quiescent_templates_expire.unwrap_or(false)
    }

    /// Whether a client who uses its port again gets its old server even at weight 0. Each of the two settings prevents
    /// it; the first is set by default.
    pub fn ports_stay(&self) -> bool {
        self.reused_ports_are_new == Some(false) && self.orphans_end == Some(false)
    }
}

/// `expire_quiescent_template`, which an administrator may set while a drain waits.
pub fn templates_expire(host: &dyn Host) -> Option<bool> {
    setting(host, "expire_quiescent_template")
}

fn setting(host: &dyn Host, name: &str) -> Option<bool> {
    let text = content(host, &format!("/proc/sys/net/ipv4/vs/{name}"))?;
    text.trim().parse::<i64>().ok().map(|value| value != 0)
}

fn managers(host: &dyn Host) -> Vec<(&'static str, Place)> {
    let processes = running(host, &MANAGERS);
    let place = |manager| processes.iter().find(|process| process.name == manager).map(|process| process.place);
    MANAGERS.into_iter().filter_map(|manager| Some((manager, place(manager)?))).collect()
}

fn content(host: &dyn Host, path: &str) -> Option<String> {
    let mut text = String::new();
    host.open(Path::new(path)).ok()?.read_to_string(&mut text).ok()?;
    Some(text)
}
