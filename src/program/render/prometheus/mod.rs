//! Metrics in Prometheus's text format 0.0.4, which docs/metrics.md explains.
//!
//! ```text
//! metric     what is counted, as a table: names, helps, values
//! subject    services and servers, each with the labels of all its samples
//! label      labels and their escapes
//! lines      lines, which go out in pieces
//! ```
//!
//! All samples of a metric are to stand together, so that a server has its lines far from one another: the table is read as a
//! whole, and its labels are written once and copied from then on.

mod label;
mod lines;
mod metric;
mod subject;
#[cfg(test)]
mod tests;

use crate::ipvs::model::{Snapshot, SyncDaemon};
use crate::program::render::words;
use label::Label;
use lines::{Lines, Name};
use metric::{Kind, Metric, OF_SERVERS, OF_SERVICES, SERVER_INFO, SERVICE_INFO};
use std::io::{self, Write};
use subject::{Subjects, server_info, server_settings, service_info, service_settings};

/// Writes the metrics of a table that was read with its counters and settings. `estimation` is whether the kernel brings
/// counters up to date.
///
/// # Errors
/// The writer's.
pub fn write(out: &mut dyn Write, snapshot: &Snapshot, estimation: bool) -> io::Result<()> {
    let mut lines = Lines::new(out);
    let services = Subjects::of_services(&snapshot.services);
    OF_SERVICES.iter().try_for_each(|metric| samples(&mut lines, metric, &services))?;
    infos(&mut lines, SERVICE_INFO, &services, service_settings, service_info)?;
    let servers = Subjects::of_servers(&snapshot.services);
    OF_SERVERS.iter().try_for_each(|metric| samples(&mut lines, metric, &servers))?;
    infos(&mut lines, SERVER_INFO, &servers, server_settings, server_info)?;
    settings(&mut lines, snapshot, estimation)?;
    lines.go_out()
}

/// A metric with all its samples; without any, it is left out.
fn samples<T>(lines: &mut Lines<'_>, metric: &Metric<T>, subjects: &Subjects<'_, T>) -> io::Result<()> {
    if subjects.is_empty() {
        return Ok(());
    }
    let name = Name::of(metric.name);
    lines.head(metric.name, metric.kind, metric.help)?;
    for (labels, subject) in subjects.each() {
        lines.sample(&name, labels, b"", (metric.value)(subject))?;
    }
    Ok(())
}

/// A metric whose samples are 1, for what their labels say: `write` appends those of settings, which neighbours have in common
/// more often than not.
fn infos<T, S: PartialEq>(
    lines: &mut Lines<'_>,
    (name, help): (&str, &str),
    subjects: &Subjects<'_, T>,
    settings: impl Fn(&T) -> S,
    write: impl Fn(&mut Vec<u8>, &S),
) -> io::Result<()> {
    let (mut last, mut text) = (None, Vec::new());
    if !subjects.is_empty() {
        lines.head(name, Kind::Gauge, help)?;
    }
    let name = Name::of(name);
    for (labels, subject) in subjects.each() {
        let settings = Some(settings(subject));
        if last != settings {
            text.clear();
            settings.iter().for_each(|settings| write(&mut text, settings));
            last = settings;
        }
        lines.sample(&name, labels, &text, 1)?;
    }
    Ok(())
}

/// What is not of a service.
fn settings(lines: &mut Lines<'_>, snapshot: &Snapshot, estimation: bool) -> io::Result<()> {
    let timeouts = snapshot.timeouts.unwrap_or_default();
    // The kernel has none for a protocol that it was built without.
    let timeouts = [("tcp", timeouts.tcp), ("tcp_fin", timeouts.tcp_fin), ("udp", timeouts.udp)];
    let timeouts = timeouts.iter().filter_map(|(kind, seconds)| Some(([("kind", (*kind).into())], (*seconds)?.get())));
    single(lines, "ipvs_timeout_seconds", "How long a connection is kept without a packet.", timeouts)?;
    let size = [([], snapshot.info.connection_table_size)];
    single(lines, "ipvs_connection_table_size", "Buckets of the connection table.", size)?;
    let help = "Whether the kernel brings counters up to date: 0 where they stand still, whatever the traffic.";
    single(lines, "ipvs_estimation_enabled", help, [([], estimation.into())])?;
    let daemons = snapshot.daemons.iter().flatten().map(|daemon| (daemon_labels(daemon), 1));
    single(lines, "ipvs_sync_daemon_info", "A sync daemon that runs.", daemons)
}

/// A metric with few samples, each with labels of its own.
fn single<'a, const N: usize>(
    lines: &mut Lines<'_>,
    name: &str,
    help: &str,
    samples: impl IntoIterator<Item = ([Label<'a>; N], u32)>,
) -> io::Result<()> {
    let mut samples = samples.into_iter().peekable();
    if samples.peek().is_some() {
        lines.head(name, Kind::Gauge, help)?;
    }
    samples.try_for_each(|(labels, value)| lines.single(name, &labels, value))
}

fn daemon_labels(daemon: &SyncDaemon) -> [Label<'_>; 7] {
    let said = |value: Option<String>| value.unwrap_or_default().into();
    [
        ("state", daemon.state.to_string().into()),
        ("interface", words::name(&daemon.interface)),
        ("sync_id", daemon.syncid.to_string().into()),
        ("sync_maxlen_bytes", said(daemon.sync_maxlen.map(|bytes| bytes.to_string()))),
        ("multicast_group", said(daemon.mcast_group.map(|group| group.to_string()))),
        ("multicast_port", said(daemon.mcast_port.map(|port| port.to_string()))),
        ("multicast_ttl", said(daemon.mcast_ttl.map(|ttl| ttl.to_string()))),
    ]
}
