//! Single cases.

use super::*;

#[test]
fn another_program_is_met_once_with_a_fresh_look() {
    let mut random = Random(7);
    for _ in 0..500 {
        let start = one_by_one(&Tables::default(), &random.rules());
        let rules = random.rules();
        let wanted = one_by_one(&Tables::default(), &rules);
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
        assert_eq!(outcome.findings.failed, []);
        // The kernel tells of a collision only, not of what else has changed.
        if kernel.looks > 1 {
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
    let other = VirtualService { key: mark(99), ..service };
    let (outcome, _) = run(&mut kernel, &[Change::AddService(other)], REPLACE);
    assert!(outcome.findings.failed.contains(&Failed {
        line: Some(line(1)),
        change: Change::AddService(other),
        errno: Errno::EEXIST
    }));
}

#[test]
fn told_to_stop_it_says_what_is_left() {
    let service = Random(8).service();
    let rules: Vec<_> =
        (1..=300).map(|number| Change::AddService(VirtualService { key: mark(number), ..service })).collect();
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
        assert_eq!(
            outcome.findings.failed.iter().map(|failed| failed.line.map_or(0, Line::get)).collect::<Vec<_>>(),
            failing,
            "{lines:?}"
        );
        assert_eq!(kernel.tables.daemons, after, "{lines:?}");
        assert_eq!(kernel.asked, asked, "{lines:?}");
        let mut kernel = Kernel::with(&Tables { daemons: before.to_vec(), ..Tables::default() });
        let (outcome, _) = run(&mut kernel, lines, ATOMIC);
        let expected = if outcome.findings.failed.is_empty() { after } else { before };
        assert_eq!(kernel.tables.daemons, expected, "{lines:?}");
    }
}

#[test]
fn counters_are_zeroed_last_and_only_of_services_that_stay() {
    let mut random = Random(10);
    let service = random.service();
    let new = VirtualService { key: mark(99), ..service };
    let lines = [
        Change::AddService(service),
        Change::Zero(Some(service.key)),
        Change::AddService(new),
        Change::Zero(Some(new.key)),
        Change::Zero(Some(mark(98))),
    ];
    let mut kernel = Kernel::default();
    kernel.tables.make(&lines[0]).unwrap();
    let (outcome, made) = run(&mut kernel, &lines, REPLACE);
    assert_eq!(outcome.findings.failed, [Failed { line: Some(line(5)), change: lines[4], errno: Errno::ESRCH }]);
    assert_eq!(made, [lines[2], lines[1]]);
    let (_, made) = run(&mut kernel, &[lines[0], Change::Zero(None)], REPLACE);
    assert_eq!(made, [Change::DeleteService(new.key), Change::Zero(None)]);
}

#[test]
fn a_kernel_that_is_lost_in_the_middle_leaves_a_true_count() {
    let service = Random(12).service();
    let rules: Vec<_> =
        (1..=500).map(|number| Change::AddService(VirtualService { key: mark(number), ..service })).collect();
    let mut kernel = Kernel { fails_at: Some(300), ..Kernel::default() };
    let (outcome, made) = run(&mut kernel, &rules, REPLACE);
    assert_eq!(outcome.error, Some("the socket is gone"));
    assert_eq!((outcome.made, outcome.unknown, outcome.left), (256, 128, 116));
    assert_eq!((made.len(), kernel.tables.services.len()), (256, 299));
}
