//! *A line that fails changes nothing that is live*, kind by kind.

use super::*;
use crate::ipvs::model::Protocol;

fn key(port: u16) -> ServiceKey {
    ServiceKey::tcp([10, 0, 0, 1], port)
}

fn service(port: u16, scheduler: &str) -> VirtualService {
    VirtualService::new(key(port), scheduler.parse().unwrap())
}

fn server(number: u8, weight: i32) -> RealServer {
    RealServer { weight, ..RealServer::new([192, 168, 0, number], 80) }
}

fn add(port: u16, scheduler: &str) -> Change {
    Change::AddService(service(port, scheduler))
}

fn edit(port: u16, scheduler: &str) -> Change {
    Change::EditService(service(port, scheduler))
}

fn add_to(port: u16, number: u8, weight: i32) -> Change {
    Change::AddServer(key(port), server(number, weight))
}

fn edit_of(port: u16, number: u8, weight: i32) -> Change {
    Change::EditServer(key(port), server(number, weight))
}

fn delete_of(port: u16, number: u8) -> Change {
    Change::DeleteServer(key(port), server(number, 1).key)
}

/// Restores the lines on a table with the service 80 (rr) and its servers 1 and 2, and the service 81 with the server 3;
/// returns the changes that are made and the lines that fail.
fn restored(lines: &[Change], options: Options) -> (Vec<Change>, Vec<u32>) {
    let start = [add(80, "rr"), add_to(80, 1, 1), add_to(80, 2, 1), add(81, "rr"), add_to(81, 3, 1)];
    let mut kernel = Kernel::with(&one_by_one(&Tables::default(), &start));
    let (plan, _) = differences(&mut kernel, &script(lines), options).unwrap();
    let (outcome, made) = run(&mut kernel, lines, options);
    // What is removed is what `--diff` says.
    let mut removed = made.iter().filter(|made| matches!(made, Change::DeleteService(_) | Change::DeleteServer(..)));
    assert!(removed.all(|made| plan.changes.iter().any(|planned| planned.change == *made)));
    (made, failed(&outcome.findings).iter().map(|(line, _)| *line).collect())
}

#[test]
fn a_service_that_is_refused_stays_with_its_servers() {
    let rest = [add(81, "rr"), add_to(81, 3, 1)];
    let with = |lines: &[Change]| restored(&[lines, &rest].concat(), REPLACE);
    // The scheduler is misspelt.
    assert_eq!(with(&[add(80, "bogus"), add_to(80, 1, 1), add_to(80, 2, 1)]), (vec![], vec![1]));
    // The lines of its servers are done, and a server without one stays.
    assert_eq!(
        with(&[add(80, "bogus"), add_to(80, 1, 5), add_to(80, 4, 1)]),
        (vec![edit_of(80, 1, 5), add_to(80, 4, 1)], vec![1])
    );
    assert_eq!(with(&[add(80, "bogus"), delete_of(80, 1)]), (vec![delete_of(80, 1)], vec![1]));
    // One that does not live has no servers either.
    assert_eq!(
        with(&[add(82, "bogus"), add_to(82, 1, 1), add(80, "rr"), add_to(80, 1, 1), add_to(80, 2, 1)]),
        (vec![], vec![1, 2])
    );
}

#[test]
fn a_server_that_is_refused_stays() {
    let rest = [add(81, "rr"), add_to(81, 3, 1)];
    let with = |lines: &[Change]| restored(&[&[add(80, "rr")], lines, &rest].concat(), REPLACE);
    assert_eq!(with(&[add_to(80, 1, 99), add_to(80, 2, 1)]), (vec![], vec![2]));
    assert_eq!(with(&[add_to(80, 1, 99)]), (vec![delete_of(80, 2)], vec![2]));
    assert_eq!(with(&[add_to(80, 1, 1), edit_of(80, 1, 99), add_to(80, 2, 1)]), (vec![], vec![3]));
    // What the rules of the table refuse counts as well.
    let mut thresholds = server(1, 7);
    (thresholds.upper_threshold, thresholds.lower_threshold) = (5, 9);
    assert_eq!(with(&[Change::AddServer(key(80), thresholds), add_to(80, 2, 1)]), (vec![], vec![2]));
    // It is not there to be edited.
    assert_eq!(with(&[edit_of(80, 1, 5), add_to(80, 2, 1)]), (vec![], vec![2]));
}

