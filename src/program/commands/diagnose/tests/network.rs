//! Where packets go, and what brings them.

use super::super::rules::Rules;
use super::{assert_wrong, facts, judge, line, with, wrong};
use crate::ipvs::model::{
    DaemonState, Family, Forwarding, Protocol, ServiceFlags, ServiceKey, SyncDaemon, Tunnel, TunnelType,
};
use crate::program::network::{Address, Neighbour, Network, Route};
use std::net::IpAddr;

const VIRTUAL: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
const SERVER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 1, 2));

/// The facts with a change of the network.
fn network(change: impl FnOnce(&mut Network)) -> super::Facts {
    with(|facts| change(facts.network.as_mut().unwrap()))
}

/// Facts whose first server is forwarded to by another method, to the port of the service.
fn forwarded(forwarding: Forwarding) -> super::Facts {
    with(|facts| {
        for listed in &mut facts.table.services[0].servers {
            (listed.server.forwarding, listed.server.key.port) = (forwarding, 80);
        }
    })
}

fn lines(facts: &super::Facts) -> Vec<String> {
    judge(facts).iter().map(line).collect()
}

#[test]
fn a_virtual_address_that_is_not_here() {
    let elsewhere = |network: &mut Network| {
        network.addresses.remove(0);
        network.routes.insert(VIRTUAL, Route::Out { link: 2, gateway: None, mtu: None });
    };
    let mut facts = network(elsewhere);
    assert_wrong(&facts, "fault virtual-address TCP 192.0.2.1:80: 192.0.2.1 is none of this host's addresses");
    facts.keepalived = Some(Err("it has variables".to_owned()));
    assert_eq!(wrong(&facts), [""; 0]);
    facts.keepalived = None;
    facts.table.daemons = Some(vec![SyncDaemon::new(DaemonState::Backup, "eth0".parse().unwrap())]);
    assert!(!wrong(&facts).iter().any(|line| line.contains("virtual-address")));
    facts.table.daemons = None;
    facts.table.services[0].service.stats.connections = 1;
    assert_eq!(wrong(&facts), [""; 0]);
    let down = network(|network| network.links[1].carrier = false);
    assert_wrong(&down, "fault virtual-address TCP 192.0.2.1:80: 192.0.2.1 is on eth0, which is down");
    let by_route = network(|network| network.addresses.truncate(0));
    assert_eq!(wrong(&by_route), [""; 0]);
}

#[test]
fn a_loopback_address() {
    let mut facts = facts();
    let local: IpAddr = [127, 0, 0, 1].into();
    facts.table.services[0].service.service.key = ServiceKey::tcp(local, 80);
    facts.network.as_mut().unwrap().routes.insert(local, Route::Local);
    assert_wrong(&facts, "warning virtual-address TCP 127.0.0.1:80: 127.0.0.1 is a loopback address");
}

#[test]
fn a_mark_that_nothing_sets() {
    let mut facts = facts();
    facts.table.services[0].service.service.key = ServiceKey::mark(7, Family::Inet);
    assert_wrong(&facts, "fault mark FWM 7: no rule of nft or iptables sets the mark 7");
    let marked = with(|marked| {
        marked.table.services[0].service.service.key = ServiceKey::mark(7, Family::Inet);
        let rules = marked.rules.as_mut().unwrap();
        rules.add_iptables("iptables", "*mangle\n-A PREROUTING -j MARK --set-xmark 0x7/0xffffffff\n");
    });
    assert_eq!(wrong(&marked), [""; 0]);
    facts.network.as_mut().unwrap().classifies = true;
    assert_eq!(wrong(&facts), [""; 0]);
    facts.network.as_mut().unwrap().classifies = false;
    facts.rules = Err("cannot run nft: No such file or directory".to_owned());
    assert_eq!(wrong(&facts), [""; 0]);
    assert!(
        lines(&facts).iter().any(|line| line.starts_with("unknown mark FWM 7: ") && line.contains("cannot run nft"))
    );
}

#[test]
fn clients_that_come_by_another_link_than_answers_leave_by() {
    let far_away = |link| {
        network(|network| {
            network.routes.insert([203, 0, 113, 1].into(), Route::Out { link, gateway: None, mtu: None });
        })
    };
    assert_eq!(wrong(&far_away(2)), [""; 0]);
    let mut facts = far_away(3);
    assert_wrong(&facts, "warning reverse-path TCP 192.0.2.1:80: 192.0.2.1 is on eth0, but");
    facts.settings.0.insert("ipv4/conf/all/rp_filter".to_owned(), Ok("2\n".to_owned()));
    assert_eq!(wrong(&facts), [""; 0]);
    let mut facts = far_away(3);
    facts.table.services[0].service.stats.connections = 1;
    assert_eq!(wrong(&facts), [""; 0]);
}

