//! Programs that run beside this one, by the names of their processes.

use super::context::Host;
use std::io::Read;
use std::path::Path;

/// A process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// Its number, as /proc writes it.
    pub id: String,
    /// Its name, of which the kernel keeps 15 bytes.
    pub name: String,
}

/// Where a process works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In this network namespace, whose table is ours too.
    Here,
    /// In another one.
    Elsewhere,
    /// Of a process of somebody else's only root may know.
    Unknown,
}

/// Those with one of these names.
pub fn running(host: &dyn Host, names: &[&str]) -> Vec<Process> {
    let processes = host.folder(Path::new("/proc")).unwrap_or_default();
    let ids = processes.into_iter().filter(|id| id.bytes().all(|byte| byte.is_ascii_digit()));
    let named = ids.filter_map(|id| {
        let mut name = String::new();
        host.open(Path::new(&format!("/proc/{id}/comm"))).ok()?.read_to_string(&mut name).ok()?;
        Some(Process { id, name: name.trim_end().to_owned() })
    });
    named.filter(|process| names.contains(&process.name.as_str())).collect()
}

/// The network namespace of a process beside that of this one.
pub fn place(host: &dyn Host, process: &Process) -> Place {
    let namespace = |id: &str| host.link(Path::new(&format!("/proc/{id}/ns/net")));
    match (namespace("self"), namespace(&process.id)) {
        (Ok(here), Ok(its)) if here == its => Place::Here,
        (Ok(_), Ok(_)) => Place::Elsewhere,
        _ => Place::Unknown,
    }
}