#[test]
fn of_many_lines_about_one_object_those_that_the_kernel_takes_are_done() {
    let rest = [add_to(80, 1, 1), add_to(80, 2, 1), add(81, "rr"), add_to(81, 3, 1)];
    let with = |lines: &[Change]| restored(&[lines, &rest].concat(), REPLACE);
    assert_eq!(with(&[add(80, "bogus"), edit(80, "lc")]), (vec![edit(80, "lc")], vec![]));
    assert_eq!(with(&[add(80, "rr"), edit(80, "bogus"), edit(80, "lc")]), (vec![edit(80, "lc")], vec![]));
    assert_eq!(with(&[add(80, "rr"), edit(80, "lc"), edit(80, "bogus")]).1, [3]);
    assert_eq!(with(&[add(80, "bogus1"), add(80, "bogus2"), edit(80, "bogus3")]), (vec![], vec![1, 2, 3]));
    // It was to make room for a service that the kernel then refuses.
    let room = [add(80, "rr"), Change::DeleteService(key(80)), add(80, "bogus")];
    assert_eq!(with(&room), (vec![], vec![3]));
    assert_eq!(with(&[Change::Flush, add(80, "bogus")]), (vec![], vec![2]));
}

#[test]
fn lines_without_their_service_take_nothing_away_and_deleted_lines_do() {
    // The line of service 80 is gone, those of its servers are left: nobody knows what is meant.
    let lines = [add_to(80, 1, 5), add_to(80, 2, 1), add(81, "rr"), add_to(81, 3, 1)];
    assert_eq!(restored(&lines, REPLACE), (vec![], vec![1, 2]));
    let lines = [edit(80, "lc"), add(81, "rr"), add_to(81, 3, 1)];
    assert_eq!(restored(&lines, REPLACE), (vec![], vec![1]));
    // All its lines are gone.
    let gone = vec![Change::DeleteService(key(80))];
    assert_eq!(restored(&[add(81, "rr"), add_to(81, 3, 1)], REPLACE), (gone.clone(), vec![]));
    // A line that only removes wants nothing.
    let lines = [Change::DeleteService(key(80)), add(81, "rr"), add_to(81, 3, 1)];
    assert_eq!(restored(&lines, REPLACE), (gone, vec![1]));
    let lines = [add(80, "rr"), add_to(80, 1, 1), delete_of(80, 2), add(81, "rr"), add_to(81, 3, 1)];
    assert_eq!(restored(&lines, REPLACE), (vec![delete_of(80, 2)], vec![3]));
}

#[test]
fn without_flush_too() {
    assert_eq!(restored(&[edit(80, "bogus"), edit_of(80, 1, 99), add(80, "lc")], ADD), (vec![], vec![1, 2, 3]));
    assert_eq!(restored(&[Change::DeleteService(key(80)), add(80, "bogus")], ADD), (vec![], vec![2]));
    assert_eq!(restored(&[delete_of(80, 1), edit_of(80, 1, 5)], ADD), (vec![delete_of(80, 1)], vec![2]));
    assert_eq!(restored(&[delete_of(80, 1), add_to(80, 1, 99)], ADD), (vec![], vec![2]));
}

