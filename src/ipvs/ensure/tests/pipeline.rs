//! Many things together, held against the same ones by one.

use super::*;
use crate::ipvs::fixtures::Random;

/// Something to do.
#[derive(Clone, Copy, Debug)]
enum Thing {
    Make(Change),
    Ensure(Change),
    /// Sets a weight; of one server an odd one is no good.
    Weight(ServiceKey, ServerKey, i32),
    Scheduler(ServiceKey, Name),
}

/// The line, and the error number where it is the kernel's.
type Outcome = Vec<(usize, Option<Errno>)>;

const BAD: Errno = Errno(4000);

fn random_thing(random: &mut Random) -> Thing {
    let key = ServiceKey::mark(1 + random.below(3) as u32, Family::Inet);
    let server = RealServer {
        weight: random.pick(&[1, 2, 99]),
        upper_threshold: random.pick(&[0, 0, 5]),
        lower_threshold: random.pick(&[0, 0, 0, 3]),
        forwarding: Forwarding::Tunnel,
        ..RealServer::new(random.pick(&[[10, 0, 1, 1], [10, 0, 1, 2], [224, 0, 0, 1]]), 80)
    };
    let service = VirtualService::new(key, random.pick(&[name("rr"), name("rr"), name("sh"), name("bogus")]));
    let interface = random.pick(&[name("eth0"), name("eth0"), name("nix")]);
    let daemon = SyncDaemon { syncid: random.below(2) as u32, ..SyncDaemon::new(DaemonState::Master, interface) };
    let change = match random.below(20) {
        0..=2 => Change::AddService(service),
        3 => Change::DeleteService(key),
        4..=9 => Change::AddServer(key, server),
        10..=11 => Change::DeleteServer(key, server.key),
        12 => Change::StartDaemon(daemon),
        13 => stop(0),
        14 => return Thing::Make(Change::EditService(service)),
        15 => return Thing::Make(Change::EditServer(key, server)),
        16 if random.one_in(4) => return Thing::Make(Change::Flush),
        17 => return Thing::Scheduler(key, service.scheduler),
        _ => return Thing::Weight(key, server.key, server.weight),
    };
    if random.one_in(3) { Thing::Make(change) } else { Thing::Ensure(change) }
}

fn weighed(live: RealServer, weight: i32) -> Result<RealServer, ()> {
    if live.weight == 2 && weight == 99 { Err(()) } else { Ok(RealServer { weight, ..live }) }
}

fn one_by_one(client: &mut Client, things: &[Thing]) -> Outcome {
    enum Bad {
        Kernel(ChangeError),
        Edit,
    }
    impl From<ChangeError> for Bad {
        fn from(error: ChangeError) -> Self {
            Self::Kernel(error)
        }
    }
    let errno = |error: ChangeError| error.errno();
    let of_edit = |bad| match bad {
        Bad::Kernel(error) => error.errno(),
        Bad::Edit => Some(BAD),
    };
    let mut outcome = Vec::new();
    for (line, thing) in things.iter().enumerate() {
        let done = match thing {
            Thing::Make(change) => client.apply(change).map_err(errno),
            Thing::Ensure(change) => ensure(client, change).map(drop).map_err(errno),
            Thing::Weight(service, key, weight) => {
                let edit = |live| weighed(live, *weight).map_err(|()| Bad::Edit);
                edit_server(client, service, key, edit).map(drop).map_err(of_edit)
            }
            Thing::Scheduler(key, scheduler) => {
                let edit = |live| Ok(VirtualService { scheduler: *scheduler, ..live });
                edit_service(client, key, edit).map(drop).map_err(of_edit)
            }
        };
        outcome.extend(done.err().map(|errno| (line, errno)));
    }
    outcome
}

fn together(client: &mut Client, things: &[Thing], chunk: usize) -> Outcome {
    let (mut outcome, mut refused): (Outcome, Vec<Refused<usize>>) = Default::default();
    let mut pipeline = Pipeline::default();
    for (at, things) in things.chunks(chunk).enumerate() {
        for (line, thing) in (at * chunk..).zip(things) {
            let judged = match thing {
                Thing::Make(change) => pipeline.push(client, change, line).map(Ok),
                Thing::Ensure(change) => pipeline.ensure(client, change, line).map(Ok),
                Thing::Weight(service, key, weight) => {
                    pipeline.edit_server(client, service, key, line, |live| weighed(live, *weight))
                }
                Thing::Scheduler(key, scheduler) => pipeline.edit_service(client, key, line, |live| {
                    Ok::<_, ()>(VirtualService { scheduler: *scheduler, ..live })
                }),
            };
            outcome.extend(judged.unwrap().err().map(|()| (line, Some(BAD))));
            refused.extend(pipeline.refused());
        }
        refused.extend(pipeline.finish(client).unwrap());
    }
    assert!(refused.iter().is_sorted_by_key(|refused| refused.context), "{refused:?}");
    outcome.extend(refused.iter().map(|refused| (refused.context, refused.error.errno())));
    outcome.sort_by_key(|(line, _)| *line);
    outcome
}

