//! Rules: the table as command lines, and every change as one.
//!
//! `-S` writes services and servers in the reference's words, which lose the thresholds and a few flags. A [`change`] is
//! lossless and always numeric; `-R` of the reference takes it too.

use super::text::address::{Names, endpoint};
use super::text::daemon::bare_address;
use super::text::list::{netmask, port_protocol, scheduler_flags};
use super::text::numbers;
use crate::ipvs::model::{
    Change, DaemonState, Family, Forwarding, Name, Netmask, Protocol, RealServer, ServerKey, ServiceFlags, ServiceKey,
    StopDaemon, SyncDaemon, Timeouts, Tunnel, TunnelFlags, TunnelType, VirtualService,
};
use crate::ipvs::text::decode;
use std::num::NonZero;

/// Appends the lines of `-S` that make a service and its real servers.
pub fn service<'a>(
    out: &mut Vec<u8>,
    service: &VirtualService,
    servers: impl Iterator<Item = &'a RealServer>,
    names: Names<'_>,
) {
    let key_start = out.len() + 3;
    out.extend_from_slice(b"-A ");
    service_key(out, &service.key, names);
    let key = key_start..out.len();
    service_options(out, service, false);
    out.push(b'\n');
    for server in servers {
        out.extend_from_slice(b"-a ");
        out.extend_from_within(key.clone());
        server_key(out, &service.key, &server.key, names);
        server_options(out, server);
        out.push(b'\n');
    }
}

/// Appends the line that makes a change, complete and numeric.
pub fn change(out: &mut Vec<u8>, change: &Change) {
    match change {
        Change::AddService(service) => whole_service(out, b"-A ", service),
        Change::EditService(service) => whole_service(out, b"-E ", service),
        Change::DeleteService(key) => {
            out.extend_from_slice(b"-D ");
            service_key(out, key, None);
        }
        Change::AddServer(service, server) => whole_server(out, b"-a ", service, server),
        Change::EditServer(service, server) => whole_server(out, b"-e ", service, server),
        Change::DeleteServer(service, key) => {
            out.extend_from_slice(b"-d ");
            service_key(out, service, None);
            server_key(out, service, key, None);
        }
        Change::Flush => out.extend_from_slice(b"-C"),
        Change::Zero(None) => out.extend_from_slice(b"-Z"),
        Change::Zero(Some(key)) => {
            out.extend_from_slice(b"-Z ");
            service_key(out, key, None);
        }
        Change::SetTimeouts(timeouts) => set_timeouts(out, timeouts),
        Change::StartDaemon(daemon) => start_daemon(out, daemon),
        Change::StopDaemon(daemon) => stop_daemon(out, daemon),
    }
    out.push(b'\n');
}

/// The command that makes a change, as a person types it.
pub fn command(wanted: &Change) -> String {
    let mut line = b"ipvsadm ".to_vec();
    change(&mut line, wanted);
    decode(line.trim_ascii_end()).into_owned()
}

/// The command that gives a server a weight, and changes nothing else of it.
pub fn weight_command(service: &ServiceKey, server: &ServerKey, weight: i32) -> String {
    let mut line = b"ipvsadm -e ".to_vec();
    service_key(&mut line, service, None);
    server_key(&mut line, service, server, None);
    format!("{} -w {weight} --keep", decode(&line))
}

fn whole_service(out: &mut Vec<u8>, command: &[u8], service: &VirtualService) {
    out.extend_from_slice(command);
    service_key(out, &service.key, None);
    service_options(out, service, true);
}

/// `whole` is lossless: a granularity without persistence, and flags by the names that any scheduler takes.
fn service_options(out: &mut Vec<u8>, service: &VirtualService, whole: bool) {
    scheduler(out, service.scheduler);
    let persistent = service.flags.contains(ServiceFlags::PERSISTENT);
    if persistent {
        persistence(out, service.timeout);
    }
    if persistent || whole {
        granularity(out, service);
    }
    engine(out, service.persistence_engine);
    one_packet(out, service.flags);
    if service.flags.intersects(ServiceFlags::SCHEDULER) {
        out.extend_from_slice(b" -b ");
        if whole {
            every_scheduler_flag(out, service.flags);
        } else {
            scheduler_flags(out, service);
        }
    }
}

