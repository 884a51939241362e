use super::super::SaveOptions;
use super::super::endpoint::tests::FewNames;
use super::*;
use crate::ipvs::filter::{ConnectionFilter, ServerFilter, TableFilter};
use crate::program::draining::Draining;
use crate::program::listing::{Form, Listed, Listing, View};
use crate::program::watching::Watching;
use std::time::Duration;

/// Command lines, `=>`, the status and the message that the reference gave on Linux 7.2.
const REFUSED: &str = include_str!("refused.txt");

fn request(line: &str) -> Result<Request, UsageError> {
    let words: Vec<_> = line.split(' ').collect();
    request_of(Walk::new(&words), &FewNames).map(Option::unwrap)
}

fn change(line: &str) -> Change {
    match request(line) {
        Ok(Request::Change(change)) => change,
        other => panic!("{line}: {other:?}"),
    }
}

fn service(line: &str) -> VirtualService {
    match change(line) {
        Change::AddService(service) | Change::EditService(service) => service,
        other => panic!("{line}: {other:?}"),
    }
}

fn server(line: &str) -> RealServer {
    match change(line) {
        Change::AddServer(_, server) | Change::EditServer(_, server) => server,
        other => panic!("{line}: {other:?}"),
    }
}

#[test]
fn the_first_error_from_left_to_right_is_the_references() {
    for recorded in REFUSED.lines() {
        let (line, expected) = recorded.split_once(" => ").unwrap();
        let error = request(line).unwrap_err();
        assert_eq!(format!("{} {}", error.status(), error.message("ipvsadm")), expected, "{line}");
    }
}

#[test]
fn mark_before_ipv6() {
    assert_eq!(request("-A -6 -f 1"), Err(UsageError::Ipv6BeforeMark));
    assert_eq!(request("-A -t 10.0.0.1:80 -6"), Err(UsageError::Ipv6BeforeMark));
    let six = ServiceKey::FirewallMark { mark: 1, family: Family::Inet6 };
    assert_eq!(service("-A -f 1 -6").key, six);
    assert_eq!(change("-D -f 1 -6 -6"), Change::DeleteService(six));
}

#[test]
fn a_server_without_a_port_has_that_of_the_service_before_it() {
    for (line, port) in [
        ("-a -t 10.0.0.1:80 -r 10.0.0.2 -m", 80),
        ("-a -r 10.0.0.2 -t 10.0.0.1:80 -m", 0),
        ("-a -t 10.0.0.1:80 -r 10.0.0.2:90 -m", 90),
        // Only masquerading translates a port.
        ("-a -t 10.0.0.1:80 -r 10.0.0.2:90", 80),
        ("-a -t 10.0.0.1:80 -r 10.0.0.2:90 -i", 80),
        ("-e -r 10.0.0.2 -t 10.0.0.1:http -g", 80),
        ("-a -f 1 -r 10.0.0.2:90", 90),
        ("-a -f 1 -r 10.0.0.2", 0),
    ] {
        assert_eq!(server(line).key.port, port, "{line}");
    }
    // A deletion takes what it is given.
    let Change::DeleteServer(_, key) = change("-d -t 10.0.0.1:80 -r 10.0.0.2:90") else { panic!() };
    assert_eq!(key.port, 90);
}

#[test]
fn a_mask_is_read_by_the_family_so_far() {
    for (line, expected) in [
        ("-A -t 10.0.0.1:80 -p", Netmask::Mask([255, 255, 255, 255].into())),
        ("-A -t 10.0.0.1:80 -p -M 255.255.255.0", Netmask::Mask([255, 255, 255, 0].into())),
        ("-A -t 10.0.0.1:80 -p -M 24", Netmask::Mask([0, 0, 0, 24].into())),
        ("-A -t [fe80::1]:80 -p -M 64", Netmask::Prefix(64)),
        ("-A -t [fe80::1]:80 -p -M 64bits", Netmask::Prefix(64)),
        // What stands before the family is known was read as an IPv4 mask, and is forgotten.
        ("-A -M 64 -t [fe80::1]:80 -p", Netmask::Prefix(128)),
        ("-A -f 1 -M 255.0.0.0 -6 -p", Netmask::Prefix(128)),
        ("-A -f 1 -6 -M 96 -p", Netmask::Prefix(96)),
    ] {
        assert_eq!(service(line).netmask, expected, "{line}");
    }
}

