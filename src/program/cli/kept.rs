//! `--keep`: what the options of `-E` and `-e` give, over what lives; and whether the two fit together, by the rules for
//! what is given at once.

use super::UsageError;
use super::legality::{CHECKSUMS, OptionSet, TUNNEL_OPTIONS, check_tunnel};
use super::limits;
use super::options::Opt;
use super::scheduler_flags::scheduler_flags;
use crate::ipvs::model::{
    Forwarding, RealServer, ServerKey, ServiceFlags, ServiceKey, Tunnel, TunnelFlags, TunnelType, VirtualService,
};

/// An edit of which only what was given counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// `-E`.
    Service(KeptService),
    /// `-e`.
    Server(KeptServer),
}

/// What is given of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptService {
    /// Which options.
    pub(super) given: OptionSet,
    /// Their values; scheduler flags are in `flags` only where `-s` is given too.
    pub(super) service: VirtualService,
    /// The value of `-b`: what it means depends on the scheduler.
    pub(super) scheduler_flags: Option<String>,
}

/// What is given of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptServer {
    /// Which options.
    pub(super) given: OptionSet,
    /// Of which service.
    pub(super) service: ServiceKey,
    /// Their values.
    pub(super) server: RealServer,
}

impl KeptService {
    /// Which service.
    pub fn key(&self) -> &ServiceKey {
        &self.service.key
    }

    /// What becomes of the service as it lives.
    ///
    /// # Errors
    /// When flags are those of another scheduler.
    pub fn over(&self, live: &VirtualService) -> Result<VirtualService, UsageError> {
        let (has, given, mut kept) = (|option| self.given.has(option), &self.service, *live);
        if has(Opt::Scheduler) {
            kept.scheduler = given.scheduler;
        }
        if let Some(text) = &self.scheduler_flags {
            kept.flags -= ServiceFlags::SCHEDULER;
            kept.flags |= scheduler_flags(text, kept.scheduler.as_bytes())?;
        }
        if has(Opt::Persistent) {
            kept.flags |= ServiceFlags::PERSISTENT;
            kept.timeout = given.timeout;
        }
        if has(Opt::Ops) {
            kept.flags |= ServiceFlags::ONEPACKET;
        }
        if has(Opt::Netmask) {
            kept.netmask = given.netmask;
        }
        if has(Opt::Pe) {
            kept.persistence_engine = given.persistence_engine;
        }
        Ok(kept)
    }
}

impl KeptServer {
    /// The service, and which server of it.
    pub fn keys(&self) -> (&ServiceKey, &ServerKey) {
        (&self.service, &self.server.key)
    }

    /// What becomes of the server as it lives.
    ///
    /// # Errors
    /// When the forwarding method or the tunnel does not go with what is given.
    pub fn over(&self, live: &RealServer) -> Result<RealServer, UsageError> {
        let (has, given, mut kept) = (|option| self.given.has(option), &self.server, *live);
        if has(Opt::Gatewaying) {
            kept.forwarding = given.forwarding;
        }
        if has(Opt::Weight) {
            kept.weight = given.weight;
        }
        if has(Opt::UThreshold) {
            kept.upper_threshold = given.upper_threshold;
        }
        if has(Opt::LThreshold) {
            kept.lower_threshold = given.lower_threshold;
        }
        if kept.forwarding == Forwarding::Tunnel {
            kept.tunnel = self.tunnel(live.tunnel)?;
            return Ok(kept);
        }
        if self.given.any(&TUNNEL_OPTIONS) {
            return Err(UsageError::TunnelOptionsWithoutTunnel);
        }
        limits::families(&self.service, &kept.key, kept.forwarding)?;
        if live.forwarding == Forwarding::Tunnel {
            kept.tunnel = Tunnel::default();
        }
        Ok(kept)
    }

    /// Port and checksum of another type of tunnel stay as far as this one has them.
    fn tunnel(&self, live: Tunnel) -> Result<Tunnel, UsageError> {
        let given = &self.server.tunnel;
        let kind = if self.given.has(Opt::TunType) { given.kind } else { live.kind };
        let mut judged = self.given;
        let port = match (kind, self.given.has(Opt::TunPort)) {
            (_, true) => given.port,
            (TunnelType::Ipip | TunnelType::Gre, false) => 0,
            (_, false) => live.port,
        };
        if port != 0 {
            judged.add(Opt::TunPort);
        }
        if let TunnelType::Ipip | TunnelType::Gue | TunnelType::Gre = kind {
            check_tunnel(kind, judged)?;
        }
        let flags = match (kind, self.given.any(&CHECKSUMS)) {
            (_, true) => given.flags,
            (TunnelType::Ipip, false) => TunnelFlags::empty(),
            (TunnelType::Gre, false) => live.flags & TunnelFlags::CSUM,
            (_, false) => live.flags,
        };
        Ok(Tunnel { kind, port, flags })
    }
}

