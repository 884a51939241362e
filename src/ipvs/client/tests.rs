//! The client against a scripted kernel.

use super::scripted::{Message, Peer, family, info, servers, service, services};
use super::server_dumps::{FEW_SERVICES, SHORT_DATAGRAM};
use super::*;
use crate::ipvs::filter::{ServerFilter, TableFilter};
use crate::ipvs::model::Protocol;
use crate::ipvs::wire::attributes::CommandAttribute;
use crate::ipvs::wire::captured::emitted;
use crate::ipvs::wire::command::IPVS_CMD_GET_DEST;
use netlink_packet_core::{NLM_F_DUMP_INTR, NLM_F_MULTIPART};
use std::num::NonZero;

const KEY: ServiceKey = ServiceKey::Address {
    protocol: Protocol::Tcp,
    address: std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST),
    port: 80,
};
const ALL: Query<'_> = Query { filter: None, counters: true, order: Order::Kernel, settings: false };

/// A client of a kernel that answers like the function.
fn client(mut script: impl FnMut(&Message) -> Vec<Vec<u8>> + 'static) -> Client {
    let peer = Peer::new(move |messages| {
        let [message] = &messages[..] else { panic!("{messages:?}") };
        match (message.family, message.command) {
            (GENL_ID_CTRL, CTRL_CMD_GETFAMILY) => vec![message.reply(0, &family())],
            (0x28, IPVS_CMD_GET_INFO) => vec![message.reply(0, &info())],
            (0x28, _) => script(message),
            _ => panic!("{message:?}"),
        }
    });
    Client::over(peer).unwrap()
}

fn count(client: &mut Client) -> usize {
    client.entries(ALL).unwrap().services().len()
}

/// How many servers each service has.
fn counts(client: &mut Client) -> Vec<usize> {
    client.snapshot(ALL).unwrap().services.iter().map(|entry| entry.servers.len()).collect()
}

fn short(client: &Client) -> Option<usize> {
    client.server_dumps.short.as_ref().map(Channel::size)
}

#[test]
fn connects_once() {
    let client = client(|_| panic!());
    assert_eq!(client.family, 0x28);
    assert_eq!(client.info(), Info { version: 0x10201, connection_table_size: 4096 });
}

#[test]
fn no_family() {
    let peer = Peer::new(|messages| vec![messages[0].answer(libc::ENOENT)]);
    assert_eq!(Client::over(peer).err().and_then(|error| error.errno()), Some(Errno::ENOENT));
}

#[test]
fn lists_services_from_many_datagrams() {
    let mut client = client(|message| {
        assert_eq!((message.command, message.flags), (IPVS_CMD_GET_SERVICE, 0x301));
        let mut datagrams: Vec<_> = (0..9).map(|n| services(message, 20 * n..20 * n + 20)).collect();
        datagrams.push(message.done());
        datagrams
    });
    assert_eq!(count(&mut client), 180);
    assert_eq!(client.channel.size(), LONG_DATAGRAM);
    // The second time begins with large datagrams.
    assert_eq!(count(&mut client), 180);
}

#[test]
fn servers_of_few_services_share_a_channel_and_those_of_more_have_their_own() {
    for (number, own) in [(FEW_SERVICES as u32, None), (FEW_SERVICES as u32 + 1, Some(SHORT_DATAGRAM))] {
        let mut client = client(move |message| match message.command {
            IPVS_CMD_GET_SERVICE => vec![services(message, 1..number + 1), message.done()],
            _ => vec![message.done()],
        });
        assert_eq!(counts(&mut client), vec![0; number as usize]);
        assert_eq!((client.channel.size(), short(&client)), (DATAGRAM, own));
    }
}

#[test]
fn many_servers_come_in_long_datagrams() {
    let mut asked = 0;
    let mut client = client(move |message| match message.command {
        IPVS_CMD_GET_SERVICE => vec![services(message, 1..4), services(message, 4..7), message.done()],
        _ => {
            // The second service has more than fit into a short datagram; the third one is asked for as if it had.
            asked += 1;
            let datagrams = match asked {
                2 => vec![servers(message, 0..20), servers(message, 20..40)],
                3 => vec![servers(message, 0..SHORT_DATAGRAM as u16 / 120)],
                _ => vec![servers(message, 0..1)],
            };
            [datagrams, vec![message.done()]].concat()
        }
    });
    assert_eq!(counts(&mut client), [1, 40, 31, 1, 1, 1]);
    assert_eq!(short(&client), Some(SHORT_DATAGRAM));
}

