//! The steps of a restore: look, play the lines, plan, make. What the kernel refuses is settled, and then they are taken
//! again, with what was learnt.

use super::apply::Maker;
use super::desired::{Desired, Others, Trouble};
use super::lines::{Line, Script};
use super::live::{Live, LiveTable, Report};
use super::object::Object;
use super::plan::{Plan, Tables};
use super::settle::Settling;
use super::{Failed, Findings, Options, Repeated};
use crate::ipvs::model::{Change, Errno};
use rustc_hash::{FxHashMap, FxHashSet};

/// The lines that the kernel has refused, with its errors.
pub type Refusals = FxHashMap<Line, Errno>;

/// What a restore knows from one look to the next.
pub struct Steps<'s, 't, 'm, L, R> {
    script: &'s Script<'t>,
    options: Options,
    maker: &'s mut Maker<'m, L, R>,
    refusals: Refusals,
    /// What was changed by us, at looks before the last one.
    ours: FxHashSet<Object>,
    /// Whether another program was met, which has its turn once.
    met_another: bool,
    /// What was found at the last look.
    pub findings: Findings,
    /// How many changes are left.
    pub left: usize,
}

/// Whether to look again.
enum Next {
    LookAgain,
    End,
}

impl<'s, 't, 'm, L: LiveTable, R: Report> Steps<'s, 't, 'm, L, R> {
    /// Begins.
    pub fn new(script: &'s Script<'t>, options: Options, maker: &'s mut Maker<'m, L, R>) -> Self {
        let (refusals, ours, findings) = Default::default();
        Self { script, options, maker, refusals, ours, met_another: false, findings, left: 0 }
    }

    /// Takes the steps until nothing is left to do or to learn.
    ///
    /// # Errors
    /// When the kernel fails.
    pub fn take(&mut self) -> Result<(), L::Error> {
        let before = look(self.maker.table, self.script)?;
        let mut again = None;
        loop {
            let now = again.as_ref().unwrap_or(&before);
            let desired;
            (desired, self.findings) = play(self.script, Some(&before), self.options.noflush, &self.refusals);
            if self.options.atomic && self.fails() {
                return Ok(());
            }
            let tables = Tables { before: &before, now, ours: &self.ours };
            let plan = Plan::new(&tables, &desired, self.options.atomic);
            (self.findings.spared, self.findings.removed) = (plan.spared, plan.removed);
            if let Next::End = self.make(now, &desired, &plan)? {
                return Ok(());
            }
            again = Some(look(self.maker.table, self.script)?);
        }
    }

    fn fails(&self) -> bool {
        !self.findings.failed.is_empty() || !self.script.unresolved.is_empty()
    }

    fn make(&mut self, now: &Live, desired: &Desired<'_>, plan: &Plan) -> Result<Next, L::Error> {
        for step in plan.steps() {
            let answers = self.maker.make(plan, step);
            self.left = plan.changes.len() - self.maker.reached;
            let answers = answers?;
            let refused: Vec<Failed> = answers.iter().map(|(place, errno)| failed(plan, *place, *errno)).collect();
            if self.maker.is_stopped() {
                self.findings.failed.extend(refused);
                return Ok(Next::End);
            }
            if refused.is_empty() {
                continue;
            }
            if self.options.atomic && !refused.iter().all(is_race) {
                self.findings.failed.extend(refused.into_iter().filter(|failed| !is_race(failed)));
                return Ok(Next::End);
            }
            self.note_ours(plan, &answers);
            if self.learn(now, desired, &refused)? || !std::mem::replace(&mut self.met_another, true) {
                return Ok(Next::LookAgain);
            }
            self.findings.failed.extend(refused);
            if self.options.atomic {
                return Ok(Next::End);
            }
        }
        Ok(Next::End)
    }

    /// Settles what was refused, but for what only says that the table is not as it was; true if anything was learnt.
    fn learn(&mut self, now: &Live, desired: &Desired<'_>, refused: &[Failed]) -> Result<bool, L::Error> {
        let known = self.refusals.len();
        let failed = self.findings.failed.iter().filter_map(|failed| Some((failed.line?, failed.errno))).collect();
        let (refusals, ours) = (&mut self.refusals, &mut self.ours);
        let refused: Vec<Failed> = refused.iter().filter(|failed| !is_race(failed)).copied().collect();
        Settling { script: self.script, now, desired, failed, refusals, ours }.settle(self.maker, &refused)?;
        Ok(self.refusals.len() > known)
    }

    /// Notes what was changed: where it is not wanted any more at the next look, it becomes as it was.
    fn note_ours(&mut self, plan: &Plan, refused: &[(usize, Errno)]) {
        let refused: FxHashSet<usize> = refused.iter().map(|(place, _)| *place).collect();
        let made = (0..self.maker.reached).filter(|place| !refused.contains(place));
        self.ours.extend(made.filter_map(|place| Object::of(&plan.changes[place].change)));
    }
}

/// Reads the live table, and what else the lines are about.
///
/// # Errors
/// When it cannot be read.
pub fn look<L: LiveTable>(table: &mut L, script: &Script<'_>) -> Result<Live, L::Error> {
    let any = |is: fn(&Change) -> bool| script.commands.iter().any(|command| is(&command.change));
    let timeouts = any(|change| matches!(change, Change::SetTimeouts(_)));
    let daemons = any(|change| matches!(change, Change::StartDaemon(_) | Change::StopDaemon(_)));
    Live::read(table, timeouts, daemons)
}

/// Plays the lines, over what lives where that is known. Those in `refusals` fail as the kernel has said.
pub fn play<'l>(
    script: &Script<'_>,
    live: Option<&'l Live>,
    noflush: bool,
    refusals: &Refusals,
) -> (Desired<'l>, Findings) {
    let others = if noflush { Others::Keep } else { Others::Remove };
    let mut desired = Desired::new(live, others, script.commands.len());
    desired.of_document = !script.has_lines;
    let mut findings = Findings::default();
    let mut unresolved = script.unresolved.iter().peekable();
    for command in &script.commands {
        while let Some(before) = unresolved.next_if(|unresolved| unresolved.line < command.line) {
            desired.play_unresolved(before.line, &before.meant);
        }
        let (line, change) = (command.line, command.change);
        match desired.play(line, &change, refusals.get(&line).copied()) {
            Ok(()) => {}
            Err(Trouble::Fails(errno)) => findings.failed.push(Failed { line: Some(line), change, errno }),
            Err(Trouble::Repeats(first)) => findings.repeated.push(Repeated { line, first }),
        }
    }
    unresolved.for_each(|last| desired.play_unresolved(last.line, &last.meant));
    (desired, findings)
}

fn failed(plan: &Plan, place: usize, errno: Errno) -> Failed {
    let planned = &plan.changes[place];
    Failed { line: planned.line, change: planned.change, errno }
}

/// Whether a refusal says that the table is not as it was when it was looked at: another program has changed it, or a
/// service that was refused before has left its servers without one.
pub fn is_race(failed: &Failed) -> bool {
    match failed.change {
        Change::AddService(_) | Change::StartDaemon(_) => failed.errno == Errno::EEXIST,
        Change::EditService(_) | Change::DeleteService(_) | Change::Zero(_) | Change::StopDaemon(_) => {
            failed.errno == Errno::ESRCH
        }
        Change::AddServer(..) => matches!(failed.errno, Errno::EEXIST | Errno::ESRCH),
        Change::EditServer(..) | Change::DeleteServer(..) => matches!(failed.errno, Errno::ENOENT | Errno::ESRCH),
        Change::Flush | Change::SetTimeouts(_) => false,
    }
}