fn whole_server(out: &mut Vec<u8>, command: &[u8], service: &ServiceKey, server: &RealServer) {
    out.extend_from_slice(command);
    service_key(out, service, None);
    server_key(out, service, &server.key, None);
    server_options(out, server);
    number(out, b" -x ", server.upper_threshold);
    number(out, b" -y ", server.lower_threshold);
}

fn service_key(out: &mut Vec<u8>, key: &ServiceKey, names: Names<'_>) {
    match *key {
        ServiceKey::FirewallMark { mark, family } => {
            out.extend_from_slice(b"-f ");
            numbers::decimal(out, mark);
            if family == Family::Inet6 {
                out.extend_from_slice(b" -6");
            }
        }
        ServiceKey::Address { protocol, address, port } => {
            out.extend_from_slice(match protocol {
                Protocol::Tcp => &b"-t "[..],
                Protocol::Sctp => b"--sctp-service ",
                _ => b"-u ",
            });
            endpoint(out, address, port, Some(protocol), names);
        }
    }
}

fn server_key(out: &mut Vec<u8>, service: &ServiceKey, key: &ServerKey, names: Names<'_>) {
    out.extend_from_slice(b" -r ");
    endpoint(out, key.address, key.port, port_protocol(service), names);
}

fn scheduler(out: &mut Vec<u8>, scheduler: Name) {
    name(out, b" -s", scheduler);
}

/// A name behind its option. A restore drops the word `ipvsadm` wherever it stands, and may take `#` for the beginning of a
/// comment, so that such a name is no word of its own.
fn name(out: &mut Vec<u8>, option: &[u8], name: Name) {
    let name = name.as_bytes();
    out.extend_from_slice(option);
    out.push(if name == b"ipvsadm" || name.starts_with(b"#") { b'=' } else { b' ' });
    out.extend_from_slice(name);
}

fn persistence(out: &mut Vec<u8>, timeout: u32) {
    out.extend_from_slice(b" -p ");
    numbers::decimal(out, timeout);
}

fn granularity(out: &mut Vec<u8>, service: &VirtualService) {
    if service.netmask != Netmask::single(service.key.family()) {
        out.extend_from_slice(b" -M ");
        netmask(out, service.netmask);
    }
}

fn engine(out: &mut Vec<u8>, engine: Option<Name>) {
    if let Some(engine) = engine {
        name(out, b" --pe", engine);
    }
}

fn one_packet(out: &mut Vec<u8>, flags: ServiceFlags) {
    if flags.contains(ServiceFlags::ONEPACKET) {
        out.extend_from_slice(b" -o");
    }
}

/// The names that fit any scheduler, so that no flag is lost (see [`scheduler_flags`]).
fn every_scheduler_flag(out: &mut Vec<u8>, flags: ServiceFlags) {
    let mut separator: &[u8] = b"";
    for (flag, name) in
        [(ServiceFlags::SCHED1, b"flag-1"), (ServiceFlags::SCHED2, b"flag-2"), (ServiceFlags::SCHED3, b"flag-3")]
    {
        if flags.intersects(flag) {
            out.extend_from_slice(separator);
            out.extend_from_slice(name);
            separator = b",";
        }
    }
}

/// Forwarding method, weight and tunnel. A local server is saved as a routed one: the kernel finds out by itself.
fn server_options(out: &mut Vec<u8>, server: &RealServer) {
    match server.forwarding {
        Forwarding::Masquerading => out.extend_from_slice(b" -m -w "),
        Forwarding::Local | Forwarding::Route => out.extend_from_slice(b" -g -w "),
        Forwarding::Tunnel => out.extend_from_slice(b" -i -w "),
        _ => out.extend_from_slice(b" (null) -w "),
    }
    if server.weight < 0 {
        out.push(b'-');
    }
    numbers::decimal(out, server.weight.unsigned_abs());
    if server.forwarding == Forwarding::Tunnel {
        tunnel(out, server.tunnel);
    }
}

