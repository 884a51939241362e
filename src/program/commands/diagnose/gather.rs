//! Reads everything that the checks judge by, and changes nothing.

use super::facts::{Facts, Known, Settings};
use super::states::Connections;
use crate::ipvs::client::{Client, Order, Query};
use crate::ipvs::error::{KernelError, io_text};
use crate::ipvs::filter::TableFilter;
use crate::ipvs::model::{Errno, Snapshot};
use crate::ipvs::{connections, estimation};
use crate::program::context::Host;
use crate::program::diagnosis::Diagnosis;
use crate::program::failure::Failure;
use std::io::{self, ErrorKind, Read};
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
    Ok(Facts {
        asked: *asked,
        estimation: estimation::runs(|path| host.open(path)),
        connections: connections(host),
        settings: settings(host),
        table,
    })
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

fn settings(host: &dyn Host) -> Settings {
    let paths = IP_VS.iter().map(|name| format!("ipv4/vs/{name}"));
    let read = paths.filter_map(|path| match content(host, &format!("/proc/sys/net/{path}")) {
        Ok(text) => Some((path, Ok(text))),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => Some((path, Err(io_text(&error)))),
    });
    Settings(read.collect())
}

fn content(host: &dyn Host, path: &str) -> io::Result<String> {
    let mut text = String::new();
    host.open(Path::new(path))?.read_to_string(&mut text)?;
    Ok(text)
}
