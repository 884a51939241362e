//! Tells a Prometheus server what services and their real servers have carried.
//!
//!     exporter 127.0.0.1:9900
//!
//! It answers every request with the whole table.

use ipvsadm::ipvs::client::{Client, Query};
use ipvsadm::ipvs::error::KernelError;
use ipvsadm::ipvs::model::Stats;
use std::error::Error;
use std::fmt::Write as _;
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

fn metrics(client: &mut Client) -> Result<String, KernelError> {
    let mut text = String::new();
    let mut entries = client.entries(Query { counters: true, ..Query::default() })?;
    while let Some((service, servers)) = entries.next_entry()? {
        let name = format!("service=\"{}\"", service.service.key);
        counters(&mut text, "ipvs_service", &name, &service.stats);
        for listed in servers {
            let name = format!("{name},server=\"{}\"", listed.server.key);
            counters(&mut text, "ipvs_server", &name, &listed.stats);
            let server = &listed.server;
            for (what, number) in [("active", listed.active), ("inactive", listed.inactive)] {
                let _ = writeln!(text, "ipvs_server_connections{{{name},state=\"{what}\"}} {number}");
            }
            let _ = writeln!(text, "ipvs_server_weight{{{name}}} {}", server.weight);
        }
    }
    Ok(text)
}

/// Writing to a `String` cannot fail.
fn counters(text: &mut String, subject: &str, name: &str, stats: &Stats) {
    for (what, number) in [
        ("connections", stats.connections),
        ("incoming_packets", stats.in_packets),
        ("outgoing_packets", stats.out_packets),
        ("incoming_bytes", stats.in_bytes),
        ("outgoing_bytes", stats.out_bytes),
    ] {
        let _ = writeln!(text, "{subject}_{what}_total{{{name}}} {number}");
    }
}
