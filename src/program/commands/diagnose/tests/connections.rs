//! States of connections, and the table that they are in.

use super::super::states::Connections;
use super::{assert_wrong, facts, judge, line, with, wrong};
use crate::ipvs::model::{Family, Forwarding, ServiceKey};

/// A line of the table: from a client to 10.0.1.`last`, in a state, with so many seconds left.
fn connection(last: u8, state: &str, left: u32) -> String {
    format!("TCP C0000264 8320 C0000201 0050 0A0001{last:02X} 1F90 {state:11} {left:7}\n")
}

fn connections(lines: &[String]) -> Connections {
    let title = "Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData\n";
    Connections::read(format!("{title}{}", lines.concat()).as_bytes()).unwrap()
}

fn seen(lines: &[String]) -> super::Facts {
    with(|facts| facts.connections = Ok(connections(lines)))
}

#[test]
fn servers_that_do_not_answer() {
    let waits = |left| connection(2, "SYN_RECV", left);
    let established = connection(2, "ESTABLISHED", 899);
    for lines in [
        &[waits(59)][..],
        &[waits(59), waits(60)],
        &[waits(10), established.clone()],
        std::slice::from_ref(&established),
    ] {
        assert_eq!(wrong(&seen(lines)), [""; 0], "{lines:?}");
    }
    let begins = "fault answers TCP 192.0.2.1:80 -> 10.0.1.2:8080: ";
    for lines in [&[waits(57)][..], &[waits(60), waits(60), waits(59)]] {
        assert_wrong(&seen(lines), begins);
    }
    // The other server is judged by its own.
    assert_wrong(&seen(&[waits(3), connection(3, "FIN_WAIT", 100)]), &format!("{begins}1 connections (50 %"));
    let flood = [waits(1), waits(2), waits(3), waits(4), established];
    assert_wrong(&seen(&flood), "warning answers TCP 192.0.2.1:80 -> 10.0.1.2:8080: 5 connections (100 %");
}

#[test]
fn a_server_that_has_gone() {
    let waits = [connection(2, "SYN_RECV", 40), connection(2, "SYN_RECV", 45), connection(2, "SYN_RECV", 50)];
    let with_answered = |left| [&waits[..], &vec![connection(2, "TIME_WAIT", left); 9]].concat();
    assert_eq!(wrong(&seen(&with_answered(61))), [""; 0]);
    // Nobody has been answered since those that wait began.
    assert_wrong(&seen(&with_answered(60)), "fault answers TCP 192.0.2.1:80 -> 10.0.1.2:8080: 12 connections");
    assert_eq!(wrong(&seen(&with_answered(60)[1..])), [""; 0]);
}

#[test]
fn a_server_that_refuses() {
    let reset = connection(2, "CLOSE", 9);
    let answered = connection(3, "TIME_WAIT", 100);
    let has = |lines: &[String], begin: &str| {
        let facts = seen(lines);
        let found = judge(&facts).iter().map(line).any(|line| line.starts_with(begin));
        assert!(found, "{begin}: {lines:?}");
        wrong(&facts)
    };
    let [unknown, warning, good] =
        ["unknown", "warning", "good"].map(|word| format!("{word} answers TCP 192.0.2.1:80 -> 10.0.1.2:8080: "));
    assert_eq!(has(&[reset.clone(), reset.clone(), reset.clone()], &unknown), [""; 0]);
    assert_eq!(has(&[reset.clone(), reset.clone(), answered.clone()], &unknown), [""; 0]);
    let refused = [reset.clone(), reset.clone(), reset.clone(), answered.clone()];
    assert_eq!(has(&refused, &warning).len(), 1);
    // It answers some.
    assert_eq!(has(&[&refused[..], &[connection(2, "TIME_WAIT", 9)]].concat(), &good), [""; 0]);
    // By direct routing it is the client who resets.
    let mut direct = seen(&refused);
    direct.table.services[0].servers[0].server.forwarding = Forwarding::Route;
    assert!(!judge(&direct).iter().any(|finding| finding.seen.contains("reset")));
}

#[test]
fn connections_of_others_are_none_of_a_services() {
    let other_port = connection(2, "SYN_RECV", 3).replace("0050", "0051");
    let udp = connection(2, "SYN_RECV", 3).replace("TCP", "UDP");
    let template = connection(2, "NONE", 3).replace("8320", "0000");
    let facts = seen(&[other_port, udp, template]);
    assert_eq!(wrong(&facts), [""; 0]);
    let lines: Vec<_> = judge(&facts).iter().map(line).collect();
    assert!(lines.contains(&"unknown answers TCP 192.0.2.1:80: there is no connection to judge by".to_owned()));
}

#[test]
fn a_firewall_mark_has_the_connections_of_its_servers() {
    let mut facts = seen(&[connection(2, "SYN_RECV", 3)]);
    facts.table.services[0].service.service.key = ServiceKey::mark(7, Family::Inet);
    facts.table.services[0].service.stats.connections = 1;
    assert_wrong(&facts, "fault answers FWM 7 -> 10.0.1.2:8080");
    facts.table.services[0].servers[0].server.key.port = 0;
    assert_wrong(&facts, "fault answers FWM 7 -> 10.0.1.2:0");
}

#[test]
fn a_full_table() {
    let many = |number: usize| vec![connection(2, "ESTABLISHED", 800); number];
    let mut facts = facts();
    facts.table.info.connection_table_size = 4;
    facts.connections = Ok(connections(&many(63)));
    assert_eq!(wrong(&facts), [""; 0]);
    facts.connections = Ok(connections(&many(64)));
    assert_wrong(&facts, "warning connection-table this host: 64 connections, in 4 buckets");
    // Since Linux 7.1 the table grows.
    for (limit, begins) in [("1073741824", None), ("71", Some("warning")), ("64", Some("fault")), ("72", None)] {
        facts.settings.0.insert("ipv4/vs/conn_max".to_owned(), Ok(format!("{limit}\n")));
        match begins {
            None => assert_eq!(wrong(&facts), [""; 0], "{limit}"),
            Some(word) => {
                assert_wrong(&facts, &format!("{word} connection-table this host: 64 connections, of {limit}"))
            }
        }
    }
    // The kernel's own count.
    facts.connection_count = Some(72);
    assert_wrong(&facts, "fault connection-table this host: 72 connections, of 72");
    facts.connection_count = None;
    facts.connections = Err("cannot read /proc/net/ip_vs_conn: Permission denied".to_owned());
    assert_eq!(wrong(&facts), [""; 0]);
    let unknown = |finding: &&super::Finding| finding.seen.contains("cannot read /proc/net/ip_vs_conn");
    assert_eq!(judge(&facts).iter().filter(unknown).count(), 2);
}
