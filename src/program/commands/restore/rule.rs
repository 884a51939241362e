//! Lines of a restore file: the change that one asks for, or what is wrong with it.

use crate::ipvs::model::{Change, Protocol, ServiceKey};
use crate::ipvs::restore::{Meant, Script, ServicePattern, Unfit};
use crate::program::cli::{self, Request, UsageError};
use crate::program::names::NameService;
use std::cell::RefCell;
use std::net::{IpAddr, Ipv4Addr};

/// What is wrong with lines that ask for a look at the live table.
const LOOKS: &str =
    "--ensure and --keep are for single commands and ipvsadm -R: a restore makes only what differs anyway";

/// Reads a whole file.
pub fn script<'t>(text: &'t str, names: &dyn NameService) -> Script<'t> {
    let mut words = Vec::new();
    Script::read(text, |line| rule(without_comment(line), &mut words, names))
}

fn rule<'l>(line: &'l str, words: &mut Vec<&'l str>, names: &dyn NameService) -> Result<Option<Change>, Unfit> {
    match cli::parse_line(line, words, names) {
        Ok(None) => Ok(None),
        Ok(Some(Request::Change(change))) => Ok(Some(change)),
        Ok(Some(Request::Ensure(_) | Request::Keep(_))) => Err(Unfit::Bad(LOOKS.to_owned())),
        Ok(Some(_)) => Err(Unfit::Bad("it prints and changes nothing, which has no place in a restore".to_owned())),
        Err(UsageError::TryHelp) => Err(Unfit::Bad("it does not begin with a command of a rule".to_owned())),
        Err(error) => {
            let bad = Unfit::Bad(error.to_string().trim_end().to_owned());
            Err(unresolved(line, words, names).unwrap_or(bad))
        }
    }
}

/// The line up to a `#` behind a blank. No word of a rule begins so.
fn without_comment(line: &str) -> &str {
    let mut marks = memchr::memchr_iter(b'#', line.as_bytes());
    let comment = marks.find(|at| *at > 0 && matches!(line.as_bytes()[at - 1], b' ' | b'\t'));
    comment.map_or(line, |at| &line[..at])
}

/// What a line means that would parse if its names resolved.
fn unresolved<'l>(line: &'l str, words: &mut Vec<&'l str>, names: &dyn NameService) -> Option<Unfit> {
    let assuming = Assuming { names, missing: RefCell::default() };
    let Ok(Some(Request::Change(change))) = cli::parse_line(line, words, &assuming) else { return None };
    let missing = assuming.missing.into_inner();
    let meant = match change {
        Change::AddService(service) | Change::EditService(service) => services(&service.key),
        Change::AddServer(key, _) | Change::EditServer(key, _) => services(&key).or(Some(Meant::Servers(key))),
        _ => None,
    };
    Some(Unfit::Unresolved(missing.into_iter().next()?, meant.unwrap_or(Meant::Nothing)))
}

/// The services that a key may mean in which something stands for a name; `None` when nothing does.
fn services(key: &ServiceKey) -> Option<Meant> {
    let ServiceKey::Address { protocol, address, port } = *key else { return None };
    let (address, port) = (Some(address).filter(|known| *known != HOST), Some(port).filter(|known| *known != PORT));
    let known = address.is_some() && port.is_some();
    (!known).then_some(Meant::Services(ServicePattern { protocol, address, port }))
}

/// Stands for the address of a host whose name does not resolve; no host has it.
const HOST: IpAddr = IpAddr::V4(Ipv4Addr::BROADCAST);
/// Stands for a port whose name is not known; hardly any service has it, and then it is spared too.
const PORT: u16 = 1;

/// Names, as if all resolved.
struct Assuming<'n> {
    names: &'n dyn NameService,
    /// What is said of those that do not.
    missing: RefCell<Vec<String>>,
}

impl NameService for Assuming<'_> {
    fn host_address(&self, name: &str) -> Option<Ipv4Addr> {
        self.names.host_address(name).or_else(|| {
            is_host_name(name).then(|| {
                self.missing.borrow_mut().push(format!("the host name '{name}' does not resolve"));
                Ipv4Addr::BROADCAST
            })
        })
    }

    fn service_port(&self, name: &str, protocol: Protocol) -> Option<u16> {
        self.names.service_port(name, protocol).or_else(|| {
            is_port_name(name).then(|| {
                self.missing.borrow_mut().push(format!("the port name '{name}' is not known"));
                PORT
            })
        })
    }

    fn host_name(&self, address: IpAddr) -> Option<String> {
        self.names.host_name(address)
    }

    fn service_name(&self, port: u16, protocol: Protocol) -> Option<String> {
        self.names.service_name(port, protocol)
    }
}

