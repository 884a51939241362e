//! The page of the whole table, of whose rows those in sight are drawn.

use super::column::{Column, Layout};
use super::paint::{Painter, reversed, strong};
use super::scene::{Row, Scene};
use super::view::Screen;
use crate::program::render::text::watch::notices;
use ratatui::style::{Modifier, Style};

/// The lines above the rows: what is shown, what spoils it, the titles.
const ABOVE: u16 = 3;
/// The keys, in one line.
const KEYS: &str = "q quit  ? help  / filter  < > sort  r reverse  Space fold  Enter service  p pause  b bits";

pub fn draw(screen: &mut Screen, scene: &Scene<'_>, painter: &mut Painter<'_>) {
    let height = painter.height();
    let rows = height.saturating_sub(ABOVE + 1);
    screen.height = rows.into();
    screen.top = top(screen);
    let layout = Layout::of(painter.width(), screen.sorted);
    head(screen, scene, painter);
    titles(screen, &layout, 2, painter);
    let in_sight = screen.rows.iter().enumerate().skip(screen.top);
    for ((place, row), y) in in_sight.zip(ABOVE..ABOVE + rows) {
        line(screen, scene, &layout, *row, y, painter);
        if place == screen.selected {
            painter.line(y, reversed());
        }
    }
    foot(screen, painter);
}

/// The first row in sight, so that the selected one is.
fn top(screen: &Screen) -> usize {
    let last = (screen.selected + 1).saturating_sub(screen.height);
    screen.top.clamp(last, screen.selected.max(last))
}

/// What is shown and how, and below it what spoils the figures, or what is searched for.
pub fn head(screen: &Screen, scene: &Scene<'_>, painter: &mut Painter<'_>) {
    let (services, servers) = screen.shown;
    let width = painter.width();
    let mut parts = vec!["ipvsadm --watch".to_owned(), format!("{services} services, {servers} servers")];
    if screen.paused {
        parts.push("PAUSED".to_owned());
    }
    parts.push(match scene.interval.elapsed.as_secs_f64() {
        0.0 => format!("rates come in {} s", scene.every.as_secs()),
        seconds => format!("interval {seconds:.1} s"),
    });
    if screen.sorted != Column::Name || screen.reversed {
        let order = if screen.reversed { ", reversed" } else { "" };
        parts.push(format!("by {}{order}", screen.sorted.title(screen.bits)));
    }
    painter.text((0, 0), &parts.join("   "), width, strong());
    let notices = notices(scene.interval, scene.estimation).join(" ");
    if screen.searching || screen.has_search() {
        let cursor = if screen.searching { "_" } else { "" };
        let filter = format!("/{}{cursor}", screen.search);
        painter.text((0, 1), &filter, width, strong());
        let x = u16::try_from(filter.chars().count() + 3).unwrap_or(u16::MAX);
        painter.text((x, 1), &notices, width, painter.alarm());
    } else {
        painter.text((0, 1), &notices, width, painter.alarm());
    }
}

/// The titles of the columns; the one that the rows are sorted by is underlined.
pub fn titles(screen: &Screen, layout: &Layout, y: u16, painter: &mut Painter<'_>) {
    painter.line(y, reversed());
    let mut x = 0;
    for column in &layout.columns {
        let style = match *column == screen.sorted {
            true => reversed().add_modifier(Modifier::UNDERLINED | Modifier::BOLD),
            false => reversed(),
        };
        let (title, width) = (column.title(screen.bits), layout.width(*column));
        match column {
            Column::Name => painter.text((x, y), title, width, style),
            Column::Marks => painter.text((x + 1, y), title, width, style),
            _ => painter.right((x, y), title, width, style),
        }
        x += width;
    }
}

/// The line of a row.
pub fn line(screen: &Screen, scene: &Scene<'_>, layout: &Layout, row: Row, y: u16, painter: &mut Painter<'_>) {
    let cells = scene.cells(row);
    let style = match row.server {
        None => strong(),
        Some(_) => painter.marked(cells.marks()),
    };
    name(screen, scene, row, (y, layout.name), style, painter);
    let (mut x, mut text) = (layout.name, Vec::new());
    for column in layout.columns.iter().skip(1) {
        text.clear();
        column.text(&cells, screen.bits, &mut text);
        let (text, width) = (String::from_utf8_lossy(&text), layout.width(*column));
        match column {
            Column::Marks => painter.text((x + 1, y), &text, width.saturating_sub(1), style),
            _ => painter.right((x, y), &text, width, style),
        }
        x += width;
    }
}

/// A name; of one that is too long, the end is what differs.
fn name(screen: &Screen, scene: &Scene<'_>, row: Row, (y, width): (u16, u16), style: Style, painter: &mut Painter<'_>) {
    let (before, name) = match row.server {
        Some(_) => ("  -> ", scene.name(row)),
        None => {
            let (entry, _) = scene.service(row.service);
            let folded = screen.is_folded(&entry.service.service.key) && !entry.servers.is_empty();
            (if folded { "+ " } else { "" }, scene.name(row))
        }
    };
    let room = usize::from(width).saturating_sub(before.len());
    let length = name.chars().count();
    let shown = match length > room {
        true => format!("{before}~{}", name.chars().skip(length + 1 - room.max(1)).collect::<String>()),
        false => format!("{before}{name}"),
    };
    painter.text((0, y), &shown, width, style);
}

fn foot(screen: &Screen, painter: &mut Painter<'_>) {
    let y = painter.height().saturating_sub(1);
    let keys = match screen.searching {
        true => "type to filter  Enter keep  Esc end",
        false => KEYS,
    };
    painter.text((0, y), keys, painter.width(), Style::new().add_modifier(Modifier::DIM));
}
