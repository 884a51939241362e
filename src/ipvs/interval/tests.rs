use super::*;
use crate::ipvs::model::{Forwarding, Info, RealServer, ServerKey, ServiceKey, VirtualService};

const SECONDS: Duration = Duration::from_secs(2);

/// A service with servers of these weights, masqueraded.
fn table(scheduler: &str, weights: &[i32]) -> Snapshot {
    let key = ServiceKey::tcp([192, 0, 2, 1], 80);
    let service = VirtualService::new(key, scheduler.parse().unwrap()).into();
    let servers = weights.iter().enumerate().map(|(index, weight)| {
        let mut server = RealServer::new([10, 0, 0, index as u8 + 1], 80);
        server.weight = *weight;
        server.forwarding = Forwarding::Masquerading;
        server.into()
    });
    let services = vec![ServiceEntry { service, servers: servers.collect() }];
    let info = Info { version: 0, connection_table_size: 0 };
    Snapshot { info, services, timeouts: None, daemons: None }
}

/// The same after so many connections to each server, each of five packets there and four back.
fn after(table: &Snapshot, connections: &[u64]) -> Snapshot {
    let mut later = table.clone();
    let count = |stats: &mut Stats, connections: u64| {
        stats.connections += connections;
        stats.in_packets += 5 * connections;
        stats.in_bytes += 300 * connections;
        stats.out_packets += 4 * connections;
        stats.out_bytes += 5000 * connections;
    };
    let entry = &mut later.services[0];
    count(&mut entry.service.stats, connections.iter().sum());
    entry.servers.iter_mut().zip(connections).for_each(|(listed, number)| count(&mut listed.stats, *number));
    later
}

fn between(before: &Snapshot, now: &Snapshot) -> Interval {
    Interval::between(before, &Interval::first(before), now, SECONDS, true)
}

/// The marks of each server after two intervals of as many connections, each changed by `alter`.
fn marks(table: &Snapshot, connections: &[u64], alter: impl Fn(&mut ServiceEntry)) -> Vec<Marks> {
    let altered = |mut snapshot: Snapshot| {
        alter(&mut snapshot.services[0]);
        snapshot
    };
    let first = altered(table.clone());
    let second = altered(after(&first, connections));
    let third = altered(after(&second, connections));
    let once = between(&first, &second);
    let chance = Marks::all() - Marks::WEIGHT_0 - Marks::OVER_THRESHOLD;
    assert!(once.services[0].servers.iter().all(|server| !server.marks.intersects(chance)), "after one interval");
    let twice = Interval::between(&second, &once, &third, SECONDS, true);
    twice.services[0].servers.iter().map(|server| server.marks).collect()
}

fn marked(scheduler: &str, weights: &[i32], connections: &[u64]) -> Vec<Marks> {
    marks(&table(scheduler, weights), connections, |_| ())
}

#[test]
fn rates_are_differences_by_the_second() {
    let before = table("wlc", &[1, 3]);
    let interval = between(&before, &after(&before, &[10, 30]));
    let service = &interval.services[0];
    let rates = Rates {
        connections: 20.0,
        in_packets: 100.0,
        out_packets: Some(80.0),
        in_bytes: 6000.0,
        out_bytes: Some(100_000.0),
    };
    assert_eq!(service.rates, Some(rates));
    assert_eq!(service.servers[0].rates.map(|rates| rates.connections), Some(5.0));
    let shares: Vec<_> = service.servers.iter().map(|one| (one.connection_share, one.weight_share)).collect();
    assert_eq!(shares, [(Some(0.25), Some(0.25)), (Some(0.75), Some(0.75))]);
    assert!(!interval.counters_reset && !interval.changes.any());
}

/// The kernel counts a service at another moment than its servers.
#[test]
fn the_rates_of_a_service_are_its_own() {
    let before = table("wlc", &[1]);
    let mut now = after(&before, &[10]);
    now.services[0].service.stats.connections = 14;
    let interval = between(&before, &now);
    assert_eq!(interval.services[0].rates.map(|rates| rates.connections), Some(7.0));
    assert_eq!(interval.services[0].servers[0].connection_share, Some(1.0));
}

