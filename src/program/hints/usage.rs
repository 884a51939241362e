//! Hints for a command line that means nothing. They come from its words alone.

use super::similar::similar;
use crate::program::cli::endpoint::EndpointError;
use crate::program::cli::options::{Command, Kind, OPTIONS, Opt, OptionSpec, Sets, Value};
use crate::program::cli::request::Whose;
use crate::program::cli::{UsageError, Walk};
use crate::program::quoted::quoted;
use std::net::Ipv6Addr;

/// So many names are offered for one that they begin with.
const MOST: usize = 3;

/// What helps with `error` in these words.
pub fn hint(words: &[&str], error: &UsageError) -> Option<String> {
    Some(match error {
        UsageError::TryHelp => return first_option(words),
        UsageError::UnknownOption(word) => return unknown_option(word),
        UsageError::MissingArgument(word) => return missing_value(word),
        UsageError::SecondCommand(_) => format!("there is one command in a line, here {}", shown(first(words)?)),
        UsageError::UnexpectedArgument(word) => return unexpected(word),
        UsageError::Multiple(opt) => format!("one of {} in a line", all_that_set(*opt)),
        UsageError::Needed(opt, _) | UsageError::TunnelNeeds(opt, _) => format!("give {}", all_that_set(*opt)),
        UsageError::NotWith(opt, _) => format!("{} goes with {}", all_that_set(*opt), commands_with(*opt)?),
        UsageError::Endpoint(whose, value, error) => endpoint(words, *whose, value, error),
        UsageError::ZeroPort => zero_port(words),
        UsageError::ThreeTimeouts => "--set <TCP> <TCPFIN> <UDP>, in seconds; 0 leaves one as it is".to_owned(),
        UsageError::Invalid("timeout", _) => {
            "a timeout is 1 to 2678400 seconds; with --set 0 leaves one as it is".to_owned()
        }
        UsageError::Invalid("interval", _) => {
            "an interval is 2 to 2678400 seconds: the kernel brings counters up to date every 2".to_owned()
        }
        UsageError::Invalid("fwmark", _) => "a firewall mark is a decimal number, 1 to 4294967295".to_owned(),
        UsageError::Illegal("ipv6 netmask", _) => "for IPv6 a mask is a prefix length, 1 to 128".to_owned(),
        UsageError::Illegal("virtual server persistent mask", _) => {
            "for IPv4 a mask is dotted, as 255.255.255.0".to_owned()
        }
        UsageError::Illegal("tunnel type", _) => "there are ipip, gue and gre".to_owned(),
        UsageError::Illegal("start-daemon parameter" | "start_daemon", _) => "there are master and backup".to_owned(),
        UsageError::SchedulerFlag(_) => {
            "there are flag-1 flag-2 flag-3, sh-fallback sh-port, mh-fallback mh-port, with commas between".to_owned()
        }
        UsageError::IncompatibleFlag(flag) => format!("{flag} goes with -s {}", flag.split('-').next()?),
        UsageError::MixedFamilies => "with -i, a tunnel, the server may be of the other address family".to_owned(),
        UsageError::TunnelOptionsWithoutTunnel => "options of tunnels go with -i".to_owned(),
        UsageError::OnePacketNotUdp => "-o goes with -u and with -f".to_owned(),
        _ => return None,
    })
}

/// The first option should have been the command.
fn first_option(words: &[&str]) -> Option<String> {
    let Some(first) = Walk::new(words).next() else { return unexpected(words.first()?) };
    match first {
        Ok(first) => {
            let command = Walk::new(words).flatten().find(|option| matches!(option.spec.kind, Kind::Command(_)));
            Some(match command {
                Some(command) => format!("the command comes first: {}", shown(command.spec)),
                None => format!("{} is no command: one such as -A or -L comes first", shown(first.spec)),
            })
        }
        Err(UsageError::UnknownOption(word)) => unknown_option(&word),
        Err(UsageError::MissingArgument(word)) => missing_value(&word),
        Err(_) => None,
    }
}

fn unknown_option(word: &str) -> Option<String> {
    let name = word.strip_prefix("--").map(|rest| rest.split('=').next().unwrap_or(rest));
    let Some(name) = name else {
        let letter = word.chars().skip(1).find(|letter| !is_short(*letter))?;
        let letter = letter.to_string();
        return Some(format!("-{} is no option, `ipvsadm -h' shows all", quoted(&letter)));
    };
    let names = OPTIONS.iter().map(|spec| spec.long);
    let begin: Vec<_> = names.clone().filter(|long| name.len() > 2 && long.starts_with(name)).collect();
    if (2..=MOST).contains(&begin.len()) {
        return Some(format!("there are {}", listed(begin.iter().map(|name| format!("--{name}")), "and")));
    }
    similar(name, names).map(|name| format!("there is --{name}"))
}

