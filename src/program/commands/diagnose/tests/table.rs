//! The table, its schedulers and thresholds.

use super::{assert_wrong, facts, judge, key, line, server, with, wrong};
use crate::ipvs::model::{Family, ServiceFlags, ServiceKey};
use crate::program::diagnosis::Diagnosis;

#[test]
fn a_service_that_is_not_there() {
    for (asked, near) in [
        (ServiceKey::tcp([192, 0, 2, 1], 443), ", but there is TCP 192.0.2.1:80"),
        (ServiceKey::udp([192, 0, 2, 1], 80), ", but there is TCP 192.0.2.1:80"),
        (ServiceKey::tcp([192, 0, 2, 2], 80), ", but there is TCP 192.0.2.1:80"),
        (ServiceKey::udp([192, 0, 2, 2], 80), ""),
        (ServiceKey::mark(7, Family::Inet), ""),
    ] {
        let facts = with(|facts| facts.asked = Diagnosis { service: Some(asked), ..Diagnosis::default() });
        let begins = format!("fault service {asked}: it is not in the table{near}");
        assert_wrong(&facts, &begins);
        assert!(wrong(&facts)[0].len() == begins.len(), "{facts:?}", facts = wrong(&facts));
    }
    let asked = with(|facts| {
        facts.asked.service = Some(ServiceKey::tcp([192, 0, 2, 1], 443));
        facts.table.services[0].service.service.key = ServiceKey::tcp([192, 0, 2, 1], 0);
    });
    assert_wrong(&asked, "warning service TCP 192.0.2.1:443: it is not in the table, but TCP 192.0.2.1:0 takes");
    assert_wrong(&with(|facts| facts.table.services.clear()), "warning service this host: there is no service");
}

#[test]
fn a_service_that_is_asked_for_is_judged_alone() {
    let mut facts = with(|facts| facts.asked.service = Some(key()));
    let mut other = facts.table.services[0].clone();
    other.service.service.key = ServiceKey::udp([192, 0, 2, 1], 53);
    other.servers.clear();
    facts.table.services.push(other);
    assert_eq!(wrong(&facts), [""; 0]);
    facts.asked.service = None;
    assert_wrong(&facts, "fault servers UDP 192.0.2.1:53: it has no servers");
}

#[test]
fn a_server_that_is_asked_for() {
    let asked = |last: u8, port| {
        with(|facts| {
            facts.asked =
                Diagnosis { service: Some(key()), server: Some(([10, 0, 1, last].into(), port)), json: false };
        })
    };
    assert_eq!(wrong(&asked(2, None)), [""; 0]);
    assert_eq!(wrong(&asked(2, Some(8080))), [""; 0]);
    let no = "fault servers TCP 192.0.2.1:80: it has no server";
    assert_wrong(&asked(2, Some(80)), &format!("{no} 10.0.1.2:80, but 10.0.1.2:8080"));
    assert_wrong(&asked(9, None), &format!("{no} 10.0.1.9 among its 2"));
    let mut facts = asked(2, None);
    facts.table.services[0].servers[0].server.weight = 0;
    assert_wrong(&facts, "warning weights TCP 192.0.2.1:80 -> 10.0.1.2:8080: its weight is 0");
}

#[test]
fn weights() {
    let weighted = |weights: [i32; 2]| {
        with(|facts| {
            let servers = &mut facts.table.services[0].servers;
            servers.iter_mut().zip(weights).for_each(|(listed, weight)| listed.server.weight = weight);
        })
    };
    assert_eq!(wrong(&weighted([0, 1])), [""; 0]);
    for weights in [[0, 0], [0, -1]] {
        assert_wrong(&weighted(weights), "fault weights TCP 192.0.2.1:80: no server has a weight above 0");
    }
    let advice = judge(&weighted([0, 0])).into_iter().find_map(|finding| finding.advice);
    let command = "To give it one: ipvsadm -e -t 192.0.2.1:80 -r 10.0.1.2:8080 -w 1 --keep";
    assert_eq!(advice.as_deref(), Some(command));
}

