//! What listings have to look like, whatever happens meanwhile: whole lines, and the services that stay with their servers.

use crate::files::STAYING;
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::collections::BTreeMap;

/// Words of a line of a server in `-L`, with counters or rates, and in a watch.
pub const TABLE: usize = 6;
pub const FIGURES: usize = 7;

/// A listing with a head of three lines, and lines of servers with so many words.
pub fn table(text: &str, words: usize) -> Result<()> {
    let lines: Vec<_> = text.lines().collect();
    ensure!(text.ends_with('\n') && lines.len() > 3, "it is not whole");
    ensure!(lines[0].starts_with("IP Virtual Server version "), "no head");
    stay(&lines[3..], |found| found == words)
}

/// The lines of services and servers: those that stay are there once each. Marks stand behind what `words` counts.
pub fn stay(lines: &[&str], words: impl Fn(usize) -> bool) -> Result<()> {
    let mut found = BTreeMap::<&str, usize>::new();
    let mut service = "";
    for line in lines {
        let parts: Vec<_> = line.split_whitespace().collect();
        match parts[..] {
            ["->", server, ..] => {
                ensure!(words(parts.len()), "a line of {} words: {line}", parts.len());
                if STAYING.iter().any(|(stays, servers)| *stays == service && servers.contains(&server)) {
                    *found.entry(service).or_default() += 1;
                }
            }
            ["TCP" | "UDP" | "SCTP" | "FWM", name, _, ..] => service = name,
            _ => anyhow::bail!("a line that is none: {line:?}"),
        }
    }
    for (service, servers) in STAYING {
        let times = found.get(service).copied().unwrap_or_default();
        ensure!(times == servers.len(), "{times} servers of {service}, which stays with {}", servers.len());
    }
    Ok(())
}

/// A save: rules, and those that stay.
pub fn rules(text: &str) -> Result<()> {
    let known = ["-A ", "-a ", "--set ", "--start-daemon "];
    let other = text.lines().find(|line| !known.iter().any(|start| line.starts_with(start)));
    ensure!(text.ends_with('\n') && other.is_none(), "a line that is no rule: {other:?}");
    for (service, servers) in STAYING {
        let rules = text.lines().filter(|line| line.starts_with(&format!("-A -t {service} "))).count();
        ensure!(rules == 1, "{rules} rules of {service}, which stays");
        for server in servers {
            let rules = text.lines().filter(|line| line.starts_with(&format!("-a -t {service} -r {server} "))).count();
            ensure!(rules == 1, "{rules} rules of {server} of {service}, which stays");
        }
    }
    Ok(())
}

/// A document of the table.
pub fn document(text: &str) -> Result<()> {
    let document: Value = serde_json::from_str(text).context("no document")?;
    let services = document["services"].as_array().context("no services")?;
    let place = |listed: &Value| format!("{}:{}", listed["address"].as_str().unwrap_or_default(), listed["port"]);
    for (stays, wanted) in STAYING {
        let mut same = services.iter().filter(|service| place(service) == stays);
        let service = same.next().with_context(|| format!("no {stays}, which stays"))?;
        ensure!(same.next().is_none(), "{stays} twice");
        let servers: Vec<_> = service["servers"].as_array().context("no servers")?.iter().map(place).collect();
        for server in wanted {
            let times = servers.iter().filter(|found| *found == server).count();
            ensure!(times == 1, "{server} of {stays}, which stays, {times} times");
        }
    }
    Ok(())
}

/// The connections.
pub fn connections(text: &str) -> Result<()> {
    let lines: Vec<_> = text.lines().collect();
    ensure!(text.ends_with('\n') && lines.len() > 2, "it is not whole, or empty");
    ensure!(lines[0] == "IPVS connection entries", "no head");
    match lines[2..].iter().find(|line| line.split_whitespace().count() != 6) {
        Some(line) => anyhow::bail!("a line that is no connection: {line:?}"),
        None => Ok(()),
    }
}

/// Metrics: each line a comment or a name and a number.
pub fn metrics(text: &str) -> Result<()> {
    ensure!(text.ends_with('\n'), "it is not whole");
    for line in text.lines().filter(|line| !line.starts_with("# ")) {
        let (name, value) = line.rsplit_once(' ').with_context(|| format!("no value: {line}"))?;
        let labelled = name.ends_with('}') == name.contains('{');
        ensure!(name.starts_with("ipvs_") && labelled && value.parse::<f64>().is_ok(), "no sample: {line}");
    }
    let of = |service: &str| {
        let (address, port) = service.rsplit_once(':').unwrap_or((service, ""));
        format!("ipvs_service_connections_total{{local_address=\"{address}\",local_port=\"{port}\"")
    };
    for (service, _) in STAYING {
        let samples = text.lines().filter(|line| line.starts_with(&of(service))).count();
        ensure!(samples == 1, "{samples} samples of {service}, which stays");
    }
    Ok(())
}

/// The connections that `--stats --exact` has counted of a service.
pub fn counted(text: &str, service: &str) -> Result<usize> {
    let mut words = text.lines().map(str::split_whitespace);
    let mut of = words.find(|words| words.clone().nth(1) == Some(service)).with_context(|| format!("no {service}"))?;
    of.nth(2).and_then(|word| word.parse().ok()).with_context(|| format!("no counter of {service}"))
}
