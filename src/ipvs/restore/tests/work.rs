//! The work of a restore grows with the lines, whatever they are: counted in what the kernel is asked, not in time.

use super::*;

/// How often the table is read and how many changes the kernel is asked for, with the lines that fail.
fn work(start: &Tables, lines: &[Change], options: Options) -> (usize, usize, usize) {
    let mut kernel = Kernel::with(start);
    let (outcome, _) = run(&mut kernel, lines, options);
    assert!(outcome.error.is_none() && !outcome.stopped);
    (kernel.looks, kernel.asked, outcome.findings.failed.len())
}

fn with_scheduler(service: VirtualService, number: usize) -> VirtualService {
    VirtualService { scheduler: format!("bogus{number}").parse().unwrap(), ..service }
}

#[test]
fn lines_about_one_object_are_asked_for_once_each() {
    let service = VirtualService { key: mark(1), ..Random(20).service() };
    let mut server = Random(21).server(&service.key, false);
    server.key.address = [224, 0, 0, 1].into();
    for count in [10, 1000] {
        let servers = (0..count).map(|weight| Change::AddServer(service.key, RealServer { weight, ..server }));
        let lines: Vec<_> = std::iter::once(Change::AddService(service)).chain(servers).collect();
        assert_eq!(work(&Tables::default(), &lines, REPLACE), (2, lines.len(), lines.len() - 1));
        let edits = (0..count as usize).map(|number| Change::EditService(with_scheduler(service, number)));
        let lines: Vec<_> = std::iter::once(Change::AddService(service)).chain(edits).collect();
        assert_eq!(work(&Tables::default(), &lines, REPLACE), (2, lines.len(), lines.len() - 1));
        let adds: Vec<_> = (0..count as usize).map(|n| Change::AddService(with_scheduler(service, n))).collect();
        assert_eq!(work(&Tables::default(), &adds, REPLACE), (2, adds.len(), adds.len()));
        let daemon = SyncDaemon { interface: "nix".parse().unwrap(), ..Random(22).daemon() };
        let daemons: Vec<_> =
            (0..count as u32).map(|syncid| Change::StartDaemon(SyncDaemon { syncid, ..daemon })).collect();
        assert_eq!(work(&Tables::default(), &daemons, REPLACE), (2, daemons.len(), daemons.len()));
        let timeouts = (0..count as u32).map(|udp| {
            Change::SetTimeouts(Timeouts { tcp: NonZero::new(u32::MAX), tcp_fin: None, udp: NonZero::new(udp) })
        });
        let timeouts: Vec<_> = timeouts.collect();
        assert_eq!(work(&Tables::default(), &timeouts, REPLACE), (2, timeouts.len() + 1, timeouts.len()));
    }
}

#[test]
fn a_name_is_asked_for_once() {
    let service = Random(23).service();
    let named = |number: u32, scheduler| Change::AddService(VirtualService { key: mark(number), scheduler, ..service });
    let mut lines: Vec<_> = (1..=1000).map(|number| named(number, "bogus".parse().unwrap())).collect();
    lines.extend((1..=1000).map(|number| Change::EditService(VirtualService { key: mark(number), ..service })));
    lines.extend((2000..3000).map(|number| named(number, "bogus2".parse().unwrap())));
    // Lines that another one takes back are not asked for at all.
    let mut kernel = Kernel::default();
    let (outcome, _) = run(&mut kernel, &lines, REPLACE);
    assert_eq!((outcome.made, outcome.findings.failed.len(), kernel.looked_for_modules), (1000, 1000, 1));
    assert_eq!(kernel.looks, 2);
    let edit = |number| VirtualService { key: mark(number), scheduler: "bogus".parse().unwrap(), ..service };
    let edits: Vec<_> = (1..=1000).map(|number| Change::EditService(edit(number))).collect();
    let mut kernel = Kernel::with(&kernel.tables);
    let (outcome, _) = run(&mut kernel, &edits, ADD);
    assert_eq!((outcome.made, outcome.findings.failed.len(), kernel.looked_for_modules), (0, 1000, 1));
}

/// Any mix of lines about few objects, of which many are refused.
#[test]
fn any_file_is_asked_for_once_with_few_looks() {
    let mut random = Random(24);
    for round in 0..400 {
        let start = one_by_one(&Tables::default(), &random.rules());
        let lines = random.changes_with_refusals(if round % 2 == 0 { 20 } else { 300 });
        for options in [REPLACE, ADD] {
            let (looks, asked, _) = work(&start, &lines, options);
            let live: usize = start.services.iter().map(|(_, servers)| 1 + servers.len()).sum();
            assert!(looks <= 5, "{looks} looks\n{lines:#?}");
            assert!(asked <= 2 * lines.len() + live + 10, "{asked} of {}\n{lines:#?}", lines.len());
        }
    }
}

/// It would not end if each line that clears the table went through all that was there before.
#[test]
fn clearing_costs_nothing() {
    let service = Random(25).service();
    let add = |number| Change::AddService(VirtualService { key: mark(number), ..service });
    let lines: Vec<_> = (0..100_000).flat_map(|number| [add(number), Change::Flush]).collect();
    assert_eq!(work(&Tables::default(), &lines, REPLACE), (1, 0, 0));
    assert_eq!(work(&Tables::default(), &lines, ADD), (1, 0, 0));
    let pairs: Vec<_> = (0..100_000).flat_map(|_| [add(1), Change::DeleteService(mark(1))]).collect();
    assert_eq!(work(&Tables::default(), &pairs, REPLACE), (1, 0, 0));
    assert_eq!(check(&script(&lines), false).findings, Findings::default());
}
