//! Hints for a network namespace that was not entered.

use super::connect::without_rights;
use super::similar::similar;
use crate::program::context::Host;
use crate::program::network_namespace::{FOLDERS, NamespaceError};
use crate::program::quoted::quoted;
use std::collections::BTreeSet;
use std::path::Path;

/// So many names are shown: a host of containers can have hundreds.
const SHOWN: usize = 20;

/// What helps with it.
pub fn hint(host: &dyn Host, error: &NamespaceError) -> Option<String> {
    match error {
        NamespaceError::NoName(name) => Some(names(host, name)),
        NamespaceError::NoNamespace(_) => {
            Some("a namespace's path is that of a file such as /run/netns/NAME or /proc/PID/ns/net".to_owned())
        }
        NamespaceError::Forbidden(_) | NamespaceError::Unopened(..) => without_rights(host),
        NamespaceError::NoProcess(_) | NamespaceError::NotEntered(..) => None,
    }
}

/// The namespaces with names, first the one that may be meant.
fn names(host: &dyn Host, missing: &str) -> String {
    let names: BTreeSet<String> =
        FOLDERS.into_iter().flat_map(|folder| host.folder(Path::new(folder)).unwrap_or_default()).collect();
    if names.is_empty() {
        return "there are none with names: for a container's give the PID of a process in it".to_owned();
    }
    let meant = similar(missing, names.iter().map(String::as_str));
    let shown: Vec<_> = names.iter().take(SHOWN).map(|name| quoted(name)).collect();
    let more = if names.len() > SHOWN { " ..." } else { "" };
    let all = shown.join(" ") + more;
    match meant {
        Some(meant) => format!("is {} meant? There are {all}", quoted(meant)),
        None => format!("there are {all}"),
    }
}