#[test]
fn what_is_not_given_has_the_references_default() {
    let plain = service("-A -t 10.0.0.1:80");
    assert_eq!((plain.scheduler, plain.flags, plain.timeout), ("wlc".parse().unwrap(), ServiceFlags::empty(), 0));
    assert_eq!(service("-A -t 10.0.0.1:80 -p").timeout, 360);
    assert_eq!(service("-A -t 10.0.0.1 -p 7").timeout, 7);
    assert_eq!(service("-A -t 10.0.0.1:80 -s sixteen-letters-").scheduler, "sixteen-letters".parse().unwrap());
    let plain = server("-a -t 10.0.0.1:80 -r 10.0.0.2");
    assert_eq!((plain.forwarding, plain.weight, plain.upper_threshold), (Forwarding::Route, 1, 0));
    let Change::StartDaemon(daemon) = change("--start-daemon backup --syncid 7") else { panic!() };
    assert_eq!((daemon.interface, daemon.syncid, daemon.state), ("eth0".parse().unwrap(), 7, DaemonState::Backup));
}

#[test]
fn settings_arrive() {
    let flags = service("-A -u 10.0.0.1:53 -o -s sh -b sh-port -p").flags;
    assert_eq!(flags, ServiceFlags::ONEPACKET | ServiceFlags::SCHED2 | ServiceFlags::PERSISTENT);
    let line = "-a -f 1 -r [fe80::2]:0 -i -w 2147483647 -x 5 -y 4 --tun-type gue --tun-port 6080 --tun-csum";
    let server = server(line);
    assert_eq!((server.weight, server.upper_threshold, server.lower_threshold), (i32::MAX, 5, 4));
    assert_eq!(server.tunnel, Tunnel { kind: TunnelType::Gue, port: 6080, flags: TunnelFlags::CSUM });
    let timeouts = Timeouts { tcp: None, tcp_fin: NonZero::new(2_678_400), udp: NonZero::new(3) };
    assert_eq!(change("--set 0 2678400 3"), Change::SetTimeouts(timeouts));
}

#[test]
fn zero_of_a_key_of_zeros_is_zero_of_all() {
    assert_eq!(change("-Z"), Change::Zero(None));
    assert_eq!(change("-Z -t 0.0.0.0:0"), Change::Zero(None));
    assert!(matches!(change("-Z -t 0.0.0.0:1"), Change::Zero(Some(_))));
    assert!(matches!(change("-Z -f 1"), Change::Zero(Some(_))));
}

fn listing(line: &str) -> Listing {
    match request(line) {
        Ok(Request::List { listing, output: None }) => listing,
        other => panic!("{line}: {other:?}"),
    }
}

#[test]
fn listings() {
    let view = |line: &str| match listing(line).listed {
        Listed::Table { view, .. } => view,
        other => panic!("{line}: {other:?}"),
    };
    assert_eq!(view("-Ln --tun-info --rate"), View::Rate);
    assert_eq!(view("-L --persistent-conn --tun-info"), View::PersistentConnections);
    assert_eq!(view("-l --sort --nosort --sort"), View::Plain);
    let all = ConnectionFilter::default();
    let with_engine = Listed::Connections { persistence_engine: true, filter: all };
    assert_eq!(listing("-Lc --persistent-conn").listed, with_engine);
    assert_eq!(listing("-L --timeout -n").listed, Listed::Timeouts);
    assert_eq!(listing("-L --daemon --json").form, Form::Json);
    assert_eq!(listing("-Ln --stats --prometheus").form, Form::Prometheus);
    let save = SaveOptions { numeric: true, full: true, output: Some("file".into()), namespace: None };
    assert_eq!(request("-Sn --full --output file"), Ok(Request::Save(save)));
}