/// Whether a word may be a host's name, of this country or another: `192.0.2.256` is a mistyped address.
fn is_host_name(word: &str) -> bool {
    let last = word.trim_end_matches('.').rsplit('.').next().unwrap_or_default();
    word.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))
        && !word.starts_with(['-', '.'])
        && last.starts_with(char::is_alphabetic)
}

/// Whether a word may be a port's name, as /etc/services has them: `0x50` is a mistyped number.
fn is_port_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_alphabetic())
        && word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '+' | '*'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::names::System;

    /// Knows `web` and `http`.
    struct Few;

    impl NameService for Few {
        fn host_address(&self, name: &str) -> Option<Ipv4Addr> {
            (name == "web").then_some([10, 0, 0, 1].into())
        }
        fn service_port(&self, name: &str, _: Protocol) -> Option<u16> {
            (name == "http").then_some(80)
        }
        fn host_name(&self, _: IpAddr) -> Option<String> {
            None
        }
        fn service_name(&self, _: u16, _: Protocol) -> Option<String> {
            None
        }
    }

    fn unfit(line: &str) -> String {
        match rule(without_comment(line), &mut Vec::new(), &Few) {
            Ok(change) => format!("{}", change.is_some()),
            Err(Unfit::Bad(_)) => "bad".to_owned(),
            Err(Unfit::Unresolved(what, meant)) => format!("{what} {meant:?}"),
        }
    }

    #[test]
    fn names_that_do_not_resolve() {
        let tcp = |address: Option<&str>, port| {
            let address = address.map(|address| address.parse().unwrap());
            Meant::Services(ServicePattern { protocol: Protocol::Tcp, address, port })
        };
        let service = ServiceKey::tcp([10, 0, 0, 1], 80);
        let (host, port) = ("the host name 'mail.example' does not resolve", "the port name 'smtpx' is not known");
        for (line, what, meant) in [
            ("-A -t mail.example:25 -s rr", host, tcp(None, Some(25))),
            ("-A -t mail.example:smtpx -s rr", host, tcp(None, None)),
            ("-A -t 10.0.0.1:smtpx -s rr", port, tcp(Some("10.0.0.1"), None)),
            ("-a -t mail.example:25 -r 10.0.0.9", host, tcp(None, Some(25))),
            ("-a -t web:http -r mail.example -m # x", host, Meant::Servers(service)),
            ("-e -r mail.example:25 -t web:http -m", host, Meant::Servers(service)),
            ("-a -t web:http -r 10.0.0.9:smtpx -m", port, Meant::Servers(service)),
            ("-a -f 7 -r mail.example", host, Meant::Servers(ServiceKey::mark(7, Default::default()))),
            ("-d -t web:http -r mail.example", host, Meant::Nothing),
            ("-D -t mail.example:25", host, Meant::Nothing),
        ] {
            assert_eq!(unfit(line), format!("{what} {meant:?}"), "{line}");
        }
    }

    #[test]
    fn what_is_wrong_whatever_resolves() {
        for line in [
            "-A -t mail.example:25 -w 1",
            "-A -t 10.0.0.256:25",
            "-A -t 10.0.0.1/24:25",
            "-A -t $VIP:80",
            "-A -t mail.example:65536",
            "-A -t 10.0.0.1:0x50",
            "-A -t mail.example",
            "-A -t :80",
            "-A",
            "foo",
            "-L",
        ] {
            assert_eq!(unfit(line), "bad", "{line}");
        }
        assert_eq!(unfit("-A -t web:http"), "true");
    }

    #[test]
    fn comments_behind_a_rule() {
        for (line, rest) in [
            ("-C # all", "-C "),
            ("-C\t#", "-C\t"),
            ("-C #a #b", "-C "),
            ("-A -t a#b:80", "-A -t a#b:80"),
            ("#-C", "#-C"),
            ("-s a# b #c", "-s a# b "),
        ] {
            assert_eq!(without_comment(line), rest, "{line}");
        }
        assert_eq!(script("-C # all\n# nothing\n", &System).commands.len(), 1);
    }
}