#[test]
fn servers_in_longer_datagrams_than_expected_are_asked_for_again() {
    let mut client = client(|message| match message.command {
        IPVS_CMD_GET_SERVICE => vec![message.reply(0, &service(7))],
        // Longer than the buffers of both channels, but for the longest.
        _ => vec![servers(message, 0..90), servers(message, 90..91), message.done()],
    });
    let filter = TableFilter::of(KEY);
    let query = Query { filter: Some(&filter), ..ALL };
    for _ in 0..2 {
        let mut entries = client.entries(query).unwrap();
        assert!(entries.next_service().is_some());
        assert_eq!(entries.servers().unwrap().len(), 91);
        assert_eq!(short(&client), Some(LONG_DATAGRAM));
    }
}

#[test]
fn services_that_are_named_are_asked_for_one_by_one() {
    let answer = |found: bool| {
        move |message: &Message| match message.command {
            IPVS_CMD_GET_SERVICE if message.flags & NLM_F_DUMP == 0 && found => vec![message.reply(0, &service(7))],
            IPVS_CMD_GET_SERVICE if message.flags & NLM_F_DUMP == 0 => vec![message.answer(Errno::ESRCH.0)],
            _ => panic!("{message:?}"),
        }
    };
    let filter = TableFilter { services: vec![KEY, KEY], ..TableFilter::default() };
    let query = Query { filter: Some(&filter), ..ALL };
    assert_eq!(client(answer(true)).entries(query).unwrap().services().len(), 2);
    assert!(matches!(client(answer(false)).entries(query).err(), Some(KernelError::NoService(KEY))));
    let one = TableFilter::of(KEY);
    let missing = client(answer(false)).entries(Query { filter: Some(&one), ..ALL }).err();
    assert!(matches!(missing, Some(KernelError::Refused(Errno::ESRCH))));
}

#[test]
fn services_without_a_server_that_is_chosen_are_left_out() {
    let mut asked = 0;
    let answer = move |message: &Message| match message.command {
        IPVS_CMD_GET_SERVICE => vec![services(message, 1..4), message.done()],
        _ => {
            asked += 1;
            vec![servers(message, if asked == 2 { 0..5 } else { 10..12 }), message.done()]
        }
    };
    let server = Some(ServerFilter { address: [10, 1, 0, 3].into(), port: None });
    let filter = TableFilter { server, ..TableFilter::default() };
    let snapshot = client(answer).snapshot(Query { filter: Some(&filter), ..ALL }).unwrap();
    assert_eq!(snapshot.services.len(), 1);
    assert_eq!(snapshot.services[0].service.service.key, ServiceKey::mark(2, Default::default()));
    assert_eq!(snapshot.services[0].servers.len(), 1);
    let none = TableFilter { scheduler: "rr".parse().ok(), ..TableFilter::default() };
    let answer = |message: &Message| vec![services(message, 1..4), message.done()];
    assert!(client(answer).snapshot(Query { filter: Some(&none), ..ALL }).unwrap().services.is_empty());
}

/// A kernel whose answers to a dump are as the function makes them, given how often it was asked.
fn asked(command: u8, answer: impl Fn(u32, &Message) -> Vec<Vec<u8>> + 'static) -> Client {
    let mut times = 0;
    client(move |message| match message.command {
        other if other == command => {
            times += 1;
            [answer(times, message), vec![message.done()]].concat()
        }
        IPVS_CMD_GET_SERVICE => vec![services(message, 7..8), message.done()],
        _ => vec![message.done()],
    })
}

