//! The documents of a drain.

use super::draining;
use super::simulated::{Clockwork, Happening, Simulated, run};
use crate::program::draining::Draining;

#[test]
fn a_document_for_each_event() {
    let mut table = Simulated::new(&[
        (1, |table| table.server().active = 2),
        (3, |table| table.server().inactive = 1),
        (5, |table| (table.server().active, table.server().inactive) = (0, 0)),
    ]);
    table.entry.service.service.scheduler = "sh".parse().unwrap();
    let draining = Draining { json: true, ..draining() };
    let (status, out, err) = run(&mut table, &Clockwork::default(), &draining);
    assert_eq!((status, err), (Ok(0), String::new()));
    let head = r#"{"schema_version":1,"event":"EVENT","elapsed_seconds":N,"limit_seconds":5,"exit_status":"#;
    let head = |event, seconds: &str| head.replace("EVENT", event).replace("N", seconds);
    let key = concat!(
        r#""servers":[{"service":{"protocol":"tcp","address":"192.0.2.1","port":80,"names":null,"fwmark":null,"#,
        r#""family":"ipv4"},"server":{"address":"10.0.0.1","port":80,"names":null},"#
    );
    let counts = |counts: [u32; 3]| {
        let [active, inactive, persistent] = counts;
        format!(r#""connections":{{"active":{active},"inactive":{inactive},"persistent":{persistent}}}"#)
    };
    let put_back = r#""put_back":"ipvsadm -e -t 192.0.2.1:80 -r 10.0.0.1:80 -w 3 --keep""#;
    let remove = r#""remove":"ipvsadm -d -t 192.0.2.1:80 -r 10.0.0.1:80"}]"#;
    let draining = format!(r#"null,{key}"state":"draining","weight_before":3,"weight":0"#);
    let lines: Vec<&str> = out.lines().collect();
    let begun = format!("{}{draining},{},{put_back},{remove},", head("begun", "0"), counts([2, 0, 0]));
    assert!(lines[0].starts_with(&begun), "{out}");
    assert!(lines[0].contains(r#""warnings":[{"type":"scheduler_refuses","message":"The scheduler sh of"#), "{out}");
    let progress = |seconds, found| {
        let head = head("progress", seconds);
        format!("{head}{draining},{},{put_back},{remove},\"warnings\":[]}}", counts(found))
    };
    assert_eq!(lines[1..3], [progress("0", [2, 0, 0]), progress("1", [2, 1, 0])]);
    let add = r#""put_back":"ipvsadm -a -t 192.0.2.1:80 -r 10.0.0.1:80 -g -w 3","remove":null}],"warnings":[]}"#;
    let removed = format!(r#"0,{key}"state":"removed","weight_before":3,"weight":null,{},{add}"#, counts([0, 0, 0]));
    assert_eq!(lines[3..], [format!("{}{removed}", head("drained", "3"))]);
}

#[test]
fn other_ends() {
    let end = |draining: Draining, happenings: &[Happening], parts: &[&str]| {
        let mut table = Simulated::new(happenings);
        let (status, out, err) = run(&mut table, &Clockwork::default(), &Draining { json: true, ..draining });
        assert_eq!(err, "");
        let last = out.lines().last().unwrap_or_default();
        for part in
            parts.iter().map(|part| (*part).to_owned()).chain([format!(r#""exit_status":{},"#, status.unwrap())])
        {
            assert!(last.contains(&part), "{part}: {last}");
        }
    };
    let busy: Happening = (1, |table| table.server().active = 2);
    end(draining(), &[busy], &[r#""event":"time_limit""#, r#""state":"draining","weight_before":3,"weight":0,"#]);
    let back = Draining { restore_weight: true, ..draining() };
    end(back, &[busy], &[r#""event":"time_limit""#, r#""state":"put_back","weight_before":3,"weight":3,"#]);
    let alone: Happening = (1, |table| table.entry.servers.truncate(1));
    end(draining(), &[alone], &[r#""event":"refused""#, r#""state":"unchanged""#, r#""type":"last_server""#]);
    let set: Happening = (3, |table| table.server().server.weight = 9);
    end(draining(), &[busy, set], &[r#""event":"changed""#, r#""state":"changed","weight_before":3,"weight":9,"#]);
    let removed: Happening = (3, |table| table.entry.servers.clear());
    end(draining(), &[busy, removed], &[r#""event":"changed""#, r#""state":"gone""#, r#""weight":null,"#]);
}
