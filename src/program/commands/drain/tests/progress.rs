//! The states of a drain, without a kernel and without a clock.

use super::super::counts::Counts;
use super::super::progress::{Drain, Event, Sight, State};
use super::super::target::Target;
use super::{draining, target};
use crate::ipvs::model::{Change, ListedServer, RealServer};
use crate::program::draining::Draining;
use std::time::Duration;

/// A look after so many seconds, at targets with these active, inactive and persistent connections.
fn look(seconds: u64, counts: &[(u32, u32, u32)]) -> Event {
    let sights = counts.iter().map(|counts| sight(0, *counts)).collect();
    Event::Look { elapsed: Duration::from_secs(seconds), sights, templates_expire: false }
}

fn sight(weight: i32, (active, inactive, persistent): (u32, u32, u32)) -> Sight {
    let mut listed = ListedServer::from(RealServer { weight, upper_threshold: 9, ..target(1).server });
    (listed.active, listed.inactive, listed.persistent) = (active, inactive, persistent);
    Sight::Server { listed, persistent: true }
}

/// The states after each event.
fn states(draining: &Draining, targets: &[Target], events: Vec<Event>) -> Vec<State> {
    let mut drain = Drain::new(draining, targets);
    events.into_iter().map(|event| drain.step(event).clone()).collect()
}

/// The state, what it asks for and its status after these events.
fn end(draining: &Draining, targets: &[Target], events: Vec<Event>) -> (State, Vec<Change>, u8) {
    let mut drain = Drain::new(draining, targets);
    events.into_iter().for_each(|event| drop(drain.step(event).clone()));
    (drain.state().clone(), drain.conclusion(), drain.status())
}

#[test]
fn all_kinds_of_connections_are_waited_for() {
    let events = vec![look(1, &[(1, 0, 0)]), look(2, &[(0, 1, 0)]), look(3, &[(0, 0, 1)]), look(4, &[(0, 0, 0)])];
    let expected = [State::Draining, State::Draining, State::Draining, State::Drained];
    assert_eq!(states(&draining(), &[target(1)], events), expected);
}

#[test]
fn all_targets_are_waited_for() {
    let events = vec![look(1, &[(0, 0, 0), (1, 0, 0)]), look(2, &[(1, 0, 0), (0, 0, 0)]), look(3, &[(0, 0, 0); 2])];
    let expected = [State::Draining, State::Draining, State::Drained];
    assert_eq!(states(&draining(), &[target(1), target(2)], events), expected);
}

#[test]
fn persistent_clients_are_not_waited_for_where_they_go_elsewhere() {
    let mut ignoring = draining();
    ignoring.ignore_persistent = true;
    assert_eq!(states(&ignoring, &[target(1)], vec![look(1, &[(0, 0, 7)])]), [State::Drained]);
    let event = |templates_expire, persistent| {
        let Sight::Server { listed, .. } = sight(0, (0, 0, 7)) else { panic!() };
        let sights = vec![Sight::Server { listed, persistent }];
        Event::Look { elapsed: Duration::ZERO, sights, templates_expire }
    };
    assert_eq!(states(&draining(), &[target(1)], vec![event(true, true)]), [State::Drained]);
    // An administrator may set it while the drain waits, or take the persistence away.
    let events = vec![event(false, true), event(false, false)];
    assert_eq!(states(&draining(), &[target(1)], events), [State::Draining, State::Drained]);
}

#[test]
fn what_is_done_at_the_end() {
    let (targets, empty) = ([target(1)], vec![look(1, &[(0, 0, 0)])]);
    let removal = vec![Change::DeleteServer(target(1).service.key, target(1).server.key)];
    assert_eq!(end(&draining(), &targets, empty.clone()), (State::Drained, removal.clone(), 0));
    let mut draining = draining();
    draining.remove = false;
    assert_eq!(end(&draining, &targets, empty), (State::Drained, vec![], 0));

    let late = || vec![look(4, &[(1, 0, 0)]), look(5, &[(1, 0, 0)])];
    assert_eq!(end(&draining, &targets, late()), (State::TimeLimit, vec![], 3));
    draining.force = true;
    assert_eq!(end(&draining, &targets, late()), (State::TimeLimit, vec![], 3));
    draining.remove = true;
    assert_eq!(end(&draining, &targets, late()), (State::TimeLimit, removal, 3));
    // The thresholds are those that were seen last.
    draining.restore_weight = true;
    let back = Change::EditServer(target(1).service.key, RealServer { upper_threshold: 9, ..target(1).server });
    assert_eq!(end(&draining, &targets, late()), (State::TimeLimit, vec![back], 3));
}

#[test]
fn a_server_that_was_at_weight_0_has_no_weight_to_put_back() {
    let mut draining = draining();
    draining.restore_weight = true;
    let mut resumed = target(1);
    resumed.server.weight = 0;
    assert_eq!(end(&draining, &[resumed], vec![look(5, &[(1, 0, 0)])]), (State::TimeLimit, vec![], 3));
}

#[test]
fn without_a_limit_it_waits() {
    let mut draining = draining();
    draining.limit = None;
    assert_eq!(states(&draining, &[target(1)], vec![look(1_000_000, &[(1, 0, 0)])]), [State::Draining]);
}

#[test]
fn changes_of_others_end_it() {
    for sight in [sight(5, (0, 0, 0)), sight(-1, (0, 0, 0)), Sight::NoServer, Sight::NoService] {
        let event = Event::Look {
            elapsed: Duration::from_secs(9),
            sights: vec![sight_of_nothing(), sight],
            templates_expire: false,
        };
        let targets = [target(1), target(2)];
        assert_eq!(end(&draining(), &targets, vec![event]), (State::Changed(vec![(1, sight)]), vec![], 4));
    }
}

fn sight_of_nothing() -> Sight {
    sight(0, (0, 0, 0))
}

#[test]
fn a_signal_ends_it_and_an_end_stays() {
    let events = vec![look(1, &[(1, 0, 0)]), Event::Signal(15), look(2, &[(0, 0, 0)])];
    assert_eq!(end(&draining(), &[target(1)], events), (State::Interrupted(15), vec![], 143));
    let found = Target { counts: Counts { active: 7, ..Counts::default() }, ..target(1) };
    let (draining, targets) = (draining(), [found]);
    let mut drain = Drain::new(&draining, &targets);
    drain.step(Event::Signal(2));
    assert_eq!(drain.seen()[0].counts, found.counts);
    let events = vec![look(1, &[(0, 0, 0)]), Event::Signal(2)];
    assert_eq!(end(&draining, &[target(1)], events).0, State::Drained);
}

#[test]
fn counts_and_trend() {
    let (draining, targets) = (draining(), [target(1), target(2)]);
    let mut drain = Drain::new(&draining, &targets);
    assert_eq!((drain.counts(), drain.before()), (Counts::default(), None));
    drain.step(look(0, &[(9, 1, 0), (1, 0, 1)]));
    assert_eq!(drain.before(), None);
    drain.step(look(1, &[(5, 2, 0), (1, 0, 1)]));
    let first = Counts { active: 10, inactive: 1, persistent: 1 };
    assert_eq!(drain.counts(), Counts { active: 6, inactive: 2, persistent: 1 });
    assert_eq!(drain.before(), Some(first));
    assert_eq!(drain.left(), Some(Duration::from_secs(4)));
    for _ in 0..20 {
        drain.step(look(2, &[(5, 0, 0), (0, 0, 1)]));
    }
    assert_eq!(drain.before(), Some(Counts { active: 5, inactive: 0, persistent: 1 }));
}