#[test]
fn servers_that_packets_do_not_reach() {
    let why = "Network is unreachable";
    let facts = network(|network| drop(network.routes.insert(SERVER, Route::None(why.to_owned()))));
    let about = "TCP 192.0.2.1:80 -> 10.0.1.2:8080";
    assert_wrong(&facts, &format!("fault route {about}: there is no route to 10.0.1.2: {why}"));
    let silent = network(|network| network.neighbours[0].known = false);
    assert_wrong(&silent, &format!("fault neighbour {about}: it does not say its hardware address on eth1"));
    let gateway: IpAddr = [10, 0, 1, 254].into();
    let behind = network(|network| {
        network.routes.insert(SERVER, Route::Out { link: 3, gateway: Some(gateway), mtu: None });
        network.neighbours.push(Neighbour { link: 3, address: gateway, known: false });
    });
    assert_wrong(&behind, &format!("fault neighbour {about}: its gateway 10.0.1.254 does not say"));
    let quiet = network(|network| network.neighbours.clear());
    assert_eq!(wrong(&quiet), [""; 0]);
    let mut unreadable = facts;
    unreadable.network = Err("cannot read the network over netlink: Permission denied".to_owned());
    assert_eq!(wrong(&unreadable), [""; 0]);
}

#[test]
fn a_server_that_is_this_host() {
    let local = |network: &mut Network| drop(network.routes.insert(SERVER, Route::Local));
    let mut facts = network(local);
    let fault =
        "fault local-server TCP 192.0.2.1:80 -> 10.0.1.2:8080: it is this host itself, where nothing listens on";
    assert_wrong(&facts, &format!("{fault} TCP 10.0.1.2:8080"));
    let line =
        " sl local\n 0: 0201000A:0000 0:0 0A\n".replace("0000 ", "1F90 ").replace("0201000A", &hex([10, 0, 1, 2]));
    facts.sockets.as_mut().unwrap().add(Protocol::Tcp, &line);
    assert_eq!(wrong(&facts), [""; 0]);
    // What is not masqueraded is for the virtual address.
    facts.table.services[0].servers[0].server.forwarding = Forwarding::Route;
    facts.table.services[0].servers[0].server.key.port = 80;
    assert_wrong(&facts, &format!("{} TCP 192.0.2.1:80", fault.replace("8080", "80")));
}

/// An address as /proc/net/tcp shows it.
fn hex(address: [u8; 4]) -> String {
    format!("{:08X}", u32::from_ne_bytes(address))
}

#[test]
fn a_host_that_does_not_forward() {
    for (setting, value, about) in
        [("ipv4/conf/eth1/forwarding", "0\n", "eth1"), ("ipv4/conf/eth0/forwarding", "0\n", "")]
    {
        let facts = with(|facts| drop(facts.settings.0.insert(setting.to_owned(), Ok(value.to_owned()))));
        match about {
            "" => assert_eq!(wrong(&facts), [""; 0]),
            link => assert_wrong(
                &facts,
                &format!("fault forwarding TCP 192.0.2.1:80: net.ipv4.conf.{link}.forwarding is 0"),
            ),
        }
    }
    let mut direct = forwarded(Forwarding::Route);
    direct.settings.0.insert("ipv4/conf/eth1/forwarding".to_owned(), Ok("0\n".to_owned()));
    assert_eq!(wrong(&direct), [""; 0]);
}

#[test]
fn a_masqueraded_server_on_the_network_of_clients() {
    let shared = |network: &mut Network| network.addresses.push(Address { link: 3, address: VIRTUAL, prefix: 24 });
    let virtual_address: IpAddr = [10, 0, 1, 200].into();
    let mut facts = network(shared);
    facts.table.services[0].service.service.key = ServiceKey::tcp(virtual_address, 80);
    facts.network.as_mut().unwrap().routes.insert(virtual_address, Route::Local);
    assert_eq!(wrong(&facts), [""; 0]);
    assert_eq!(lines(&facts).iter().filter(|line| line.starts_with("unknown same-network")).count(), 2);
    let waiting = "title\nTCP 0A000109 8320 0A0001C8 0050 0A000102 1F90 SYN_RECV 20\n";
    facts.connections = super::Connections::read(waiting.as_bytes()).map_err(|error| error.to_string());
    let found = wrong(&facts);
    assert!(
        found.len() == 2 && found[0].starts_with("fault same-network") && found[1].starts_with("fault answers"),
        "{found:#?}"
    );
    assert!(found[0].contains("the client 10.0.1.9 is on its network on eth1"), "{}", found[0]);
}