fn tunnel(out: &mut Vec<u8>, tunnel: Tunnel) {
    match tunnel.kind {
        TunnelType::Ipip => return out.extend_from_slice(b" --tun-type ipip"),
        TunnelType::Gue => {
            out.extend_from_slice(b" --tun-type gue --tun-port ");
            numbers::decimal(out, tunnel.port);
        }
        TunnelType::Gre => out.extend_from_slice(b" --tun-type gre"),
        _ => return,
    }
    out.extend_from_slice(match tunnel.flags {
        TunnelFlags::NOCSUM => b" --tun-nocsum",
        TunnelFlags::CSUM => b" --tun-csum",
        TunnelFlags::REMCSUM => b" --tun-remcsum",
        _ => b"",
    });
}

fn set_timeouts(out: &mut Vec<u8>, timeouts: &Timeouts) {
    out.extend_from_slice(b"--set");
    for seconds in [timeouts.tcp, timeouts.tcp_fin, timeouts.udp] {
        out.push(b' ');
        numbers::decimal(out, seconds.map_or(0, NonZero::get));
    }
}

fn state(state: DaemonState) -> &'static [u8] {
    match state {
        DaemonState::Master => b"master",
        DaemonState::Backup => b"backup",
    }
}

fn start_daemon(out: &mut Vec<u8>, daemon: &SyncDaemon) {
    out.extend_from_slice(b"--start-daemon ");
    out.extend_from_slice(state(daemon.state));
    name(out, b" --mcast-interface", daemon.interface);
    out.extend_from_slice(b" --syncid ");
    numbers::decimal(out, daemon.syncid);
    given(out, b" --sync-maxlen ", daemon.sync_maxlen.map(NonZero::get));
    if let Some(group) = daemon.mcast_group {
        out.extend_from_slice(b" --mcast-group ");
        bare_address(out, group);
    }
    given(out, b" --mcast-port ", daemon.mcast_port.map(NonZero::get));
    given(out, b" --mcast-ttl ", daemon.mcast_ttl.map(NonZero::get));
}

fn stop_daemon(out: &mut Vec<u8>, daemon: &StopDaemon) {
    out.extend_from_slice(b"--stop-daemon ");
    out.extend_from_slice(state(daemon.state));
    number(out, b" --syncid ", daemon.syncid);
}

/// Appends an option with a number, nothing where it is 0.
fn number(out: &mut Vec<u8>, option: &[u8], number: u32) {
    given(out, option, (number != 0).then_some(number));
}

