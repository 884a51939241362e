//! The page of one service: its settings and counters, and of each server its figures, settings and connections by state.

use super::column::Layout;
use super::paint::{Painter, strong};
use super::scene::{Row, Scene};
use super::table::{head, line, titles};
use super::view::Screen;
use crate::ipvs::connection_counts::ServiceCount;
use crate::ipvs::model::{Change, ListedServer, ServiceEntry, ServiceKey, Stats};
use crate::program::render::rules;
use ratatui::style::{Modifier, Style};
use std::collections::BTreeMap;

/// The lines above those of the servers.
const ABOVE: u16 = 6;
/// The lines of a server.
const LINES: usize = 3;
/// Where the texts of a server begin.
const INDENT: u16 = 5;

pub fn draw(screen: &mut Screen, scene: &Scene<'_>, key: &ServiceKey, painter: &mut Painter<'_>) {
    let (width, height) = (painter.width(), painter.height());
    head(screen, scene, painter);
    let foot = "Esc back  up down scroll  p pause  b bits  q quit";
    painter.text((0, height.saturating_sub(1)), foot, width, Style::new().add_modifier(Modifier::DIM));
    let Some(service) = scene.place(key) else {
        return painter.text((0, 3), &format!("{key} is not there."), width, painter.alarm());
    };
    let (entry, _) = scene.service(service);
    painter.text((0, 2), &rule(entry), width, strong());
    painter.text((0, 3), &carried(&entry.service.stats), width, Style::new());
    let layout = Layout::of(width, screen.sorted);
    titles(screen, &layout, 4, painter);
    line(screen, scene, &layout, Row { service, server: None }, 5, painter);

    let wanted = |place: &usize| scene.filter.server(&entry.servers[*place].server);
    let servers: Vec<_> = (0..entry.servers.len()).filter(wanted).collect();
    let lines = height.saturating_sub(ABOVE + 1);
    screen.height = lines.into();
    screen.scrolled = screen.scrolled.min((servers.len() * LINES).saturating_sub(lines.into()));
    for (number, y) in (screen.scrolled..servers.len() * LINES).zip(ABOVE..ABOVE + lines) {
        let server = servers[number / LINES];
        let listed = &entry.servers[server];
        let room = width.saturating_sub(INDENT);
        match number % LINES {
            0 => line(screen, scene, &layout, Row { service, server: Some(server) }, y, painter),
            1 => painter.text((INDENT, y), &settings(listed), room, Style::new()),
            _ => painter.text((INDENT, y), &states(scene.connections, key, listed), room, Style::new()),
        }
    }
}

/// The rule that makes the service.
fn rule(entry: &ServiceEntry) -> String {
    let mut rule = b"ipvsadm ".to_vec();
    rules::change(&mut rule, &Change::AddService(entry.service.service));
    String::from_utf8_lossy(rule.trim_ascii_end()).into_owned()
}

fn carried(stats: &Stats) -> String {
    let Stats { connections, in_packets, out_packets, in_bytes, out_bytes, .. } = stats;
    format!(
        "so far {connections} connections, {in_packets} packets in, {out_packets} out, {in_bytes} bytes in, {out_bytes} out"
    )
}

fn settings(listed: &ListedServer) -> String {
    let server = &listed.server;
    let thresholds = match (server.upper_threshold, server.lower_threshold) {
        (0, _) => String::new(),
        (upper, 0) => format!(", at most {upper}"),
        (upper, lower) => format!(", at most {upper}, again below {lower}"),
    };
    format!("{}{thresholds}; {}", server.forwarding, carried(&listed.stats))
}

/// The connections of a server by state. A server of every port has those of all.
fn states(connections: Option<&[ServiceCount]>, service: &ServiceKey, listed: &ListedServer) -> String {
    let Some(connections) = connections else { return String::new() };
    let key = &listed.server.key;
    let servers = connections.iter().flat_map(|service| &service.servers);
    let own = servers.filter(|server| server.endpoint.0 == key.address && [0, server.endpoint.1].contains(&key.port));
    let mut states: BTreeMap<&str, u64> = BTreeMap::new();
    for (state, number) in own.flat_map(|server| &server.count.states) {
        *states.entry(state).or_default() += number;
    }
    let words: Vec<_> = states.iter().map(|(state, number)| format!("{state} {number}")).collect();
    match (words.is_empty(), service) {
        (false, _) => words.join("  "),
        (true, ServiceKey::FirewallMark { .. }) => {
            "the kernel does not tell the connections of a firewall mark".to_owned()
        }
        (true, _) => "no connections".to_owned(),
    }
}
