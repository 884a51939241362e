//! Which schedulers and persistence engines the running kernel has: modules that are loaded, built in, or there to be
//! loaded.

use super::read;
use super::similar::similar;
use crate::ipvs::model::VirtualService;
use crate::program::context::Host;
use crate::program::quoted::quoted;
use std::collections::BTreeSet;

/// Modules of ip_vs that are neither.
const OTHERS: [&str; 1] = ["ftp"];

/// What helps where the kernel found the service's scheduler or its persistence engine not.
pub fn hint(host: &dyn Host, service: &VirtualService) -> Option<String> {
    let modules = modules(host);
    let (engines, schedulers): (Vec<&str>, Vec<&str>) =
        modules.iter().map(String::as_str).partition(|name| name.starts_with("pe_"));
    let engines: Vec<&str> = engines.iter().map(|name| &name["pe_".len()..]).collect();
    let scheduler = service.scheduler.to_string();
    if !schedulers.contains(&scheduler.as_str()) {
        return missing("scheduler", &scheduler, &schedulers);
    }
    let engine = service.persistence_engine?.to_string();
    if engines.contains(&engine.as_str()) { None } else { missing("persistence engine", &engine, &engines) }
}

fn missing(what: &str, name: &str, there_are: &[&str]) -> Option<String> {
    if there_are.is_empty() {
        return None;
    }
    let meant =
        similar(name, there_are.iter().copied()).map(|meant| format!(", is {meant} meant?")).unwrap_or(".".to_owned());
    Some(format!("this kernel has no {what} {}{meant} It has {}", quoted(name), there_are.join(" ")))
}

/// The names behind `ip_vs_` of the kernel's modules, from what depmod(8) and the kernel list.
fn modules(host: &dyn Host) -> BTreeSet<String> {
    let release = read(host, "/proc/sys/kernel/osrelease").unwrap_or_default();
    let folder = format!("/lib/modules/{}", release.trim_end());
    let lists = [format!("{folder}/modules.dep"), format!("{folder}/modules.builtin"), "/proc/modules".to_owned()];
    let texts: Vec<String> = lists.iter().filter_map(|list| read(host, list)).collect();
    let names = texts.iter().flat_map(|text| text.lines()).filter_map(module);
    names.filter(|name| !OTHERS.contains(name)).map(str::to_owned).collect()
}

/// The module of a line: `kernel/net/netfilter/ipvs/ip_vs_rr.ko.xz: ...`, or `ip_vs_rr 12288 1 - Live`.
fn module(line: &str) -> Option<&str> {
    let word = line.split([' ', ':']).next()?;
    let file = word.rsplit('/').next()?;
    file.split('.').next()?.strip_prefix("ip_vs_")
}
