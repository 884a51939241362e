//! Each query of docs/grafana.json is put to a real Prometheus, and answered with the figures of the traffic sent.

use crate::monitor::Monitor;
use crate::network::Network;
use crate::program::{Programs, shell};
use crate::traffic::{self, Figures, SERVERS, SERVICES};
use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;

const DASHBOARD: &str = include_str!("../../docs/grafana.json");
/// Its last part has queries in lines of their own.
const EXPLAINED: &str = include_str!("../../docs/metrics.md");

/// What an answer is to be, of these labels.
#[derive(Clone, Copy, Debug)]
enum Wanted {
    /// Exactly this.
    Exactly(f64),
    /// What came in the window, a second.
    Rate(u64),
    /// Some rate.
    SomeRate,
    /// Between the two.
    Between(f64, f64),
}

/// Each sample by its labels, the empty ones left out, and what its value is to be.
type Answer = Vec<(Vec<(&'static str, &'static str)>, Wanted)>;

pub fn answers(programs: &Programs, prometheus: &Path) -> Result<String> {
    let dashboard: Value = serde_json::from_str(DASHBOARD)?;
    let panels = dashboard["panels"].as_array().context("no panels")?;
    is_sound(&dashboard, panels)?;
    let network = Network::new()?;
    traffic::prepare(programs, &network)?;
    let monitor = Monitor::start(programs, prometheus)?;
    // A scrape before the traffic.
    let before = monitor.wait_for("a first scrape", |monitor| {
        let counted = monitor.query("count(ipvs_server_info) + 0 * min(ipvs_service_connections_total)", None)?;
        let time = monitor.query("timestamp(ipvs_connection_table_size)", None)?;
        Ok(number(&counted).filter(|count| *count == SERVERS.len() as f64).and_then(|_| number(&time)))
    })?;
    let connections = traffic::send(&network)?;
    let now = monitor
        .wait_for("the traffic", |monitor| Ok(arrived(monitor)?.then(|| time(monitor)).transpose()?.flatten()))?;
    let window = Window::new(&monitor, before, now)?;

    let mut queries = 0;
    for panel in panels {
        let title = panel["title"].as_str().context("no title")?;
        for (number, target) in panel["targets"].as_array().context("no targets")?.iter().enumerate() {
            let expression = target["expr"].as_str().context("no expression")?;
            let asked = replaced(expression, window.length);
            let found = monitor.query(&asked, Some(now))?;
            judge(&found, &wanted(title, number, &window)?, &window)
                .with_context(|| format!("{title}: {asked}: {found:#?}"))?;
            queries += 1;
        }
    }
    let (_, questions) = EXPLAINED.split_once("## Questions").context("docs/metrics.md has no questions")?;
    for question in questions.lines().filter_map(|line| line.strip_prefix("    ")) {
        let found = monitor.query(question, Some(now)).with_context(|| format!("docs/metrics.md: {question}"))?;
        // It asks for connections; the others for what is wrong, of which there is nothing.
        ensure!(found.is_empty() != question.starts_with("rate("), "{question}: {found:?}");
        queries += 1;
    }
    for (name, values) in
        [("instance", json!(["director"])), ("address", json!(["192.0.2.1", "192.0.2.2"])), ("mark", json!(["7"]))]
    {
        let (metric, label) = variable(&dashboard, name)?;
        let found = monitor.label_values(&metric, &label)?;
        ensure!(found == values, "{name}: {found}");
    }

    // Counters stand still, and the dashboard says so.
    shell("echo 0 >/proc/sys/net/ipv4/vs/run_estimation")?;
    let estimation = replaced(panels[0]["targets"][0]["expr"].as_str().context("no expression")?, window.length);
    monitor.wait_for("the news that counters stand still", |monitor| {
        Ok((number(&monitor.query(&estimation, None)?) == Some(0.0)).then_some(()))
    })?;
    drop(connections);
    Ok(format!(
        "{queries} queries of {} panels and of docs/metrics.md, {:.0} s of samples",
        panels.len(),
        window.last - window.first
    ))
}