#[test]
fn services_are_asked_for_again_when_one_comes_twice() {
    let mut client = asked(IPVS_CMD_GET_SERVICE, |times, message| match times {
        1 => vec![services(message, 0..10), services(message, 4..12)],
        _ => vec![services(message, 0..10), services(message, 10..12)],
    });
    assert_eq!(count(&mut client), 12);
}

#[test]
fn services_are_asked_for_again_when_the_kernel_says_that_the_dump_was_interrupted() {
    let mut client = asked(IPVS_CMD_GET_SERVICE, |times, message| match times {
        1 => vec![message.reply(NLM_F_MULTIPART | NLM_F_DUMP_INTR, &service(1))],
        _ => vec![services(message, 1..3)],
    });
    assert_eq!(count(&mut client), 2);
}

#[test]
fn a_table_that_never_stands_still_is_read_without_what_comes_twice() {
    let mut client = asked(IPVS_CMD_GET_SERVICE, |_, message| vec![services(message, 0..10), services(message, 8..12)]);
    assert_eq!(count(&mut client), 12);
    let mut client = asked(IPVS_CMD_GET_DEST, |_, message| vec![servers(message, 0..10), servers(message, 9..12)]);
    assert_eq!(counts(&mut client), [12]);
}

#[test]
fn servers_are_asked_for_again_when_one_comes_twice() {
    let mut client = asked(IPVS_CMD_GET_DEST, |times, message| match times {
        1 => vec![servers(message, 0..10), servers(message, 8..12)],
        _ => vec![servers(message, 0..10), servers(message, 10..13)],
    });
    assert_eq!(counts(&mut client), [13]);
}

#[test]
fn an_answer_to_an_older_request_is_passed_over() {
    let mut client = client(|message| {
        let older = Message { sequence: message.sequence.wrapping_sub(1), ..message.clone() };
        vec![older.answer(libc::EEXIST), older.done(), message.answer(0)]
    });
    client.apply(&Change::Flush).unwrap();
}

#[test]
fn refusals() {
    let mut client = client(|message| vec![message.answer(libc::EBUSY)]);
    let busy = Some(Errno::EBUSY);
    assert_eq!(client.apply(&Change::Flush).unwrap_err().errno(), busy);
    assert_eq!(client.entries(ALL).err().and_then(|error| error.errno()), busy);
    assert_eq!(client.service(&KEY, true).unwrap_err().errno(), busy);
    assert_eq!(client.timeouts().unwrap_err().errno(), busy);
}

#[test]
fn an_acknowledgement_is_not_a_reply() {
    let mut client = client(|message| vec![message.answer(0)]);
    assert!(matches!(client.service(&KEY, true), Err(KernelError::NoReply)));
}

#[test]
fn a_reply_that_was_cut_is_an_error() {
    let mut client = client(|message| vec![message.reply(NLM_F_MULTIPART, &vec![0; DATAGRAM])]);
    assert!(matches!(client.entries(ALL).err(), Some(KernelError::Truncated)));
}

#[test]
fn a_malformed_reply_does_not_disturb_the_next_request() {
    let mut malformed = true;
    let mut client = client(move |message| {
        let first = if malformed { emitted(&[CommandAttribute::Service(Vec::new())]) } else { service(9) };
        malformed = false;
        vec![message.reply(NLM_F_MULTIPART, &first), services(message, 1..4), message.done()]
    });
    assert!(matches!(client.entries(ALL).err(), Some(KernelError::Missing("IPVS_SVC_ATTR_AF"))));
    assert_eq!(count(&mut client), 4);
}

#[test]
fn a_snapshot_has_the_settings_where_they_are_asked_for() {
    let answer = |message: &Message| match message.command {
        IPVS_CMD_GET_CONFIG => vec![message.reply(0, &emitted(&[CommandAttribute::TimeoutTcp(900)]))],
        _ => vec![message.done()],
    };
    let snapshot = client(answer).snapshot(Query { settings: true, ..ALL }).unwrap();
    assert_eq!(
        (snapshot.timeouts.and_then(|timeouts| timeouts.tcp), snapshot.daemons),
        (NonZero::new(900), Some(Vec::new()))
    );
    assert_eq!(client(answer).snapshot(ALL).unwrap().timeouts, None);
}
