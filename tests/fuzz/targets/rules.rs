//! The table that rules make, as the rules of a full save.

use super::machine::NoNames;
use ipvsadm::ipvs::model::{Change, Errno, ListedServer, ListedService, ServiceKey, SyncDaemon, Timeouts};
use ipvsadm::ipvs::restore::{LiveTable, Options, Script, Unfit, differences};
use ipvsadm::program::cli::{self, Request};
use ipvsadm::program::render::rules;
use std::convert::Infallible;

/// The changes that make the table of a restore file out of nothing; `None` when a line does not parse.
pub fn table_of(text: &str) -> Option<Vec<Change>> {
    let mut words = Vec::new();
    let script = Script::read(text, |line| match cli::parse_line(line, &mut words, &NoNames) {
        Ok(None) => Ok(None),
        Ok(Some(Request::Change(change))) => Ok(Some(change)),
        Ok(Some(_)) => Err(Unfit::Bad("no rule".to_owned())),
        Err(error) => Err(Unfit::Bad(error.to_string())),
    });
    if !script.bad.is_empty() {
        return None;
    }
    let Ok((plan, _)) = differences(&mut Nothing, &script, Options::default());
    Some(plan.changes.iter().map(|planned| planned.change).collect())
}

/// Changes as rules.
pub fn saved(changes: &[Change]) -> String {
    let mut rules = Vec::new();
    changes.iter().for_each(|change| rules::change(&mut rules, change));
    ipvsadm::ipvs::text::decode(&rules).into_owned()
}

/// An empty table.
struct Nothing;

impl LiveTable for Nothing {
    type Error = Infallible;

    fn services(&mut self) -> Result<Vec<ListedService>, Infallible> {
        Ok(Vec::new())
    }

    fn servers(&mut self, _: &ServiceKey, servers: &mut Vec<ListedServer>) -> Result<(), Infallible> {
        servers.clear();
        Ok(())
    }

    fn timeouts(&mut self) -> Result<Timeouts, Infallible> {
        Ok(Timeouts::default())
    }

    fn daemons(&mut self) -> Result<Vec<SyncDaemon>, Infallible> {
        Ok(Vec::new())
    }

    fn apply<'c>(
        &mut self,
        _: impl Iterator<Item = &'c Change>,
        _: &mut Vec<(usize, Errno)>,
    ) -> Result<(), Infallible> {
        Ok(())
    }
}
