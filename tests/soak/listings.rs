//! Listings in a loop, each looked at; saves are read again by the reference.

use crate::files::{MANAGED, RESTORED};
use crate::namespace::Namespace;
use crate::program::Programs;
use crate::text::{self, FIGURES, TABLE};
use crate::workers::{Count, Workers};
use anyhow::{Context, Result, ensure};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::Scope;

/// Fails unless a listing looks as it has to.
type Check = fn(&str) -> Result<()>;

/// The listings.
pub const ALL: [(&str, Check); 10] = [
    ("-Ln", |text| text::table(text, TABLE)),
    // Names of ports, so that nothing is known of the services; every other word is as before.
    ("-L --exact", |text| ensured(text.starts_with("IP Virtual Server version ") && text.ends_with('\n'))),
    ("-Ln --stats", |text| text::table(text, FIGURES)),
    ("-Ln --stats --exact", |text| text::table(text, FIGURES)),
    ("-Ln --rate", |text| text::table(text, FIGURES)),
    ("-Sn", text::rules),
    ("-Sn --full", text::rules),
    ("-Ln --json", text::document),
    ("-Lnc", text::connections),
    ("-L --prometheus", text::metrics),
];

fn ensured(holds: bool) -> Result<()> {
    ensure!(holds, "it is not whole");
    Ok(())
}

/// What they have done.
#[derive(Default)]
pub struct Counts {
    pub listings: Count,
    /// Saves that the reference has read.
    pub read: Count,
}

/// Starts two loops, whose places in the list differ, and the reader of their saves.
pub fn start<'s>(scope: &'s Scope<'s, '_>, programs: &'s Programs, workers: &'s Workers, counts: &'s Counts) {
    let (saves, saved) = sync_channel(2);
    for start in [0, ALL.len() / 2] {
        let saves = saves.clone();
        let mut places = (0..ALL.len()).cycle().skip(start);
        let mut highest = [0; 2];
        scope.spawn(move || {
            workers.repeat("listings", &counts.listings, || {
                let (words, check) = ALL[places.next().context("no more listings")?];
                one(programs, words, check, &mut highest, &saves)
            });
        });
    }
    scope.spawn(move || {
        if let Err(error) = read_again(programs, &saved, counts) {
            workers.fail(error);
        }
    });
}

fn one(
    programs: &Programs,
    words: &str,
    check: Check,
    highest: &mut [usize; 2],
    saves: &SyncSender<String>,
) -> Result<()> {
    let outcome = programs.ipvsadm(&words.split(' ').collect::<Vec<_>>())?;
    ensure!(outcome.status == 0 && outcome.stderr.is_empty(), "ipvsadm {words}: {outcome:?}");
    check(&outcome.stdout).with_context(|| format!("ipvsadm {words}:\n{}", outcome.stdout))?;
    match words {
        "-Ln --stats --exact" => {
            for (highest, service) in highest.iter_mut().zip([RESTORED, MANAGED]) {
                let counted = text::counted(&outcome.stdout, service)?;
                ensure!(counted >= *highest, "{service} had {highest} connections, and has {counted}");
                *highest = counted;
            }
        }
        "-Sn" => saves.send(outcome.stdout).context("nobody reads saves")?,
        _ => {}
    }
    Ok(())
}

/// The reference makes a table of each save, in a namespace of its own, and saves the same.
fn read_again(programs: &Programs, saved: &Receiver<String>, counts: &Counts) -> Result<()> {
    let _elsewhere = Namespace::new()?;
    for save in saved {
        let outcome = programs.reference(&["-R"], &save)?;
        let silent = outcome.status == 0 && outcome.stdout.is_empty() && outcome.stderr.is_empty();
        ensure!(silent, "the reference reads a save: {outcome:?}\n{save}");
        let again = programs.reference(&["-Sn"], "")?.stdout;
        // The order of services is that of a hash.
        let sorted = |text: &str| {
            let mut lines: Vec<_> = text.lines().map(|line| line.trim_end().to_owned()).collect();
            lines.sort_unstable();
            lines
        };
        ensure!(sorted(&again) == sorted(&save), "the reference has read\n{save}as\n{again}");
        programs.reference(&["-C"], "")?;
        counts.read.add(1);
    }
    Ok(())
}
