//! Restores of random tables on a simulated kernel.

use super::simulated::{Kernel, Noted, Random, Tables};
use super::*;
use crate::ipvs::model::{DaemonState, ServiceKey, StopDaemon, SyncDaemon, Timeouts, VirtualService};
use std::collections::HashMap;
use std::num::NonZero;
use std::sync::atomic::Ordering;

const REPLACE: Options = Options { atomic: false, noflush: false };
const ATOMIC: Options = Options { atomic: true, noflush: false };
const ADD: Options = Options { atomic: false, noflush: true };

/// A file of which line N is the Nth change.
fn script(changes: &[Change]) -> Script<'static> {
    let mut changes = changes.iter();
    let mut script = Script::read("", |_| Ok(None));
    script.commands = (1..).zip(changes.by_ref()).map(|(line, change)| Command { line, change: *change }).collect();
    script
}

/// The table that changes make one by one, as `-R` of the reference makes them, and what is refused.
fn one_by_one(start: &Tables, changes: &[Change]) -> (Tables, Vec<Failed>) {
    let mut tables = start.clone();
    let failed = (1..)
        .zip(changes)
        .filter_map(|(line, change)| tables.make(change).err().map(|errno| Failed { line, change: *change, errno }));
    let failed = failed.collect();
    (tables, failed)
}

fn run(kernel: &mut Kernel<'_>, changes: &[Change], options: Options) -> (Outcome<&'static str>, Vec<Change>) {
    let mut noted = Noted::default();
    let outcome = restore(kernel, &script(changes), options, &AtomicBool::new(false), &mut noted);
    (outcome, noted.0)
}

fn is_daemon_or_zero(change: &Change) -> bool {
    matches!(change, Change::StartDaemon(_) | Change::StopDaemon(_) | Change::Zero(_))
}

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

#[test]
fn any_file_makes_what_the_lines_one_by_one_make_of_an_empty_table() {
    let mut random = Random(1);
    for _ in 0..2000 {
        let start = one_by_one(&Tables::default(), &random.rules()).0;
        let mut changes = random.changes(40);
        // A daemon that runs and is started again is no failure for us; it has tests of its own.
        changes.retain(|change| !is_daemon_or_zero(change));
        let (wanted, failed) = one_by_one(&Tables::default(), &changes);
        let mut kernel = Kernel::with(&start);
        let (outcome, _) = run(&mut kernel, &changes, REPLACE);
        assert_eq!(outcome.failed, failed);
        assert_eq!(kernel.tables.clone().sorted(), wanted.sorted());
        assert!(!outcome.stopped && outcome.error.is_none() && outcome.undone.is_none());
        // And then there is nothing left to do.
        let (plan, _) = differences(&mut kernel, &script(&changes), false).unwrap();
        assert_eq!(plan.changes, []);
    }
}

#[test]
fn without_flush_any_file_makes_what_the_lines_one_by_one_make_of_the_table() {
    let mut random = Random(2);
    for _ in 0..2000 {
        let start = one_by_one(&Tables::default(), &random.rules()).0;
        let mut changes = random.changes(30);
        changes.retain(|change| !matches!(change, Change::Zero(_)));
        let (wanted, failed) = one_by_one(&start, &changes);
        let mut kernel = Kernel::with(&start);
        let (outcome, _) = run(&mut kernel, &changes, ADD);
        assert_eq!(outcome.failed, failed);
        assert_eq!(kernel.tables.sorted(), wanted.sorted());
    }
}

