//! `kill -9` in the middle leaves a table that a second restore completes.

use crate::program::Programs;
use crate::tables::{Random, large};
use crate::tracer::{Meddling, kill_after, run};
use anyhow::{Result, ensure};
use nix::sys::signal::Signal;
use std::time::{Duration, Instant};

pub fn at_random_moments(programs: &Programs) -> Result<String> {
    let a = large(600, 2);
    let b = a.replace("-w 1", "-w 2").replace("10.0.0.", "10.7.0.").replace(".1:80 -m", ".9:80 -m");
    programs.restored(&a)?;
    let started = Instant::now();
    programs.restored(&b)?;
    let whole = started.elapsed();
    let wanted = programs.full()?;
    let mut random = Random(7);
    let mut halfway = 0;
    for round in 0..20 {
        programs.restored(&a)?;
        let before = programs.full()?;
        // By the clock, and when it is about to send some batch: a batch is quicker than any clock is exact.
        if round % 2 == 0 {
            let time = whole * random.below(1000) as u32 / 1000;
            kill_after(programs.start_restore(&[])?, &b, time.max(Duration::from_millis(1)))?;
        } else {
            let signal = Some((Signal::SIGKILL, 1 + random.below(1200) as usize));
            let (outcome, _) = run(programs.start_restore(&[])?, &b, Meddling { signal, ..Meddling::default() })?;
            ensure!(outcome.status == -(Signal::SIGKILL as i32), "it was not killed: {outcome:?}");
        }
        let between = programs.full()?;
        halfway += usize::from(between != before && between != wanted);
        programs.restored(&b)?;
        ensure!(programs.full()? == wanted, "round {round}: a second restore makes another table");
    }
    ensure!(halfway >= 5, "only {halfway} of 20 were killed halfway");
    Ok(format!("20 times, {halfway} of them halfway"))
}
