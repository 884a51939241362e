//! What documents mean, what is wrong with others, and that nothing makes the reader stumble.

use super::*;
use crate::ipvs::model::{
    Family, Forwarding, ListedServer, ListedService, Netmask, RealServer, ServiceFlags, ServiceKey, Tunnel,
    TunnelFlags, TunnelType, VirtualService,
};
use crate::program::names::NameService;
use crate::program::render::json::ServiceView;

fn of_services(services: &str) -> String {
    format!(r#"{{"schema_version": 1, "services": [{services}]}}"#)
}

/// The changes of a document, with the paths at which they stand.
fn changes(document: &str) -> Vec<(String, Change)> {
    let (paths, changes) = read(document.as_bytes()).unwrap().into_parts();
    assert_eq!(paths.lines().count(), changes.len());
    paths.lines().map(str::to_owned).zip(changes).collect()
}

/// What is wrong with a document, a line each.
fn wrong(document: &str) -> String {
    match read(document.as_bytes()).unwrap_err() {
        Unfit::Syntax(what) => format!("syntax: {what}"),
        Unfit::Values(wrong) => {
            wrong.iter().map(|Wrong { path, what }| format!("{path}: {what}")).collect::<Vec<_>>().join("\n")
        }
    }
}

#[test]
fn what_is_left_out_has_the_defaults_of_the_options() {
    let document = of_services(
        r#"{"protocol": "tcp", "address": "10.0.0.1", "port": 80, "servers": [{"address": "10.0.0.2"}]},
           {"fwmark": 7},
           {"fwmark": 7, "family": "ipv6", "persistence": {}, "servers": []},
           {"protocol": "udp", "address": "2001:db8::1", "persistence": {"netmask": "ffff::"}}"#,
    );
    let service = |key| VirtualService::new(key, "wlc".parse().unwrap());
    let web = ServiceKey::tcp([10, 0, 0, 1], 80);
    let mut persistent = service(ServiceKey::mark(7, Family::Inet6));
    (persistent.flags, persistent.timeout) = (ServiceFlags::PERSISTENT, 360);
    let mut masked = VirtualService { key: ServiceKey::udp("2001:db8::1".parse::<IpAddr>().unwrap(), 0), ..persistent };
    masked.netmask = Netmask::Prefix(16);
    let expected = [
        ("services[0]", Change::AddService(service(web))),
        ("services[0].servers[0]", Change::AddServer(web, RealServer::new([10, 0, 0, 2], 80))),
        ("services[1]", Change::AddService(service(ServiceKey::mark(7, Family::Inet)))),
        ("services[2]", Change::AddService(persistent)),
        ("services[3]", Change::AddService(masked)),
    ];
    assert_eq!(changes(&document), expected.map(|(path, change)| (path.to_owned(), change)));
    assert_eq!(changes(&of_services("")), []);
}

/// Names stand beside the numbers and are not read.
struct Odd;

impl NameService for Odd {
    fn host_address(&self, _: &str) -> Option<std::net::Ipv4Addr> {
        None
    }
    fn service_port(&self, _: &str, _: crate::ipvs::model::Protocol) -> Option<u16> {
        None
    }
    fn host_name(&self, _: IpAddr) -> Option<String> {
        Some("a\"]}\\".to_owned())
    }
    fn service_name(&self, _: u16, _: crate::ipvs::model::Protocol) -> Option<String> {
        None
    }
}

fn services() -> Vec<(VirtualService, Vec<RealServer>)> {
    let service = |key, scheduler: &str| VirtualService::new(key, scheduler.parse().unwrap());
    let mut web = service(ServiceKey::tcp([10, 0, 0, 1], 0), "sh");
    web.flags = ServiceFlags::PERSISTENT | ServiceFlags::SCHED2 | ServiceFlags::SCHED3;
    (web.timeout, web.netmask) = (2_678_400, Netmask::Mask([255, 0, 255, 0].into()));
    let mut mark = service(ServiceKey::mark(u32::MAX, Family::Inet6), "mh");
    (mark.flags, mark.netmask) = (ServiceFlags::SCHED1 | ServiceFlags::ONEPACKET, Netmask::Prefix(1));
    let mut sip = service(ServiceKey::udp("2001:db8::1".parse::<IpAddr>().unwrap(), 5060), "rr");
    sip.flags = ServiceFlags::PERSISTENT | ServiceFlags::ONEPACKET | ServiceFlags::SCHED1;
    (sip.timeout, sip.persistence_engine) = (1, Some("sip".parse().unwrap()));
    let mut plain = RealServer::new([172, 16, 0, 1], 8080);
    (plain.forwarding, plain.weight) = (Forwarding::Masquerading, i32::MAX);
    (plain.upper_threshold, plain.lower_threshold) = (10, 5);
    let tunnel = |kind, port, flags| {
        let mut server = RealServer::new("2001:db8::9".parse::<IpAddr>().unwrap(), port);
        (server.forwarding, server.weight, server.tunnel) = (Forwarding::Tunnel, 0, Tunnel { kind, port, flags });
        server
    };
    let tunnels = vec![
        tunnel(TunnelType::Gue, 6080, TunnelFlags::REMCSUM),
        tunnel(TunnelType::Gre, 0, TunnelFlags::CSUM),
        tunnel(TunnelType::Ipip, 0, TunnelFlags::NOCSUM),
    ];
    let sctp = service(ServiceKey::sctp([10, 0, 0, 1], 9), "wlc");
    vec![(web, vec![plain]), (mark, tunnels.clone()), (sip, vec![]), (sctp, tunnels)]
}

/// A document of services as `-L` prints it, with names.
fn printed() -> String {
    let mut all = Vec::new();
    for (service, servers) in services() {
        let servers: Vec<_> = servers.into_iter().map(ListedServer::from).collect();
        let mut text = Vec::new();
        let listed = ListedService::from(service);
        crate::program::render::json::write(&mut text, &ServiceView::new(&listed, &servers, Some(&Odd))).unwrap();
        all.push(String::from_utf8(text).unwrap());
    }
    of_services(&all.join(","))
}

#[test]
fn what_is_printed_is_read() {
    let read: Vec<_> = changes(&printed()).into_iter().map(|(_, change)| change).collect();
    let expected = services().into_iter().flat_map(|(service, servers)| {
        let servers = servers.into_iter().map(move |server| Change::AddServer(service.key, server));
        std::iter::once(Change::AddService(service)).chain(servers)
    });
    assert_eq!(read, expected.collect::<Vec<_>>());
}

#[test]
fn all_that_is_wrong_is_told_with_its_path() {
    let server = r#"{"address": "10.0.0.9", "weight": -1, "thresholds": {"upper": 2147483648, "lower": null, "uper": 1},
                     "forwarding": "drect", "tunnel": {"type": "gre", "port": 1, "checksum": "remote"}}"#;
    let document = format!(
        r#"{{"schema_version": 1, "Services": [], "tool_version": 7, "estimation": null, "services": [
            {{"protocol": "tcp", "address": "10.0.0.1", "port": 80, "servers": [{server}]}},
            {{"protocol": "icmp", "address": "10.0.0.256", "port": 65536, "family": "inet", "servers": {{}}}},
            5,
            {{"protocol": "tcp", "address": "10.0.0.1", "one_packet": true, "family": "ipv6", "scheduler": "rr",
              "scheduler_flags": ["sh-port", "flag-4", 1, "flag-1"]}},
            {{"fwmark": 0, "scheduler": "", "one_packet": 1, "persistence": 5}},
            {{"fwmark": 1, "protocol": "tcp", "address": "10.0.0.1", "port": 5, "weight": 1}},
            {{"fwmark": 1, "persistence": {{"timeout_seconds": 2678401, "netmask": "ffff::", "engine": "a b"}},
              "servers": [{{"address": "2001:db8::1"}}, {{"port": 1}}, {{"address": "10.0.0.1", "address": "10.0.0.2",
              "tunnel": {{"type": "ipip", "checksum": "none"}}}}, {{"address": "10.0.0.1", "forwarding": "tunnel",
              "tunnel": {{"type": "gue"}}}}]}},
            {{"family": "ipv6", "port": 1.0, "persistence": {{"netmask": "ff00:ff00::"}}}}]}}"#
    );
    let expected = "\
Services: is no key that is known here, is services meant?
services[0].servers[0].forwarding: must be one of \"direct\", \"masquerade\", \"tunnel\", \"local\", is \"drect\"
services[0].servers[0].weight: must be a whole number from 0 to 2147483647, is -1
services[0].servers[0].thresholds.uper: is no key that is known here, is upper meant?
services[0].servers[0].thresholds.upper: must be a whole number from 0 to 2147483647, is 2147483648
services[0].servers[0].thresholds.lower: must be a whole number from 0 to 2147483647, is null
services[0].servers[0].tunnel.port: must be null, since the type is gre
services[0].servers[0].tunnel.checksum: must be \"none\" or \"outer\", since the type is gre
services[1].family: must be one of \"ipv4\", \"ipv6\", is \"inet\"
services[1].protocol: must be one of \"tcp\", \"udp\", \"sctp\", is \"icmp\"
services[1].address: must be an IPv4 or IPv6 address, is \"10.0.0.256\"
services[1].port: must be a whole number from 0 to 65535, is 65536
services[1].servers: must be an array, is an object
services[2]: must be an object, is 5
services[3].family: is not the family of the address, IPv4
services[3].scheduler_flags[0]: must be a flag of the scheduler rr, is \"sh-port\"
services[3].scheduler_flags[1]: must be one of flag-1, flag-2, flag-3, sh-fallback, sh-port, mh-fallback, mh-port, is \"flag-4\"
services[3].scheduler_flags[2]: must be the name of a scheduler flag, is 1
services[3].port: Zero port specified for non-persistent service
services[3].one_packet: One-Packet Scheduling is only for UDP virtual services
services[4].fwmark: must be a whole number from 1 to 4294967295, is 0
services[4].scheduler: must be a name of 1 to 15 bytes without blanks, is \"\"
services[4].one_packet: must be true or false, is 1
services[4].persistence: must be an object, is 5
services[5].weight: is no key that is known here
services[5].protocol: must be null, since there is a fwmark
services[5].address: must be null, since there is a fwmark
services[5].port: must be null, since there is a fwmark
services[6].persistence.timeout_seconds: must be a whole number from 1 to 2678400, is 2678401
services[6].persistence.netmask: must be a mask, such as 255.255.255.0, is \"ffff::\"
services[6].persistence.engine: must be a name of 1 to 16 bytes without blanks, is \"a b\"
services[6].servers[0].address: Different address family is allowed only for tunneling servers
services[6].servers[1].address: is missing
services[6].servers[2].address: is there twice
services[6].servers[2].tunnel.checksum: must be null, since the type is ipip
services[6].servers[2].tunnel: must be null, since the forwarding is not \"tunnel\"
services[6].servers[3].tunnel.port: is missing, which gue needs
services[7].port: must be a whole number from 0 to 65535, is 1.0
services[7].protocol: is missing, and there is no fwmark
services[7].address: is missing, and there is no fwmark
services[7].persistence.netmask: must be a mask of leading ones, such as ffff:ffff::, is \"ff00:ff00::\"";
    assert_eq!(wrong(&document), expected);
}

