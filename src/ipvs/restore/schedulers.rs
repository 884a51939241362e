//! Names of schedulers and persistence engines: those that kernels are known to have, and what this kernel said of
//! others. It looks for a module each time that it is asked for a name that it has not, so it is asked once.

use super::lines::Line;
use crate::ipvs::model::{Errno, Name, VirtualService};
use rustc_hash::FxHashMap;

/// The schedulers of Linux 7.2 and before.
pub const SCHEDULERS: [&str; 14] =
    ["rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh", "sh", "sed", "nq", "fo", "ovf", "mh", "twos"];

/// The persistence engines of the same kernels.
pub const PERSISTENCE_ENGINES: [&str; 1] = ["sip"];

/// A name that no kernel is known to have; a module of somebody's own may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnknownName {
    /// Of a scheduler.
    Scheduler(Line, Name),
    /// Of a persistence engine.
    PersistenceEngine(Line, Name),
}

/// Whether kernels are known to have a scheduler of this name.
pub fn is_scheduler(name: Name) -> bool {
    SCHEDULERS.iter().any(|known| known.as_bytes() == name.as_bytes())
}

/// Whether kernels are known to have a persistence engine of this name.
pub fn is_persistence_engine(name: Name) -> bool {
    PERSISTENCE_ENGINES.iter().any(|known| known.as_bytes() == name.as_bytes())
}

/// What the kernel said of the names of a service, its scheduler's and its persistence engine's.
#[derive(Debug, Default)]
pub struct Asked(FxHashMap<(Name, Option<Name>), bool>);

impl Asked {
    /// Whether the kernel has said that it has them not.
    pub fn are_missing(&self, service: &VirtualService) -> bool {
        self.0.get(&names(service)) == Some(&false)
    }

    /// Whether the kernel is to be asked for them before another service with the same ones.
    pub fn are_doubtful(&self, service: &VirtualService) -> bool {
        let (scheduler, engine) = names(service);
        let usual = is_scheduler(scheduler) && engine.is_none_or(is_persistence_engine);
        !usual && !self.0.contains_key(&(scheduler, engine))
    }

    /// Notes what the kernel answered to a service.
    pub fn note(&mut self, service: &VirtualService, answer: Result<(), Errno>) {
        match answer {
            Ok(()) if self.are_doubtful(service) => drop(self.0.insert(names(service), true)),
            Err(Errno::ENOENT) => drop(self.0.insert(names(service), false)),
            _ => {}
        }
    }
}

fn names(service: &VirtualService) -> (Name, Option<Name>) {
    (service.scheduler, service.persistence_engine)
}
