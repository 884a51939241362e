//! Applies the options of a command line one by one, in the order given: the first error in that order wins, and what
//! one option means may depend on those before it (`-r` without a port copies the port of the service seen so far, `-M`
//! reads a mask by the family seen so far). `request` then judges the whole.

mod listing;
mod request;
#[cfg(test)]
mod tests;

use super::UsageError;
use super::endpoint::{endpoint, inet_aton};
use super::legality::OptionSet;
use super::limits::{DEFAULT_PERSISTENCE, INT_MAX, MAX_TIMEOUT};
use super::number::{atoi, number_u32};
use super::options::{Command, Kind, Opt, Sets};
use super::popt::{Occurrence, Walk};
use super::request::{Request, Whose};
use crate::ipvs::interval::LEAST;
use crate::ipvs::model::*;
use crate::ipvs::text::encode;
use crate::program::names::NameService;
use ipnetwork::{IpNetwork, Ipv6Network};
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZero;

/// The time between two looks of a watch, the least, in seconds.
const DEFAULT_WATCH: u32 = LEAST.as_secs() as u32;
/// How long a drain waits, in seconds.
const DEFAULT_DRAIN: u32 = 300;

/// The request of a command line; `None` when there is nothing at all.
pub fn request_of(mut walk: Walk<'_, '_>, names: &dyn NameService) -> Result<Option<Request>, UsageError> {
    let first = match walk.next() {
        Some(Ok(first)) => first,
        None if walk.operands.is_empty() && !walk.dashes => return Ok(None),
        _ => return Err(UsageError::TryHelp),
    };
    let Kind::Command(command) = first.spec.kind else { return Err(UsageError::TryHelp) };
    let mut builder = RequestBuilder::new(names, command);
    match command {
        // Like the reference: whatever comes behind them.
        Command::Help | Command::Version => return builder.request().map(Some),
        Command::StartDaemon => builder.daemon.state = state(&first, "start-daemon parameter")?,
        Command::StopDaemon => builder.daemon.state = state(&first, "start_daemon")?,
        _ => {}
    }
    for option in walk.by_ref() {
        builder.apply(&option?)?;
    }
    builder.finish(&walk.operands).map(Some)
}

fn state(command: &Occurrence<'_>, what: &'static str) -> Result<DaemonState, UsageError> {
    match command.value.unwrap_or_default() {
        "master" => Ok(DaemonState::Master),
        "backup" => Ok(DaemonState::Backup),
        other => Err(illegal(what, other)),
    }
}

/// What the options so far have set, with the reference's defaults.
struct RequestBuilder<'n, 'w> {
    names: &'n dyn NameService,
    command: Command,
    given: OptionSet,
    service: Option<ServiceKey>,
    /// Those given before it, of a listing that takes several.
    earlier_services: Vec<ServiceKey>,
    scheduler: Name,
    scheduler_flags: Option<&'w str>,
    flags: ServiceFlags,
    timeout: u32,
    netmask: Option<Netmask>,
    persistence_engine: Option<Name>,
    server: Option<ServerKey>,
    /// Whether the server's port was written.
    port_given: bool,
    forwarding: Forwarding,
    weight: u32,
    upper_threshold: u32,
    lower_threshold: u32,
    tunnel: Tunnel,
    timeouts: Timeouts,
    daemon: SyncDaemon,
    output: Option<&'w str>,
    /// In seconds.
    drain_limit: u32,
    /// In seconds.
    watch_every: u32,
    client: Option<IpNetwork>,
    state: Option<&'w str>,
}

impl<'n, 'w> RequestBuilder<'n, 'w> {
    fn new(names: &'n dyn NameService, command: Command) -> Self {
        Self {
            names,
            command,
            given: OptionSet::default(),
            service: None,
            earlier_services: Vec::new(),
            scheduler: Name::default(),
            scheduler_flags: None,
            flags: ServiceFlags::empty(),
            timeout: 0,
            netmask: None,
            persistence_engine: None,
            server: None,
            port_given: false,
            forwarding: Forwarding::Route,
            weight: 1,
            upper_threshold: 0,
            lower_threshold: 0,
            tunnel: Tunnel::default(),
            timeouts: Timeouts::default(),
            daemon: SyncDaemon::new(DaemonState::Master, Name::default()),
            output: None,
            drain_limit: DEFAULT_DRAIN,
            watch_every: DEFAULT_WATCH,
            client: None,
            state: None,
        }
    }