#[test]
fn replies_that_do_not_pass_are_not_counted() {
    let mut before = table("wlc", &[1, 1]);
    before.services[0].servers[0].server.forwarding = Forwarding::Route;
    let mixed = between(&before, &after(&before, &[10, 10]));
    let replies = |figures: &Option<Rates>| figures.map(|rates| (rates.out_packets, rates.out_bytes));
    assert_eq!(replies(&mixed.services[0].servers[0].rates), Some((None, None)));
    assert_eq!(replies(&mixed.services[0].servers[1].rates), Some((Some(20.0), Some(25_000.0))));
    assert_eq!(replies(&mixed.services[0].rates), Some((Some(40.0), Some(50_000.0))));
    before.services[0].servers[1].server.forwarding = Forwarding::Tunnel;
    let none = between(&before, &after(&before, &[10, 10]));
    assert_eq!(replies(&none.services[0].rates), Some((None, None)));
}

#[test]
fn counters_that_went_down_say_nothing() {
    let before = after(&table("wlc", &[1, 1]), &[10, 10]);
    let mut now = after(&before, &[10, 10]);
    now.services[0].servers[0].stats = Stats::default();
    let interval = between(&before, &now);
    assert!(interval.counters_reset);
    assert_eq!(interval.services[0].servers[0].rates, None);
    assert!(interval.services[0].rates.is_some() && interval.services[0].servers[1].rates.is_some());
}

#[test]
fn an_estimator_that_is_off_leaves_no_rates() {
    let before = table("wlc", &[1, 1]);
    let now = after(&before, &[100, 0]);
    let interval = Interval::between(&before, &Interval::first(&before), &now, SECONDS, false);
    assert_eq!(interval.services[0].rates, None);
    assert_eq!(interval.services[0].servers[1].rates, None);
    assert_eq!(between(&before, &before).services[0].servers[0].connection_share, None);
}

#[test]
fn what_came_and_went_is_counted() {
    let before = table("wlc", &[1, 1, 1]);
    let mut now = after(&before, &[10, 10, 10]);
    now.services[0].servers.remove(0);
    now.services[0].servers[0].server.weight = 7;
    now.services[0].servers.push(RealServer::new([10, 0, 0, 9], 80).into());
    let mut added = table("rr", &[1]).services.remove(0);
    added.service.service.key = ServiceKey::udp([192, 0, 2, 1], 53);
    now.services.insert(0, added);
    let interval = between(&before, &now);
    let changes =
        Changes { services_added: 1, servers_added: 1, servers_removed: 1, servers_changed: 1, ..Changes::default() };
    assert_eq!(interval.changes, changes);
    let known: Vec<_> = interval.services[1].servers.iter().map(|server| server.rates.is_some()).collect();
    assert_eq!(known, [true, true, false]);
    assert_eq!(interval.services[0].rates, None);
    let back = Interval::between(&now, &interval, &before, SECONDS, true);
    assert_eq!((back.changes.services_removed, back.changes.servers_removed, back.changes.servers_added), (1, 1, 1));
}

#[test]
fn shares_that_part_are_marked() {
    let none = Marks::empty();
    assert_eq!(marked("wlc", &[1, 1], &[100, 100]), [none, none]);
    assert_eq!(marked("wlc", &[1, 1], &[30, 170]), [Marks::FEWER, Marks::MORE]);
    assert_eq!(marked("rr", &[1, 3], &[100, 100]), [Marks::MORE, Marks::FEWER]);
    assert_eq!(marked("wrr", &[1, 0], &[100, 0]), [none, Marks::WEIGHT_0]);
    // A parting that is no chance, but of no use to know.
    assert_eq!(marked("wlc", &[1, 1], &[90_000, 110_000]), [none, none]);
}

#[test]
fn a_few_connections_prove_nothing() {
    for connections in [[3, 0], [0, 8], [9, 3]] {
        assert_eq!(marked("wlc", &[1, 1], &connections), [Marks::empty(); 2], "{connections:?}");
    }
}

#[test]
fn some_schedulers_do_not_spread_by_weight() {
    for scheduler in ["fo", "ovf", "dh", "lblc", "lblcr"] {
        assert_eq!(marked(scheduler, &[1, 1], &[500, 0]), [Marks::empty(); 2], "{scheduler}");
    }
}

