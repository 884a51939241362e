//! The checks without a kernel: facts that are right, and one thing of them wrong.

mod connections;
mod daemons;
mod network;
mod output;
mod table;

use super::checks::judge;
use super::facts::{Facts, Settings};
use super::finding::{Finding, Status};
use super::rules::Rules;
use super::sockets::Sockets;
use super::states::Connections;
use crate::ipvs::model::{
    Forwarding, Info, ListedServer, RealServer, ServiceEntry, ServiceKey, Snapshot, VirtualService,
};
use crate::program::diagnosis::Diagnosis;
use crate::program::network::{Address, Link, Neighbour, Network, Route};
use std::collections::BTreeMap;

fn key() -> ServiceKey {
    ServiceKey::tcp([192, 0, 2, 1], 80)
}

/// A masqueraded server.
fn server(last: u8) -> ListedServer {
    let server = RealServer { forwarding: Forwarding::Masquerading, ..RealServer::new([10, 0, 1, last], 8080) };
    ListedServer::from(server)
}

/// A service with two servers, and nothing wrong.
fn facts() -> Facts {
    let service = VirtualService::new(key(), "wlc".parse().unwrap()).into();
    let settings = [
        ("ipv4/vs/drop_packet", "0\n"),
        ("ipv4/vs/drop_entry", "0\n"),
        ("ipv4/vs/secure_tcp", "0\n"),
        ("ipv4/vs/expire_quiescent_template", "0\n"),
        ("ipv4/vs/conntrack", "0\n"),
        ("ipv4/vs/pmtu_disc", "1\n"),
        ("ipv4/conf/all/rp_filter", "0\n"),
        ("ipv4/conf/eth0/rp_filter", "1\n"),
        ("ipv4/conf/eth1/rp_filter", "1\n"),
        ("ipv4/conf/eth0/forwarding", "1\n"),
        ("ipv4/conf/eth1/forwarding", "1\n"),
        ("ipv6/conf/all/forwarding", "1\n"),
    ];
    let settings = settings.into_iter().map(|(path, text)| (path.to_owned(), Ok(text.to_owned())));
    Facts {
        asked: Diagnosis::default(),
        table: Snapshot {
            info: Info { version: 0x01_02_01, connection_table_size: 4096 },
            services: vec![ServiceEntry { service, servers: vec![server(2), server(3)] }],
            timeouts: None,
            daemons: Some(Vec::new()),
        },
        estimation: true,
        connections: Ok(Connections::default()),
        connection_count: None,
        settings: Settings(settings.collect()),
        network: Ok(network()),
        sockets: Ok(Sockets::default()),
        rules: Ok(Rules::default()),
        keepalived: None,
        synced: Ok(0),
    }
}

fn link(index: u32, name: &str) -> Link {
    let stays = name == "lo";
    Link { index, name: name.to_owned(), up: true, carrier: true, stays, asks: !stays, multicast: true, mtu: 1500 }
}

/// Clients come by eth0, by a gateway there; the servers are on eth1.
fn network() -> Network {
    let address = |link, address: [u8; 4]| Address { link, address: address.into(), prefix: 24 };
    let out = |link, gateway: Option<[u8; 4]>| Route::Out { link, gateway: gateway.map(Into::into), mtu: None };
    let neighbour = |link, address: [u8; 4]| Neighbour { link, address: address.into(), known: true };
    Network {
        links: vec![link(1, "lo"), link(2, "eth0"), link(3, "eth1")],
        addresses: vec![address(2, [192, 0, 2, 1]), address(3, [10, 0, 1, 1])],
        neighbours: vec![neighbour(3, [10, 0, 1, 2]), neighbour(3, [10, 0, 1, 3])],
        routes: BTreeMap::from([
            ([192, 0, 2, 1].into(), Route::Local),
            ([10, 0, 1, 2].into(), out(3, None)),
            ([10, 0, 1, 3].into(), out(3, None)),
            ([203, 0, 113, 1].into(), out(2, Some([192, 0, 2, 254]))),
        ]),
        classifies: false,
    }
}

/// The facts with a change.
fn with(change: impl FnOnce(&mut Facts)) -> Facts {
    let mut facts = facts();
    change(&mut facts);
    facts
}

/// What is wrong, as `STATUS CHECK ABOUT: SEEN`.
fn wrong(facts: &Facts) -> Vec<String> {
    let is_wrong = |finding: &&Finding| matches!(finding.status, Status::Fault | Status::Warning);
    judge(facts).iter().filter(is_wrong).map(line).collect()
}

fn line(finding: &Finding) -> String {
    let Finding { status, check, about, seen, .. } = finding;
    format!("{} {check} {about}: {seen}", status.word())
}

/// Fails unless exactly one thing is wrong, whose line begins so.
#[track_caller]
fn assert_wrong(facts: &Facts, begins: &str) {
    let wrong = wrong(facts);
    assert!(wrong.len() == 1 && wrong[0].starts_with(begins), "{begins:?} expected: {wrong:#?}");
}

#[test]
fn nothing_is_wrong_to_begin_with() {
    assert_eq!(wrong(&facts()), [""; 0]);
}
