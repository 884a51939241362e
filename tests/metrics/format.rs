//! Metrics are valid, and say of random tables what the documents say.

use crate::namespace::Namespace;
use crate::program::{Programs, finish, shell};
use crate::tables::Random;
use crate::{document, printed};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};

const EXPLAINED: &str = include_str!("../../docs/metrics.md");
/// Metrics of a service, or of a server, and the counter of the document that each is.
const COUNTERS: [(&str, &str); 5] = [
    ("connections_total", "connections"),
    ("incoming_packets_total", "packets_in"),
    ("outgoing_packets_total", "packets_out"),
    ("incoming_bytes_total", "bytes_in"),
    ("outgoing_bytes_total", "bytes_out"),
];
const FILTERS: [&str; 4] = ["", "-s rr", "-w 1", "-r 172.16.0.1"];

pub fn is_valid_and_equal(programs: &Programs, prometheus: &Path) -> Result<String> {
    let _home = Namespace::new()?;
    let mut samples = 0;
    let daemon = "--start-daemon backup --mcast-interface lo --mcast-ttl 9";
    ensure!(programs.ipvsadm(&daemon.split(' ').collect::<Vec<_>>())?.status == 0);
    for number in 0..6 {
        programs.reference_restore(&Random(number * 31 + 5).table())?;
        for filter in FILTERS {
            let text = printed(programs, &format!("-L --prometheus {filter}"))?;
            let found: BTreeSet<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
            let document = document(programs, &format!("-Ln --json {filter}"))?;
            let expected = expected(programs, &document)?;
            let expected: BTreeSet<&str> = expected.iter().map(String::as_str).collect();
            let difference: Vec<_> = found.symmetric_difference(&expected).collect();
            ensure!(difference.is_empty(), "{filter}: {difference:#?} of\n{text}\n{document}");
            samples += found.len();
        }
        checked(prometheus, &printed(programs, "-L --prometheus")?)?;
    }
    Ok(format!("{samples} samples of 6 tables"))
}

