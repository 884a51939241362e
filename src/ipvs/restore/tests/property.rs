//! Any table and any file: what is made is what the rule says, by the fewest changes.

use super::model::expected;
use super::*;
use std::collections::HashMap;

/// The least number of changes that make one table from another: removing a service removes its servers.
fn distance(a: &Tables, b: &Tables) -> usize {
    if b.services.is_empty() {
        return usize::from(!a.services.is_empty());
    }
    let old: HashMap<ServiceKey, &VirtualService> =
        a.services.iter().map(|(service, _)| (service.key, service)).collect();
    let gone = old.keys().filter(|key| !b.services.iter().any(|(service, _)| service.key == **key)).count();
    let within = b.services.iter().map(|(service, servers)| {
        let before = a.servers_of(&service.key);
        let changed = servers.iter().filter(|server| !before.contains(server)).count();
        let removed = before.iter().filter(|old| !servers.iter().any(|server| server.key == old.key)).count();
        changed + removed + usize::from(old.get(&service.key) != Some(&service))
    });
    gone + within.sum::<usize>()
}

/// Restores random files on random tables and compares with the rule; returns how many lines failed.
fn follows_the_rule(seed: u64, options: Options, file: fn(&mut Random) -> Vec<Change>) -> usize {
    let mut random = Random(seed);
    let mut failing = 0;
    for round in 0..3000 {
        let start = one_by_one(&Tables::default(), &random.rules());
        let mut lines = file(&mut random);
        // A daemon that runs and is started again is no failure for us; it has tests of its own.
        lines.retain(|change| !is_daemon_or_zero(change));
        match one_file(&start, &lines, options) {
            Ok(failed) => failing += failed,
            Err(_) => panic!("round {round} of seed {seed}: {}", smallest(&start, lines, options)),
        }
    }
    failing
}

/// Restores one file and compares; returns how many lines failed, or what is not as it should be.
fn one_file(start: &Tables, lines: &[Change], options: Options) -> Result<usize, String> {
    let expected = expected(start, lines, options.noflush);
    let mut kernel = Kernel::with(start);
    let (outcome, made) = run(&mut kernel, lines, options);
    assert!(!outcome.stopped && outcome.error.is_none() && outcome.undone.is_none());
    let repeated: Vec<_> = outcome.findings.repeated.iter().map(|repeated| repeated.line.get()).collect();
    same("failed", failed(&outcome.findings), expected.failed.clone())?;
    same("repeated", repeated, expected.repeated)?;
    same("table", kernel.tables.sorted(), expected.tables.clone().sorted())?;
    same("counts", (outcome.made, outcome.left, outcome.unknown), (made.len(), 0, 0))?;
    // What is reported as made makes the one table from the other.
    same("report", one_by_one(start, &made).sorted(), expected.tables.sorted())?;
    Ok(expected.failed.len())
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, is: T, should_be: T) -> Result<(), String> {
    if is == should_be { Ok(()) } else { Err(format!("{what}: {is:?}\nshould be: {should_be:?}")) }
}

/// The file without the lines that are not needed for it to go wrong.
fn smallest(start: &Tables, mut lines: Vec<Change>, options: Options) -> String {
    let mut at = 0;
    while at < lines.len() {
        let line = lines.remove(at);
        if one_file(start, &lines, options).is_ok() {
            lines.insert(at, line);
            at += 1;
        }
    }
    let wrong = one_file(start, &lines, options).err().unwrap_or_default();
    let lines: Vec<_> = (1..).zip(&lines).map(|(line, change)| format!("{line}: {change:?}\n")).collect();
    format!("{start:?}\n{}{wrong}", lines.concat())
}

#[test]
fn any_file_is_done_by_the_rule() {
    assert!(follows_the_rule(1, REPLACE, |random| random.changes(40)) > 10_000);
}

#[test]
fn without_flush_any_file_is_done_by_the_rule() {
    assert!(follows_the_rule(2, ADD, |random| random.changes(30)) > 10_000);
}

#[test]
fn lines_that_only_the_kernel_can_judge_change_nothing_that_is_live() {
    assert!(follows_the_rule(3, REPLACE, |random| random.changes_with_refusals(20)) > 10_000);
    assert!(follows_the_rule(4, ADD, |random| random.changes_with_refusals(20)) > 10_000);
}

/// The rule itself, for a file in which nothing fails: what the lines make of an empty table.
#[test]
fn a_file_without_failures_makes_what_the_lines_one_by_one_make_of_an_empty_table() {
    let mut random = Random(5);
    for _ in 0..2000 {
        let start = one_by_one(&Tables::default(), &random.rules());
        let rules = random.rules();
        let mut kernel = Kernel::with(&start);
        let (outcome, _) = run(&mut kernel, &rules, REPLACE);
        let Findings { failed, repeated, spared, .. } = outcome.findings;
        assert_eq!((failed, repeated, spared), Default::default());
        assert_eq!(kernel.tables.clone().sorted(), one_by_one(&Tables::default(), &rules).sorted());
        // And then there is nothing left to do.
        let (plan, findings) = differences(&mut kernel, &script(&rules), Options::default()).unwrap();
        assert_eq!((plan.changes, findings), (Vec::new(), Findings::default()));
    }
}

#[test]
fn the_changes_are_the_fewest_and_no_service_that_stays_is_without_its_servers() {
    let mut random = Random(3);
    for _ in 0..2000 {
        let start = one_by_one(&Tables::default(), &random.rules());
        let rules = random.rules();
        let wanted = one_by_one(&Tables::default(), &rules);
        let stays: Vec<_> =
            wanted.services.iter().filter(|(service, _)| !start.servers_of(&service.key).is_empty()).collect();
        let mut kernel = Kernel::with(&start);
        kernel.hook = Some(Box::new(|now, _| {
            for (service, servers) in &stays {
                let here = now.servers_of(&service.key);
                let before = start.servers_of(&service.key);
                for server in servers.iter().filter(|server| before.iter().any(|old| old.key == server.key)) {
                    assert!(here.iter().any(|other| other.key == server.key));
                }
                assert!(servers.is_empty() || !here.is_empty());
            }
            Ok(())
        }));
        let (outcome, made) = run(&mut kernel, &rules, REPLACE);
        assert_eq!(outcome.made, distance(&start, &wanted));
        assert_eq!((made.len(), kernel.asked), (outcome.made, outcome.made));
        let removal =
            |change: &Change| matches!(change, Change::DeleteService(_) | Change::DeleteServer(..) | Change::Flush);
        assert!(made.is_sorted_by_key(removal), "{made:?}");
    }
}