    /// The meaning of each option.
    fn apply(&mut self, option: &Occurrence<'w>) -> Result<(), UsageError> {
        let opt = match option.spec.kind {
            Kind::Option(opt) => opt,
            Kind::Command(_) => return Err(UsageError::SecondCommand(option.word.to_owned())),
        };
        let again = option.spec.sets != Sets::Nothing && !self.given.add(opt);
        if again && !option.spec.used.often.has(self.command) {
            return Err(UsageError::Multiple(opt));
        }
        let value = option.value.unwrap_or_default();
        let number = |min, max, what| number_u32(value, min, max).ok_or_else(|| illegal(what, value));
        match opt {
            Opt::TcpService => self.service_address(Protocol::Tcp, value)?,
            Opt::UdpService => self.service_address(Protocol::Udp, value)?,
            Opt::SctpService => self.service_address(Protocol::Sctp, value)?,
            Opt::FwmarkService => self.firewall_mark(value)?,
            Opt::Ipv6 => self.ipv6()?,
            Opt::Scheduler => self.scheduler = Name::cut(&encode(value), Name::SCHEDULER),
            Opt::SchedFlags => self.scheduler_flags = Some(value),
            Opt::Persistent => self.persistent(option.value)?,
            Opt::Netmask => self.netmask = Some(self.mask(value)?),
            Opt::Pe => self.persistence_engine = persistence_engine(value),
            Opt::Ops => self.flags |= ServiceFlags::ONEPACKET,
            Opt::RealServer => self.server_address(value)?,
            Opt::Gatewaying => self.forwarding = Forwarding::Route,
            Opt::Ipip => self.forwarding = Forwarding::Tunnel,
            Opt::Masquerading => self.forwarding = Forwarding::Masquerading,
            Opt::Weight => self.weight = number(0, INT_MAX, "weight")?,
            Opt::UThreshold => self.upper_threshold = number(0, INT_MAX, "u_threshold")?,
            Opt::LThreshold => self.lower_threshold = number(0, INT_MAX, "l_threshold")?,
            Opt::TunType => self.tunnel.kind = tunnel_kind(value)?,
            Opt::TunPort => self.tunnel.port = number(1, 65535, "tunnel port")? as u16,
            Opt::TunNocsum => self.tunnel.flags |= TunnelFlags::NOCSUM,
            Opt::TunCsum => self.tunnel.flags |= TunnelFlags::CSUM,
            Opt::TunRemcsum => self.tunnel.flags |= TunnelFlags::REMCSUM,
            Opt::McastInterface => self.daemon.interface = Name::cut(&encode(value), Name::INTERFACE),
            Opt::Syncid => self.daemon.syncid = number(0, 255, "syncid")?,
            Opt::SyncMaxlen => self.daemon.sync_maxlen = NonZero::new(number(1, 65507, "sync-maxlen")? as u16),
            Opt::McastGroup => self.daemon.mcast_group = Some(multicast_group(value)?),
            Opt::McastPort => self.daemon.mcast_port = NonZero::new(number(1, 65535, "mcast-port")? as u16),
            Opt::McastTtl => self.daemon.mcast_ttl = NonZero::new(number(1, 255, "mcast-ttl")? as u8),
            Opt::Output => self.output = Some(value),
            Opt::Client => self.client = Some(value.parse().map_err(|_| invalid("client network", value))?),
            Opt::State => self.state = Some(value),
            // What is listed, and how, says all by having been given; --sort is what happens anyway.
            Opt::Numeric | Opt::Connection | Opt::Timeout | Opt::Daemon | Opt::Stats | Opt::Rate | Opt::Thresholds => {}
            Opt::PersistentConn | Opt::TunInfo | Opt::Exact | Opt::Nosort | Opt::Sort | Opt::Full => {}
            Opt::Json | Opt::Prometheus | Opt::Count | Opt::Quiet | Opt::Ensure | Opt::Keep => {}
            Opt::Drain => self.drain_limit = option.value.map_or(Ok(DEFAULT_DRAIN), |value| timeout(value, 0))?,
            Opt::Watch => self.watch_every = option.value.map_or(Ok(DEFAULT_WATCH), interval)?,
            Opt::Force | Opt::RestoreWeight | Opt::IgnorePersistent => {}
            // Of a command line it has been taken out.
            Opt::Netns => {
                return Err(UsageError::CrossField("--netns is for a whole restore, and has no place in a line of it"));
            }
        }
        Ok(())
    }

