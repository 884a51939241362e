//! Every filter leaves what a plain listing has left when the test itself filters it.

use crate::program::Programs;
use crate::tables::Random;
use crate::{document, elements, printed, traffic};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::net::IpAddr;

/// A filter as options, and as the test means it: which services, and which of their servers.
type TableFilter = (&'static str, fn(&Value) -> bool, fn(&Value) -> bool, bool);

fn any(_: &Value) -> bool {
    true
}

const TABLE_FILTERS: &[TableFilter] = &[
    ("-s rr", |service| service["scheduler"] == "rr", any, false),
    ("-s wlc", |service| service["scheduler"] == "wlc", any, false),
    ("-r 172.16.0.1", any, |server| server["address"] == "172.16.0.1", true),
    ("-r 172.16.0.1:443", any, |server| server["address"] == "172.16.0.1" && server["port"] == 443, true),
    ("-r [2001:db8::1]:80", any, |server| server["address"] == "2001:db8::1" && server["port"] == 80, true),
    ("-w 5", any, |server| server["weight"] == 5, true),
    ("-w 0 -s sh", |service| service["scheduler"] == "sh", |server| server["weight"] == 0, true),
    ("-w 1 -r 172.16.0.2", any, |server| server["weight"] == 1 && server["address"] == "172.16.0.2", true),
];

pub fn of_the_table(programs: &Programs) -> Result<String> {
    let mut left = 0;
    for number in 0..30 {
        programs.reference_restore(&Random(number * 7919 + 3).table())?;
        let all = document(programs, "-Ln --json")?;
        for (options, service, server, chooses) in TABLE_FILTERS {
            let expected = narrowed(elements(&all, "services")?, *service, *server, *chooses)?;
            left += expected.len();
            same(programs, options, &expected, &all)?;
        }
        // Some of the services by name.
        let services = elements(&all, "services")?;
        let (mut options, mut expected) = (String::new(), Vec::new());
        for service in services.iter().step_by(2) {
            options += &format!(" {}", words_of(service)?);
            expected.push(service.clone());
        }
        if !expected.is_empty() {
            same(programs, options.trim_start(), &expected, &all)?;
        }
    }
    ensure!(left > 50, "the filters left {left} services in all: the tables are too small");
    Ok(format!("{} filters on 30 tables", TABLE_FILTERS.len() + 1))
}

fn narrowed(
    services: &[Value],
    service: fn(&Value) -> bool,
    server: fn(&Value) -> bool,
    chooses: bool,
) -> Result<Vec<Value>> {
    let mut left = Vec::new();
    for listed in services.iter().filter(|listed| service(listed)) {
        let mut listed = listed.clone();
        let servers = listed["servers"].as_array_mut().context("no servers")?;
        servers.retain(server);
        if !(chooses && servers.is_empty()) {
            left.push(listed);
        }
    }
    Ok(left)
}

/// The options that name a service.
fn words_of(service: &Value) -> Result<String> {
    let six = service["family"] == "ipv6";
    if let Some(mark) = service["fwmark"].as_u64() {
        return Ok(format!("-f {mark}{}", if six { " -6" } else { "" }));
    }
    let option = match service["protocol"].as_str() {
        Some("tcp") => "-t",
        Some("udp") => "-u",
        _ => "--sctp-service",
    };
    let address = service["address"].as_str().context("no address")?;
    let address = if six { format!("[{address}]") } else { address.to_owned() };
    Ok(format!("{option} {address}:{}", service["port"]))
}

/// The document and the columns have these services left.
fn same(programs: &Programs, options: &str, expected: &[Value], all: &Value) -> Result<()> {
    let document = document(programs, &format!("-Ln --json {options}"))?;
    ensure!(elements(&document, "services")? == expected, "{options}: {document}, not {expected:?}, of {all}");
    // The columns of one service are what the listing of all has of it, which other suites compare with the reference.
    let text = printed(programs, &format!("-Ln {options}"))?;
    let lines: Vec<&str> = text.lines().filter(|line| is_of_table(line)).collect();
    let counted: usize = expected.iter().map(|service| 1 + service["servers"].as_array().map_or(0, Vec::len)).sum();
    ensure!(lines.len() == counted, "{options}: {counted} lines expected, in\n{text}");
    let plain = printed(programs, "-Ln")?;
    ensure!(lines.iter().all(|line| plain.lines().any(|other| other == *line)), "{options}:\n{text}in\n{plain}");
    Ok(())
}

fn is_of_table(line: &str) -> bool {
    let service = ["TCP ", "UDP ", "SCTP", "FWM "].iter().any(|word| line.starts_with(word));
    service || line.starts_with("  -> ") && !line.contains("RemoteAddress")
}

/// A filter of connections as options, and as the test means it.
type Filter = (&'static str, fn(&Value) -> bool);

fn address(endpoint: &Value) -> Option<IpAddr> {
    endpoint["address"].as_str()?.parse().ok()
}

fn starts(endpoint: &Value, octets: &[u8]) -> bool {
    matches!(address(endpoint), Some(IpAddr::V4(address)) if address.octets().starts_with(octets))
}

const CONNECTION_FILTERS: &[Filter] = &[
    ("", |_| true),
    ("-u 10.0.0.1:53", |c| c["virtual"]["port"] == 53 && starts(&c["virtual"], &[10, 0, 0, 1])),
    ("-u 10.0.0.1", |c| starts(&c["virtual"], &[10, 0, 0, 1])),
    ("-u [2001:db8::1]:53 -u 10.0.0.1:5060", |c| {
        address(&c["virtual"]).is_some_and(|address| address.is_ipv6()) || c["virtual"]["port"] == 5060
    }),
    ("-t 10.0.0.1:53", |_| false),
    ("-f 9", |_| false),
    ("-r 127.0.0.2", |c| starts(&c["server"], &[127, 0, 0, 2])),
    ("-r 127.0.0.3:5353", |c| c["server"]["port"] == 5353),
    ("--client 10.200.1.0/24", |c| starts(&c["client"], &[10, 200, 1])),
    ("--client 10.200.0.7", |c| starts(&c["client"], &[10, 200, 0, 7])),
    ("--client 2001:db8::/32", |c| address(&c["client"]).is_some_and(|address| address.is_ipv6())),
    ("--state udp", |c| c["state"] == "UDP"),
    ("--state NONE -u 10.0.0.1:5060", |c| c["state"] == "NONE" && c["virtual"]["port"] == 5060),
];

pub fn of_connections(programs: &Programs) -> Result<String> {
    traffic::make(programs, 30)?;
    let all = document(programs, "-Lnc --json")?;
    ensure!(elements(&all, "connections")?.len() > 60, "too few connections: {all}");
    for (options, wanted) in CONNECTION_FILTERS {
        let expected: Vec<_> = elements(&all, "connections")?.iter().filter(|c| wanted(c)).map(timeless).collect();
        let listed = document(programs, &format!("-Lnc --json {options}").trim_end().replace("  ", " "))?;
        let found: Vec<_> = elements(&listed, "connections")?.iter().map(timeless).collect();
        ensure!(found == expected, "{options}: {found:?}, not {expected:?}");
        let text = printed(programs, format!("-Lnc {options}").trim_end())?;
        ensure!(text.lines().count() == expected.len() + 2, "{options}: {} expected in\n{text}", expected.len());
        let counts = document(programs, format!("-Lnc --count --json {options}").trim_end())?;
        ensure!(counts["connections"] == expected.len(), "{options}: {counts}");
        let sum: u64 = elements(&counts, "counts")?.iter().filter_map(|count| count["connections"].as_u64()).sum();
        ensure!(sum == expected.len() as u64, "{options}: {counts}");
    }
    Ok(format!("{} filters", CONNECTION_FILTERS.len()))
}

/// A connection without the time that it has left.
fn timeless(connection: &Value) -> Value {
    let mut connection = connection.clone();
    connection["expires_seconds"] = Value::Null;
    connection
}

pub fn is_it_there(programs: &Programs) -> Result<String> {
    let cases = [("-L --quiet", 1), ("-L -u 10.0.0.1:53 --quiet", 1), ("-Lc --quiet", 1)];
    let quiet = |words: &str, status: i32| -> Result<()> {
        let outcome = programs.ipvsadm(&words.split(' ').collect::<Vec<_>>())?;
        let silent = outcome.stdout.is_empty() && outcome.stderr.is_empty();
        ensure!(outcome.status == status && silent, "{words}: {outcome:?}");
        Ok(())
    };
    cases.iter().try_for_each(|(words, status)| quiet(words, *status))?;
    traffic::make(programs, 5)?;
    for (words, status) in [
        ("-L --quiet", 0),
        ("-L -u 10.0.0.1:53 --quiet", 0),
        ("-L -u 10.0.0.1:53 -t 10.0.0.1:53 --quiet", 1),
        ("-L -u 10.0.0.1:53 -r 127.0.0.3 --quiet", 0),
        ("-L -u 10.0.0.1:53 -r 127.0.0.4 --quiet", 1),
        ("-L -s wlc --quiet", 0),
        ("-L -s lblc --quiet", 1),
        ("-Lc --quiet", 0),
        ("-Lc --client 10.201.0.0/16 --quiet", 1),
    ] {
        quiet(words, status)?;
    }
    Ok("12 questions".to_owned())
}
