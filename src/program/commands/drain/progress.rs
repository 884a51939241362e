//! Where a drain stands: what was seen each second leads from one state to the next. It knows neither kernel nor clock.

use super::counts::Counts;
use super::target::Target;
use crate::ipvs::model::{Change, ListedServer, RealServer};
use crate::program::draining::Draining;
use std::collections::VecDeque;
use std::time::Duration;

/// So many looks back the trend begins.
const TREND: usize = 10;

/// One look at a target.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sight {
    /// It is there.
    Server {
        /// As the kernel lists it.
        listed: ListedServer,
        /// Whether its service is persistent.
        persistent: bool,
    },
    /// The service does not have it.
    NoServer,
    /// There is no such service.
    NoService,
}

/// What can happen to a drain.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// All targets were looked at, in their order.
    Look {
        /// The time since the weights were set.
        elapsed: Duration,
        /// What was seen of each.
        sights: Vec<Sight>,
        /// Whether persistent clients of a server at weight 0 go elsewhere.
        templates_expire: bool,
    },
    /// A signal came.
    Signal(i32),
}

/// The states. All but the first are ends.
#[derive(Clone, Debug, PartialEq)]
pub enum State {
    /// Connections are left.
    Draining,
    /// None is left.
    Drained,
    /// Some are left, and the time is over.
    TimeLimit,
    /// Somebody else changed targets: the index of each, and what was seen.
    Changed(Vec<(usize, Sight)>),
    /// A signal ended it.
    Interrupted(i32),
}

/// A target as it was seen.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    /// Its settings, of which somebody else may have changed some.
    server: RealServer,
    /// Its connections.
    pub counts: Counts,
    /// Whether its templates are waited for.
    waits_for_templates: bool,
}

impl Seen {
    /// Whether there is no connection left to wait for.
    pub fn is_drained(&self) -> bool {
        let Counts { active, inactive, persistent } = self.counts;
        active == 0 && inactive == 0 && (persistent == 0 || !self.waits_for_templates)
    }
}

/// A drain.
#[derive(Clone, Debug)]
pub struct Drain<'d> {
    draining: &'d Draining,
    targets: &'d [Target],
    state: State,
    /// The targets as they were seen last.
    seen: Vec<Seen>,
    elapsed: Duration,
    /// The sums of the last looks, the newest last.
    history: VecDeque<Counts>,
}

impl<'d> Drain<'d> {
    /// Begins when the weights are 0.
    pub fn new(draining: &'d Draining, targets: &'d [Target]) -> Self {
        Self {
            draining,
            targets,
            state: State::Draining,
            seen: targets.iter().map(at_first).collect(),
            elapsed: Duration::ZERO,
            history: VecDeque::new(),
        }
    }

    /// Goes on to the next state. Nothing happens in an end.
    pub fn step(&mut self, event: Event) -> &State {
        if self.state == State::Draining {
            self.state = match event {
                Event::Signal(signal) => State::Interrupted(signal),
                Event::Look { elapsed, sights, templates_expire } => self.look(elapsed, &sights, templates_expire),
            };
        }
        &self.state
    }

    fn look(&mut self, elapsed: Duration, sights: &[Sight], templates_expire: bool) -> State {
        self.elapsed = elapsed;
        let mut changed = Vec::new();
        for (index, sight) in sights.iter().enumerate() {
            match sight {
                Sight::Server { listed, persistent } if listed.server.weight == 0 => {
                    let waits_for_templates = *persistent && !templates_expire && !self.draining.ignore_persistent;
                    self.seen[index] = Seen { server: listed.server, counts: listed.into(), waits_for_templates };
                }
                other => changed.push((index, *other)),
            }
        }
        if !changed.is_empty() {
            return State::Changed(changed);
        }
        self.remember();
        if self.seen.iter().all(Seen::is_drained) {
            State::Drained
        } else if self.draining.limit.is_some_and(|limit| elapsed >= limit) {
            State::TimeLimit
        } else {
            State::Draining
        }
    }

    fn remember(&mut self) {
        if self.history.len() > TREND {
            self.history.pop_front();
        }
        self.history.push_back(self.seen.iter().map(|seen| seen.counts).sum());
    }

    /// The changes that an end asks for.
    pub fn conclusion(&self) -> Vec<Change> {
        let Draining { remove, force, restore_weight, .. } = *self.draining;
        match self.state {
            State::TimeLimit if restore_weight => self.put_back(),
            State::Drained if remove => self.removals(),
            State::TimeLimit if remove && force => self.removals(),
            _ => Vec::new(),
        }
    }

    fn removals(&self) -> Vec<Change> {
        self.targets.iter().map(Target::removal).collect()
    }

    /// The old weights, with all else as it was seen last.
    fn put_back(&self) -> Vec<Change> {
        let targets = self.targets.iter().zip(&self.seen);
        targets.filter_map(|(target, seen)| Some(target.at_weight(&seen.server, target.old_weight()?))).collect()
    }

    /// The exit status of an end.
    pub fn status(&self) -> u8 {
        match self.state {
            State::Draining | State::Drained => 0,
            State::TimeLimit => 3,
            State::Changed(_) => 4,
            State::Interrupted(signal) => 128 + signal.clamp(0, 127) as u8,
        }
    }

    /// What is drained.
    pub fn targets(&self) -> &'d [Target] {
        self.targets
    }

    /// The state.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The targets as they were seen last.
    pub fn seen(&self) -> &[Seen] {
        &self.seen
    }

    /// The connections of all targets.
    pub fn counts(&self) -> Counts {
        self.history.back().copied().unwrap_or_default()
    }

    /// The connections of all targets ten looks before, or at the first one.
    pub fn before(&self) -> Option<Counts> {
        self.history.front().copied().filter(|_| self.history.len() > 1)
    }

    /// The time since the weights were set.
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// What somebody else did to a target.
    pub fn change_of_others(&self, index: usize) -> Option<&Sight> {
        let State::Changed(changed) = &self.state else { return None };
        changed.iter().find(|(which, _)| *which == index).map(|(_, sight)| sight)
    }

    /// Whether the weight is to be put back at the limit.
    pub fn restores_weight(&self) -> bool {
        self.draining.restore_weight
    }

    /// The limit.
    pub fn limit_seconds(&self) -> Option<u64> {
        self.draining.limit.map(|limit| limit.as_secs())
    }

    /// The time until the limit.
    pub fn left(&self) -> Option<Duration> {
        self.draining.limit.map(|limit| limit.saturating_sub(self.elapsed))
    }
}

fn at_first(target: &Target) -> Seen {
    Seen { server: target.server, counts: target.counts, waits_for_templates: false }
}
