//! What stands in the way, and what is said of it.

use super::super::facts::Facts;
use super::super::obstacle::{Obstacle, find};
use super::super::target::{self, Target};
use super::super::text;
use super::draining;
use crate::ipvs::model::{
    Info, ListedServer, RealServer, ServiceEntry, ServiceFlags, ServiceKey, Snapshot, VirtualService,
};
use crate::program::draining::Draining;
use crate::program::processes::Place;

const KEY: fn() -> ServiceKey = || ServiceKey::tcp([192, 0, 2, 1], 80);

fn service(scheduler: &str, flags: ServiceFlags) -> VirtualService {
    let mut service = VirtualService::new(KEY(), scheduler.parse().unwrap());
    service.flags = flags;
    service
}

/// A table of one service, whose servers 10.0.0.1, 10.0.0.2 … have these weights.
fn table(service: VirtualService, weights: &[i32]) -> Snapshot {
    let server = |(index, weight): (usize, &i32)| {
        let mut server = RealServer::new([10, 0, 0, index as u8 + 1], 80);
        server.weight = *weight;
        ListedServer::from(server)
    };
    let servers = weights.iter().enumerate().map(server).collect();
    Snapshot {
        info: Info { version: 0, connection_table_size: 0 },
        services: vec![ServiceEntry { service: service.into(), servers }],
        timeouts: None,
        daemons: None,
    }
}

/// What stands in the way of the first server's drain.
fn found(draining: &Draining, service: VirtualService, weights: &[i32], facts: &Facts) -> Vec<Obstacle> {
    let table = table(service, weights);
    let targets = target::find(&table, draining).unwrap();
    find(&table, &targets, facts, draining)
}

#[test]
fn a_last_server() {
    let of = |weights: &[i32]| found(&draining(), service("rr", ServiceFlags::empty()), weights, &Facts::default());
    assert_eq!(of(&[3, 1]), []);
    for weights in [&[3][..], &[3, 0], &[3, -1]] {
        assert_eq!(of(weights), [Obstacle::LastServer(KEY())], "{weights:?}");
    }
    // A drain that was interrupted goes on: it takes nothing away.
    assert_eq!(of(&[0]), []);
}

#[test]
fn other_servers_that_are_full() {
    let of = |upper_thresholds: [u32; 2], connections: [u32; 2]| {
        let mut table = table(service("rr", ServiceFlags::empty()), &[3, 1, 1, 0]);
        for (listed, (upper, number)) in
            table.services[0].servers[1..].iter_mut().zip(upper_thresholds.into_iter().zip(connections))
        {
            (listed.server.upper_threshold, listed.active, listed.inactive) = (upper, number, 1);
        }
        let targets = target::find(&table, &draining()).unwrap();
        find(&table, &targets, &Facts::default(), &draining())
    };
    assert_eq!(of([5, 5], [4, 4]), [Obstacle::OthersFull(KEY())]);
    for (upper, connections) in [([5, 5], [4, 3]), ([5, 0], [4, 4]), ([0, 0], [4, 4])] {
        assert_eq!(of(upper, connections), [], "{upper:?}");
    }
}

#[test]
fn schedulers() {
    let of = |scheduler, flags| {
        let service = service(scheduler, flags);
        let found = found(&draining(), service, &[3, 1], &Facts::default());
        found.into_iter().map(|obstacle| text::obstacle(&obstacle)).collect::<Vec<_>>().join("\n")
    };
    for scheduler in ["rr", "wrr", "lc", "wlc", "lblc", "lblcr", "sed", "nq", "fo", "ovf", "another"] {
        assert_eq!(of(scheduler, ServiceFlags::empty()), "", "{scheduler}");
    }
    for scheduler in ["sh", "mh"] {
        assert_eq!(of(scheduler, ServiceFlags::SCHED1), "", "{scheduler}");
        let refuses = of(scheduler, ServiceFlags::SCHED2);
        let command = format!("ipvsadm -E -t 192.0.2.1:80 -s {scheduler} -b flag-1,flag-2");
        assert!(refuses.contains("refuses") && refuses.ends_with(&command), "{refuses}");
    }
    assert!(of("dh", ServiceFlags::SCHED1).contains("They go elsewhere when it is removed."));
}

#[test]
fn settings_and_programs() {
    let persistent = VirtualService { timeout: 300, ..service("rr", ServiceFlags::PERSISTENT) };
    let of = |draining: &Draining, facts: &Facts| found(draining, persistent, &[3, 1], facts);
    assert_eq!(of(&draining(), &Facts::default()), [Obstacle::Templates { service: persistent, waits: true }]);
    let ignoring = Draining { ignore_persistent: true, ..draining() };
    assert_eq!(of(&ignoring, &Facts::default()), [Obstacle::Templates { service: persistent, waits: false }]);
    let expiring = Facts { quiescent_templates_expire: Some(true), ..Facts::default() };
    assert_eq!(of(&draining(), &expiring), []);

    let forced = Draining { force: true, ..draining() };
    for (draining, cut) in [
        (forced, true),
        (Draining { limit: None, ..forced }, false),
        (Draining { remove: false, ..forced }, false),
        (Draining { restore_weight: true, ..forced }, false),
    ] {
        let facts = Facts { orphans_end: Some(true), ..expiring.clone() };
        let expected = if cut { vec![Obstacle::CutAtLimit(Some(true))] } else { vec![] };
        assert_eq!(of(&draining, &facts), expected, "{draining:?}");
    }

    let reused = Facts { reused_ports_are_new: Some(false), orphans_end: Some(false), ..expiring.clone() };
    assert_eq!(of(&draining(), &reused), [Obstacle::PortReuse]);
    assert_eq!(of(&draining(), &Facts { orphans_end: Some(true), ..reused }), []);
    let managed = Facts { managers: vec![("keepalived", Place::Here)], ..expiring };
    assert_eq!(of(&draining(), &managed), [Obstacle::Manager("keepalived", Place::Here)]);
}

#[test]
fn targets_that_are_not_there() {
    let table = table(service("rr", ServiceFlags::empty()), &[1, 1]);
    let found = |draining: Draining| {
        let targets = target::find(&table, &draining)?;
        Ok(targets.iter().map(Target::to_string).collect::<Vec<_>>().join("\n"))
    };
    let failed = |text: &str| Err(text.to_owned());
    let elsewhere = Draining { address: [10, 0, 0, 9].into(), ..draining() };
    assert_eq!(found(elsewhere), failed("TCP 192.0.2.1:80 has no real server 10.0.0.9:80: see ipvsadm -Ln."));
    let anywhere = Draining { service: None, port: None, ..elsewhere };
    assert_eq!(found(anywhere), failed("No service has a real server 10.0.0.9: see ipvsadm -Ln."));
    assert_eq!(
        found(Draining { port: Some(8080), ..draining() }),
        failed("TCP 192.0.2.1:80 has no real server 10.0.0.1:8080, but there is TCP 192.0.2.1:80 -> 10.0.0.1:80.")
    );
    for port in [None, Some(80)] {
        let everywhere = Draining { service: None, port, ..draining() };
        assert_eq!(found(everywhere), Ok("TCP 192.0.2.1:80 -> 10.0.0.1:80".to_owned()));
    }
}