#[test]
fn a_server_that_gets_nothing_is_silent() {
    let table = table("wlc", &[1, 1, 0]);
    let none = Marks::empty();
    assert_eq!(marks(&table, &[0, 100, 0], |_| ()), [Marks::SILENT, Marks::MORE, Marks::WEIGHT_0]);
    // One that gets packets of old connections gets too few new ones.
    let old = |entry: &mut ServiceEntry| entry.servers[0].stats.in_packets += entry.servers[1].stats.connections;
    assert_eq!(marks(&table, &[0, 100, 0], old)[0], Marks::FEWER);
    // Nothing is said while weights change, nor where a server is over its threshold.
    let over = |entry: &mut ServiceEntry| (entry.servers[0].server.upper_threshold, entry.servers[0].active) = (5, 5);
    assert_eq!(marks(&table, &[0, 100, 0], over)[..2], [Marks::OVER_THRESHOLD, none]);
    let by_count =
        |entry: &mut ServiceEntry| entry.servers[1].server.weight = entry.servers[1].stats.connections as i32;
    assert_eq!(marks(&table, &[0, 100, 0], by_count)[..2], [none, none]);
}

#[test]
fn lacking_replies_are_told_where_there_have_to_be_some() {
    let mute = |entry: &mut ServiceEntry| entry.servers[0].stats.out_packets = 0;
    let masqueraded = table("wlc", &[1, 1]);
    assert_eq!(marks(&masqueraded, &[100, 100], mute), [Marks::NO_REPLIES, Marks::empty()]);
    let mut udp = masqueraded.clone();
    udp.services[0].service.service.key = ServiceKey::udp([192, 0, 2, 1], 514);
    assert_eq!(marks(&udp, &[100, 100], mute), [Marks::empty(); 2]);
    let mut direct = masqueraded;
    direct.services[0].servers[0].server.forwarding = Forwarding::Route;
    assert_eq!(marks(&direct, &[100, 100], mute), [Marks::empty(); 2]);
}

#[test]
fn a_threshold_holds_until_the_lower_one_is_passed() {
    let with = |active, upper, lower| {
        let mut table = table("wlc", &[1]);
        let listed = &mut table.services[0].servers[0];
        (listed.active, listed.server.upper_threshold, listed.server.lower_threshold) = (active, upper, lower);
        table
    };
    for (lower, counts) in [
        (0, [(99, false), (100, true), (75, true), (74, false), (99, false)]),
        (50, [(99, false), (120, true), (50, true), (49, false), (80, false)]),
    ] {
        let mut before = with(0, 100, lower);
        let mut last = Interval::first(&before);
        for (active, expected) in counts {
            let now = with(active, 100, lower);
            last = Interval::between(&before, &last, &now, SECONDS, true);
            let over = last.services[0].servers[0].marks.contains(Marks::OVER_THRESHOLD);
            assert_eq!(over, expected, "{active} of 100, {lower}");
            before = now;
        }
    }
}

/// Whatever the numbers are, and in whatever order: nothing panics, and each figure is its own.
#[test]
fn any_order_and_any_number() {
    let numbers = [0, 1, u64::MAX];
    for first in numbers {
        for second in numbers {
            let mut before = table("wlc", &[i32::MIN, i32::MAX, 5]);
            let mut now = before.clone();
            now.services[0].servers.reverse();
            for (snapshot, number) in [(&mut before, first), (&mut now, second)] {
                for listed in &mut snapshot.services[0].servers {
                    listed.stats.connections = number;
                    listed.server.upper_threshold = u32::MAX;
                    (listed.active, listed.inactive) = (u32::MAX, u32::MAX);
                }
            }
            now.services[0].servers[0].stats.in_packets = 8;
            let interval = between(&before, &now);
            let key = |index: usize| now.services[0].servers[index].server.key;
            assert_eq!(key(0), ServerKey::new([10, 0, 0, 3], 80));
            let packets = interval.services[0].servers.iter().map(|one| one.rates.map(|rates| rates.in_packets));
            let expected = if first <= second { [Some(4.0), Some(0.0), Some(0.0)] } else { [None; 3] };
            assert_eq!(packets.collect::<Vec<_>>(), expected);
        }
    }
}