    fn service_address(&mut self, protocol: Protocol, value: &str) -> Result<(), UsageError> {
        let found = endpoint(value, Some(protocol), self.names)
            .map_err(|error| UsageError::Endpoint(Whose::VirtualServer, value.to_owned(), error))?;
        if found.address.is_ipv6() {
            self.netmask = None;
        }
        let port = found.port.unwrap_or(0);
        self.add_service(ServiceKey::Address { protocol, address: found.address, port });
        Ok(())
    }

    fn firewall_mark(&mut self, value: &str) -> Result<(), UsageError> {
        let mark = number_u32(value, 1, u32::MAX).ok_or_else(|| invalid("fwmark", value))?;
        self.add_service(ServiceKey::FirewallMark { mark, family: Family::Inet });
        Ok(())
    }

    fn add_service(&mut self, service: ServiceKey) {
        self.earlier_services.extend(self.service.replace(service));
    }

    fn ipv6(&mut self) -> Result<(), UsageError> {
        let Some(ServiceKey::FirewallMark { family, .. }) = &mut self.service else {
            return Err(UsageError::Ipv6BeforeMark);
        };
        *family = Family::Inet6;
        self.netmask = None;
        Ok(())
    }

    fn persistent(&mut self, value: Option<&str>) -> Result<(), UsageError> {
        self.flags |= ServiceFlags::PERSISTENT;
        self.timeout = value.map_or(Ok(DEFAULT_PERSISTENCE), |value| timeout(value, 1))?;
        Ok(())
    }

    fn mask(&self, value: &str) -> Result<Netmask, UsageError> {
        match self.service.map_or(Family::Inet, |service| service.family()) {
            Family::Inet6 => u8::try_from(atoi(value))
                .ok()
                .filter(|length| *length > 0)
                .and_then(|length| Ipv6Network::new(Ipv6Addr::UNSPECIFIED, length).ok())
                .map(|network| Netmask::Prefix(network.prefix().into()))
                .ok_or_else(|| illegal("ipv6 netmask", value)),
            Family::Inet => inet_aton(value)
                .or_else(|| self.names.host_address(value))
                .map(Netmask::Mask)
                .ok_or_else(|| illegal("virtual server persistent mask", value)),
        }
    }

    fn server_address(&mut self, value: &str) -> Result<(), UsageError> {
        let protocol = self.service.map(|service| service.protocol());
        let server = endpoint(value, protocol, self.names)
            .map_err(|error| UsageError::Endpoint(Whose::RealServer, value.to_owned(), error))?;
        let port = server.port.unwrap_or(self.service.map_or(0, |service| service.port()));
        self.port_given = server.port.is_some();
        self.server = Some(ServerKey { address: server.address, port });
        Ok(())
    }
}

fn persistence_engine(value: &str) -> Option<Name> {
    Some(Name::cut(&encode(value), Name::PERSISTENCE_ENGINE)).filter(|name| !name.is_empty())
}

fn tunnel_kind(value: &str) -> Result<TunnelType, UsageError> {
    match value {
        "ipip" => Ok(TunnelType::Ipip),
        "gue" => Ok(TunnelType::Gue),
        "gre" => Ok(TunnelType::Gre),
        _ => Err(illegal("tunnel type", value)),
    }
}

fn illegal(what: &'static str, value: &str) -> UsageError {
    UsageError::Illegal(what, value.to_owned())
}

fn invalid(what: &'static str, value: &str) -> UsageError {
    UsageError::Invalid(what, value.to_owned())
}

fn timeout(value: &str, min: u32) -> Result<u32, UsageError> {
    number_u32(value, min, MAX_TIMEOUT).ok_or_else(|| invalid("timeout", value))
}

fn interval(value: &str) -> Result<u32, UsageError> {
    number_u32(value, DEFAULT_WATCH, MAX_TIMEOUT).ok_or_else(|| invalid("interval", value))
}

fn multicast_group(value: &str) -> Result<IpAddr, UsageError> {
    let family = if value.contains(':') { "IPv6" } else { "IPv4" };
    match value.parse::<IpAddr>() {
        Ok(group) if group.is_multicast() => Ok(group),
        _ => Err(UsageError::McastGroup(family, value.to_owned())),
    }
}