#[test]
fn listings_are_narrowed() {
    let table = |line: &str| match listing(line).listed {
        Listed::Table { filter, .. } => filter,
        other => panic!("{line}: {other:?}"),
    };
    assert_eq!(table("-L --stats"), TableFilter::default());
    let six = ServiceKey::mark(7, Family::Inet6);
    let services = vec![ServiceKey::tcp([10, 0, 0, 1], 80), six, ServiceKey::mark(7, Family::Inet)];
    let line = "-L -t 10.0.0.1:80 -f 7 -6 -f 7 -t 10.0.0.1:80 -s rr -r 10.0.0.2:8080 -w 0";
    let server = Some(ServerFilter { address: [10, 0, 0, 2].into(), port: Some(8080) });
    let expected = TableFilter { services, scheduler: "rr".parse().ok(), server, weight: Some(0) };
    assert_eq!(table(line), expected);
    // A server without a port is one at any port.
    let any_port = Some(ServerFilter { address: [10, 0, 0, 2].into(), port: None });
    assert_eq!(table("-L -t 10.0.0.1:80 -r 10.0.0.2").server, any_port);
    let connections = "-Lc -u 10.0.0.1:53 -r 10.0.0.2 --client 192.0.2.0/24 --state UDP";
    let expected = ConnectionFilter {
        services: vec![ServiceKey::udp([10, 0, 0, 1], 53)],
        server: any_port,
        client: "192.0.2.0/24".parse().ok(),
        state: Some("UDP".to_owned()),
    };
    let listed = Listed::Connections { persistence_engine: false, filter: expected.clone() };
    assert_eq!(listing(connections).listed, listed);
    assert_eq!(listing(&format!("{connections} --count")).listed, Listed::Counts { filter: expected });
    assert_eq!(listing("-L -t 10.0.0.1:80 --quiet").form, Form::Quiet);
}

#[test]
fn what_does_not_go_together_in_a_listing() {
    for (line, expected) in [
        ("-L --client 10.0.0.1", "--client, --state and --count are for connections: give -c too"),
        ("-L --count --json", "--client, --state and --count are for connections: give -c too"),
        ("-L -c --client 10.0.0.0/33", "invalid client network value `10.0.0.0/33' specified"),
        ("-L -c -w 1", "The option 'weight' conflicts with the 'connection' option in the 'list' command"),
        ("-L --timeout -s rr", "The option 'scheduler' conflicts with the 'timeout' option in the 'list' command"),
        ("-L --daemon --quiet", "The option 'daemon' conflicts with the 'quiet' option in the 'list' command"),
        ("-L --json --quiet", "The option 'json' conflicts with the 'quiet' option in the 'list' command"),
        ("-L -c --prometheus", "The option 'connection' conflicts with the 'prometheus' option in the 'list' command"),
        ("-L --prometheus --json", "The option 'json' conflicts with the 'prometheus' option in the 'list' command"),
        ("-A -t 10.0.0.1:80 --json", "Illegal 'json' option with the 'add-service' command"),
        ("-L -s rr -s rr", "multiple 'scheduler' options specified"),
        ("-D -f 1 -f 2", "multiple 'service-address' options specified"),
    ] {
        assert_eq!(request(line).unwrap_err().to_string(), expected, "{line}");
    }
}

#[test]
fn help_comes_whatever_stands_around_it() {
    assert_eq!(request("-h -Q"), Ok(Request::Help));
    assert_eq!(request("foo -v bar"), Ok(Request::Version));
    assert_eq!(request("-L -h"), Err(UsageError::SecondCommand("-h".to_owned())));
}

#[test]
fn watches() {
    let watching = |line: &str| match request(line) {
        Ok(Request::Watch(watching)) => watching,
        other => panic!("{line}: {other:?}"),
    };
    let plain = Watching { filter: TableFilter::default(), every: Duration::from_secs(2), numeric: false, json: false };
    assert_eq!(watching("-L --watch"), plain);
    assert_eq!(watching("-l --watch --sort"), plain);
    let every = Duration::from_secs(30);
    assert_eq!(watching("-Ln --watch 30 --json"), Watching { every, numeric: true, json: true, ..plain.clone() });
    let narrowed = watching("-L --watch=30 -t 10.0.0.1:80 -f 3 -r 10.0.0.2 -s rr -w 2");
    let filter = match request("-L -t 10.0.0.1:80 -f 3 -r 10.0.0.2 -s rr -w 2") {
        Ok(Request::List { listing: Listing { listed: Listed::Table { filter, .. }, .. }, .. }) => filter,
        other => panic!("{other:?}"),
    };
    assert_eq!(narrowed, Watching { filter, every, ..plain });
}

