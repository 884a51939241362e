//! A table of tests that a restore works on.

use crate::ipvs::fixtures::tables::{Tables, is_missing};
use crate::ipvs::model::*;
use crate::ipvs::restore::{BATCH, LiveTable, Report};

/// Called before each change with its number, counted from 1. It may change the table as another program would, and
/// refuse the change.
pub type Hook<'h> = Box<dyn FnMut(&mut Tables, usize) -> Result<(), Errno> + 'h>;

/// A kernel, and the work that it had.
#[derive(Default)]
pub struct Kernel<'h> {
    pub tables: Tables,
    /// How many changes it was asked for.
    pub asked: usize,
    /// How many of them named a scheduler or persistence engine that it has not.
    pub looked_for_modules: usize,
    /// How often its services were listed.
    pub looks: usize,
    /// The change before which it fails.
    pub fails_at: Option<usize>,
    pub hook: Option<Hook<'h>>,
}

impl Kernel<'_> {
    pub fn with(tables: &Tables) -> Self {
        Self { tables: tables.clone(), ..Self::default() }
    }
}

impl LiveTable for Kernel<'_> {
    type Error = &'static str;

    fn services(&mut self) -> Result<Vec<ListedService>, Self::Error> {
        self.looks += 1;
        Ok(self.tables.services.iter().map(|(service, _)| ListedService::from(*service)).collect())
    }

    fn servers(&mut self, key: &ServiceKey, servers: &mut Vec<ListedServer>) -> Result<(), Self::Error> {
        servers.clear();
        servers.extend(self.tables.servers_of(key).iter().map(|server| ListedServer::from(*server)));
        Ok(())
    }

    fn timeouts(&mut self) -> Result<Timeouts, Self::Error> {
        Ok(self.tables.timeouts)
    }

    fn daemons(&mut self) -> Result<Vec<SyncDaemon>, Self::Error> {
        Ok(self.tables.daemons.clone())
    }

    fn apply<'c>(
        &mut self,
        changes: impl Iterator<Item = &'c Change>,
        refused: &mut Vec<(usize, Errno)>,
    ) -> Result<(), Self::Error> {
        for (index, change) in changes.enumerate() {
            assert!(index < BATCH);
            self.asked += 1;
            if let Change::AddService(service) | Change::EditService(service) = change {
                self.looked_for_modules += usize::from(is_missing(service));
            }
            if self.fails_at == Some(self.asked) {
                return Err("the socket is gone");
            }
            let judged = self.hook.as_mut().map_or(Ok(()), |hook| hook(&mut self.tables, self.asked));
            if let Err(errno) = judged.and_then(|()| self.tables.make(change)) {
                refused.push((index, errno));
            }
        }
        Ok(())
    }
}

/// Notes the changes that were made.
#[derive(Default)]
pub struct Noted(pub Vec<Change>);

impl Report for Noted {
    fn made(&mut self, change: &Change) {
        self.0.push(*change);
    }

    fn progress(&mut self, done: usize, planned: usize) {
        assert!(done <= planned);
    }
}