/// A thing a line.
fn shown(things: &[Thing]) -> String {
    things.iter().enumerate().map(|(line, thing)| format!("{line} {thing:?}\n")).collect()
}

/// 1,000 lists of up to 300 things, about few services and servers, so that most have to do with one another.
#[test]
fn together_they_do_what_they_do_one_by_one() {
    let mut random = Random(7);
    let (mut refused, mut sends, mut single) = (0, 0, 0);
    for _ in 0..1000 {
        let most = random.pick(&[12, 12, 12, 12, 12, 12, 12, 12, 12, 300]);
        let count = 1 + random.below(most);
        let things: Vec<_> = (0..count).map(|_| random_thing(&mut random)).collect();
        let (one, many) = (Shared::default(), Shared::default());
        let expected = one_by_one(&mut one.client(), &things);
        let chunk = random.pick(&[1, 3, 50, 1000]);
        let found = together(&mut many.client(), &things, chunk);
        assert_eq!(found, expected, "{}", shown(&things));
        assert_eq!(many.tables(), one.tables(), "{}", shown(&things));
        refused += found.len();
        sends += many.0.borrow().sends;
        single += one.0.borrow().sends;
    }
    assert!(refused > 4_000, "{refused}");
    assert!(sends * 4 < single * 3, "{sends} and {single}");
}

/// Adds this many servers to each of so many services.
fn servers(services: u32, servers: u32) -> Vec<Change> {
    let key = |mark| ServiceKey::mark(1 + mark, Family::Inet);
    let of_one =
        |mark| (0..servers).map(move |last| (key(mark), RealServer::new((0x0a00_0001 + last).to_be_bytes(), 0)));
    (0..services).flat_map(of_one).map(|(key, server)| Change::AddServer(key, server)).collect()
}

/// How often something was sent, and how many services or lists of servers were asked for.
fn cost(kernel: &Shared, changes: &[Change]) -> (usize, usize, usize) {
    let mut client = kernel.client();
    let before = (kernel.0.borrow().sends, kernel.0.borrow().looks);
    kernel.changes();
    let mut pipeline = Pipeline::default();
    changes.iter().for_each(|change| pipeline.ensure(&mut client, change, ()).unwrap());
    assert!(pipeline.finish(&mut client).unwrap().is_empty());
    let kernel_now = kernel.0.borrow();
    (kernel_now.sends - before.0, kernel_now.looks - before.1, kernel_now.changes.len())
}

#[test]
fn what_has_to_be_added_costs_a_place_in_a_batch() {
    for (services, each) in [(1, 1000), (100, 10)] {
        let kernel = Shared::default();
        let add = |mark| Change::AddService(VirtualService::new(ServiceKey::mark(1 + mark, Family::Inet), name("rr")));
        let added: Vec<_> = (0..services).map(add).collect();
        assert_eq!(cost(&kernel, &added).1, 0);
        let (sends, looks, changes) = cost(&kernel, &servers(services, each));
        assert!(sends <= 8 && looks == 0 && changes == 1000, "{sends} {looks} {changes}");
        // Once more: a service is asked for once, whatever is said of it.
        let (sends, looks, changes) = cost(&kernel, &servers(services, each));
        let services = services as usize;
        assert!(looks == services && sends <= 8 + services && changes <= 1000, "{sends} {looks} {changes}");
        if services == 1 {
            assert_eq!(changes, 128);
        }
        let (sends, looks, _) = cost(&kernel, &added);
        assert!(looks <= 9 && sends <= 10, "{sends} {looks}");
        // They are gone in as many messages, and stay gone.
        let gone: Vec<_> = servers(services as u32, each).iter().map(deleted).collect();
        for _ in 0..2 {
            let (sends, looks, _) = cost(&kernel, &gone);
            assert!(sends <= 8 && looks == 0, "{sends} {looks}");
        }
    }
}

fn deleted(change: &Change) -> Change {
    match change {
        Change::AddServer(key, server) => Change::DeleteServer(*key, server.key),
        other => *other,
    }
}

#[test]
fn edits_of_many_servers_cost_one_look() {
    let kernel = Shared::default();
    let changes = servers(1, 1000);
    let key = ServiceKey::mark(1, Family::Inet);
    kernel.make(&[Change::AddService(VirtualService::new(key, name("rr")))]);
    kernel.make(&changes);
    let mut client = kernel.client();
    let mut pipeline = Pipeline::default();
    // Each twice, the second time by what the first one made of it.
    for _ in 0..2 {
        for change in &changes {
            let Change::AddServer(key, server) = change else { panic!() };
            let edit = |live: RealServer| Ok::<_, ()>(RealServer { weight: live.weight + 1, ..live });
            pipeline.edit_server(&mut client, key, &server.key, (), edit).unwrap().unwrap();
        }
    }
    assert!(pipeline.finish(&mut client).unwrap().is_empty());
    assert_eq!(kernel.0.borrow().looks, 1);
    assert!(kernel.0.borrow().sends < 25);
    assert!(kernel.tables().servers_of(&key).iter().all(|server| server.weight == 3));
}
