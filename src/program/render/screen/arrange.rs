//! Makes rows of the table: those that are wanted and found, in order, without the servers of folded services.

use super::column::Column;
use super::scene::{Row, Scene};
use super::view::Screen;

impl Screen {
    /// Makes the rows anew.
    pub(super) fn make_rows(&mut self, scene: &Scene<'_>) {
        self.rows.clear();
        self.shown = (0, 0);
        let found: Vec<_> =
            (0..scene.snapshot.services.len()).filter_map(|service| self.found(scene, service)).collect();
        for (service, servers) in
            self.ordered(found, |(service, servers)| self.rank_of_service(scene, *service, servers))
        {
            self.shown.0 += 1;
            self.shown.1 += servers.len();
            self.rows.push(Row { service, server: None });
            if self.is_folded(&scene.service(service).0.service.service.key) {
                continue;
            }
            let rank = |server: &usize| self.rank(scene, Row { service, server: Some(*server) });
            for server in self.ordered(servers, rank) {
                self.rows.push(Row { service, server: Some(server) });
            }
        }
    }

    /// A service with those of its servers that are wanted and found, if any is, or if it is found itself.
    fn found(&self, scene: &Scene<'_>, service: usize) -> Option<(usize, Vec<usize>)> {
        let entry = scene.service(service).0;
        let wanted = |place: &usize| scene.filter.server(&entry.servers[*place].server);
        let mut servers: Vec<_> = (0..entry.servers.len()).filter(wanted).collect();
        if servers.is_empty() && scene.filter.chooses_servers() {
            return None;
        }
        let scheduler = String::from_utf8_lossy(entry.service.service.scheduler.as_bytes());
        if self.search.is_empty() || self.finds(&format!("{} {scheduler}", scene.name(Row { service, server: None }))) {
            return Some((service, servers));
        }
        servers.retain(|place| {
            let row = Row { service, server: Some(*place) };
            let marks: Vec<_> = scene.cells(row).marks().words().collect();
            self.finds(&format!("{} {}", scene.name(row), marks.join(" ")))
        });
        (!servers.is_empty()).then_some((service, servers))
    }

    fn finds(&self, text: &str) -> bool {
        text.to_lowercase().contains(&self.search.to_lowercase())
    }

    /// Sorts by rank, the largest first; by name, in the order of the table.
    fn ordered<T>(&self, mut items: Vec<T>, rank: impl Fn(&T) -> f64) -> Vec<T> {
        if self.sorted != Column::Name {
            let mut ranked: Vec<_> = items.into_iter().map(|item| (rank(&item), item)).collect();
            ranked.sort_by(|(one, _), (other, _)| other.total_cmp(one));
            items = ranked.into_iter().map(|(_, item)| item).collect();
        }
        if self.reversed {
            items.reverse();
        }
        items
    }

    fn rank(&self, scene: &Scene<'_>, row: Row) -> f64 {
        self.sorted.rank(&scene.cells(row)).unwrap_or(f64::NEG_INFINITY)
    }

    /// A service that says nothing in a column stands where its first server stands.
    fn rank_of_service(&self, scene: &Scene<'_>, service: usize, servers: &[usize]) -> f64 {
        let own = self.sorted.rank(&scene.cells(Row { service, server: None }));
        let of_server = |server: &usize| self.rank(scene, Row { service, server: Some(*server) });
        own.unwrap_or_else(|| servers.iter().map(of_server).fold(f64::NEG_INFINITY, f64::max))
    }
}
