//! The soak: all at once.

use crate::clients::{self, serve_all};
use crate::files::{FILES, MANAGED, RESTORED, configuration, documents, rules};
use crate::keepalived_process::{Keepalived, log};
use crate::lasting::{self, Lasting};
use crate::listings;
use crate::network::Network;
use crate::program::Programs;
use crate::text::counted;
use crate::workers::{Count, Workers};
use anyhow::{Context, Result, ensure};
use std::thread::{self, Scope};
use std::time::{Duration, Instant};

const FOLDER: &str = "/run/keepalived-soak";
/// How long something may take that has to come, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(180);

/// What was done.
#[derive(Default)]
struct Counts {
    clients: clients::Counts,
    listings: listings::Counts,
    restores: Count,
    reloads: Count,
}

impl Counts {
    /// Whether it was enough of everything to mean something.
    fn are_enough(&self, lasting: &[Lasting]) -> bool {
        let Self { clients, listings, restores, reloads } = self;
        let many = [&clients.restored, &clients.managed, &clients.answers, &listings.listings, restores];
        let few = [&listings.read, reloads];
        let intervals = lasting.iter().map(|lasting| lasting.intervals.get());
        many.iter().all(|count| count.get() >= 50)
            && few.iter().map(|count| count.get()).chain(intervals).all(|count| count >= 6)
    }
}

impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { clients, listings, restores, reloads } = self;
        write!(
            f,
            "{} restores, {} reloads of keepalived, {} requests to {RESTORED} and {} to {MANAGED}, {} rounds of long connections, \
             {} listings, {} saves read by the reference",
            restores.get(),
            reloads.get(),
            clients.restored.get(),
            clients.managed.get(),
            clients.answers.get(),
            listings.listings.get(),
            listings.read.get()
        )
    }
}

pub fn soak(programs: &Programs, time: Duration) -> Result<String> {
    let network = Network::new()?;
    serve_all(&network)?;
    let documents = documents(programs)?;
    let keepalived = Keepalived::start(FOLDER, &configuration(0))?;
    until("keepalived has made its service", || {
        Ok(programs.reference(&["-Sn"], "")?.stdout.contains(&format!("-A -t {MANAGED} ")))
    })?;
    programs.restored(&rules(0))?;

    let (workers, counts) = (Workers::default(), Counts::default());
    let done = thread::scope(|scope| {
        let done = all(
            scope,
            &Soaked { programs, network: &network, workers: &workers, counts: &counts },
            &documents,
            &keepalived,
            time,
        );
        workers.end();
        done
    });
    workers.outcome().with_context(|| format!("{counts}; keepalived's log ends with:\n{}", tail(&log(FOLDER))))?;
    let lasting = done?;
    // Nor has any connection been forgotten: no restore has made the services anew.
    for (service, count) in [(RESTORED, &counts.clients.restored), (MANAGED, &counts.clients.managed)] {
        until(&format!("the kernel has counted {} connections of {service}", count.get()), || {
            Ok(counted(&programs.ipvsadm(&["-Ln", "--stats", "--exact"])?.stdout, service)? == count.get())
        })?;
    }
    keepalived.stop()?;
    Ok(format!("nothing lost: {counts}; {}", lasting.join("; ")))
}

/// What is soaked, and by whom.
struct Soaked<'s> {
    programs: &'s Programs,
    network: &'s Network,
    workers: &'s Workers,
    counts: &'s Counts,
}

/// Starts all of it and looks on for this long; what the lasting programs have used.
fn all<'s>(
    scope: &'s Scope<'s, '_>,
    soaked: &Soaked<'s>,
    documents: &'s [String],
    keepalived: &'s Keepalived,
    time: Duration,
) -> Result<Vec<String>> {
    let Soaked { programs, network, workers, counts } = *soaked;
    clients::start(scope, network, workers, &counts.clients)?;
    let start = |program| Lasting::start(scope, programs, workers, program);
    let mut lasting = lasting::ALL.into_iter().map(start).collect::<Result<Vec<_>>>()?;
    listings::start(scope, programs, workers, &counts.listings);
    scope.spawn(move || {
        let mut numbers = (0..FILES).cycle().zip(0..);
        workers.repeat("restores", &counts.restores, || {
            let Some((number, turn)) = numbers.next() else { return Ok(()) };
            let rules = rules(number);
            let (options, input): (&[&str], &str) = match turn % 3 {
                0 => (&[], &rules),
                1 => (&["--atomic"], &rules),
                _ => (&["--json"], &documents[number as usize]),
            };
            let outcome = programs.restore(options, input)?;
            let silent = outcome.status == 0 && outcome.stdout.is_empty() && outcome.stderr.is_empty();
            ensure!(silent, "ipvsadm-restore {options:?}: {outcome:?}\n{input}");
            Ok(())
        });
    });
    scope.spawn(move || workers.repeat("reloads", &counts.reloads, || reload(keepalived, counts.reloads.get() + 1)));

    let started = Instant::now();
    let mut minutes = 1;
    while !workers.are_over() && (started.elapsed() < time || !counts.are_enough(&lasting)) {
        thread::sleep(Duration::from_secs(1));
        lasting.iter_mut().try_for_each(Lasting::sample)?;
        if started.elapsed() >= Duration::from_secs(60 * minutes) {
            println!("soak: minute {minutes}: {counts}");
            minutes += 1;
        }
        ensure!(started.elapsed() < time * 2 + PATIENCE * 5, "too slow: {counts}");
    }
    workers.end();
    lasting.into_iter().map(Lasting::end).collect()
}

/// Gives keepalived its configuration of this number, and waits until it has read it.
fn reload(keepalived: &Keepalived, number: usize) -> Result<()> {
    keepalived.reload(&configuration(number))?;
    let read = || log(FOLDER).matches("Reload complete").count() >= number;
    until(&format!("keepalived has read its configuration {number}"), || Ok(read()))
}

fn until(what: &str, mut holds: impl FnMut() -> Result<bool>) -> Result<()> {
    let end = Instant::now() + PATIENCE;
    while !holds()? {
        ensure!(Instant::now() < end, "in vain waited until {what}; keepalived's log:\n{}", log(FOLDER));
        thread::sleep(Duration::from_millis(200));
    }
    Ok(())
}

/// The last lines of a text.
fn tail(text: &str) -> String {
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(30)..].join("\n")
}
