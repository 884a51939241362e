//! On a scripted kernel that has a table.

mod pipeline;

use super::*;
use crate::ipvs::client::simulated::Shared;
use crate::ipvs::model::*;
use crate::ipvs::wire::Command;
use std::num::NonZero;

fn service() -> VirtualService {
    let flags = ServiceFlags::PERSISTENT | ServiceFlags::SCHED2;
    VirtualService { flags, timeout: 60, ..VirtualService::new(ServiceKey::tcp([10, 0, 0, 1], 80), name("sh")) }
}

fn server() -> RealServer {
    let tunnel = Tunnel { kind: TunnelType::Gue, port: 6080, flags: TunnelFlags::CSUM };
    RealServer { forwarding: Forwarding::Tunnel, weight: 3, tunnel, ..RealServer::new([10, 0, 1, 1], 80) }
}

fn daemon() -> SyncDaemon {
    SyncDaemon { syncid: 7, mcast_port: NonZero::new(8849), ..SyncDaemon::new(DaemonState::Master, name("eth0")) }
}

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

fn stop(syncid: u32) -> Change {
    Change::StopDaemon(StopDaemon { state: DaemonState::Master, syncid })
}

/// What is ensured on a kernel with these things, whether it says that something was changed, and what it was sent.
fn ensured(before: &[Change], change: &Change) -> (Result<bool, Option<Errno>>, Vec<Command>, Shared) {
    let kernel = Shared::default();
    kernel.make(before);
    let outcome = ensure(&mut kernel.client(), change).map_err(|refused| refused.errno());
    (outcome, kernel.changes(), kernel)
}

#[test]
fn whatever_is_there_it_becomes_as_given() {
    let (key, wanted) = (service().key, Change::AddService(service()));
    let (other_service, server_wanted) = (VirtualService::new(key, name("rr")), Change::AddServer(key, server()));
    let other_server = RealServer::new(server().key.address, 80);
    let (other_daemon, start) = (SyncDaemon { syncid: 8, ..daemon() }, Change::StartDaemon(daemon()));
    let with = |server| vec![wanted, Change::AddServer(key, server)];
    let cases: [(Vec<Change>, Change, bool, &[Command]); 15] = [
        (vec![], wanted, true, &[Command::NewService]),
        (vec![wanted], wanted, false, &[]),
        (vec![Change::AddService(other_service)], wanted, true, &[Command::SetService]),
        (vec![wanted], server_wanted, true, &[Command::NewServer]),
        (with(server()), server_wanted, false, &[]),
        (with(other_server), server_wanted, true, &[Command::SetServer]),
        (vec![], start, true, &[Command::NewDaemon]),
        (vec![start], start, false, &[]),
        (vec![Change::StartDaemon(other_daemon)], start, true, &[Command::DelDaemon, Command::NewDaemon]),
        (vec![], Change::DeleteService(key), false, &[Command::DelService]),
        (with(server()), Change::DeleteService(key), true, &[Command::DelService]),
        (vec![], Change::DeleteServer(key, server().key), false, &[Command::DelServer]),
        (vec![wanted], Change::DeleteServer(key, server().key), false, &[Command::DelServer]),
        (vec![], stop(0), false, &[Command::DelDaemon]),
        (vec![start], stop(0), true, &[Command::DelDaemon]),
    ];
    for (before, change, changed, sent) in cases {
        let (outcome, changes, kernel) = ensured(&before, &change);
        assert_eq!((outcome, changes.as_slice()), (Ok(changed), sent), "{before:?} {change}");
        // The second time there is nothing to do.
        assert_eq!(ensure(&mut kernel.client(), &change).ok(), Some(false), "{change}");
        match change {
            Change::AddService(service) => assert_eq!(kernel.tables().services[0].0, service),
            Change::AddServer(key, server) => assert_eq!(kernel.tables().servers_of(&key), [server]),
            Change::StartDaemon(daemon) => assert_eq!(kernel.tables().daemons, [daemon]),
            _ => {}
        }
    }
}

#[test]
fn what_stands_against_it_is_told() {
    let key = service().key;
    let bogus = VirtualService::new(key, name("bogus"));
    for (before, change, errno) in [
        (vec![], Change::AddServer(key, server()), Errno::ESRCH),
        (vec![Change::AddService(service())], Change::AddService(bogus), Errno::ENOENT),
        (vec![], Change::EditService(service()), Errno::ESRCH),
    ] {
        assert_eq!(ensured(&before, &change).0, Err(Some(errno)), "{change}");
    }
    // A daemon that cannot be started leaves the old one running.
    let nowhere = SyncDaemon { interface: name("nix"), ..daemon() };
    let (outcome, _, kernel) = ensured(&[Change::StartDaemon(daemon())], &Change::StartDaemon(nowhere));
    assert_eq!((outcome, kernel.tables().daemons), (Err(Some(Errno::ENODEV)), vec![daemon()]));
}

