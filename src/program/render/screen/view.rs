//! How the table is looked at. What is selected stays selected while rows come, go and change places.

use super::column::{ALL, Column};
use super::scene::{Row, Scene};
use crate::ipvs::model::{ServerKey, ServiceKey};
use rustc_hash::FxHashSet;

/// What is on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// All services with their servers.
    Table,
    /// One service in full.
    Service(ServiceKey),
    /// Keys, columns and marks.
    Help,
}

/// How the table is looked at.
pub struct Screen {
    pub(super) colour: bool,
    /// What is on the screen.
    pub page: Page,
    /// Whether no further look is taken.
    pub paused: bool,
    /// Whether keys go to what is searched for.
    pub searching: bool,
    pub(super) search: String,
    pub(super) bits: bool,
    pub(super) sorted: Column,
    pub(super) reversed: bool,
    /// Whether services are folded that are not in `unusual`, and the other way round.
    all_folded: bool,
    unusual: FxHashSet<ServiceKey>,
    pub(super) rows: Vec<Row>,
    /// How many services and servers are in sight or could be scrolled there.
    pub(super) shown: (usize, usize),
    pub(super) selected: usize,
    selected_key: Option<(ServiceKey, Option<ServerKey>)>,
    /// The first row that is drawn.
    pub(super) top: usize,
    /// How many rows were drawn last.
    pub(super) height: usize,
    /// The first line of a service or of the help that is drawn.
    pub(super) scrolled: usize,
}

impl Screen {
    /// The whole table in its own order, with colours or without.
    pub fn new(colour: bool) -> Self {
        Self {
            colour,
            page: Page::Table,
            paused: false,
            searching: false,
            search: String::new(),
            bits: false,
            sorted: Column::Name,
            reversed: false,
            all_folded: false,
            unusual: FxHashSet::default(),
            rows: Vec::new(),
            shown: (0, 0),
            selected: 0,
            selected_key: None,
            top: 0,
            height: 0,
            scrolled: 0,
        }
    }

    /// Takes another look, or what has changed in how it is looked at: makes the rows anew.
    pub fn arrange(&mut self, scene: &Scene<'_>) {
        self.make_rows(scene);
        let selected = self.selected_key.and_then(|key| self.rows.iter().position(|row| key_of(scene, *row) == key));
        self.select(selected.unwrap_or(self.selected), scene);
    }

    fn select(&mut self, row: usize, scene: &Scene<'_>) {
        self.selected = row.min(self.rows.len().saturating_sub(1));
        self.selected_key = self.rows.get(self.selected).map(|row| key_of(scene, *row));
    }

    /// Moves the selection down so many rows, or up if it is negative; on other pages, moves the lines.
    pub fn move_by(&mut self, rows: isize, scene: &Scene<'_>) {
        match self.page {
            Page::Table => self.select(self.selected.saturating_add_signed(rows), scene),
            _ => self.scrolled = self.scrolled.saturating_add_signed(rows),
        }
    }

    /// As [`Screen::move_by`], by screens.
    pub fn move_pages(&mut self, pages: isize, scene: &Scene<'_>) {
        let height = isize::try_from(self.height.max(1)).unwrap_or(isize::MAX);
        self.move_by(height.saturating_mul(pages), scene);
    }

    /// To the first row or line.
    pub fn to_start(&mut self, scene: &Scene<'_>) {
        self.move_by(isize::MIN, scene);
    }

    /// To the last row or line.
    pub fn to_end(&mut self, scene: &Scene<'_>) {
        self.move_by(isize::MAX, scene);
    }

    /// Sorts by the column to the right of the present one, or to the left.
    pub fn sort_by_next(&mut self, to_the_right: bool, scene: &Scene<'_>) {
        let place = ALL.iter().position(|column| *column == self.sorted).unwrap_or(0);
        let step = if to_the_right { 1 } else { ALL.len() - 1 };
        self.sorted = ALL[(place + step) % ALL.len()];
        self.arrange(scene);
    }

    /// Turns the order round.
    pub fn reverse(&mut self, scene: &Scene<'_>) {
        self.reversed = !self.reversed;
        self.arrange(scene);
    }

    /// Bits in place of bytes, and back.
    pub fn toggle_bits(&mut self) {
        self.bits = !self.bits;
    }

    /// Folds or unfolds the service of the selected row.
    pub fn fold(&mut self, scene: &Scene<'_>) {
        let Some((service, _)) = self.selected_key else { return };
        if !self.unusual.remove(&service) {
            self.unusual.insert(service);
        }
        if self.is_folded(&service) {
            self.selected_key = Some((service, None));
        }
        self.arrange(scene);
    }

    /// Folds all services, or unfolds them.
    pub fn fold_all(&mut self, scene: &Scene<'_>) {
        self.all_folded = !self.all_folded;
        self.unusual.clear();
        if let Some((_, server)) = self.selected_key.as_mut().filter(|_| self.all_folded) {
            *server = None;
        }
        self.arrange(scene);
    }

    pub(super) fn is_folded(&self, service: &ServiceKey) -> bool {
        self.all_folded != self.unusual.contains(service)
    }

    /// Searches for what has been searched for and this character.
    pub fn search_more(&mut self, character: char, scene: &Scene<'_>) {
        self.search.push(character);
        self.arrange(scene);
    }

    /// Takes back the last character of what is searched for.
    pub fn search_less(&mut self, scene: &Scene<'_>) {
        self.search.pop();
        self.arrange(scene);
    }

    /// Shows all rows again.
    pub fn end_search(&mut self, scene: &Scene<'_>) {
        self.search.clear();
        self.searching = false;
        self.arrange(scene);
    }

    /// Whether something is searched for.
    pub fn has_search(&self) -> bool {
        !self.search.is_empty()
    }

    /// Shows the service of the selected row in full.
    pub fn open(&mut self) {
        if let Some((service, _)) = self.selected_key {
            self.show(Page::Service(service));
        }
    }

    /// Shows a page from its beginning.
    pub fn show(&mut self, page: Page) {
        (self.page, self.scrolled) = (page, 0);
    }

    /// The service that is shown in full.
    pub fn service(&self) -> Option<ServiceKey> {
        match self.page {
            Page::Service(key) => Some(key),
            _ => None,
        }
    }
}

fn key_of(scene: &Scene<'_>, row: Row) -> (ServiceKey, Option<ServerKey>) {
    let (entry, _) = scene.service(row.service);
    (entry.service.service.key, row.server.map(|place| entry.servers[place].server.key))
}