#[test]
fn thresholds() {
    let loaded = |upper: u32, lower: u32, connections: [u32; 2]| {
        with(|facts| {
            for (listed, active) in facts.table.services[0].servers.iter_mut().zip(connections) {
                (listed.server.upper_threshold, listed.server.lower_threshold) = (upper, lower);
                (listed.active, listed.inactive) = (active / 2, active - active / 2);
            }
        })
    };
    let status = |facts| judge(&facts).iter().filter(|f| f.check == "thresholds").map(line).collect::<Vec<_>>();
    assert_eq!(status(loaded(0, 0, [1000, 1000])), [""; 0]);
    assert_eq!(wrong(&loaded(100, 0, [74, 0])), [""; 0]);
    let begins = |facts, word: &str| assert!(status(facts)[0].starts_with(word), "{word}");
    begins(loaded(100, 0, [74, 0]), "good");
    begins(loaded(100, 0, [75, 0]), "unknown");
    begins(loaded(100, 20, [20, 0]), "unknown");
    begins(loaded(100, 20, [19, 0]), "good");
    assert_wrong(&loaded(100, 0, [100, 0]), "warning thresholds TCP 192.0.2.1:80 -> 10.0.1.2:8080: 100 connections");
    let both = wrong(&loaded(100, 0, [100, 101]));
    assert!(both.len() == 2 && both.iter().all(|line| line.starts_with("fault thresholds")), "{both:?}");
}

#[test]
fn schedulers() {
    let scheduled = |name: &str, flags, weights: [i32; 2]| {
        with(|facts| {
            let entry = &mut facts.table.services[0];
            entry.service.service.scheduler = name.parse().unwrap();
            entry.service.service.flags = flags;
            entry.servers.iter_mut().zip(weights).for_each(|(listed, weight)| listed.server.weight = weight);
        })
    };
    let none = ServiceFlags::empty();
    for name in ["sh", "mh", "dh"] {
        assert_eq!(wrong(&scheduled(name, none, [1, 2])), [""; 0]);
        assert_wrong(&scheduled(name, none, [0, 2]), &format!("fault scheduler TCP 192.0.2.1:80: {name} refuses"));
    }
    assert_eq!(wrong(&scheduled("mh", ServiceFlags::SCHED1, [0, 2])), [""; 0]);
    assert_eq!(wrong(&scheduled("rr", none, [0, 2])), [""; 0]);
    assert_wrong(&scheduled("none", none, [1, 1]), "fault scheduler TCP 192.0.2.1:80: it has no scheduler");
}

#[test]
fn templates_at_weight_0() {
    let mut facts = with(|facts| {
        let entry = &mut facts.table.services[0];
        entry.service.service.flags = ServiceFlags::PERSISTENT;
        entry.servers[0].persistent = 5;
    });
    assert_eq!(wrong(&facts), [""; 0]);
    facts.table.services[0].servers[0].server.weight = 0;
    assert_wrong(&facts, "warning templates TCP 192.0.2.1:80 -> 10.0.1.2:8080: 5 clients are held here, at weight 0");
    let setting = "ipv4/vs/expire_quiescent_template".to_owned();
    facts.settings.0.insert(setting.clone(), Ok("1\n".to_owned()));
    assert_eq!(wrong(&facts), [""; 0]);
    facts.settings.0.insert(setting, Err("Permission denied".to_owned()));
    let lines: Vec<_> = judge(&facts).iter().map(line).collect();
    let why = "cannot read net.ipv4.vs.expire_quiescent_template: Permission denied";
    assert!(lines.iter().any(|line| line.starts_with("unknown templates") && line.ends_with(why)), "{lines:#?}");
}

#[test]
fn settings_of_the_kernel() {
    let mut facts = facts();
    for (setting, value, wrong_word) in [
        ("drop_packet", "1", None),
        ("drop_packet", "2", Some("memory is short")),
        ("drop_entry", "3", Some("half-open connections")),
        ("secure_tcp", "3", Some("shorter timeouts")),
    ] {
        let path = format!("ipv4/vs/{setting}");
        facts.settings.0.insert(path.clone(), Ok(format!("{value}\n")));
        match wrong_word {
            None => assert_eq!(wrong(&facts), [""; 0]),
            Some(word) => {
                assert_wrong(&facts, &format!("warning drop-modes this host: net.ipv4.vs.{setting} is {value}"));
                assert!(wrong(&facts)[0].contains(word), "{:?}", wrong(&facts));
            }
        }
        facts.settings.0.insert(path, Ok("0\n".to_owned()));
    }
    facts.estimation = false;
    assert_wrong(&facts, "warning estimation this host: counters and rates stand still");
}

#[test]
fn a_server_of_a_service_with_many() {
    let mut facts = facts();
    facts.table.services[0].servers = (1..=200).map(server).collect();
    assert_eq!(wrong(&facts), [""; 0]);
}
