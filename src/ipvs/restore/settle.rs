//! What becomes of a service or server whose last word the kernel has refused: the word before it has its turn, and so
//! on. Each line is asked for once, and none that another one takes back.
//!
//! The lines could just be played again without the refused one, and are in the end; done after each, a file of many
//! refused lines about one object would take the square of their number.

use super::Failed;
use super::apply::Maker;
use super::desired::{Desired, slot};
use super::lines::{Command, Line, Script};
use super::live::{Live, LiveTable, Report};
use super::object::Object;
use super::steps::{Refusals, is_race};
use crate::ipvs::equality::{server_change, service_change};
use crate::ipvs::model::{Change, Errno, ServiceKey};
use rustc_hash::{FxHashMap, FxHashSet};

/// The lines about each object, in order.
type Lines<'s> = FxHashMap<Object, Vec<&'s Command>>;

/// What was known when the kernel refused some changes.
pub struct Settling<'s, 't> {
    /// The file.
    pub script: &'s Script<'t>,
    /// The table as it was when the changes were planned.
    pub now: &'s Live,
    /// The table that was planned.
    pub desired: &'s Desired<'s>,
    /// The lines that failed when they were played.
    pub failed: FxHashMap<Line, Errno>,
    /// Takes what is learnt.
    pub refusals: &'s mut Refusals,
    /// Takes what is changed.
    pub ours: &'s mut FxHashSet<Object>,
}

impl Settling<'_, '_> {
    /// Notes what was refused, and asks for what comes in its place.
    ///
    /// # Errors
    /// When the kernel fails.
    pub fn settle<L: LiveTable, R: Report>(
        &mut self,
        maker: &mut Maker<'_, L, R>,
        refused: &[Failed],
    ) -> Result<(), L::Error> {
        let lines = lines_about(self.script, refused);
        let services: FxHashSet<ServiceKey> = refused
            .iter()
            .filter_map(|failed| match Object::of(&failed.change) {
                Some(Object::Service(key)) => Some(key),
                _ => None,
            })
            .collect();
        for Failed { line, change, errno } in refused {
            let (Some(line), Some(object)) = (*line, Object::of(change)) else { continue };
            let lines = lines.get(&object).map_or(&[][..], Vec::as_slice);
            match &object {
                Object::Timeouts => self.each(maker, lines)?,
                // The servers of a service that was refused have their turn at the next look.
                Object::Server(service, _) if services.contains(service) => {}
                _ => {
                    self.refusals.insert(line, *errno);
                    self.first_that_is_taken(maker, &self.in_its_place(&object, line, lines))?;
                }
            }
        }
        Ok(())
    }

    /// The lines that come in the place of a refused one: from it back to the line that added the object, and then
    /// those that add it later, for which it was there already.
    fn in_its_place<'c>(&self, object: &Object, refused: Line, lines: &[&'c Command]) -> Vec<&'c Command> {
        let (since, after) = match object {
            Object::Service(key) => {
                let since = self.desired.service(key).and_then(|(_, wanted)| wanted.since);
                (since, since)
            }
            Object::Server(key, server) => {
                let service = self.desired.service(key);
                let named = service.and_then(|(place, _)| self.desired.server(place, server));
                let since = named.and_then(|(_, wanted)| wanted.since);
                // What was said of it before its service was added is of another one.
                (since, since.or(service.and_then(|(_, wanted)| wanted.since)))
            }
            Object::Daemon(state) => (self.desired.daemons[slot(*state)].line, None),
            Object::Timeouts => (None, None),
        };
        let (adds, edits): (Vec<&Command>, Vec<_>) = lines.iter().partition(|command| is_adding(&command.change));
        let edits = edits.into_iter().rev().filter(|edit| {
            let of_this_one = after.is_none_or(|after| after < edit.line);
            of_this_one && edit.line < refused && !self.failed.contains_key(&edit.line)
        });
        let adds = adds.into_iter().filter(|add| {
            let there_already = self.failed.get(&add.line).is_none_or(|errno| *errno == Errno::EEXIST);
            since.is_some_and(|since| since <= add.line) && there_already
        });
        edits.chain(adds).collect()
    }

    fn first_that_is_taken<L: LiveTable, R: Report>(
        &mut self,
        maker: &mut Maker<'_, L, R>,
        lines: &[&Command],
    ) -> Result<(), L::Error> {
        for Command { line, change } in lines {
            if self.refusals.contains_key(line) {
                continue;
            }
            let Some(change) = self.as_the_table_is(change) else { break };
            if maker.is_stopped() {
                break;
            }
            match maker.ask(&change)? {
                Err(errno) if !is_race(&Failed { line: Some(*line), change, errno }) => {
                    self.refusals.insert(*line, errno);
                }
                Err(_) => break,
                Ok(()) => {
                    self.ours.extend(Object::of(&change));
                    break;
                }
            }
        }
        Ok(())
    }

    /// Timeouts: a line sets some and leaves others to the lines before it, so that a refusal of all together says
    /// nothing of any.
    fn each<L: LiveTable, R: Report>(
        &mut self,
        maker: &mut Maker<'_, L, R>,
        lines: &[&Command],
    ) -> Result<(), L::Error> {
        for Command { line, change } in lines {
            if !self.refusals.contains_key(line) && !maker.is_stopped() {
                if let Err(errno) = maker.ask(change)? {
                    self.refusals.insert(*line, errno);
                }
            }
        }
        Ok(())
    }

    /// What to ask the kernel for: an edit of what lives and an addition of what does not, whatever the line is;
    /// nothing where it is so already.
    fn as_the_table_is(&self, change: &Change) -> Option<Change> {
        match change {
            Change::AddService(service) | Change::EditService(service) => {
                service_change(self.now.service(&service.key).map(|live| &live.service), service)
            }
            Change::AddServer(key, server) | Change::EditServer(key, server) => {
                server_change(key, self.now.server(key, &server.key), server)
            }
            other => Some(*other),
        }
    }
}

fn lines_about<'s>(script: &'s Script<'_>, refused: &[Failed]) -> Lines<'s> {
    let objects = refused.iter().filter_map(|failed| Object::of(&failed.change));
    let mut lines: Lines<'_> = objects.map(|object| (object, Vec::new())).collect();
    for command in &script.commands {
        if let Some(lines) = Object::of(&command.change).and_then(|object| lines.get_mut(&object)) {
            lines.push(command);
        }
    }
    lines
}

fn is_adding(change: &Change) -> bool {
    matches!(change, Change::AddService(_) | Change::AddServer(..) | Change::StartDaemon(_))
}