#[cfg(test)]
mod tests {
    use super::super::builder::request_of;
    use super::super::endpoint::tests::FewNames;
    use super::super::popt::Walk;
    use super::super::request::Request;
    use super::*;
    use crate::ipvs::model::{Change, Name, Netmask};

    fn request(line: &str) -> Result<Request, UsageError> {
        let words: Vec<_> = line.split(' ').collect();
        request_of(Walk::new(&words), &FewNames).map(Option::unwrap)
    }

    /// The service that another line adds, edited by a line with `--keep`; as text where it is refused.
    fn service(added: &str, edit: &str) -> Result<VirtualService, String> {
        let Ok(Request::Change(Change::AddService(live))) = request(&format!("-A {added}")) else { panic!("{added}") };
        match request(&format!("-E {edit} --keep")) {
            Ok(Request::Keep(Kept::Service(kept))) => {
                assert_eq!(kept.key(), &live.key);
                kept.over(&live).map_err(|error| error.to_string())
            }
            other => panic!("{edit}: {other:?}"),
        }
    }

    /// The same with servers.
    fn server(added: &str, edit: &str) -> Result<RealServer, String> {
        let Ok(Request::Change(Change::AddServer(_, live))) = request(&format!("-a {added}")) else {
            panic!("{added}")
        };
        match request(&format!("-e {edit} --keep")) {
            Ok(Request::Keep(Kept::Server(kept))) => {
                assert_eq!(kept.keys().1, &live.key, "{edit}");
                kept.over(&live).map_err(|error| error.to_string())
            }
            other => panic!("{edit}: {other:?}"),
        }
    }

    fn added(line: &str) -> Change {
        match request(line) {
            Ok(Request::Change(change)) => change,
            other => panic!("{line}: {other:?}"),
        }
    }

    /// Each option alone replaces what it sets, and nothing else.
    #[test]
    fn what_is_not_given_of_a_service_stays() {
        let udp = "-u 10.0.0.1:5060";
        let all = format!("{udp} -s sh -b sh-port -p 60 -M 255.255.0.0 --pe sip -o");
        for (edit, expected) in [
            ("", "-s sh -b sh-port -p 60 -M 255.255.0.0 --pe sip -o"),
            (" -s rr", "-s rr -b flag-2 -p 60 -M 255.255.0.0 --pe sip -o"),
            (" -s mh", "-s mh -b mh-port -p 60 -M 255.255.0.0 --pe sip -o"),
            (" -b sh-fallback", "-s sh -b sh-fallback -p 60 -M 255.255.0.0 --pe sip -o"),
            (" -s mh -b mh-fallback", "-s mh -b mh-fallback -p 60 -M 255.255.0.0 --pe sip -o"),
            (" -p 70", "-s sh -b sh-port -p 70 -M 255.255.0.0 --pe sip -o"),
            (" -M 255.0.0.0", "-s sh -b sh-port -p 60 -M 255.0.0.0 --pe sip -o"),
            (" --pe other", "-s sh -b sh-port -p 60 -M 255.255.0.0 --pe other -o"),
            (" --pe=", "-s sh -b sh-port -p 60 -M 255.255.0.0 -o"),
            (" --sched-flags=", "-s sh -p 60 -M 255.255.0.0 --pe sip -o"),
        ] {
            let kept = service(&all, &format!("{udp}{edit}")).map(Change::AddService);
            assert_eq!(kept, Ok(added(&format!("-A {udp} {expected}"))), "{edit}");
        }
        for (before, edit, after) in [
            (udp.to_owned(), " -o", "-o"),
            (format!("{udp} -o"), " -p", "-o -p 360"),
            (udp.to_owned(), " --pe sip", "--pe sip"),
        ] {
            let kept = service(&before, &format!("{udp}{edit}")).map(Change::AddService);
            assert_eq!(kept, Ok(added(&format!("-A {udp} {after}"))), "{edit}");
        }
        let six = service("-f 7 -6 -p -M 64", "-f 7 -6 -M 96").unwrap();
        assert_eq!((six.netmask, six.timeout), (Netmask::Prefix(96), 360));
        // What lives at every port is persistent, and stays so.
        assert_eq!(service("-t 10.0.0.1 -p", "-t 10.0.0.1 -s rr").unwrap().scheduler, "rr".parse::<Name>().unwrap());
        assert_eq!(service(udp, &format!("{udp} -b sh-port")), Err("incompatible scheduler flag `sh-port'".to_owned()));
    }

