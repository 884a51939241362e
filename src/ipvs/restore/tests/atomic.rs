//! `--atomic`: the old table or the new one.

use super::*;

#[test]
fn a_refusal_at_any_change_undoes_all() {
    let mut random = Random(4);
    for _ in 0..300 {
        let start = one_by_one(&Tables::default(), &random.rules());
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
            assert_eq!(outcome.findings.failed.len(), 1);
            assert_eq!(outcome.findings.failed[0].errno, Errno::ENOMEM);
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
    let start = one_by_one(&Tables::default(), &rules);
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
    let live = Live::read(&mut kernel, false, false).unwrap();
    let ours = FxHashSet::default();
    let tables = plan::Tables { before: &live, now: &live, ours: &ours };
    let plan = Plan::new(&tables, &Desired::new(Some(&live), Others::Remove, 0), true);
    assert_eq!(plan.changes.iter().map(|planned| planned.change).collect::<Vec<_>>(), [Change::Flush]);
    let (mut noted, stop) = (Noted::default(), AtomicBool::new(false));
    let mut maker = Maker::new(&mut kernel, &mut noted, &stop, Some(Journal::default()));
    assert_eq!(maker.make(&plan, 0..1), Ok(vec![]));
    assert_eq!(maker.table.tables.services, []);
    assert_eq!(maker.undo(), Ok(vec![]));
    assert_eq!(kernel.tables.services, start.services);
}

#[test]
fn a_line_that_only_the_kernel_can_judge_undoes_all() {
    let mut random = Random(6);
    let mut met = 0;
    for _ in 0..1000 {
        let start = one_by_one(&Tables::default(), &random.rules());
        let mut changes = random.changes_with_refusals(12);
        changes.retain(|change| !is_daemon_or_zero(change));
        let fails = !run(&mut Kernel::with(&start), &changes, REPLACE).0.findings.failed.is_empty();
        let mut kernel = Kernel::with(&start);
        let (outcome, _) = run(&mut kernel, &changes, ATOMIC);
        assert_eq!(!outcome.findings.failed.is_empty(), fails);
        if fails {
            met += 1;
            assert!(matches!(outcome.undone, Some(Undone::All)));
            assert_eq!(kernel.tables.sorted(), start.sorted());
        }
    }
    assert!(met > 500, "{met}");
}

#[test]
fn a_name_that_does_not_resolve_changes_nothing() {
    let mut random = Random(7);
    let start = one_by_one(&Tables::default(), &[Change::AddService(random.service())]);
    let mut kernel = Kernel::with(&start);
    let mut file = script(&[]);
    file.unresolved.push(UnresolvedLine { line: line(1), what: "nobody".to_owned(), meant: Meant::Nothing });
    let outcome = restore(&mut kernel, &file, ATOMIC, &AtomicBool::new(false), &mut Noted::default());
    assert!(matches!(outcome.undone, Some(Undone::All)));
    assert_eq!((kernel.asked, kernel.tables), (0, start));
}
