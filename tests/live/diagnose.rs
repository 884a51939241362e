//! `--diagnose` beside traffic through services of each kind: of all of them, it names the one whose server swallows
//! everything.

use anyhow::{Context, Result, ensure};

use crate::Test;
use crate::busy::Busy;
use crate::programs::{Outcome, Programs, Role};

pub const TESTS: &[Test] = &[("diagnose/no alarm but one", no_alarm_but_one)];

/// The lines of what is wrong.
fn wrong(outcome: &Outcome) -> Vec<&str> {
    outcome.stdout.lines().filter(|line| line.starts_with("fault ") || line.starts_with("warning ")).collect()
}

fn no_alarm_but_one(programs: &Programs) -> Result<()> {
    let _busy = Busy::new(programs)?;
    // Until the connection that is swallowed has waited long enough.
    let mut found = programs.run(Role::Ours, "--diagnose")?;
    for _ in 0..60 {
        if found.status == 1 {
            break;
        }
        ensure!(found.status == 0 && found.stderr.is_empty(), "{found}");
        std::thread::sleep(std::time::Duration::from_millis(500));
        found = programs.run(Role::Ours, "--diagnose")?;
    }
    let wrong = wrong(&found);
    let is_meant = |line: &&&str| line.contains("TCP 192.0.2.4:80 -> 10.9.9.9:80") && line.contains("answers");
    ensure!(found.status == 1 && wrong.len() == 1 && wrong.iter().all(|line| is_meant(&line)), "{found}");
    let last = found.stdout.lines().next_back().context("no output")?;
    ensure!(last.starts_with("1 fault, 0 warnings, "), "{found}");
    Ok(())
}
