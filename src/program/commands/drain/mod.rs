//! `--drain`: takes a server out of service without cutting a connection. Its weight becomes 0, its connections are counted
//! each second until none is left, and then it is removed, or stays.
//!
//! ```text
//! facts      sysctls, and programs that set weights too
//! target     the servers that are meant
//! obstacle   what stands in the way, before anything is changed
//! progress   what is seen each second → where the drain stands
//! text, json what the user and programs are told, which report writes
//! ```

mod counts;
mod facts;
mod json;
mod obstacle;
mod progress;
mod report;
mod target;
#[cfg(test)]
pub(super) mod tests;
mod text;

use crate::ipvs::client::{Client, Order, Query};
use crate::ipvs::error::KernelError;
use crate::ipvs::filter::TableFilter;
use crate::ipvs::model::{Change, Errno, ServiceFlags, ServiceKey, Snapshot};
use crate::program::context::{Context, Host};
use crate::program::draining::Draining;
use crate::program::failure::Failure;
use facts::Facts;
use obstacle::Obstacle;
use progress::{Drain, Event, Sight, State};
use report::Report;
use std::time::Duration;
use target::Target;

/// The time between two looks.
const SECOND: Duration = Duration::from_secs(1);
/// A packet that was being scheduled when the weight was set may still make a connection: the first look comes so much
/// later.
const SETTLING: Duration = Duration::from_millis(200);
/// The status of a drain that is refused, and has changed nothing.
const REFUSED: u8 = 5;

/// The kernel's table, or one like it.
trait Table {
    /// Reads the table, or one service.
    fn read(&mut self, service: Option<ServiceKey>) -> Result<Snapshot, KernelError>;
    /// Makes a change.
    fn make(&mut self, change: &Change) -> Result<(), KernelError>;
}

impl Table for Client {
    fn read(&mut self, service: Option<ServiceKey>) -> Result<Snapshot, KernelError> {
        let filter = service.map(TableFilter::of);
        self.snapshot(Query { filter: filter.as_ref(), order: Order::Sorted, ..Query::default() })
    }

    fn make(&mut self, change: &Change) -> Result<(), KernelError> {
        self.apply(change).map_err(|refused| refused.error)
    }
}

/// Drains, and returns the exit status.
#[inline(never)]
pub fn run(context: &mut Context<'_>, client: &mut Client, draining: &Draining) -> Result<u8, Failure> {
    drain(context, client, draining)
}

fn drain(context: &mut Context<'_>, table: &mut impl Table, draining: &Draining) -> Result<u8, Failure> {
    let snapshot = table.read(draining.service).map_err(|error| match (error, draining.service) {
        (KernelError::Refused(Errno::ESRCH), Some(key)) => {
            Failure::NotThere(format!("There is no service {key}: see ipvsadm -Ln."))
        }
        (error, _) => Failure::List(error),
    })?;
    let targets = target::find(&snapshot, draining).map_err(Failure::NotThere)?;
    let host = context.host;
    let facts = Facts::read(host);
    let obstacles = obstacle::find(&snapshot, &targets, &facts, draining);
    let mut report = Report::new(context, draining);
    if !draining.force && obstacles.iter().any(Obstacle::refuses) {
        report.refused(&targets, &obstacles, draining);
        return Ok(REFUSED);
    }
    report.obstacles(&obstacles);
    host.interruption().map_err(|error| Failure::Kernel(error.into()))?;
    set_weights_to_0(table, &targets)?;
    let mut drain = Drain::new(draining, &targets);
    report.begun(&drain, &obstacles);
    wait(host, table, &mut drain, &mut report)?;
    let changes = drain.conclusion();
    for change in &changes {
        match make(table, *change) {
            // Somebody else was faster.
            Err(Failure::Change(Change::DeleteServer(..), KernelError::Refused(Errno::ENOENT | Errno::ESRCH))) => {}
            made => made?,
        }
    }
    report.ended(&drain, &changes, facts.orphans_end);
    match (drain.status(), report.failure()) {
        (0, Some(error)) => Err(Failure::Output(error)),
        (status, _) => Ok(status),
    }
}

/// Sets all weights, or none.
fn set_weights_to_0(table: &mut impl Table, targets: &[Target]) -> Result<(), Failure> {
    let weighted = || targets.iter().filter(|target| target.old_weight().is_some());
    for (done, target) in weighted().enumerate() {
        let Err(failure) = make(table, target.at_weight(&target.server, 0)) else { continue };
        for target in weighted().take(done) {
            make(table, target.at_weight(&target.server, target.server.weight))?;
        }
        return Err(failure);
    }
    Ok(())
}

/// Looks each second until the drain has ended.
fn wait(
    host: &dyn Host,
    table: &mut impl Table,
    drain: &mut Drain<'_>,
    report: &mut Report<'_>,
) -> Result<(), Failure> {
    let started = host.now();
    let mut pause = SETTLING;
    while *drain.state() == State::Draining {
        host.wait(pause);
        let event = match host.signal() {
            Some(signal) => Event::Signal(signal),
            None => Event::Look {
                sights: look(table, drain.targets()).map_err(Failure::List)?,
                elapsed: host.now().saturating_sub(started),
                templates_expire: facts::templates_expire(host).unwrap_or(false),
            },
        };
        drain.step(event);
        if *drain.state() == State::Draining {
            report.seen(drain);
        }
        pause = drain.left().map_or(SECOND, |left| SECOND.min(left));
    }
    Ok(())
}

/// Looks at all targets. Those of one service stand together.
fn look(table: &mut impl Table, targets: &[Target]) -> Result<Vec<Sight>, KernelError> {
    let mut sights = Vec::with_capacity(targets.len());
    for of_one_service in targets.chunk_by(|one, next| one.service.key == next.service.key) {
        let snapshot = match table.read(of_one_service.first().map(|target| target.service.key)) {
            Ok(snapshot) => snapshot,
            Err(KernelError::Refused(Errno::ESRCH)) => {
                sights.extend(of_one_service.iter().map(|_| Sight::NoService));
                continue;
            }
            Err(error) => return Err(error),
        };
        sights.extend(of_one_service.iter().map(|target| sight(&snapshot, target)));
    }
    Ok(sights)
}

fn sight(snapshot: &Snapshot, target: &Target) -> Sight {
    let Some(entry) = snapshot.service(&target.service.key) else { return Sight::NoService };
    let Some(listed) = entry.server(&target.server.key) else { return Sight::NoServer };
    Sight::Server { listed: *listed, persistent: entry.service.service.flags.contains(ServiceFlags::PERSISTENT) }
}

fn make(table: &mut impl Table, change: Change) -> Result<(), Failure> {
    table.make(&change).map_err(|error| Failure::Change(change, error))
}