    #[test]
    fn what_is_not_given_of_a_server_stays() {
        let key = "-t 10.0.0.1:80 -r 10.0.1.1";
        for (before, edit, after) in [
            ("-i --tun-type gue --tun-port 6080 --tun-csum -w 5 -x 9 -y 3", "", ""),
            ("-i --tun-type gue --tun-port 6080 --tun-csum -w 5 -x 9 -y 3", "-w 0", "-w 0"),
            ("-i --tun-type gue --tun-port 6080 --tun-csum -w 5 -x 9 -y 3", "-x 10", "-x 10"),
            ("-i --tun-type gue --tun-port 6080 --tun-csum -w 5 -x 9 -y 3", "-y 0", "-y 0"),
            ("-i --tun-type gue --tun-port 6080 --tun-csum", "--tun-port 6081", "--tun-port 6081"),
            ("-i --tun-type gue --tun-port 6080 --tun-csum", "--tun-nocsum", "--tun-nocsum"),
            ("-i --tun-type gue --tun-port 6080 --tun-csum", "--tun-remcsum", "--tun-remcsum"),
            ("-i --tun-type gue --tun-port 6080 --tun-csum", "-i --tun-type gue", ""),
            ("-m -w 4", "-w 5", "-w 5"),
            ("-g -w 4", "-m", "-m"),
        ] {
            // The options of before, of which those of after replace some.
            let replaced = |words: &str| match words.split(' ').next() {
                Some("--tun-nocsum" | "--tun-remcsum") => before.replace("--tun-csum", words),
                Some("-m") => before.replace("-g", words),
                Some(option) if !option.is_empty() => {
                    let (start, rest) = before.split_once(&format!("{option} ")).unwrap();
                    let rest = rest.split_once(' ').map_or(String::new(), |(_, rest)| format!(" {rest}"));
                    format!("{start}{words}{rest}")
                }
                _ => before.to_owned(),
            };
            let edit = format!("{key} {edit}");
            let Change::AddServer(_, wanted) = added(&format!("-a {key} {}", replaced(after))) else { panic!() };
            assert_eq!(server(&format!("{key} {before}"), edit.trim_end()), Ok(wanted), "{before} and {edit}");
        }
    }

    /// Of another forwarding method or tunnel, what it has not goes.
    #[test]
    fn what_stays_of_a_tunnel_is_what_its_type_has() {
        let key = "-t 10.0.0.1:80 -r 10.0.1.1";
        let gue = "-i --tun-type gue --tun-port 6080 --tun-csum";
        for (before, edit, after) in [
            (gue, "-m", "-m"),
            (gue, "-g", "-g"),
            (gue, "--tun-type ipip", "-i"),
            (gue, "--tun-type gre", "-i --tun-type gre --tun-csum"),
            ("-i --tun-type gue --tun-port 6080 --tun-remcsum", "--tun-type gre", "-i --tun-type gre --tun-nocsum"),
            ("-i --tun-type gre --tun-csum", "--tun-type gue --tun-port 6080", gue),
            ("-m", "-i", "-i"),
            ("-m", "-i --tun-type gue --tun-port 6080 --tun-csum", gue),
        ] {
            let Change::AddServer(_, wanted) = added(&format!("-a {key} {after}")) else { panic!() };
            assert_eq!(server(&format!("{key} {before}"), &format!("{key} {edit}")), Ok(wanted), "{before} and {edit}");
        }
    }