/// Another program makes this change before each of the next messages, as long as it can, in turn with its opposite.
fn meddled(before: &[Change], meddling: Vec<Change>, change: &Change) -> (Result<bool, Option<Errno>>, Shared) {
    let kernel = Shared::default();
    kernel.make(before);
    let mut client = kernel.client();
    let mut meddling = meddling.into_iter();
    kernel.0.borrow_mut().hook = Some(Box::new(move |tables, command| {
        if matches!(command, Command::GetService | Command::GetServer | Command::GetDaemon) {
            return;
        }
        if let Some(change) = meddling.next() {
            tables.make(&change).unwrap();
        }
    }));
    (ensure(&mut client, change).map_err(|refused| refused.errno()), kernel)
}

#[test]
fn what_comes_or_goes_between_look_and_change_is_looked_at_again() {
    let (key, wanted) = (service().key, Change::AddService(service()));
    let (add, delete) = (Change::AddServer(key, server()), Change::DeleteServer(key, server().key));
    let other = Change::AddServer(key, RealServer::new(server().key.address, 80));
    // It comes, as another one.
    let (outcome, kernel) = meddled(&[wanted], vec![other], &add);
    assert_eq!((outcome, kernel.changes()), (Ok(true), vec![Command::NewServer, Command::SetServer]));
    // It comes as it is wanted.
    let (outcome, kernel) = meddled(&[wanted], vec![add], &add);
    assert_eq!((outcome, kernel.changes()), (Ok(false), vec![Command::NewServer]));
    // It goes.
    let (outcome, kernel) = meddled(&[wanted, other], vec![delete], &add);
    assert_eq!((outcome, kernel.changes()), (Ok(true), vec![Command::SetServer, Command::NewServer]));
    // Its service goes.
    let (outcome, _) = meddled(&[wanted, other], vec![Change::DeleteService(key)], &add);
    assert_eq!(outcome, Err(Some(Errno::ESRCH)));
    // It never stands still.
    let (outcome, kernel) = meddled(&[wanted], vec![other, delete, other, delete, other, delete], &add);
    assert_eq!((outcome, kernel.changes().len()), (Err(Some(Errno::EEXIST)), TRIES));
    let rr = Change::AddService(VirtualService::new(key, name("rr")));
    let (outcome, kernel) = meddled(&[rr], vec![Change::DeleteService(key), rr], &wanted);
    assert_eq!((outcome, kernel.tables().services[0].0), (Ok(true), service()));
    let start = Change::StartDaemon(daemon());
    let (outcome, kernel) = meddled(&[], vec![Change::StartDaemon(SyncDaemon { syncid: 8, ..daemon() })], &start);
    assert_eq!((outcome, kernel.tables().daemons), (Ok(true), vec![daemon()]));
}

#[test]
fn an_edit_leaves_the_rest() {
    let kernel = Shared::default();
    let key = service().key;
    kernel.make(&[Change::AddService(service()), Change::AddServer(key, server())]);
    let mut client = kernel.client();
    let weight = |weight| move |live| Ok::<_, ChangeError>(RealServer { weight, ..live });
    assert!(edit_server(&mut client, &key, &server().key, weight(0)).unwrap());
    assert_eq!(kernel.tables().servers_of(&key), [RealServer { weight: 0, ..server() }]);
    assert!(!edit_server(&mut client, &key, &server().key, weight(0)).unwrap());
    let rr = |live| Ok::<_, ChangeError>(VirtualService { scheduler: name("rr"), ..live });
    assert!(edit_service(&mut client, &key, rr).unwrap());
    assert!(!edit_service(&mut client, &key, rr).unwrap());
    assert_eq!(kernel.tables().services[0].0, VirtualService { scheduler: name("rr"), ..service() });
    assert_eq!(kernel.changes(), [Command::SetServer, Command::SetService]);
    let nobody = ServerKey::new([10, 0, 9, 9], 80);
    let refused = edit_server(&mut client, &key, &nobody, weight(0)).unwrap_err();
    assert_eq!(refused.errno(), Some(Errno::ENOENT));
    let nowhere = ServiceKey::mark(9, Family::Inet6);
    assert_eq!(edit_server(&mut client, &nowhere, &nobody, weight(0)).unwrap_err().errno(), Some(Errno::ESRCH));
    assert_eq!(edit_service(&mut client, &nowhere, rr).unwrap_err().errno(), Some(Errno::ESRCH));
}
