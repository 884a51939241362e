//! Plays a case: each step by the reference in one namespace and by ours in another, then the views of both tables.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::case::{Case, Command, Step, Views};
use crate::judge::{Verdict, judge};
use crate::known::{RESTORE, WRAPPER, unsigned_marks};
use crate::namespace::Namespace;
use crate::program::{Outcome, Programs, Role, Status};
use crate::restore;
use crate::views::{self, Kind, kind};
use crate::words::Word;

/// Newer kernels move entries between hash tables in the background, and a listing made meanwhile may miss or repeat
/// some: a listing that differs is looked at again so many times.
const LOOKS: u32 = 5;

/// How a case went.
#[derive(Debug)]
pub enum Played {
    /// With the headings of the known differences that were met.
    Equal(Vec<&'static str>),
    Different(Box<Difference>),
}

/// The first difference of a case.
#[derive(Debug)]
pub struct Difference {
    /// The index of the step; none: one of the views in the end.
    pub step: Option<usize>,
    /// The command, and on which table.
    pub place: String,
    pub reference: Outcome,
    pub ours: Outcome,
}

/// One case while it is played.
struct Player<'a> {
    programs: &'a Programs,
    strict: bool,
    /// The reference's table and ours.
    tables: [Namespace; 2],
    met: Vec<&'static str>,
}

/// Plays a case on two fresh tables and reports its first difference.
pub fn play(programs: &Programs, case: &Case) -> Result<Played> {
    let tables = [Namespace::new()?, Namespace::new()?];
    let strict = programs.ours != programs.reference;
    let mut player = Player { programs, strict, tables, met: Vec::new() };
    for (index, step) in case.steps.iter().enumerate() {
        let difference = match step {
            Step::Setup(shell) => player.set_up(shell)?,
            Step::Run(command) => player.run(case, index, command)?,
            Step::Look(view) => player.look(view)?,
        };
        if let Some(difference) = difference {
            return Ok(Played::Different(Box::new(Difference { step: Some(index), ..difference })));
        }
    }
    for (index, view) in player.last_views(case)?.into_iter().enumerate() {
        // The two tables are found equal by the default views; with many more, the programs take them in turns.
        let difference = match case.views {
            Views::All if index >= views::DEFAULT.len() => {
                player.compare_listing(index % 2, &Command::ipvsadm(&view))?.err()
            }
            _ => player.look(&view)?,
        };
        if let Some(difference) = difference {
            return Ok(Played::Different(Box::new(difference)));
        }
    }
    Ok(Played::Equal(player.met))
}

