//! `--watch` without a terminal: a block of lines for each interval.

use super::address::{Names, endpoint};
use super::columns;
use super::list::{port_protocol, service_name};
use crate::ipvs::interval::{Changes, Interval, Rates, ServerFigures, ServiceFigures};
use crate::ipvs::model::{ListedServer, ListedService, ServiceKey};
use crate::program::render::figures;
use std::time::Duration;

const TITLE: &[u8] = b"\
Prot LocalAddress:Port                CPS  InPPS OutPPS  InBPS OutBPS ActiveConn InActConn PersistConn Weight Conn% Weight% Marks
  -> RemoteAddress:Port
";

/// The columns of servers in the line of a service.
const OF_SERVERS: &[u8] = b"          -         -           -      -     -       -";
/// The width of a name; a longer one, of IPv6, moves the columns.
const NAME: usize = 34;

/// Appends what comes before the lines of an interval. `since` is the time since the first look.
pub fn head(out: &mut Vec<u8>, interval: &Interval, since: Duration, estimation: bool) {
    out.extend_from_slice(
        format!("Interval of {:.1} s, {:.0} s since the start\n", interval.elapsed.as_secs_f64(), since.as_secs_f64())
            .as_bytes(),
    );
    for notice in notices(interval, estimation) {
        out.extend_from_slice(notice.as_bytes());
        out.push(b'\n');
    }
    out.extend_from_slice(TITLE);
}

/// What makes the figures of an interval mean less than they seem to.
pub fn notices(interval: &Interval, estimation: bool) -> Vec<String> {
    let mut notices = Vec::new();
    if !estimation {
        notices.push(
            "No rates: the kernel's estimator does not run (net.ipv4.vs.run_estimation is 0, or net.ipv4.vs.est_cpulist \
             is empty)."
                .to_owned(),
        );
    }
    if interval.counters_reset {
        notices.push("Counters were reset (-Z), or what they belong to was made anew.".to_owned());
    }
    notices.extend(changes(&interval.changes));
    notices
}

/// What has changed in the table, if anything has.
fn changes(changes: &Changes) -> Option<String> {
    let mut parts = Vec::new();
    for (number, one, many, what) in [
        (changes.services_added, "service", "services", "added"),
        (changes.services_removed, "service", "services", "removed"),
        (changes.services_changed, "service", "services", "changed"),
        (changes.servers_added, "server", "servers", "added"),
        (changes.servers_removed, "server", "servers", "removed"),
        (changes.servers_changed, "server", "servers", "changed"),
    ] {
        if number > 0 {
            parts.push(format!("{number} {} {what}", if number == 1 { one } else { many }));
        }
    }
    (!parts.is_empty()).then(|| format!("The table changed: {}.", parts.join(", ")))
}

/// Appends the line of a service. Connections are counted by server, so it has none.
pub fn service(out: &mut Vec<u8>, listed: &ListedService, figures: &ServiceFigures, names: Names<'_>) {
    let start = out.len();
    service_name(out, &listed.service.key, names);
    columns::pad(out, start, NAME);
    rates(out, figures.rates.as_ref());
    out.extend_from_slice(OF_SERVERS);
    out.push(b'\n');
}

/// Appends the line of a server.
pub fn server(
    out: &mut Vec<u8>,
    service: &ServiceKey,
    listed: &ListedServer,
    figures: &ServerFigures,
    names: Names<'_>,
) {
    let start = out.len();
    out.extend_from_slice(b"  -> ");
    let key = &listed.server.key;
    endpoint(out, key.address, key.port, port_protocol(service), names);
    columns::pad(out, start, NAME);
    rates(out, figures.rates.as_ref());
    figures::count(Some(listed.active.into())).right::<11>(out);
    figures::count(Some(listed.inactive.into())).right::<10>(out);
    figures::count(Some(listed.persistent.into())).right::<12>(out);
    figures::count(Some(listed.server.weight.into())).right::<7>(out);
    figures::percent(figures.connection_share).right::<6>(out);
    figures::percent(figures.weight_share).right::<8>(out);
    for (place, word) in figures.marks.words().enumerate() {
        out.push(if place == 0 { b' ' } else { b',' });
        out.extend_from_slice(word.as_bytes());
    }
    out.push(b'\n');
}

fn rates(out: &mut Vec<u8>, rates: Option<&Rates>) {
    for rate in [
        rates.map(|rates| rates.connections),
        rates.map(|rates| rates.in_packets),
        rates.and_then(|rates| rates.out_packets),
        rates.map(|rates| rates.in_bytes),
        rates.and_then(|rates| rates.out_bytes),
    ] {
        figures::rate(rate).right::<7>(out);
    }
}
