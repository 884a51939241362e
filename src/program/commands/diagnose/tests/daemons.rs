//! Sync daemons and keepalived.

use super::super::keepalived::parse;
use super::{assert_wrong, judge, line, with, wrong};
use crate::ipvs::model::{DaemonState, SyncDaemon};

fn daemon(state: DaemonState, interface: &str) -> super::Facts {
    with(|facts| facts.table.daemons = Some(vec![SyncDaemon::new(state, interface.parse().unwrap())]))
}

#[test]
fn interfaces_of_daemons() {
    for state in [DaemonState::Master, DaemonState::Backup] {
        assert_eq!(wrong(&daemon(state, "eth0")), [""; 0]);
        let begins = format!("fault sync-daemon this host: {state} daemon on ");
        assert_wrong(
            &daemon(state, "eth9"),
            &format!("{begins}eth9, sync id 0, group 224.0.0.81, port 8848: there is no"),
        );
        let mut facts = daemon(state, "eth1");
        facts.network.as_mut().unwrap().links[2].multicast = false;
        assert_wrong(&facts, &format!("{begins}eth1"));
        facts.network.as_mut().unwrap().links[2].carrier = false;
        assert!(wrong(&facts)[0].ends_with("eth1 is down"), "{:?}", wrong(&facts));
    }
    let mut facts = daemon(DaemonState::Master, "eth1");
    facts.network.as_mut().unwrap().addresses.pop();
    assert!(wrong(&facts)[0].ends_with("eth1 has no IPv4 address to send from"), "{:?}", wrong(&facts));
}

#[test]
fn connections_that_have_come() {
    let mut facts = daemon(DaemonState::Backup, "eth0");
    let of_daemon =
        |facts: &super::Facts| judge(facts).iter().filter(|f| f.check == "sync-daemon").map(line).collect::<Vec<_>>();
    assert!(of_daemon(&facts)[0].starts_with("unknown"));
    facts.synced = Ok(3);
    assert!(of_daemon(&facts)[0].starts_with("good") && of_daemon(&facts)[0].ends_with("3 connections have come"));
}

#[test]
fn a_director_that_leaves_all_alone() {
    let mut facts = daemon(DaemonState::Backup, "eth0");
    facts.settings.0.insert("ipv4/vs/backup_only".to_owned(), Ok("1\n".to_owned()));
    assert_wrong(&facts, "fault backup-only this host: net.ipv4.vs.backup_only is 1 and a backup daemon runs");
    facts.table.daemons = Some(vec![SyncDaemon::new(DaemonState::Master, "eth0".parse().unwrap())]);
    assert_eq!(wrong(&facts), [""; 0]);
}

#[test]
fn changes_beside_keepalived() {
    let configured = |text: &str| with(|facts| facts.keepalived = Some(parse(text)));
    let service =
        "virtual_server 192.0.2.1 80 {\n real_server 10.0.1.2 8080 {\n }\n real_server 10.0.1.3 8080 {\n }\n}\n";
    assert_eq!(wrong(&configured(service)), [""; 0]);
    assert_eq!(wrong(&configured("")), [""; 0]);
    assert_eq!(wrong(&configured("include more")), [""; 0]);
    let about = "TCP 192.0.2.1:80 -> 10.0.1.3:8080";
    let weighted = service.replacen("{\n }\n}", "{\n weight 5\n }\n}", 1);
    assert_wrong(&configured(&weighted), &format!("warning keepalived {about}: its weight is 1, but keepalived has 5"));
    assert_eq!(wrong(&configured(&weighted.replace("weight 5", "weight 5\n inhibit_on_failure"))), [""; 0]);
    let without = service.replace("real_server 10.0.1.3 8080 {\n }", "");
    assert_wrong(&configured(&without), &format!("warning keepalived {about}: it is in the table, but not"));
    assert_eq!(
        wrong(&configured(&service.replace("real_server 10.0.1.3 8080 {\n }", "sorry_server 10.0.1.3 8080"))),
        [""; 0]
    );
    let more = service.replacen("{\n }", "{\n }\n real_server 10.0.1.4 8080 {\n }", 1);
    assert_wrong(&configured(&more), "warning keepalived TCP 192.0.2.1:80 -> 10.0.1.4:8080: keepalived has it in its");
    let other = format!("{service}{}", service.replace("192.0.2.1", "192.0.2.9"));
    assert_wrong(&configured(&other), "warning keepalived TCP 192.0.2.9:80: keepalived has it in its configuration");
}
