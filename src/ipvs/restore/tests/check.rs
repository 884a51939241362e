//! What is known of a file without a kernel.

use super::*;

fn checked(lines: &[Change], noflush: bool) -> Vec<(u32, Errno)> {
    failed(&check(&script(lines), noflush).findings)
}

#[test]
fn what_the_rules_of_the_table_refuse() {
    let service = Random(11).service();
    let other = VirtualService { scheduler: "sh".parse().unwrap(), ..service };
    let stop = Change::StopDaemon(StopDaemon { state: DaemonState::Master, syncid: 0 });
    let lines = [Change::AddService(service), stop, Change::AddService(other), Change::Zero(Some(mark(77)))];
    assert_eq!(checked(&lines, false), [(3, Errno::EEXIST), (4, Errno::ESRCH)]);
    // What may be in the table to which the lines are added is not known.
    assert_eq!(checked(&lines, true), [(3, Errno::EEXIST)]);
    let gone = [Change::DeleteService(service.key), Change::EditService(service)];
    assert_eq!(checked(&gone, true), [(2, Errno::ESRCH)]);
    let mut server = Random(12).server(&service.key, false);
    (server.upper_threshold, server.lower_threshold) = (3, 4);
    let thresholds = [Change::AddServer(service.key, server)];
    assert_eq!(checked(&thresholds, false), [(1, Errno::ESRCH)]);
    assert_eq!(checked(&thresholds, true), [(1, Errno::ERANGE)]);
}

#[test]
fn names_that_no_kernel_is_known_to_have() {
    let service = VirtualService { persistence_engine: "sip".parse().ok(), ..Random(13).service() };
    let odd = VirtualService {
        key: mark(9),
        scheduler: "wwr".parse().unwrap(),
        persistence_engine: "sap".parse().ok(),
        ..service
    };
    let checked = check(&script(&[Change::AddService(service), Change::AddService(odd)]), false);
    assert_eq!(checked.findings, Findings::default());
    let names = [
        UnknownName::Scheduler(line(2), odd.scheduler),
        UnknownName::PersistenceEngine(line(2), "sap".parse().unwrap()),
    ];
    assert_eq!(checked.unknown, names);
}

/// A server fails for want of its service only because the service's line does not parse: one message is enough.
#[test]
fn what_follows_from_a_bad_line_is_not_told() {
    let server = |key| Change::AddServer(key, Random(14).server(&key, false));
    let text = "-A -f 7 -s\n-a -f 7 -r 192.0.2.1\n-a -f 8 -r 192.0.2.1\n";
    let file = Script::read(text, |line| match line {
        "-A -f 7 -s" => Err(Unfit::Bad("no name".to_owned())),
        line => Ok(Some(server(mark(if line.contains("-f 7") { 7 } else { 8 })))),
    });
    assert_eq!(failed(&check(&file, false).findings), [(3, Errno::ESRCH)]);
    // Nor does it excuse a line before it, or one that has no more than a weight in common with it.
    let text = "-a -f 7 -r 192.0.2.1\n-A -f 7 -w 1\n-a -f 8 -r 192.0.2.1 -w 1\n";
    let file = Script::read(text, |line| match line {
        "-A -f 7 -w 1" => Err(Unfit::Bad("no weight here".to_owned())),
        line => Ok(Some(server(mark(if line.contains("-f 7") { 7 } else { 8 })))),
    });
    assert_eq!(failed(&check(&file, false).findings), [(1, Errno::ESRCH), (3, Errno::ESRCH)]);
}