#[test]
fn what_a_name_may_mean_stays() {
    let kernel = || {
        let start = [add(80, "rr"), add_to(80, 1, 1), add_to(80, 2, 1), add(81, "rr"), add_to(81, 3, 1)];
        let mut udp = service(80, "rr");
        udp.key = ServiceKey::Address { protocol: Protocol::Udp, address: [10, 0, 0, 1].into(), port: 80 };
        Kernel::with(&one_by_one(&Tables::default(), &[&start[..], &[Change::AddService(udp)]].concat()))
    };
    let file = |number, meant, lines: &[Change]| {
        let mut file = script(lines);
        file.unresolved.push(UnresolvedLine { line: line(number), what: "nobody".to_owned(), meant });
        file
    };
    let restored = |file: &Script<'_>, kernel: &mut Kernel<'_>| {
        let mut noted = Noted::default();
        let outcome = restore(kernel, file, REPLACE, &AtomicBool::new(false), &mut noted);
        (noted.0.len(), outcome.findings.spared)
    };
    // A server of the service 80: it keeps both of which only one is named; all else goes.
    let meant = Meant::Servers(key(80));
    let made = restored(&file(9, meant, &[add(80, "rr"), add_to(80, 1, 1)]), &mut kernel());
    assert_eq!(made, (2, Count { services: 0, servers: 1 }));
    // A service of that protocol and port.
    let pattern = ServicePattern { protocol: Protocol::Tcp, address: None, port: Some(80) };
    let made = restored(&file(9, Meant::Services(pattern), &[]), &mut kernel());
    assert_eq!(made, (2, Count { services: 1, servers: 0 }));
    // A service of that protocol and address.
    let pattern = ServicePattern { address: Some([10, 0, 0, 1].into()), port: None, ..pattern };
    let made = restored(&file(9, Meant::Services(pattern), &[add(81, "rr"), add_to(81, 3, 1)]), &mut kernel());
    assert_eq!(made, (1, Count { services: 1, servers: 0 }));
    // A server without its service; what is only to be removed.
    assert_eq!(restored(&file(9, meant, &[]), &mut kernel()), (2, Count::default()));
    assert_eq!(restored(&file(9, Meant::Nothing, &[]), &mut kernel()), (1, Count::default()));
}

#[test]
fn a_line_that_says_what_an_earlier_one_said_is_no_failure() {
    let lines = [
        add(80, "rr"),
        add_to(80, 1, 1),
        add_to(80, 1, 1),
        add_to(80, 1, 2),
        add(80, "rr"),
        edit(80, "lc"),
        add(80, "rr"),
    ];
    let (outcome, _) = run(&mut Kernel::default(), &lines, REPLACE);
    assert_eq!(failed(&outcome.findings), [(4, Errno::EEXIST), (7, Errno::EEXIST)]);
    let repeated = |number, first| Repeated { line: line(number), first: line(first) };
    assert_eq!(outcome.findings.repeated, [repeated(3, 2), repeated(5, 1)]);
    // What only lives was said by no line.
    assert_eq!(restored(&[add(80, "rr")], ADD), (vec![], vec![1]));
}

#[test]
fn objects_that_are_added_to_a_table_say_how_they_are_to_be() {
    let objects = [add(80, "wrr"), add_to(80, 1, 5), add_to(80, 4, 1), add(81, "rr"), add(82, "rr"), add(80, "rr")];
    let start = [add(80, "rr"), add_to(80, 1, 1), add_to(80, 2, 1), add(81, "rr"), add_to(81, 3, 1)];
    let mut kernel = Kernel::with(&one_by_one(&Tables::default(), &start));
    let script = Script::of_objects("a\nb\nc\nd\ne\nf\n", objects.to_vec());
    let (plan, findings) = differences(&mut kernel, &script, ADD).unwrap();
    let changes: Vec<_> = plan.changes.iter().map(|planned| planned.change).collect();
    assert_eq!(changes, [edit(80, "wrr"), edit_of(80, 1, 5), add_to(80, 4, 1), add(82, "rr")]);
    assert_eq!((failed(&findings), script.line(line(6))), (vec![(6, Errno::EEXIST)], "f"));
    // One that the kernel refuses stays as it lives.
    let script = Script::of_objects("a\nb\n", vec![add(80, "bogus"), add_to(80, 2, 7)]);
    let mut noted = Noted::default();
    let outcome = restore(&mut kernel, &script, ADD, &AtomicBool::new(false), &mut noted);
    assert_eq!((failed(&outcome.findings), noted.0), (vec![(1, Errno::ENOENT)], vec![edit_of(80, 2, 7)]));
}