#[test]
fn watches_that_are_refused() {
    for (line, message) in [
        ("-S --watch", "Illegal 'watch' option with the 'save' command"),
        ("-L --watch=1", "invalid interval value `1' specified"),
        ("-L --watch=x", "invalid interval value `x' specified"),
        ("-L -c --watch", "The option 'connection' conflicts with the 'watch' option in the 'list' command"),
        ("-L --rate --watch", "The option 'rate' conflicts with the 'watch' option in the 'list' command"),
        ("-L --watch --quiet", "The option 'quiet' conflicts with the 'watch' option in the 'list' command"),
        ("-L --watch --output f", "The option 'output' conflicts with the 'watch' option in the 'list' command"),
    ] {
        assert_eq!(request(line).map_err(|error| (error.status(), error.to_string())), Err((2, message.to_owned())));
    }
    let mut words = Vec::new();
    let line = super::super::parse_line("-L --watch", &mut words, &FewNames);
    assert_eq!(line.map_err(|error| error.status()), Err(2));
}

fn draining(line: &str) -> Draining {
    match request(line) {
        Ok(Request::Drain(draining)) => draining,
        other => panic!("{line}: {other:?}"),
    }
}

#[test]
fn drains() {
    let plain = Draining {
        service: Some(ServiceKey::tcp([10, 0, 0, 1], 80)),
        address: [10, 0, 0, 2].into(),
        port: Some(80),
        remove: true,
        limit: Some(Duration::from_secs(300)),
        force: false,
        restore_weight: false,
        ignore_persistent: false,
        json: false,
    };
    assert_eq!(draining("-d -t 10.0.0.1:80 -r 10.0.0.2 --drain"), plain);
    let with_all = Draining { remove: false, force: true, restore_weight: true, ..plain };
    let with_all = Draining { limit: None, ignore_persistent: true, json: true, ..with_all };
    let options = "--drain=0 --force --restore-weight --ignore-persistent --json";
    assert_eq!(draining(&format!("-e -t 10.0.0.1:80 -r 10.0.0.2 {options}")), with_all);
    let everywhere = Draining { service: None, port: None, limit: Some(Duration::from_secs(60)), ..plain };
    assert_eq!(draining("-d -r 10.0.0.2 --drain 60"), everywhere);
    assert_eq!(draining("-d -r 10.0.0.2:8080 --drain=60"), Draining { port: Some(8080), ..everywhere });
}

#[test]
fn drains_that_are_refused() {
    for (line, message) in [
        ("-a -t 10.0.0.1:80 -r 10.0.0.2 --drain", "Illegal 'drain' option with the 'add-server' command"),
        ("-L --drain", "Illegal 'drain' option with the 'list' command"),
        ("-d -t 10.0.0.1:80 --drain", "You need to supply the 'real-server' option for the 'delete-server' command"),
        (
            "-e -t 10.0.0.1:80 -r 10.0.0.2 -w 3 --drain",
            "The option 'weight' conflicts with the 'drain' option in the 'edit-server' command",
        ),
        ("-d -t 10.0.0.1:80 -r 10.0.0.2 --force", "The option 'force' goes with 'drain' only"),
        ("-d -r 10.0.0.2", "You need to supply the 'service-address' option for the 'delete-server' command"),
        ("-e -t 10.0.0.1:80 -r 10.0.0.2 --json", "Illegal 'json' option with the 'edit-server' command"),
        ("-d -r 10.0.0.2 --drain=x", "invalid timeout value `x' specified"),
        ("-d -r 10.0.0.2 --drain=2678401", "invalid timeout value `2678401' specified"),
    ] {
        assert_eq!(request(line).map_err(|error| (error.status(), error.to_string())), Err((2, message.to_owned())));
    }
    let mut words = Vec::new();
    let line = super::super::parse_line("-d -r 10.0.0.2 --drain", &mut words, &FewNames);
    assert_eq!(line.map_err(|error| error.status()), Err(2));
}