/// Grafana takes it: ids are unique, panels do not overlap, each query has a letter and the data source that is chosen.
fn is_sound(dashboard: &Value, panels: &[Value]) -> Result<()> {
    let mut ids = BTreeSet::new();
    let mut places = BTreeSet::new();
    for panel in panels {
        ensure!(ids.insert(panel["id"].as_u64().context("no id")?), "an id twice: {panel}");
        let place = |key: &str| panel["gridPos"][key].as_u64().with_context(|| format!("no {key}: {panel}"));
        let (x, y, width, height) = (place("x")?, place("y")?, place("w")?, place("h")?);
        ensure!(x + width <= 24, "too wide: {panel}");
        for column in x..x + width {
            for row in y..y + height {
                ensure!(places.insert((column, row)), "it overlaps: {panel}");
            }
        }
        ensure!(panel["description"].as_str().is_some_and(|text| !text.is_empty()), "no description: {panel}");
        let source = json!({"type": "prometheus", "uid": "${datasource}"});
        ensure!(panel["datasource"] == source, "{panel}");
        let mut letters = BTreeSet::new();
        for target in panel["targets"].as_array().context("no targets")? {
            ensure!(target["datasource"] == source, "{target}");
            ensure!(letters.insert(target["refId"].as_str().context("no refId")?), "{panel}");
        }
    }
    let first = &dashboard["templating"]["list"][0];
    ensure!(
        first["name"] == "datasource" && first["type"] == "datasource" && first["query"] == "prometheus",
        "{first}"
    );
    Ok(())
}

/// Metric and label of a variable.
fn variable(dashboard: &Value, name: &str) -> Result<(String, String)> {
    let variables = dashboard["templating"]["list"].as_array().context("no variables")?;
    let variable = variables.iter().find(|variable| variable["name"] == name).context("no such variable")?;
    let query = variable["query"]["query"].as_str().context("no query")?;
    let inside =
        query.strip_prefix("label_values(").and_then(|rest| rest.strip_suffix(')')).context("another query")?;
    let (metric, label) = inside.rsplit_once(", ").context("no label")?;
    Ok((replaced(metric, 60), label.to_owned()))
}

/// As Grafana replaces its variables, with all of everything chosen.
fn replaced(expression: &str, window: u64) -> String {
    let text = expression.replace("$__rate_interval", &format!("{window}s"));
    ["$instance", "$address", "$mark"].iter().fold(text, |text, name| text.replace(name, ".*"))
}

/// The scrapes that are asked about: one before the traffic, one behind it, and those between.
struct Window {
    /// In seconds, from the end.
    length: u64,
    /// The times of the first scrape and of the last, in seconds.
    first: f64,
    last: f64,
}

impl Window {
    fn new(monitor: &Monitor, before: f64, now: f64) -> Result<Self> {
        let length = (now - before).ceil() as u64 + 1;
        let raw = monitor.query(&format!("ipvs_connection_table_size[{length}s]"), Some(now))?;
        let scrapes = raw[0]["values"].as_array().context("no scrapes")?;
        let time = |scrape: Option<&Value>| scrape.and_then(|scrape| scrape[0].as_f64()).context("no time");
        Ok(Self { length, first: time(scrapes.first())?, last: time(scrapes.last())? })
    }

    /// Prometheus divides by the window, but takes in what the traffic may have been at its ends, where there was no scrape.
    fn takes(&self, rate: f64, number: u64) -> bool {
        let number = number as f64;
        let (least, most) = (number / self.length as f64, number / (self.last - self.first));
        (least * 0.999_999..=most * 1.000_001).contains(&rate)
    }
}