fn is_short(letter: char) -> bool {
    u8::try_from(letter).is_ok_and(|letter| OptionSpec::by_short(letter).is_some())
}

/// The word is an option, or a cluster of which the last letter is one.
fn missing_value(word: &str) -> Option<String> {
    let spec = match word.strip_prefix("--") {
        Some(name) => OptionSpec::by_long(name)?,
        None => OptionSpec::by_short(*word.as_bytes().last()?)?,
    };
    match spec.value {
        Value::Required(value) => Some(format!("{} <{value}>", shown(spec))),
        _ => None,
    }
}

/// A word that belongs to no option.
fn unexpected(word: &str) -> Option<String> {
    if word.starts_with(['\u{2013}', '\u{2014}', '\u{2212}']) {
        return Some("options begin with a plain -, this is a longer dash".to_owned());
    }
    if let Some(name) = similar(word.trim_start_matches('-'), OPTIONS.iter().map(|spec| spec.long)) {
        return Some(format!("there is --{name}"));
    }
    let is_address = word.contains(['.', ':']) && !word.starts_with('-');
    is_address.then(|| "a service's address stands behind -t, -u or --sctp-service, a server's behind -r".to_owned())
}

fn endpoint(words: &[&str], whose: Whose, value: &str, error: &EndpointError) -> String {
    match error {
        EndpointError::Host(host) => format!("no host {} is known, or it has no IPv4 address", quoted(host)),
        EndpointError::Port(port) if port.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') => {
            "a port is a number up to 65535".to_owned()
        }
        EndpointError::Port(port) if whose == Whose::RealServer && !service_before_server(words) => {
            format!("the name of a port, {}, is known behind the service: put -t or -u before -r", quoted(port))
        }
        EndpointError::Port(port) => format!("no port {} is known (/etc/services)", quoted(port)),
        EndpointError::Form if value.starts_with('[') => {
            "behind the bracket stands a port, as in [2001:db8::1]:80".to_owned()
        }
        EndpointError::Form if value.contains("::") || value.bytes().filter(|byte| *byte == b':').count() > 2 => {
            "an IPv6 address with a port stands in brackets, as in [2001:db8::1]:80".to_owned()
        }
        EndpointError::Form => "address and port, as in 192.0.2.1:80 or [2001:db8::1]:80".to_owned(),
    }
}

/// The options that name a service by an address.
const SERVICES: [Opt; 3] = [Opt::TcpService, Opt::UdpService, Opt::SctpService];

fn zero_port(words: &[&str]) -> String {
    let value = value_of(words, &SERVICES).unwrap_or_default();
    if value.parse::<Ipv6Addr>().is_ok() {
        // `2001:db8::1:80` is an address as a whole; `2001:db8::1` can only be meant as one.
        let (address, port) = value.rsplit_once(':').unwrap_or_default();
        return match (address.parse::<Ipv6Addr>(), port.parse::<u16>()) {
            (Ok(_), Ok(_)) => format!("an IPv6 address with a port stands in brackets: [{address}]:{port}"),
            _ => format!("give a port; an IPv6 address stands in brackets before it, as in [{value}]:80"),
        };
    }
    let port = if value.contains(':') { "a port other than 0" } else { "a port, as in 192.0.2.1:80" };
    format!("give {port}; a service of every port keeps clients at their servers: -p")
}

/// The value of the last of these options.
fn value_of<'w>(words: &[&'w str], options: &[Opt]) -> Option<&'w str> {
    let given = Walk::new(words).map_while(Result::ok);
    let wanted = given.filter(|option| matches!(option.spec.kind, Kind::Option(opt) if options.contains(&opt)));
    wanted.last().and_then(|option| option.value)
}

fn service_before_server(words: &[&str]) -> bool {
    let opts = Walk::new(words).map_while(Result::ok).filter_map(|option| match option.spec.kind {
        Kind::Option(opt) => Some(opt.first()),
        Kind::Command(_) => None,
    });
    opts.take_while(|opt| *opt != Opt::RealServer).any(|opt| opt == Opt::TcpService)
}

fn first(words: &[&str]) -> Option<&'static OptionSpec> {
    Walk::new(words).next()?.ok().map(|option| option.spec)
}

/// The shortest way to write an option.
fn shown(spec: &OptionSpec) -> String {
    spec.short.chars().next().map_or_else(|| format!("--{}", spec.long), |short| format!("-{short}"))
}

/// The options that set the same: `-t, -u, --sctp-service or -f`.
fn all_that_set(opt: Opt) -> String {
    let same = |other: &&Opt| other.spec().sets != Sets::Nothing && other.first() == opt.first();
    listed(Opt::ALL.iter().filter(same).map(|opt| shown(opt.spec())), "or")
}