/// promtool finds nothing wrong, and docs/metrics.md explains each metric.
fn checked(prometheus: &Path, text: &str) -> Result<()> {
    let mut promtool = Command::new(prometheus.join("promtool"));
    promtool.args(["check", "metrics"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let outcome = finish(promtool.spawn().context("starting promtool")?, text)?;
    ensure!(outcome.status == 0 && outcome.stderr.is_empty() && outcome.stdout.is_empty(), "{outcome:?}\n{text}");
    for head in text.lines().filter_map(|line| line.strip_prefix("# TYPE ")) {
        let name = head.split(' ').next().unwrap_or_default();
        let explained = ["`", "{"].iter().any(|end| EXPLAINED.contains(&format!("| `{name}{end}")));
        ensure!(explained, "docs/metrics.md does not explain {name}");
    }
    Ok(())
}

/// The samples that a document calls for.
fn expected(programs: &Programs, document: &Value) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    for service in document["services"].as_array().context("no services")? {
        let labels = format!(
            r#"local_address="{}",local_port="{}",proto="{}",local_mark="{}""#,
            word(&service["address"]),
            word(&service["port"]),
            if service["protocol"].is_null() { word(&service["family"]) } else { word(&service["protocol"]) },
            word(&service["fwmark"]),
        );
        let own = format!(r#"{labels},remote_address="",remote_port="""#);
        counters(&mut lines, "ipvs_service", &own, service);
        let flags = service["scheduler_flags"].as_array().context("no flags")?;
        let persistence = &service["persistence"];
        lines.push(format!(
            r#"ipvs_service_info{{{own},scheduler="{}",scheduler_flags="{}",one_packet="{}",persistence_timeout_seconds="{}",persistence_netmask="{}",persistence_engine="{}"}} 1"#,
            word(&service["scheduler"]),
            flags.iter().map(word).collect::<Vec<_>>().join(","),
            word(&service["one_packet"]),
            word(&persistence["timeout_seconds"]),
            word(&persistence["netmask"]),
            word(&persistence["engine"]),
        ));
        for server in service["servers"].as_array().context("no servers")? {
            let (address, port) = (word(&server["address"]), word(&server["port"]));
            let labels = format!(r#"{labels},remote_address="{address}",remote_port="{port}""#);
            counters(&mut lines, "ipvs_server", &labels, server);
            for (name, value) in [
                ("active_connections", &server["connections"]["active"]),
                ("inactive_connections", &server["connections"]["inactive"]),
                ("persistent_connections", &server["connections"]["persistent"]),
                ("weight", &server["weight"]),
                ("upper_threshold", &server["thresholds"]["upper"]),
                ("lower_threshold", &server["thresholds"]["lower"]),
            ] {
                lines.push(format!("ipvs_server_{name}{{{labels}}} {value}"));
            }
            let tunnel = &server["tunnel"];
            lines.push(format!(
                r#"ipvs_server_info{{{labels},forwarding="{}",tunnel_type="{}",tunnel_port="{}",tunnel_checksum="{}"}} 1"#,
                word(&server["forwarding"]),
                word(&tunnel["type"]),
                word(&tunnel["port"]),
                word(&tunnel["checksum"]),
            ));
        }
    }
    settings(programs, &mut lines, document)?;
    Ok(lines)
}

fn counters(lines: &mut Vec<String>, subject: &str, labels: &str, listed: &Value) {
    lines
        .extend(COUNTERS.iter().map(|(name, key)| format!("{subject}_{name}{{{labels}}} {}", listed["counters"][key])));
}

fn settings(programs: &Programs, lines: &mut Vec<String>, head: &Value) -> Result<()> {
    let timeouts = document(programs, "-L --timeout --json")?;
    for kind in ["tcp", "tcp_fin", "udp"] {
        let seconds = &timeouts["timeouts"][format!("{kind}_seconds")];
        lines.push(format!("ipvs_timeout_seconds{{kind=\"{kind}\"}} {seconds}"));
    }
    lines.push(format!("ipvs_connection_table_size {}", head["connection_table_size"]));
    lines.push(format!("ipvs_estimation_enabled {}", u8::from(head["estimation"] == true)));
    let daemons = document(programs, "-L --daemon --json")?;
    for daemon in daemons["daemons"].as_array().context("no daemons")? {
        let keys = [
            "state",
            "interface",
            "sync_id",
            "sync_maxlen_bytes",
            "multicast_group",
            "multicast_port",
            "multicast_ttl",
        ];
        let labels: Vec<_> = keys.iter().map(|key| format!("{key}=\"{}\"", word(&daemon[key]))).collect();
        lines.push(format!("ipvs_sync_daemon_info{{{}}} 1", labels.join(",")));
    }
    Ok(())
}

/// A value as a label has it.
fn word(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

pub fn estimation_and_files(programs: &Programs, prometheus: &Path) -> Result<String> {
    let _home = Namespace::new()?;
    ensure!(printed(programs, "-L --prometheus")?.contains("\nipvs_estimation_enabled 1\n"));
    checked(prometheus, &printed(programs, "-L --prometheus")?)?;
    shell("echo 0 >/proc/sys/net/ipv4/vs/run_estimation")?;
    ensure!(printed(programs, "-L --prometheus")?.contains("\nipvs_estimation_enabled 0\n"));

    let folder = std::env::temp_dir().join("metrics-file");
    std::fs::create_dir_all(&folder)?;
    let file = folder.join("ipvs.prom");
    let words = format!("-L --prometheus --output {}", file.display());
    ensure!(printed(programs, &words)?.is_empty());
    let written = std::fs::read_to_string(&file)?;
    ensure!(written == printed(programs, "-L --prometheus")?, "{written}");
    // The file stays where there is nothing to be told, and nothing is left beside it.
    let missing = format!("{words} -t 10.0.0.7:7");
    let outcome = programs.ipvsadm(&missing.split(' ').collect::<Vec<_>>())?;
    ensure!((outcome.status, &*outcome.stderr) == (1, "No such service\n"), "{outcome:?}");
    ensure!(std::fs::read_to_string(&file)? == written);
    let files = std::fs::read_dir(&folder)?.count();
    ensure!(files == 1, "{files} files in its folder");
    std::fs::remove_dir_all(folder)?;
    Ok("off is 0; a file is whole, or as it was".to_owned())
}