#[test]
fn rules_that_count_on_connection_tracking() {
    let ruled = |text: &str| with(|facts| facts.rules.as_mut().unwrap().add_iptables("iptables", text));
    let invalid = "*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD -m conntrack --ctstate INVALID -j DROP\n";
    let mut facts = ruled(invalid);
    assert_wrong(&facts, "fault conntrack this host: net.ipv4.vs.conntrack is 0");
    facts.settings.0.insert("ipv4/vs/conntrack".to_owned(), Ok("1\n".to_owned()));
    assert_eq!(wrong(&facts), [""; 0]);
    let mask = |link: &str| format!("*nat\n:POSTROUTING ACCEPT [0:0]\n-A POSTROUTING -o {link} -j MASQUERADE\n");
    assert_wrong(&ruled(&mask("eth1")), "warning conntrack this host: net.ipv4.vs.conntrack is 0, so that clients");
    assert_eq!(wrong(&ruled(&mask("eth0"))), [""; 0]);
    let mut direct = ruled(invalid);
    direct.table.services[0].servers.iter_mut().for_each(|listed| {
        (listed.server.forwarding, listed.server.key.port) = (Forwarding::Route, 80);
    });
    assert_eq!(wrong(&direct), [""; 0]);
    direct.rules = Ok(Rules::default());
    assert_eq!(wrong(&direct), [""; 0]);
}

#[test]
fn direct_routing() {
    let mut facts = forwarded(Forwarding::Route);
    assert_eq!(wrong(&facts), [""; 0]);
    facts.table.services[0].servers[1].server.key.port = 8080;
    assert_wrong(&facts, "fault port TCP 192.0.2.1:80 -> 10.0.1.3:8080: packets come to port 80 of it, not to 8080");
    facts.table.services[0].servers[1].server.key.port = 80;
    let gateway = Some([10, 0, 1, 254].into());
    facts.network.as_mut().unwrap().routes.insert(SERVER, Route::Out { link: 3, gateway, mtu: None });
    assert_wrong(&facts, "fault direct-link TCP 192.0.2.1:80 -> 10.0.1.2:80: it is behind the gateway 10.0.1.254");
    facts.table.services[0].servers[0].server.forwarding = Forwarding::Tunnel;
    assert_eq!(wrong(&facts), [""; 0]);
    facts.table.services[0].service.service.key = ServiceKey::mark(7, Family::Inet);
    facts.table.services[0].service.stats.connections = 1;
    facts.table.services[0].servers[1].server.key.port = 8080;
    assert_eq!(wrong(&facts), [""; 0]);
}

#[test]
fn a_persistent_mark_keeps_the_port() {
    let mut facts = facts();
    let service = &mut facts.table.services[0].service;
    (service.service.key, service.stats.connections) = (ServiceKey::mark(7, Family::Inet), 1);
    assert_eq!(wrong(&facts), [""; 0]);
    facts.table.services[0].service.service.flags = ServiceFlags::PERSISTENT;
    let found = wrong(&facts);
    let begins = "warning port FWM 7 -> 10.0.1.2:8080: packets come to the port that the client called, not to 8080";
    assert!(found.len() == 2 && found[0] == begins, "{found:#?}");
    facts.table.services[0].servers.iter_mut().for_each(|listed| listed.server.key.port = 0);
    assert_eq!(wrong(&facts), [""; 0]);
}

#[test]
fn what_is_left_inside_a_tunnel() {
    let tunnelled = |mtu, tunnel| {
        let mut facts = forwarded(Forwarding::Tunnel);
        facts.table.services[0].servers[0].server.tunnel = tunnel;
        facts.network.as_mut().unwrap().routes.insert(SERVER, Route::Out { link: 3, gateway: None, mtu: Some(mtu) });
        facts
    };
    let gue = Tunnel { kind: TunnelType::Gue, port: 5555, ..Tunnel::default() };
    let seen =
        |facts: &super::Facts, text: &str| assert!(lines(facts).iter().any(|line| line.contains(text)), "{text}");
    seen(&tunnelled(1500, Tunnel::default()), "1480 of the 1500 bytes");
    seen(&tunnelled(1500, gue), "1468 of the 1500 bytes");
    assert_eq!(wrong(&tunnelled(1220, Tunnel::default())), [""; 0]);
    let about = "TCP 192.0.2.1:80 -> 10.0.1.2:80";
    assert_wrong(&tunnelled(1219, Tunnel::default()), &format!("warning tunnel-mtu {about}: 1199 of the 1219 bytes"));
    let mut six = tunnelled(1299, Tunnel::default());
    six.table.services[0].service.service.key = ServiceKey::mark(8, Family::Inet6);
    six.table.services[0].service.stats.connections = 1;
    assert_wrong(&six, "warning tunnel-mtu FWM 8 IPv6 -> 10.0.1.2:80: 1279 of the 1299 bytes");
    let mut outer = tunnelled(1319, Tunnel::default());
    let address: IpAddr = "2001:db8::2".parse().unwrap();
    outer.table.services[0].servers[0].server.key.address = address;
    outer.network.as_mut().unwrap().routes.insert(address, Route::Out { link: 3, gateway: None, mtu: Some(1319) });
    assert_wrong(&outer, "fault tunnel-mtu TCP 192.0.2.1:80 -> [2001:db8::2]:80: 1279 of the 1319 bytes");
}