#[test]
fn other_documents_and_none() {
    for (document, expected) in [
        (
            r#"{"schema_version": 2, "services": [{"x": 1}], "y": 1}"#,
            "schema_version: is 2, and this program restores documents of version 1",
        ),
        (r#"{"schema_version": "1", "services": []}"#, "schema_version: must be a whole number, is \"1\""),
        ("{}", "schema_version: is missing\nservices: is missing"),
        (r#"{"services": [], "services": []}"#, "services: is there twice\nschema_version: is missing"),
        ("[]", ": invalid type: sequence, expected an object, as `ipvsadm -L --json` prints it at line 1 column 2"),
        ("5", ": invalid type: integer `5`, expected an object, as `ipvsadm -L --json` prints it at line 1 column 1"),
        (
            r#"{"schema_version": 1, "services": {}}"#,
            "services: invalid type: map, expected an array of services at line 1 column 34",
        ),
        (" \n", "syntax: it is empty"),
        (r#"{"schema_version": 1, "services": []"#, "syntax: EOF while parsing an object at line 1 column 36"),
        (r#"{"schema_version": 1, "services": []} {}"#, "syntax: trailing characters at line 1 column 39"),
    ] {
        assert_eq!(wrong(document), expected, "{document}");
    }
    for key in OF_OTHERS {
        let document = format!(r#"{{"schema_version": 1, "{key}": []}}"#);
        let expected = format!("{key}: is of another document than `ipvsadm -L --json` prints of the table");
        assert_eq!(wrong(&document), expected);
    }
}

#[test]
fn the_first_ones_or_all_are_told() {
    let document = of_services(&["{}"; 40].join(","));
    let unfit = read(document.as_bytes()).unwrap_err();
    assert_eq!(unfit.text(b"", true).lines().count(), 81);
    let text = unfit.text(b"", false);
    assert!(text.ends_with("\n... and 30 more: --verbose names all.\n80 values of the document are wrong."), "{text}");
    let unfit = read(b"-A -f 1\n").unwrap_err().text(b"-A -f 1\n", false);
    assert_eq!(
        unfit,
        "The input is no JSON document: invalid number at line 1 column 2. It seems to be rules: leave --json out."
    );
    let odd = read(br#"{"\u001b[2J": 1}"#).unwrap_err().text(b"", false);
    assert!(odd.starts_with("\\x1b[2J: is no key"), "{odd}");
}

/// A document with up to eight bytes altered, and random bytes: read or refused, and no panic.
#[test]
fn nothing_makes_it_stumble() {
    let mut seed = 1_u64;
    let mut next = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % below
    };
    let document = printed().into_bytes();
    let (mut read_whole, mut refused) = (0, 0);
    for _ in 0..5_000 {
        let mut bytes = document.clone();
        for _ in 0..next(8) {
            let at = next(bytes.len());
            let byte = br#"{}[]",:0123456789.-eEtrufalsn\ "#[next(31)];
            match next(4) {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                2 => bytes[at] = next(256) as u8,
                _ => drop(bytes.drain(at..bytes.len().min(at + next(40)))),
            }
        }
        match read(&bytes) {
            Ok(_) => read_whole += 1,
            Err(unfit) => {
                refused += 1;
                assert!(!unfit.text(&bytes, false).is_empty());
            }
        }
        let random: Vec<u8> = (0..next(60)).map(|_| next(256) as u8).collect();
        assert!(read(&random).is_err());
    }
    assert!(read_whole > 500 && refused > 500, "{read_whole} {refused}");
    // Deeper than a stack may be.
    for depth in [100, 127, 100_000] {
        let deep = of_services(&format!(r#"{{"fwmark": {}1{}}}"#, "[".repeat(depth), "]".repeat(depth)));
        assert!(read(deep.as_bytes()).is_err(), "{depth}");
    }
}