#[test]
fn the_changes_are_the_fewest_and_no_service_that_stays_is_without_its_servers() {
    let mut random = Random(3);
    for _ in 0..2000 {
        let start = one_by_one(&Tables::default(), &random.rules()).0;
        let rules = random.rules();
        let wanted = one_by_one(&Tables::default(), &rules).0;
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

#[test]
fn a_refusal_at_any_change_undoes_all() {
    let mut random = Random(4);
    for _ in 0..300 {
        let start = one_by_one(&Tables::default(), &random.rules()).0;
        let mut rules = random.rules();
        rules.push(Change::SetTimeouts(Timeouts { tcp: NonZero::new(7), ..Timeouts::default() }));
        let mut trial = Kernel::with(&start);
        trial.tables.timeouts = Timeouts { tcp: NonZero::new(900), tcp_fin: NonZero::new(120), udp: NonZero::new(300) };
        let start = trial.tables.clone();
        let count = run(&mut trial, &rules, ATOMIC).0.made;
        for refused in 1..=count {
            let mut kernel = Kernel::with(&start);
            kernel.hook = Some(Box::new(move |_, number| if number == refused { Err(Errno::ENOMEM) } else { Ok(()) }));
            let (outcome, _) = run(&mut kernel, &rules, ATOMIC);
            assert!(matches!(outcome.undone, Some(Undone::All)), "{outcome:?}");
            assert_eq!(outcome.failed.len(), 1);
            assert_eq!(outcome.failed[0].errno, Errno::ENOMEM);
            assert_eq!(kernel.tables.sorted(), start.clone().sorted());
            // The same for a socket that fails before the change: what was made of the batch is unknown.
            let mut kernel = Kernel::with(&start);
            kernel.fails_at = Some(refused);
            let (outcome, _) = run(&mut kernel, &rules, ATOMIC);
            assert_eq!(outcome.error, Some("the socket is gone"));
            assert!(matches!(outcome.undone, Some(Undone::All)), "{outcome:?}");
            assert_eq!(kernel.tables.sorted(), start.clone().sorted());
        }
    }
}

#[test]
fn undo_keeps_the_order_of_servers_of_a_service_that_comes_back() {
    let mut random = Random(5);
    let service = random.service();
    let mut rules = vec![Change::AddService(service)];
    rules.extend((0..20).map(|_| Change::AddServer(service.key, random.server(&service.key, false))));
    let start = one_by_one(&Tables::default(), &rules).0;
    let mut kernel = Kernel::with(&start);
    let no_interface = SyncDaemon { interface: "nix".parse().unwrap(), ..random.daemon() };
    kernel.hook = Some(Box::new(|_, number| if number == 2 { Err(Errno::ENOMEM) } else { Ok(()) }));
    // The table is cleared, then the second change fails.
    let plan_of_two = [
        Change::SetTimeouts(Timeouts { tcp: NonZero::new(5), ..Timeouts::default() }),
        Change::StartDaemon(no_interface),
    ];
    run(&mut kernel, &plan_of_two, ATOMIC);
    assert_eq!(kernel.tables.services, start.services);
    kernel.hook = None;
    let mut journal = Journal::default();
    let plan = Plan::new(&mut kernel, &Desired::new(Others::Remove, &[]), true).unwrap();
    assert_eq!(plan.changes.iter().map(|planned| planned.change).collect::<Vec<_>>(), [Change::Flush]);
    apply::apply(&mut kernel, &plan, 0..1, Some(&mut journal), &AtomicBool::new(false), &mut Noted::default()).unwrap();
    assert_eq!(kernel.tables.services, []);
    assert_eq!(apply::undo(&mut kernel, &journal), Ok(vec![]));
    assert_eq!(kernel.tables.services, start.services);
}

#[test]
fn lines_that_only_the_kernel_can_judge_fail_as_one_by_one() {
    let mut random = Random(6);
    let mut met = 0;
    for _ in 0..1000 {
        let start = one_by_one(&Tables::default(), &random.rules()).0;
        let mut rules = random.rules();
        for change in &mut rules {
            match change {
                Change::AddService(service) if random.below(4) == 0 => service.scheduler = "bogus".parse().unwrap(),
                Change::AddServer(_, server) if server.key.address.is_ipv4() && random.below(4) == 0 => {
                    server.key.address = [224, 0, 0, 1].into();
                }
                _ => {}
            }
        }
        let (wanted, failed) = one_by_one(&Tables::default(), &rules);
        met += failed.len();
        let mut kernel = Kernel::with(&start);
        let (outcome, _) = run(&mut kernel, &rules, REPLACE);
        assert_eq!(outcome.failed, failed);
        assert_eq!(kernel.tables.sorted(), wanted.sorted());
        if !failed.is_empty() {
            let mut kernel = Kernel::with(&start);
            let (outcome, _) = run(&mut kernel, &rules, ATOMIC);
            assert!(!outcome.failed.is_empty() && matches!(outcome.undone, Some(Undone::All)));
            assert_eq!(kernel.tables.sorted(), start.sorted());
        }
    }
    assert!(met > 500, "{met}");
}

#[test]
fn another_program_is_met_once_with_a_fresh_look() {
    let mut random = Random(7);
    for _ in 0..500 {
        let start = one_by_one(&Tables::default(), &random.rules()).0;
        let rules = random.rules();
        let wanted = one_by_one(&Tables::default(), &rules).0;
        let meddling = random.changes(6);
        let mut kernel = Kernel::with(&start);
        kernel.hook = Some(Box::new(|now, number| {
            if number == 1 {
                for change in meddling.iter().filter(|change| !is_daemon_or_zero(change)) {
                    let _ = now.make(change);
                }
            }
            Ok(())
        }));
        let (outcome, _) = run(&mut kernel, &rules, REPLACE);
        assert_eq!(outcome.failed, []);
        // The kernel tells of a collision only, not of what else has changed.
        if kernel.asked > distance(&start, &wanted) {
            assert_eq!(kernel.tables.services.len(), wanted.services.len());
        }
    }
    // One that never gives way is reported.
    let service = random.service();
    let mut kernel = Kernel::with(&Tables::default());
    kernel.hook = Some(Box::new(move |now, _| {
        now.services = vec![(service, Vec::new())];
        Err(Errno::EEXIST)
    }));
    let other = VirtualService { key: ServiceKey::FirewallMark { mark: 99, family: Default::default() }, ..service };
    let (outcome, _) = run(&mut kernel, &[Change::AddService(other)], REPLACE);
    assert!(outcome.failed.contains(&Failed { line: 1, change: Change::AddService(other), errno: Errno::EEXIST }));
}

#[test]
fn told_to_stop_it_says_what_is_left() {
    let mut random = Random(8);
    let key = |mark| ServiceKey::FirewallMark { mark, family: Default::default() };
    let service = random.service();
    let rules: Vec<_> =
        (1..=300).map(|mark| Change::AddService(VirtualService { key: key(mark), ..service })).collect();
    for (options, stays) in [(REPLACE, BATCH), (ATOMIC, 0)] {
        let stop = AtomicBool::new(false);
        let mut kernel = Kernel::with(&Tables::default());
        kernel.hook = Some(Box::new(|_, _| {
            stop.store(true, Ordering::Relaxed);
            Ok(())
        }));
        let outcome = restore(&mut kernel, &script(&rules), options, &stop, &mut Noted::default());
        assert!(outcome.stopped);
        assert_eq!((outcome.made, outcome.left), (BATCH, 300 - BATCH));
        assert_eq!(outcome.undone.is_some(), options.atomic);
        assert_eq!(kernel.tables.services.len(), stays);
    }
}

#[test]
fn daemons_run_as_the_lines_say() {
    let master = SyncDaemon { state: DaemonState::Master, ..Random(9).daemon() };
    let other = SyncDaemon { syncid: 7, ..master };
    let stop = Change::StopDaemon(StopDaemon { state: DaemonState::Master, syncid: 0 });
    let start = Change::StartDaemon;
    let missing = SyncDaemon { interface: "nix".parse().unwrap(), ..master };
    // What runs before, the lines, the numbers of those that fail, what runs afterwards, how many changes were asked for.
    type Case<'c> = (&'c [SyncDaemon], &'c [Change], &'c [u32], &'c [SyncDaemon], usize);
    let cases: [Case<'_>; 10] = [
        (&[], &[], &[], &[], 0),
        (&[master], &[], &[], &[master], 0),
        (&[], &[start(master)], &[], &[master], 1),
        (&[master], &[start(master)], &[], &[master], 0),
        (&[master], &[start(other)], &[], &[other], 2),
        (&[master], &[stop, start(master)], &[], &[master], 0),
        (&[master], &[stop], &[], &[], 1),
        (&[], &[stop], &[1], &[], 0),
        (&[], &[start(master), start(other)], &[2], &[master], 1),
        // It stops for one that cannot start, and starts again.
        (&[master], &[start(missing)], &[1], &[master], 3),
    ];
    for (before, lines, failing, after, asked) in cases {
        let mut kernel = Kernel::with(&Tables { daemons: before.to_vec(), ..Tables::default() });
        let (outcome, _) = run(&mut kernel, lines, REPLACE);
        assert_eq!(outcome.failed.iter().map(|failed| failed.line).collect::<Vec<_>>(), failing, "{lines:?}");
        assert_eq!(kernel.tables.daemons, after, "{lines:?}");
        assert_eq!(kernel.asked, asked, "{lines:?}");
        let mut kernel = Kernel::with(&Tables { daemons: before.to_vec(), ..Tables::default() });
        let (outcome, _) = run(&mut kernel, lines, ATOMIC);
        let expected = if outcome.failed.is_empty() { after } else { before };
        assert_eq!(kernel.tables.daemons, expected, "{lines:?}");
    }
}

#[test]
fn counters_are_zeroed_last_and_only_of_services_that_stay() {
    let mut random = Random(10);
    let service = random.service();
    let new = VirtualService { key: ServiceKey::FirewallMark { mark: 99, family: Default::default() }, ..service };
    let lines = [
        Change::AddService(service),
        Change::Zero(Some(service.key)),
        Change::AddService(new),
        Change::Zero(Some(new.key)),
        Change::Zero(Some(ServiceKey::FirewallMark { mark: 98, family: Default::default() })),
    ];
    let mut kernel = Kernel::default();
    kernel.tables.make(&lines[0]).unwrap();
    let (outcome, made) = run(&mut kernel, &lines, REPLACE);
    assert_eq!(outcome.failed, [Failed { line: 5, change: lines[4], errno: Errno::ESRCH }]);
    assert_eq!(made, [lines[2], lines[1]]);
    let (_, made) = run(&mut kernel, &[lines[0], Change::Zero(None)], REPLACE);
    assert_eq!(made, [Change::DeleteService(new.key), Change::Zero(None)]);
}

#[test]
fn a_check_needs_no_kernel() {
    let service = Random(11).service();
    let stop = Change::StopDaemon(StopDaemon { state: DaemonState::Master, syncid: 0 });
    let lines = script(&[Change::AddService(service), stop, Change::AddService(service)]);
    let failed = check(&lines, false);
    assert_eq!(failed, [Failed { line: 3, change: Change::AddService(service), errno: Errno::EEXIST }]);
    assert_eq!(check(&lines, true), []);
}
