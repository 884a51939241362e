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
    /// Where it works.
    pub place: Place,
}

/// Where a process works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In this network namespace, whose table is ours too.
    Here,
    /// Of a process of somebody else's only root may know.
    Unknown,
}

/// Those with one of these names that work in this network namespace, and then those that may.
pub fn running(host: &dyn Host, names: &[&str]) -> Vec<Process> {
    let namespace = |id: &str| host.link(Path::new(&format!("/proc/{id}/ns/net")));
    let processes = host.folder(Path::new("/proc")).unwrap_or_default();
    let ids = processes.into_iter().filter(|id| id.bytes().all(|byte| byte.is_ascii_digit()));
    let named = ids.filter_map(|id| {
        let mut name = String::new();
        host.open(Path::new(&format!("/proc/{id}/comm"))).ok()?.read_to_string(&mut name).ok()?;
        let name = names.contains(&name.trim_end()).then(|| name.trim_end().to_owned())?;
        let place = match (namespace("self"), namespace(&id)) {
            (Ok(here), Ok(its)) if here == its => Place::Here,
            (Ok(_), Ok(_)) => return None,
            _ => Place::Unknown,
        };
        Some(Process { id, name, place })
    });
    let (here, others): (Vec<_>, Vec<_>) = named.partition(|process| process.place == Place::Here);
    [here, others].concat()
}
