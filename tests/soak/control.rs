//! That the suite can fail: spoilt listings are found, and so is what the reference's restores lose, which clear the table first.

use crate::clients::serve_all;
use crate::files::{FILES, RESTORED, rules};
use crate::listings::ALL;
use crate::network::Network;
use crate::program::Programs;
use crate::requests::{Client, request};
use crate::workers::{Count, Workers};
use anyhow::{Result, ensure};
use std::thread;
use std::time::Duration;

/// So much time passes with each request that is lost.
const IMPATIENT: Duration = Duration::from_secs(3);
/// Restores after which it cannot be luck that nothing was lost.
const ENOUGH: u64 = 1000;

pub fn listings(programs: &Programs, _: Duration) -> Result<String> {
    let network = Network::new()?;
    serve_all(&network)?;
    programs.restored(&rules(0))?;
    let _open = network.client(|| Client::connect(RESTORED, Duration::from_secs(120)))?;
    let mut found = 0;
    for (words, check) in ALL {
        let text = programs.ipvsadm(&words.split(' ').collect::<Vec<_>>())?.stdout;
        ensure!(check(&text).is_ok(), "ipvsadm {words} is found wrong: {:?}\n{text}", check(&text));
        let cut = text[..text.len() - 2].to_owned();
        // Where there are names, and among connections, nothing stays.
        let stay = !matches!(words, "-L --exact" | "-Lnc");
        let gone = [text.replace("192.0.2.1", "192.0.2.77"), text.replace("10.0.1.2", "10.0.1.77")];
        // Metrics have a sample for a server here and there, and are looked at by their services.
        let gone = &gone[..if !stay { 0 } else { 2 - usize::from(words.contains("prometheus")) }];
        for spoilt in gone.iter().chain([&cut]) {
            ensure!(check(spoilt).is_err(), "ipvsadm {words} is found right:\n{spoilt}");
            found += 1;
        }
    }
    Ok(format!("{found} spoilt ones of {} listings", ALL.len()))
}

pub fn requests(programs: &Programs, _: Duration) -> Result<String> {
    let network = Network::new()?;
    serve_all(&network)?;
    programs.restored(&rules(0))?;
    let (workers, requests, lost) = (Workers::default(), Count::default(), Count::default());
    let mut restores = 0;
    let outcome = thread::scope(|scope| {
        network.client(|| {
            scope.spawn(|| {
                workers.repeat("requests", &requests, || {
                    lost.add(usize::from(request(RESTORED, IMPATIENT).is_err()));
                    Ok(())
                });
            });
            Ok(())
        })?;
        let mut outcome = Ok(());
        while outcome.is_ok() && lost.get() == 0 && restores < ENOUGH {
            restores += 1;
            outcome = programs.reference_restore(&rules(restores % FILES)).map(drop);
        }
        workers.end();
        outcome
    });
    outcome?;
    let found = format!("the reference's restores lost {} of {} requests, in {restores}", lost.get(), requests.get());
    ensure!(lost.get() > 0, "the soak cannot tell: {found}");
    Ok(found)
}