/// Whether all figures have been scraped.
fn arrived(monitor: &Monitor) -> Result<bool> {
    for (subject, all) in [("service", &SERVICES[..]), ("server", &SERVERS)] {
        let names = ["connections", "incoming_packets", "outgoing_packets", "incoming_bytes", "outgoing_bytes"];
        for (place, name) in names.iter().enumerate() {
            let found = monitor.query(&format!("ipvs_{subject}_{name}_total"), None)?;
            let all = all.iter().map(|figures| {
                (labels(figures), carried(figures, place).map_or(Wanted::SomeRate, |n| Wanted::Exactly(n as f64)))
            });
            let window = Window { length: 1, first: 0.0, last: 1.0 };
            if judge(&found, &all.collect(), &window).is_err() {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// Connections, or what was carried, if it is known.
fn carried(figures: &Figures, place: usize) -> Option<u64> {
    match place {
        0 => Some(figures.connections),
        _ => figures.carried.map(|carried| carried[place - 1]),
    }
}

/// The time of the last scrape.
fn time(monitor: &Monitor) -> Result<Option<f64>> {
    Ok(number(&monitor.query("timestamp(ipvs_connection_table_size)", None)?))
}

/// The value of the only sample.
fn number(samples: &[Value]) -> Option<f64> {
    let [sample] = samples else { return None };
    sample["value"][1].as_str()?.parse().ok()
}

fn labels(figures: &Figures) -> Vec<(&'static str, &'static str)> {
    let (address, port, proto, mark) = figures.local;
    let mut labels = vec![("local_address", address), ("local_port", port), ("proto", proto), ("local_mark", mark)];
    labels.extend(
        figures.remote.iter().flat_map(|(address, port)| [("remote_address", *address), ("remote_port", *port)]),
    );
    labels.retain(|(_, value)| !value.is_empty());
    labels
}

/// What a query is to be answered with.
fn wanted(title: &str, query: usize, window: &Window) -> Result<Answer> {
    let rate = |all: &[Figures], place: usize| -> Answer {
        all.iter()
            .map(|figures| (labels(figures), carried(figures, place).map_or(Wanted::SomeRate, Wanted::Rate)))
            .collect()
    };
    let exactly = |value: fn(&Figures) -> f64| -> Answer {
        SERVERS.iter().map(|figures| (labels(figures), Wanted::Exactly(value(figures)))).collect()
    };
    let one = |wanted| vec![(Vec::new(), wanted)];
    let with = |figures: &Figures, more: &[(&'static str, &'static str)]| {
        (labels(figures).into_iter().chain(more.iter().copied()).collect(), Wanted::Exactly(1.0))
    };
    Ok(match title {
        "Estimation" => one(Wanted::Exactly(1.0)),
        "Number of services" => one(Wanted::Exactly(SERVICES.len() as f64)),
        "Servers with a weight" => one(Wanted::Exactly(5.0)),
        "Servers without" => one(Wanted::Exactly(1.0)),
        "Connection table" => one(Wanted::Between(1.0, 1e9)),
        "Age of the metrics" => one(Wanted::Between(-1.0, window.last - window.first + 60.0)),
        "Connections per second, by service" => rate(&SERVICES, 0),
        "Connections per second, by server" => rate(&SERVERS, 0),
        "Bytes per second from clients, by service" => rate(&SERVICES, 3),
        "Bytes per second to clients, by service" => rate(&SERVICES, 4),
        "Packets per second, by service" => rate(&SERVICES, 1 + query),
        "Bytes per second, by server" => rate(&SERVERS, 3 + query),
        "Share of each server in the new connections of its service" => exactly(|figures| {
            let of_service: u64 =
                SERVERS.iter().filter(|other| other.local == figures.local).map(|other| other.connections).sum();
            figures.connections as f64 / of_service as f64
        }),
        "Weights" => exactly(|figures| figures.weight as f64),
        "Active connections, by server" => exactly(|figures| figures.active as f64),
        "Inactive connections, by server" => exactly(|figures| figures.inactive as f64),
        "Persistent clients, by server" => exactly(|figures| figures.persistent as f64),
        "Connections of the upper threshold" => {
            let limited = SERVERS.iter().filter(|figures| figures.upper_threshold > 0);
            let share = |figures: &Figures| (figures.active + figures.inactive) as f64 / figures.upper_threshold as f64;
            limited.map(|figures| (labels(figures), Wanted::Exactly(share(figures)))).collect()
        }
        "Services" => vec![
            with(&SERVICES[0], &[("scheduler", "wrr"), ("one_packet", "false")]),
            with(&SERVICES[1], &[("scheduler", "rr"), ("one_packet", "false")]),
            with(&SERVICES[2], &[("scheduler", "rr"), ("persistence_timeout_seconds", "300")]),
        ],
        "Servers" => SERVERS.iter().map(|figures| with(figures, &[("forwarding", "masquerade")])).collect(),
        "Timeouts" => [("tcp", 900.0), ("tcp_fin", 120.0), ("udp", 300.0)]
            .map(|(kind, seconds)| (vec![("kind", kind)], Wanted::Exactly(seconds)))
            .to_vec(),
        "Sync daemons" => {
            let labels =
                vec![("state", "master"), ("interface", "to-client"), ("sync_id", "7"), ("multicast_port", "8848")];
            vec![(labels, Wanted::Exactly(1.0))]
        }
        _ => bail!("what it is to answer is not known"),
    })
}

/// Whether there are these samples and no others.
fn judge(found: &[Value], wanted: &Answer, window: &Window) -> Result<()> {
    ensure!(found.len() == wanted.len(), "{} samples, not {}", found.len(), wanted.len());
    for (labels, wanted) in wanted {
        let of_these = |sample: &&Value| labels.iter().all(|(name, value)| sample["metric"][name] == *value);
        let samples: Vec<_> = found.iter().filter(of_these).cloned().collect();
        let value = number(&samples).with_context(|| format!("not one sample of {labels:?}"))?;
        let right = match *wanted {
            Wanted::Exactly(number) => (value - number).abs() <= 1e-6 * number.abs(),
            Wanted::Rate(number) => window.takes(value, number),
            Wanted::SomeRate => value > 0.0,
            Wanted::Between(least, most) => (least..=most).contains(&value),
        };
        ensure!(right, "{labels:?}: {value}, not {wanted:?}");
    }
    Ok(())
}
