//! Tells a Prometheus server what services and their real servers have carried.
//!
//!     exporter 127.0.0.1:9900
//!
//! It answers every request with the whole table. It shows how the library is used; `ipvsadm -L --prometheus` has more.

use ipvsadm::ipvs::client::{Client, Query};
use ipvsadm::ipvs::error::KernelError;
use ipvsadm::ipvs::model::Stats;
use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Display;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};

fn main() -> Result<(), Box<dyn Error>> {
    let address = std::env::args().nth(1).ok_or("usage: exporter ADDRESS:PORT")?;
    let mut client = Client::connect()?;
    for connection in TcpListener::bind(address)?.incoming() {
        let metrics = metrics(&mut client)?;
        // Somebody who goes away is no reason to end.
        let _ = answer(connection?, &metrics);
    }
    Ok(())
}

/// Answers one request, whatever it asks for.
fn answer(mut connection: TcpStream, text: &str) -> std::io::Result<()> {
    let mut request = BufReader::new(&connection).lines();
    while request.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
    let length = text.len();
    write!(
        connection,
        "HTTP/1.0 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: {length}\r\n\r\n{text}"
    )
}

/// The samples of each metric, which the format wants together.
type Metrics = BTreeMap<String, String>;

fn metrics(client: &mut Client) -> Result<String, KernelError> {
    let mut metrics = Metrics::new();
    let mut entries = client.entries(Query { counters: true, ..Query::default() })?;
    while let Some((service, servers)) = entries.next_entry()? {
        let name = format!("service=\"{}\"", service.service.key);
        counters(&mut metrics, "example_service", &name, &service.stats);
        for listed in servers {
            let name = format!("{name},server=\"{}\"", listed.server.key);
            counters(&mut metrics, "example_server", &name, &listed.stats);
            for (what, number) in [("active", listed.active), ("inactive", listed.inactive)] {
                let name = format!("{name},state=\"{what}\"");
                sample(&mut metrics, "example_server_connections".to_owned(), &name, number);
            }
            sample(&mut metrics, "example_server_weight".to_owned(), &name, listed.server.weight);
        }
    }
    Ok(metrics.into_values().collect())
}

fn counters(metrics: &mut Metrics, subject: &str, name: &str, stats: &Stats) {
    for (what, number) in [
        ("connections", stats.connections),
        ("incoming_packets", stats.in_packets),
        ("outgoing_packets", stats.out_packets),
        ("incoming_bytes", stats.in_bytes),
        ("outgoing_bytes", stats.out_bytes),
    ] {
        sample(metrics, format!("{subject}_{what}_total"), name, number);
    }
}

fn sample(metrics: &mut Metrics, metric: String, name: &str, number: impl Display) {
    let line = format!("{metric}{{{name}}} {number}\n");
    metrics.entry(metric).or_default().push_str(&line);
}
