//! Sync daemons and keepalived.

use super::super::keepalived::parse;
use super::{assert_wrong, judge, line, with, wrong};
use crate::ipvs::model::{DaemonState, Family, SyncDaemon};

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
fn a_backup_that_does_not_hear() {
    let shut = "*filter\n:INPUT DROP [0:0]\n-A INPUT -i eth0 -d 224.0.0.81/32 -p udp -m udp --dport 8848 -j ACCEPT\n\
                -A INPUT -d 192.0.2.1/32 -j ACCEPT\n";
    let of = |state, interface: &str| {
        let mut facts = daemon(state, interface);
        facts.rules.as_mut().unwrap().add_iptables("iptables", shut);
        facts
    };
    assert_eq!(wrong(&of(DaemonState::Backup, "eth0")), [""; 0]);
    assert_eq!(wrong(&of(DaemonState::Master, "eth1")), [""; 0]);
    let facts = of(DaemonState::Backup, "eth1");
    assert_wrong(
        &facts,
        "fault sync-daemon this host: backup daemon on eth1, sync id 0, group 224.0.0.81, port 8848: ipt",
    );
    let advice = judge(&facts).into_iter().find_map(|finding| finding.advice).unwrap();
    assert!(advice.ends_with(": iptables -t filter -I INPUT -d 224.0.0.81 -p udp --dport 8848 -j ACCEPT"), "{advice}");
}

#[test]
fn directors_that_do_not_hear_each_other() {
    let of = |rules: &str| {
        let text = format!("*filter\n:INPUT DROP [0:0]\n-A INPUT -p tcp -j ACCEPT\n{rules}");
        with(|facts| {
            facts.vrrp = vec![Family::Inet];
            facts.rules.as_mut().unwrap().add_iptables("iptables", &text);
        })
    };
    for rule in ["-s 192.0.2.252/32 -p vrrp", "-p 112", "-d 224.0.0.0/8"] {
        assert_eq!(wrong(&of(&format!("-A INPUT {rule} -j ACCEPT\n"))), [""; 0], "{rule}");
    }
    let facts = of("-A INPUT -p udp -j ACCEPT\n");
    assert_wrong(&facts, "warning vrrp this host: iptables filter INPUT drops VRRP, and both directors take the addr");
    let advice = judge(&facts).into_iter().find_map(|finding| finding.advice).unwrap();
    assert!(advice.ends_with(": iptables -t filter -I INPUT -p 112 -j ACCEPT"), "{advice}");
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
