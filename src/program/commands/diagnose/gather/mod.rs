//! Reads everything that the checks judge by, and changes nothing.

mod managers;
mod netfilter;

use super::checks::FAR_AWAY;
use super::facts::{Facts, Known, Settings};
use super::sockets::{FILES, Sockets};
use super::states::Connections;
use crate::ipvs::client::{Client, Order, Query};
use crate::ipvs::error::{KernelError, io_text};
use crate::ipvs::filter::TableFilter;
use crate::ipvs::model::{Errno, ServiceKey, Snapshot};
use crate::ipvs::{connections, estimation};
use crate::program::context::Host;
use crate::program::diagnosis::Diagnosis;
use crate::program::failure::Failure;
use crate::program::network::Network;
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::io::{self, ErrorKind, Read};
use std::net::IpAddr;
use std::path::Path;

/// Settings of ip_vs that checks ask for.
const IP_VS: [&str; 9] = [
    "am_droprate",
    "backup_only",
    "conn_max",
    "conntrack",
    "drop_entry",
    "drop_packet",
    "expire_quiescent_template",
    "pmtu_disc",
    "secure_tcp",
];

/// Gathers all. Only the table must be there.
pub fn gather(host: &dyn Host, client: &mut Client, asked: &Diagnosis) -> Result<Facts, Failure> {
    let table = table(client, asked).map_err(Failure::List)?;
    let network = host.network(&destinations(&table));
    let network = network.map_err(|error| format!("cannot read the network over netlink: {}", io_text(&error)));
    Ok(Facts {
        asked: *asked,
        estimation: estimation::runs(|path| host.open(path)),
        connections: connections(host),
        connection_count: connection_count(host),
        settings: settings(host, network.as_ref().ok()),
        sockets: sockets(host),
        rules: netfilter::rules(host),
        keepalived: managers::keepalived(host),
        synced: synced(host),
        network,
        table,
    })
}

/// The addresses to which routes are of interest.
fn destinations(table: &Snapshot) -> BTreeSet<IpAddr> {
    let services = table.services.iter().filter_map(|entry| match entry.service.service.key {
        ServiceKey::Address { address, .. } => Some(address),
        ServiceKey::FirewallMark { .. } => None,
    });
    let servers = table.services.iter().flat_map(|entry| &entry.servers).map(|listed| listed.server.key.address);
    services.chain(servers).chain([FAR_AWAY]).collect()
}

fn sockets(host: &dyn Host) -> Known<Sockets> {
    let mut sockets = Sockets::default();
    for (path, protocol) in FILES {
        match content(host, path) {
            Ok(text) => sockets.add(protocol, &text),
            // A kernel without IPv6.
            Err(error) if error.kind() == ErrorKind::NotFound && path.ends_with('6') => {}
            Err(error) => return Err(format!("cannot read {path}: {}", io_text(&error))),
        }
    }
    Ok(sockets)
}

fn table(client: &mut Client, asked: &Diagnosis) -> Result<Snapshot, KernelError> {
    let mut read = |filter: Option<&TableFilter>| {
        client.snapshot(Query { filter, counters: true, order: Order::Sorted, settings: true })
    };
    let Some(service) = asked.service else { return read(None) };
    match read(Some(&TableFilter::of(service))) {
        Err(error) if error.errno() == Some(Errno::ESRCH) => read(None),
        other => other,
    }
}

fn connections(host: &dyn Host) -> Known<Connections> {
    let table = host.open(Path::new(connections::PATH));
    let table = table.map_err(|error| format!("cannot read {}: {}", connections::PATH, io_text(&error)))?;
    Connections::read(table).map_err(|error| format!("cannot read {}: {error}", connections::PATH))
}

fn connection_count(host: &dyn Host) -> Option<u64> {
    let status = content(host, "/proc/net/ip_vs_status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("Conns:"))?.trim().parse().ok()
}

/// Connections whose origin is another director.
fn synced(host: &dyn Host) -> Known<u64> {
    let path = "/proc/net/ip_vs_conn_sync";
    let unread = |why: String| format!("cannot read {path}: {why}");
    let table = host.open(Path::new(path)).map_err(|error| unread(io_text(&error)))?;
    let mut number = 0;
    let read = connections::read_lines(table, |line| {
        number += u64::from(line.split_ascii_whitespace().any(|word| word == "SYNC"));
        Ok::<_, Infallible>(())
    });
    match read.map_err(|error| unread(error.to_string()))? {
        Ok(()) => Ok(number),
        Err(never) => match never {},
    }
}

fn settings(host: &dyn Host, network: Option<&Network>) -> Settings {
    let of_ip_vs = IP_VS.iter().map(|name| format!("ipv4/vs/{name}"));
    let of_all = ["ipv4/conf/all/rp_filter", "ipv6/conf/all/forwarding"].map(str::to_owned);
    let of_links = network
        .into_iter()
        .flat_map(|network| &network.links)
        .flat_map(|link| ["forwarding", "rp_filter"].map(|setting| format!("ipv4/conf/{}/{setting}", link.name)));
    let read = of_ip_vs.chain(of_all).chain(of_links).filter_map(|path| {
        match content(host, &format!("/proc/sys/net/{path}")) {
            Ok(text) => Some((path, Ok(text))),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => Some((path, Err(io_text(&error)))),
        }
    });
    Settings(read.collect())
}

fn content(host: &dyn Host, path: &str) -> io::Result<String> {
    let mut text = String::new();
    host.open(Path::new(path))?.read_to_string(&mut text)?;
    Ok(text)
}
