//! Plays the tests of a suite, some side by side, each with names of network namespaces of its own.

use crate::programs::Programs;
use anyhow::{Context, Result};
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

/// A name, and what has to hold.
pub type Test = (&'static str, fn(&Programs) -> Result<()>);

/// Most of a test is waiting, so that some can wait side by side.
pub const SIDE_BY_SIDE: usize = 4;

/// Plays tests of this suite; how many have failed.
pub fn play(suite: &str, programs: &Programs, tests: &[Test], side_by_side: usize) -> usize {
    let (next, failed) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..side_by_side {
            scope.spawn(|| {
                while let Some(test) = tests.get(next.fetch_add(1, Ordering::Relaxed)) {
                    failed.fetch_add(usize::from(!passes(suite, programs, test)), Ordering::Relaxed);
                }
            });
        }
    });
    failed.into_inner()
}

fn passes(suite: &str, programs: &Programs, (name, test): &Test) -> bool {
    let started = Instant::now();
    match own_files().and_then(|()| test(programs)) {
        Ok(()) => {
            println!("{suite}: {name}: {:.1} s", started.elapsed().as_secs_f64());
            true
        }
        Err(error) => {
            println!("FAILED {name}\n    {}", format!("{error:#}").replace('\n', "\n    "));
            false
        }
    }
}

/// Gives the calling thread, and what it starts, names of network namespaces of its own, and an empty /mnt.
pub fn own_files() -> Result<()> {
    unshare(CloneFlags::CLONE_NEWNS).context("making a mount namespace")?;
    for folder in ["/run/netns", "/mnt"] {
        mount(Some("tests"), folder, Some("tmpfs"), MsFlags::empty(), None::<&str>)
            .with_context(|| format!("mounting on {folder}"))?;
    }
    Ok(())
}