/// Appends an option with a number, where there is one.
fn given(out: &mut Vec<u8>, option: &[u8], number: Option<impl itoa::Integer>) {
    if let Some(number) = number {
        out.extend_from_slice(option);
        numbers::decimal(out, number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::render::recorded::{mark, server, service};

    /// Our own lines, so not recorded; each was given to the reference's `-R`, which made the table that is meant.
    fn line(change: &Change) -> String {
        let mut out = Vec::new();
        super::change(&mut out, change);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn services_lose_neither_flags_nor_masks() {
        let persistent = VirtualService {
            flags: ServiceFlags::PERSISTENT | ServiceFlags::SCHED1 | ServiceFlags::SCHED3,
            timeout: 60,
            netmask: Netmask::Mask([255, 255, 255, 0].into()),
            persistence_engine: Some("sip".parse().unwrap()),
            ..service(Protocol::Udp, "10.0.0.1", 5060, "sh")
        };
        assert_eq!(
            line(&Change::AddService(persistent)),
            "-A -u 10.0.0.1:5060 -s sh -p 60 -M 255.255.255.0 --pe sip -b flag-1,flag-3\n"
        );
        let ours = VirtualService { scheduler: "ipvsadm".parse().unwrap(), ..persistent };
        assert!(line(&Change::AddService(ours)).contains(" -s=ipvsadm -p 60 "));
        let masked = VirtualService {
            flags: ServiceFlags::ONEPACKET,
            netmask: Netmask::Prefix(64),
            ..mark(4_000_000_000, Family::Inet6, "mh")
        };
        assert_eq!(line(&Change::EditService(masked)), "-E -f 4000000000 -6 -s mh -M 64 -o\n");
        assert_eq!(line(&Change::DeleteService(masked.key)), "-D -f 4000000000 -6\n");
    }

    #[test]
    fn servers_keep_their_thresholds() {
        let key = service(Protocol::Sctp, "2001:db8::1", 80, "rr").key;
        let limited = RealServer {
            weight: 0,
            upper_threshold: 1000,
            lower_threshold: 900,
            ..server("2001:db8::2", 8080, Forwarding::Masquerading)
        };
        assert_eq!(
            line(&Change::AddServer(key, limited)),
            "-a --sctp-service [2001:db8::1]:80 -r [2001:db8::2]:8080 -m -w 0 -x 1000 -y 900\n"
        );
        let wrapped = RealServer {
            upper_threshold: 5,
            tunnel: Tunnel { kind: TunnelType::Gue, port: 6080, flags: TunnelFlags::REMCSUM },
            ..server("10.0.0.2", 80, Forwarding::Tunnel)
        };
        assert_eq!(
            line(&Change::EditServer(key, wrapped)),
            "-e --sctp-service [2001:db8::1]:80 -r 10.0.0.2:80 -i -w 1 --tun-type gue --tun-port 6080 --tun-remcsum \
             -x 5\n"
        );
        assert_eq!(
            line(&Change::DeleteServer(key, wrapped.key)),
            "-d --sctp-service [2001:db8::1]:80 -r 10.0.0.2:80\n"
        );
        let local = server("127.0.0.1", 80, Forwarding::Local);
        let tcp = service(Protocol::Tcp, "10.0.0.1", 80, "rr").key;
        assert_eq!(line(&Change::AddServer(tcp, local)), "-a -t 10.0.0.1:80 -r 127.0.0.1:80 -g -w 1\n");
    }

    #[test]
    fn the_other_commands() {
        assert_eq!(line(&Change::Flush), "-C\n");
        assert_eq!(line(&Change::Zero(None)), "-Z\n");
        assert_eq!(line(&Change::Zero(Some(mark(7, Family::Inet, "rr").key))), "-Z -f 7\n");
        assert_eq!(
            line(&Change::SetTimeouts(Timeouts { tcp: NonZero::new(900), tcp_fin: None, udp: NonZero::new(300) })),
            "--set 900 0 300\n"
        );
        let daemon = SyncDaemon {
            state: DaemonState::Backup,
            interface: "d0".parse().unwrap(),
            syncid: 7,
            sync_maxlen: NonZero::new(1024),
            mcast_group: Some("ff02::81".parse().unwrap()),
            mcast_port: NonZero::new(65535),
            mcast_ttl: NonZero::new(255),
        };
        assert_eq!(
            line(&Change::StartDaemon(daemon)),
            "--start-daemon backup --mcast-interface d0 --syncid 7 --sync-maxlen 1024 --mcast-group ff02::81 \
             --mcast-port 65535 --mcast-ttl 255\n"
        );
        let plain = SyncDaemon { syncid: 7, ..SyncDaemon::new(DaemonState::Master, daemon.interface) };
        assert_eq!(line(&Change::StartDaemon(plain)), "--start-daemon master --mcast-interface d0 --syncid 7\n");
        let [ours, comment] = ["ipvsadm", "#x"].map(|name| SyncDaemon::new(DaemonState::Backup, name.parse().unwrap()));
        assert_eq!(line(&Change::StartDaemon(ours)), "--start-daemon backup --mcast-interface=ipvsadm --syncid 0\n");
        assert_eq!(line(&Change::StartDaemon(comment)), "--start-daemon backup --mcast-interface=#x --syncid 0\n");
        let stop = |syncid| line(&Change::StopDaemon(StopDaemon { state: DaemonState::Master, syncid }));
        assert_eq!(stop(0), "--stop-daemon master\n");
        assert_eq!(stop(255), "--stop-daemon master --syncid 255\n");
    }
}
