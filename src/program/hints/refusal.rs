//! Hints for what the kernel refuses. The live table tells what may be meant.

use super::schedulers;
use crate::ipvs::client::Query;
use crate::ipvs::filter::TableFilter;
use crate::ipvs::model::{Change, Errno, ListedServer, ServerKey, ServiceKey, Snapshot};
use crate::program::context::Host;
use crate::program::quoted::quoted;
use crate::program::render::rules;

/// So many services or servers are named.
const MOST: usize = 3;

/// What helps with a change that the kernel has refused.
pub fn hint(host: &dyn Host, change: &Change, errno: Errno) -> Option<String> {
    match (change, errno) {
        (Change::AddService(service) | Change::EditService(service), Errno::ENOENT) => schedulers::hint(host, service),
        (Change::AddService(_), Errno::EEXIST) => Some("-E changes it, and -A --ensure".to_owned()),
        (Change::AddServer(..), Errno::EEXIST) => Some("-e changes it, and -a --ensure".to_owned()),
        (Change::EditService(service), Errno::ESRCH) => other_services(host, &service.key),
        (Change::DeleteService(key) | Change::Zero(Some(key)), Errno::ESRCH) => other_services(host, key),
        (Change::AddServer(key, _), Errno::ESRCH) => other_services(host, key).or_else(|| Some(before_servers(key))),
        (Change::EditServer(key, _) | Change::DeleteServer(key, _), Errno::ESRCH) => other_services(host, key),
        (Change::EditServer(key, server), Errno::ENOENT) => other_servers(host, key, &server.key),
        (Change::DeleteServer(key, server), Errno::ENOENT) => other_servers(host, key, server),
        (Change::AddServer(_, server) | Change::EditServer(_, server), Errno::ERANGE)
            if server.lower_threshold > server.upper_threshold =>
        {
            Some("the lower threshold, -y, is above the upper one, -x".to_owned())
        }
        (Change::StartDaemon(daemon), Errno::ENODEV) => {
            let name = daemon.interface.to_string();
            Some(format!("there is no interface {}: name one with --mcast-interface", quoted(&name)))
        }
        _ => None,
    }
}

/// What comes before the server of a service that is not there.
fn before_servers(key: &ServiceKey) -> String {
    let words = words(key);
    match words.strip_suffix(":0") {
        Some(address) => format!("give the service's port, as in {address}:80"),
        None => format!("add the service before its servers: ipvsadm -A {words}"),
    }
}

/// The services at the same address.
fn other_services(host: &dyn Host, key: &ServiceKey) -> Option<String> {
    let table = table(host, None)?;
    let keys = || table.services.iter().map(|entry| entry.service.service.key);
    let near: Vec<String> = keys().filter(|other| are_near(key, other)).take(MOST).map(|key| words(&key)).collect();
    match near.as_slice() {
        [] => None,
        near => Some(format!("the table has {}", near.join(", "))),
    }
}

fn are_near(one: &ServiceKey, other: &ServiceKey) -> bool {
    match (one, other) {
        (ServiceKey::Address { address: one, .. }, ServiceKey::Address { address: other, .. }) => one == other,
        (ServiceKey::FirewallMark { mark: one, .. }, ServiceKey::FirewallMark { mark: other, .. }) => one == other,
        _ => false,
    }
}

/// The ports at which the service has the same server.
fn other_servers(host: &dyn Host, service: &ServiceKey, key: &ServerKey) -> Option<String> {
    let table = table(host, Some(*service))?;
    let servers = &table.services.first()?.servers;
    let near: Vec<&ListedServer> =
        servers.iter().filter(|listed| listed.server.key.address == key.address).take(MOST).collect();
    let names: Vec<String> = near.iter().map(|listed| listed.server.key.to_string()).collect();
    match near.as_slice() {
        [] => None,
        [only] if key.port == service.port() && only.server.key.port != key.port => Some(format!(
            "the service has {}: give its port, and -m, for only masquerading sends to another port than the service's",
            names.concat()
        )),
        _ => Some(format!("the service has {}", names.join(", "))),
    }
}

fn table(host: &dyn Host, service: Option<ServiceKey>) -> Option<Snapshot> {
    let filter = service.map(TableFilter::of);
    host.connect().ok()?.snapshot(Query { filter: filter.as_ref(), ..Query::default() }).ok()
}

/// The words that name a service.
fn words(key: &ServiceKey) -> String {
    let mut rule = Vec::new();
    rules::change(&mut rule, &Change::DeleteService(*key));
    String::from_utf8_lossy(&rule).trim_start_matches("-D ").trim_end().to_owned()
}
