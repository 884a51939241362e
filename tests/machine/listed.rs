//! Tables as the tests understand them: from rules, from documents, and from a table and its changes.

use crate::elements;
use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Settings of servers by what identifies them.
type Servers = BTreeMap<String, Value>;
/// Settings and servers of services by what identifies them.
pub type Services = BTreeMap<String, (Value, Servers)>;

/// What identifies a service in an object of a document.
fn service_key(service: &Value) -> String {
    ["protocol", "address", "port", "fwmark", "family"].map(|key| service[key].to_string()).join(" ")
}

fn server_key(server: &Value) -> String {
    format!("{} {}", server["address"], server["port"])
}

/// An object without what the kernel counts, without names and servers.
fn settings(object: &Value) -> Value {
    let mut settings = object.clone();
    if let Some(members) = settings.as_object_mut() {
        members.retain(|key, _| !["counters", "rates", "connections", "names", "servers"].contains(&key.as_str()));
    }
    settings
}

/// The table of a document.
pub fn by_document(document: &Value) -> Result<Services> {
    let mut services = Services::new();
    for service in elements(document, "services")? {
        let listed = elements(service, "servers")?;
        let servers: Servers = listed.iter().map(|server| (server_key(server), settings(server))).collect();
        ensure!(servers.len() == listed.len(), "a server is there twice: {service}");
        let twice = services.insert(service_key(service), (settings(service), servers));
        ensure!(twice.is_none(), "a service is there twice: {document}");
    }
    Ok(services)
}

/// A table after the changes of a difference.
pub fn changed(mut services: Services, changes: &[Value]) -> Result<Services> {
    for change in changes {
        let (key, server) = (service_key(&change["service"]), server_key(&change["server"]));
        let (before, after) = (&change["before"], &change["after"]);
        let there = match change["command"].as_str() {
            Some("clear") => {
                services.clear();
                continue;
            }
            Some("add-service") => services.insert(key, (settings(after), Servers::new())).map(|(old, _)| old),
            Some("edit-service") => {
                let (old, _) = services.get_mut(&key).context("no such service")?;
                Some(std::mem::replace(old, settings(after)))
            }
            Some("delete-service") => services.remove(&key).map(|(old, _)| old),
            Some(command) => {
                let (_, servers) = services.get_mut(&key).with_context(|| format!("no service for {change}"))?;
                match command {
                    "add-server" | "edit-server" => servers.insert(server, settings(after)),
                    "delete-server" => servers.remove(&server),
                    _ => bail!("{change}"),
                }
            }
            None => bail!("{change}"),
        };
        ensure!(there.unwrap_or(Value::Null) == settings(before), "it is not that before: {change}");
    }
    Ok(services)
}

/// The table that rules make of an empty one. They are those of the tests' generator, which adds each thing once.
pub fn by_rules(rules: &str) -> Result<Services> {
    let mut services = Services::new();
    for rule in rules.lines() {
        let words: Vec<&str> = rule.split(' ').collect();
        let service = service(&words)?;
        let (key, port) = (service_key(&service), service["port"].as_u64());
        match words.first() {
            Some(&"-A") => drop(services.insert(key, (service, Servers::new()))),
            Some(&"-a") => {
                let server = server(&words, port)?;
                let (_, servers) = services.get_mut(&key).context("no such service")?;
                servers.insert(server_key(&server), server);
            }
            _ => bail!("{rule}"),
        }
    }
    Ok(services)
}

/// The word behind an option.
fn value<'w>(words: &[&'w str], option: &str) -> Option<&'w str> {
    let place = words.iter().position(|word| *word == option)?;
    words.get(place + 1).copied()
}

fn number(words: &[&str], option: &str, default: u64) -> Result<u64> {
    value(words, option).map_or(Ok(default), |word| word.parse().with_context(|| format!("{option} {word}")))
}

/// An address and a port.
fn endpoint(word: &str) -> Result<(String, u64)> {
    let (address, port) = word.rsplit_once(':').with_context(|| word.to_owned())?;
    Ok((address.trim_matches(['[', ']']).to_owned(), port.parse()?))
}

fn service(words: &[&str]) -> Result<Value> {
    let mut service = json!({"protocol": null, "address": null, "port": null, "fwmark": null});
    for (option, protocol) in [("-t", "tcp"), ("-u", "udp"), ("--sctp-service", "sctp")] {
        if let Some(word) = value(words, option) {
            let (address, port) = endpoint(word)?;
            service["family"] = json!(if address.contains(':') { "ipv6" } else { "ipv4" });
            service["protocol"] = json!(protocol);
            (service["address"], service["port"]) = (json!(address), json!(port));
        }
    }
    if let Some(mark) = value(words, "-f") {
        service["fwmark"] = json!(mark.parse::<u32>()?);
        service["family"] = json!(if words.contains(&"-6") { "ipv6" } else { "ipv4" });
    }
    if words.first() == Some(&"-A") {
        let flags: Vec<&str> = value(words, "-b").map_or(Vec::new(), |flags| flags.split(',').collect());
        service["scheduler"] = json!(value(words, "-s").unwrap_or("wlc"));
        service["scheduler_flags"] = json!(flags);
        service["one_packet"] = json!(words.contains(&"-o"));
        service["persistence"] = persistence(words, service["family"] == "ipv6")?;
    }
    Ok(service)
}

fn persistence(words: &[&str], six: bool) -> Result<Value> {
    if !words.contains(&"-p") {
        return Ok(Value::Null);
    }
    let timeout = match value(words, "-p") {
        Some(word) if !word.starts_with('-') => word.parse()?,
        _ => 360,
    };
    let netmask = match value(words, "-M") {
        Some("64") => "ffff:ffff:ffff:ffff::",
        Some(mask) => mask,
        None if six => "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        None => "255.255.255.255",
    };
    Ok(json!({"timeout_seconds": timeout as u64, "netmask": netmask, "engine": value(words, "--pe")}))
}

/// A server; `port` is the service's, which those have that do not masquerade.
fn server(words: &[&str], port: Option<u64>) -> Result<Value> {
    let (address, own) = endpoint(value(words, "-r").context("no -r")?)?;
    let forwarding = match words {
        _ if words.contains(&"-m") => "masquerade",
        _ if words.contains(&"-i") => "tunnel",
        _ => "direct",
    };
    let kind = value(words, "--tun-type").unwrap_or("ipip");
    let checksum = match kind {
        "ipip" => Value::Null,
        _ if words.contains(&"--tun-csum") => json!("outer"),
        _ => json!("none"),
    };
    let tunnel_port = value(words, "--tun-port").map(str::parse::<u16>).transpose()?;
    let tunnel = json!({"type": kind, "port": tunnel_port, "checksum": checksum});
    Ok(json!({
        "address": address,
        "port": if forwarding == "masquerade" { own } else { port.unwrap_or(own) },
        "forwarding": forwarding,
        "tunnel": if forwarding == "tunnel" { tunnel } else { Value::Null },
        "weight": number(words, "-w", 1)?,
        "thresholds": {"upper": number(words, "-x", 0)?, "lower": number(words, "-y", 0)?},
    }))
}