fn commands_with(opt: Opt) -> Option<String> {
    let used = opt.spec().used;
    let takes = |command: &Command| [used.needed, used.allowed, used.alone].iter().any(|set| set.has(*command));
    let commands = Command::ALL.into_iter().filter(takes).map(|command| shown(command.spec()));
    Some(listed(commands, "and")).filter(|commands| !commands.is_empty())
}

fn listed(words: impl Iterator<Item = String>, last: &str) -> String {
    let words: Vec<_> = words.collect();
    match words.split_last() {
        Some((end, start)) if !start.is_empty() => format!("{} {last} {end}", start.join(", ")),
        _ => words.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::cli::endpoint::tests::FewNames;
    use crate::program::cli::parse;

    #[test]
    fn what_helps() {
        for (line, expected) in [
            ("-A --sheduler=rr", "there is --scheduler"),
            ("-L --numer", "there is --numeric"),
            ("-L --bogus", ""),
            ("-L -nQ", "-Q is no option, `ipvsadm -h' shows all"),
            ("--lst", "there is --list"),
            ("list", "there is --list"),
            ("-Q", "-Q is no option, `ipvsadm -h' shows all"),
            ("-t 192.0.2.1:80 -A", "the command comes first: -A"),
            ("-t 192.0.2.1:80 -s rr", "-t is no command: one such as -A or -L comes first"),
            ("\u{2013}A -t 192.0.2.1:80", "-t is no command: one such as -A or -L comes first"),
            ("-A \u{2013}t 192.0.2.1:80", "options begin with a plain -, this is a longer dash"),
            ("-L stats", "there is --stats"),
            ("-A 192.0.2.1:80", "a service's address stands behind -t, -u or --sctp-service, a server's behind -r"),
            ("-At", "-t <ADDR:PORT>"),
            ("-A -f 1 --pe", "--pe <NAME>"),
            ("-A -t 192.0.2.1:80 -E", "there is one command in a line, here -A"),
            ("-A -s rr", "give -t, -u, --sctp-service or -f"),
            ("-A -f 1 -w 1", "-w goes with -a, -e and -L"),
            ("-a -f 1 -r 192.0.2.1 -m -g", "one of -g, -i or -m in a line"),
            ("-A -t nosuch:80", "no host nosuch is known, or it has no IPv4 address"),
            ("-A -t 192.0.2.1:nosuch", "no port nosuch is known (/etc/services)"),
            ("-A -t 192.0.2.1:65536", "a port is a number up to 65535"),
            (
                "-a -r 192.0.2.1:http -t 192.0.2.1:80",
                "the name of a port, http, is known behind the service: put -t or -u before -r",
            ),
            ("-A -t [2001:db8::1]", "behind the bracket stands a port, as in [2001:db8::1]:80"),
            ("-A -t 2001:db8::1:80", "an IPv6 address with a port stands in brackets: [2001:db8::1]:80"),
            ("-A -t 2001:db8::1", "give a port; an IPv6 address stands in brackets before it, as in [2001:db8::1]:80"),
            ("-A -t 192.0.2.1:80:90", "address and port, as in 192.0.2.1:80 or [2001:db8::1]:80"),
            ("-L --stat", "there are --stats and --state"),
            ("-A -f 1 --per", "there are --persistent and --persistent-conn"),
            ("-A -t 2001:db8::1:http", "an IPv6 address with a port stands in brackets, as in [2001:db8::1]:80"),
            (
                "-A -t 192.0.2.1",
                "give a port, as in 192.0.2.1:80; a service of every port keeps clients at their servers: -p",
            ),
            (
                "-A -t 192.0.2.1:0",
                "give a port other than 0; a service of every port keeps clients at their servers: -p",
            ),
            ("-A -t 80", "address and port, as in 192.0.2.1:80 or [2001:db8::1]:80"),
            ("--set 1 2", "--set <TCP> <TCPFIN> <UDP>, in seconds; 0 leaves one as it is"),
            ("-A -f 1 -b sh-port", "sh-port goes with -s sh"),
            ("-a -f 1 -r 192.0.2.1 --tun-type gue", "options of tunnels go with -i"),
            ("-a -f 1 -r 192.0.2.1 -i --tun-type gue", "give --tun-port"),
            ("-L --watch=1", "an interval is 2 to 2678400 seconds: the kernel brings counters up to date every 2"),
            ("-L -c --stats", ""),
        ] {
            let words: Vec<_> = line.split(' ').collect();
            let error = parse(&words, &FewNames).unwrap_err();
            assert_eq!(hint(&words, &error).unwrap_or_default(), expected, "{line}: {error}");
        }
    }
}