/// Runs a shell line of a case in the namespace that the thread is in.
pub fn run_setup(shell: &str) -> Result<()> {
    let mut process = std::process::Command::new("sh");
    let output = process.args(["-ec", shell]).stdin(Stdio::null()).output().context("starting sh")?;
    ensure!(output.status.success(), "setup '{shell}' failed: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

impl Player<'_> {
    fn set_up(&self, shell: &str) -> Result<Option<Difference>> {
        for table in &self.tables {
            table.enter()?;
            run_setup(shell)?;
        }
        Ok(None)
    }

    fn run(&mut self, case: &Case, index: usize, command: &Command) -> Result<Option<Difference>> {
        let mut reference = self.run_on(0, Role::Reference, command)?;
        let ours = self.run_on(1, Role::Ours, command)?;
        if self.strict && kind(command) == Kind::Restore && restore_differs(command, &reference) {
            let (expected, table) = restore::expected(self.programs, case, index, &reference, &ours)?;
            (reference, self.tables[0]) = (expected, table);
            self.met.push(if command.words.len() == 1 { WRAPPER } else { RESTORE });
        }
        if self.accepts(command, &reference, &ours) {
            return Ok(None);
        }
        match kind(command) {
            Kind::Listing => return Ok(self.compare_listing(1, command)?.err()),
            // Listings among the lines came from two tables; what is on one table is compared by its views.
            Kind::Restore if same_content(&with_unsigned_marks(&reference, self.strict), &ours) => return Ok(None),
            Kind::Restore | Kind::Other => {}
        }
        Ok(Some(Difference { step: None, place: format!("{command}"), reference, ours }))
    }

    fn run_on(&self, table: usize, role: Role, command: &Command) -> Result<Outcome> {
        self.tables[table].enter()?;
        self.programs.run(role, command)
    }

    fn accepts(&mut self, command: &Command, reference: &Outcome, ours: &Outcome) -> bool {
        match judge(command, reference, ours, self.strict) {
            Verdict::Equal => true,
            Verdict::Known(heading) => {
                self.met.push(heading);
                true
            }
            Verdict::Different => false,
        }
    }

    /// A view: the same by both programs on each table, and the same content in both tables.
    fn look(&mut self, view: &[Word]) -> Result<Option<Difference>> {
        let command = Command::ipvsadm(view);
        let mut listings = Vec::new();
        for table in [0, 1] {
            match self.compare_listing(table, &command)? {
                Ok(listing) => listings.push(listing),
                Err(difference) => return Ok(Some(difference)),
            }
        }
        if same_content(&listings[0], &listings[1]) {
            return Ok(None);
        }
        self.compare_tables(&command)
    }

    /// One listing by both programs on one table: the reference's outcome, or how ours differs.
    fn compare_listing(&mut self, table: usize, command: &Command) -> Result<Result<Outcome, Difference>> {
        let mut look = 1;
        loop {
            let reference = self.run_on(table, Role::Reference, command)?;
            let ours = self.run_on(table, Role::Ours, command)?;
            if self.accepts(command, &reference, &ours) {
                return Ok(Ok(reference));
            }
            if look == LOOKS {
                let name = ["the reference's table", "our table"][table];
                return Ok(Err(Difference { step: None, place: format!("{command}   on {name}"), reference, ours }));
            }
            std::thread::sleep(Duration::from_millis(40 * u64::from(look)));
            look += 1;
        }
    }

    /// The reference's listings of both tables. In the difference, `ours` is its listing of our table.
    fn compare_tables(&mut self, command: &Command) -> Result<Option<Difference>> {
        let mut look = 1;
        loop {
            let [reference, ours] =
                [self.run_on(0, Role::Reference, command)?, self.run_on(1, Role::Reference, command)?];
            if same_content(&reference, &ours) {
                return Ok(None);
            }
            if look == LOOKS {
                let place = format!("{command}   by the reference, on its table and on ours");
                return Ok(Some(Difference { step: None, place, reference, ours }));
            }
            std::thread::sleep(Duration::from_millis(40 * u64::from(look)));
            look += 1;
        }
    }

    fn last_views(&self, case: &Case) -> Result<Vec<Vec<Word>>> {
        let mut views: Vec<_> = views::DEFAULT.iter().map(|view| views::words(view)).collect();
        match &case.views {
            Views::None => return Ok(Vec::new()),
            Views::These(views) => return Ok(views.clone()),
            Views::Default => {}
            Views::All => views.extend(views::ALL.iter().map(|view| views::words(view))),
        }
        if case.views == Views::All {
            if let Some(service) = self.one_service()? {
                views.extend(views::ONE_SERVICE.iter().map(|view| [views::words(view), service.clone()].concat()));
            }
        }
        Ok(views)
    }

    /// The words that name the first service of the reference's table (`-t X`), if there is one.
    fn one_service(&self) -> Result<Option<Vec<Word>>> {
        let saved = self.run_on(0, Role::Reference, &Command::ipvsadm(&views::words("-Sn")))?;
        let saved = String::from_utf8_lossy(&saved.stdout).into_owned();
        let line = saved.lines().find_map(|line| line.strip_prefix("-A "));
        Ok(line.and_then(|line| line.split(" -s ").next()).map(views::words).filter(|words| words.len() > 1))
    }
}

fn with_unsigned_marks(reference: &Outcome, strict: bool) -> Outcome {
    let stdout = if strict { unsigned_marks(&reference.stdout) } else { reference.stdout.clone() };
    Outcome { stdout, ..reference.clone() }
}

/// Equal but for what two tables with the same content may differ in.
pub fn same_content(one: &Outcome, other: &Outcome) -> bool {
    one.status == other.status
        && one.stderr == other.stderr
        && views::content(&one.stdout) == views::content(&other.stdout)
}

/// Whether ours has to differ from what the reference did with this input: there is a message to number, or a line
/// to leave out.
fn restore_differs(command: &Command, reference: &Outcome) -> bool {
    let lines = command.input.as_deref().unwrap_or_default().split(|byte| *byte == b'\n');
    let is_wrapper = command.words[0].ends_with(b"ipvsadm-restore");
    reference.status != Status::Exit(0)
        || !reference.stderr.is_empty()
        || is_wrapper && lines.clone().all(|line| line.trim_ascii().is_empty())
        || lines.into_iter().any(|line| line.trim_ascii_start().first().is_some_and(|byte| *byte == b'#'))
}