    #[test]
    fn what_is_given_is_judged_with_what_stays() {
        let key = "-t 10.0.0.1:80 -r 10.0.1.1";
        let needs_port = "You need to supply the 'tun-port' option for the 'gue' tunnel type";
        for (before, edit, message) in [
            ("-m", "--tun-port 6080", "Tunnel options conflict with forward method"),
            ("-i --tun-type gue --tun-port 6080", "-m --tun-csum", "Tunnel options conflict with forward method"),
            ("-i --tun-type gre", "--tun-type gue", needs_port),
            ("-m", "-i --tun-type gue", needs_port),
            ("-i", "--tun-csum", "Illegal 'tun-csum' option with the 'ipip' tunnel type"),
            ("-i --tun-type gre", "--tun-port 6080", "Illegal 'tun-port' option with the 'gre' tunnel type"),
            (
                "-i --tun-type gue --tun-port 6080",
                "--tun-csum --tun-nocsum",
                "The option 'tun-csum' conflicts with the 'tun-nocsum' option in the 'gue' tunnel type",
            ),
        ] {
            let outcome = server(&format!("{key} {before}"), &format!("{key} {edit}"));
            assert_eq!(outcome, Err(message.to_owned()), "{before} and {edit}");
        }
        let mixed = "-t 10.0.0.1:80 -r [fd00::1]:80";
        let message = "Different address family is allowed only for tunneling servers";
        assert_eq!(server(&format!("{mixed} -i"), &format!("{mixed} -g")), Err(message.to_owned()));
        assert_eq!(server(&format!("{mixed} -i"), &format!("{mixed} -w 0")).map(|kept| kept.weight), Ok(0));
    }

    /// Without a method the server may be a masqueraded one, at a port of its own.
    #[test]
    fn the_port_of_a_server_is_what_is_given() {
        for (line, port) in [
            ("-e -t 10.0.0.1:80 -r 10.0.1.1:8080 -w 0 --keep", 8080),
            ("-e -t 10.0.0.1:80 -r 10.0.1.1 -w 0 --keep", 80),
            ("-e -t 10.0.0.1:80 -r 10.0.1.1:8080 -m --keep", 8080),
            ("-e -t 10.0.0.1:80 -r 10.0.1.1:8080 -g --keep", 80),
        ] {
            let Ok(Request::Keep(Kept::Server(kept))) = request(line) else { panic!("{line}") };
            assert_eq!(kept.keys().1.port, port, "{line}");
        }
    }

    #[test]
    fn what_goes_with_what() {
        assert!(matches!(request("-A -f 1 --ensure"), Ok(Request::Ensure(Change::AddService(_)))));
        assert!(matches!(request("-d -f 1 -r 10.0.1.1 --ensure"), Ok(Request::Ensure(Change::DeleteServer(..)))));
        assert!(matches!(request("--stop-daemon master --ensure"), Ok(Request::Ensure(Change::StopDaemon(_)))));
        for (line, message) in [
            ("-E -f 1 --ensure", "Illegal 'ensure' option with the 'edit-service' command"),
            ("-e -f 1 -r 10.0.1.1 --ensure", "Illegal 'ensure' option with the 'edit-server' command"),
            ("-C --ensure", "Illegal 'ensure' option with the 'flush' command"),
            ("-L --ensure", "Illegal 'ensure' option with the 'list' command"),
            ("-Z --ensure", "Illegal 'ensure' option with the 'zero' command"),
            ("-A -f 1 --keep", "Illegal 'keep' option with the 'add-service' command"),
            ("-d -f 1 -r 10.0.1.1 --keep", "Illegal 'keep' option with the 'delete-server' command"),
            ("--start-daemon master --keep", "Illegal 'keep' option with the 'start-daemon' command"),
            ("-E -f 1 --keep --keep", "multiple 'keep' options specified"),
            ("-A -t 10.0.0.1 --ensure", "Zero port specified for non-persistent service"),
            ("-E -t 10.0.0.1:80 -o --keep", "One-Packet Scheduling is only for UDP virtual services"),
            ("-E -f 1 -b foo --keep", "invalid scheduler flag `foo'"),
            (
                "-d -f 1 -r 10.0.1.1 --drain --ensure",
                "The option 'ensure' conflicts with the 'drain' option in the 'delete-server' command",
            ),
            (
                "-e -f 1 -r 10.0.1.1 --drain --keep",
                "The option 'keep' conflicts with the 'drain' option in the 'edit-server' command",
            ),
        ] {
            assert_eq!(request(line).map_err(|error| error.to_string()), Err(message.to_owned()), "{line}");
        }
    }
}
