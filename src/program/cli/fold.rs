//! Applies the options one by one, in the order given: the first error in that order wins, and what one option means
//! may depend on those before it (`-r` without a port copies the port of the service seen so far, `-M` reads a mask by
//! the family seen so far). Then operands, scheduler flags, legality and the rules that look at several fields.

use super::class::{Class, Command};
use super::legality::{Seen, TUNNEL_OPTIONS, check, check_tunnel};
use super::options::Opt;
use super::popt::{Given, Operands, Options};
use super::scheduler_flags::scheduler_flags;
use super::values::{atoi, endpoint, inet_aton, number_u32};
use super::{Request, UsageError};
use crate::ipvs::model::*;
use crate::ipvs::text::encode;
use crate::program::listing::{Format, Listing, View};
use crate::program::names::NameService;
use ipnetwork::Ipv6Network;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZero;

/// The longest timeout, 31 days in seconds.
const MAX_TIMEOUT: u32 = 86400 * 31;
/// The largest weight and threshold, C's `INT_MAX`.
const INT_MAX: u32 = i32::MAX as u32;
/// The persistence timeout of `-p` alone, in seconds.
const DEFAULT_PERSISTENCE: u32 = 360;

/// The request of a command line; `None` when there is nothing at all.
pub fn request_of<'w>(options: &mut impl Options<'w>, names: &dyn NameService) -> Result<Option<Request>, UsageError> {
    let first = match options.next() {
        Some(Ok(first)) => first,
        None if *options.operands() == Operands::default() => return Ok(None),
        _ => return Err(UsageError::TryHelp),
    };
    let command = match first.spec.opt {
        Opt::Help => return Ok(Some(Request::Help)),
        Opt::Version => return Ok(Some(Request::Version)),
        opt => command_of(opt).ok_or(UsageError::TryHelp)?,
    };
    let mut fold = Fold::new(names, command);
    match command {
        Command::StartDaemon => fold.daemon.state = state(&first, "start-daemon parameter")?,
        Command::StopDaemon => fold.daemon.state = state(&first, "start_daemon")?,
        _ => {}
    }
    for given in options.by_ref() {
        fold.apply(&given?)?;
    }
    fold.finish(&options.operands().words).map(Some)
}

fn command_of(opt: Opt) -> Option<Command> {
    Some(match opt {
        Opt::AddService => Command::AddService,
        Opt::EditService => Command::EditService,
        Opt::DeleteService => Command::DeleteService,
        Opt::Clear => Command::Flush,
        Opt::Restore => Command::Restore,
        Opt::Save => Command::Save,
        Opt::AddServer => Command::AddServer,
        Opt::EditServer => Command::EditServer,
        Opt::DeleteServer => Command::DeleteServer,
        Opt::List => Command::List,
        Opt::Zero => Command::Zero,
        Opt::Set => Command::Set,
        Opt::StartDaemon => Command::StartDaemon,
        Opt::StopDaemon => Command::StopDaemon,
        _ => return None,
    })
}

fn state(given: &Given<'_>, what: &'static str) -> Result<DaemonState, UsageError> {
    match given.value {
        Some("master") => Ok(DaemonState::Master),
        Some("backup") => Ok(DaemonState::Backup),
        _ => Err(UsageError::Illegal(what)),
    }
}

/// What the options so far have set, with the reference's defaults.
struct Fold<'n, 'w> {
    names: &'n dyn NameService,
    command: Command,
    seen: Seen,
    service: Option<ServiceKey>,
    scheduler: Name,
    scheduler_flags: Option<&'w str>,
    flags: ServiceFlags,
    timeout: u32,
    netmask: Option<Netmask>,
    persistence_engine: Option<Name>,
    server: Option<ServerKey>,
    forwarding: Forwarding,
    weight: u32,
    upper_threshold: u32,
    lower_threshold: u32,
    tunnel: Tunnel,
    daemon: SyncDaemon,
}

impl<'n, 'w> Fold<'n, 'w> {
    fn new(names: &'n dyn NameService, command: Command) -> Self {
        Self {
            names,
            command,
            seen: Seen::default(),
            service: None,
            scheduler: Name::default(),
            scheduler_flags: None,
            flags: ServiceFlags::empty(),
            timeout: 0,
            netmask: None,
            persistence_engine: None,
            server: None,
            forwarding: Forwarding::Route,
            weight: 1,
            upper_threshold: 0,
            lower_threshold: 0,
            tunnel: Tunnel::default(),
            daemon: SyncDaemon::new(DaemonState::Master, Name::default()),
        }
    }

    fn family(&self) -> Family {
        self.service.map_or(Family::Inet, |service| service.family())
    }

    fn apply(&mut self, given: &Given<'w>) -> Result<(), UsageError> {
        if let Some(class) = given.spec.class {
            if !self.seen.add(class) {
                return Err(UsageError::Multiple(class));
            }
        }
        let value = given.value.unwrap_or_default();
        let illegal = UsageError::Illegal;
        let number = |min, max, what| number_u32(value, min, max).ok_or_else(|| illegal(what));
        match given.spec.opt {
            Opt::TcpService => self.service_address(Protocol::Tcp, value)?,
            Opt::UdpService => self.service_address(Protocol::Udp, value)?,
            Opt::SctpService => self.service_address(Protocol::Sctp, value)?,
            Opt::FwmarkService => {
                let mark = number_u32(value, 1, u32::MAX).ok_or_else(|| invalid("fwmark", value))?;
                self.service = Some(ServiceKey::FirewallMark { mark, family: Family::Inet });
            }
            Opt::Ipv6 => match &mut self.service {
                Some(ServiceKey::FirewallMark { family, .. }) => {
                    *family = Family::Inet6;
                    self.netmask = None;
                }
                _ => return Err(UsageError::Ipv6BeforeMark),
            },
            Opt::Scheduler => self.scheduler = Name::cut(&encode(value), Name::SCHEDULER),
            Opt::SchedFlags => self.scheduler_flags = Some(value),
            Opt::Persistent => {
                self.flags |= ServiceFlags::PERSISTENT;
                self.timeout = match given.value {
                    Some(value) => timeout(value, 1)?,
                    None => DEFAULT_PERSISTENCE,
                };
            }
            Opt::Netmask => self.netmask = Some(self.mask(value)?),
            Opt::Pe => {
                let name = Name::cut(&encode(value), Name::PERSISTENCE_ENGINE);
                self.persistence_engine = Some(name).filter(|name| !name.is_empty());
            }
            Opt::Ops => self.flags |= ServiceFlags::ONEPACKET,
            Opt::RealServer => {
                let protocol = self.service.map(|service| service.protocol());
                let server =
                    endpoint(value, protocol, self.names).ok_or_else(|| illegal("real server address[:port]"))?;
                let port = server.port.unwrap_or(self.service.map_or(0, |service| service.port()));
                self.server = Some(ServerKey { address: server.address, port });
            }
            Opt::Gatewaying => self.forwarding = Forwarding::Route,
            Opt::Ipip => self.forwarding = Forwarding::Tunnel,
            Opt::Masquerading => self.forwarding = Forwarding::Masquerading,
            Opt::Weight => self.weight = number(0, INT_MAX, "weight")?,
            Opt::UThreshold => self.upper_threshold = number(0, INT_MAX, "u_threshold")?,
            Opt::LThreshold => self.lower_threshold = number(0, INT_MAX, "l_threshold")?,
            Opt::TunType => {
                self.tunnel.kind = match value {
                    "ipip" => TunnelType::Ipip,
                    "gue" => TunnelType::Gue,
                    "gre" => TunnelType::Gre,
                    _ => return Err(illegal("tunnel type")),
                }
            }
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
            // The views and -n say all by having been seen; --sort is what happens anyway.
            Opt::Numeric | Opt::Connection | Opt::Timeout | Opt::Daemon | Opt::Stats | Opt::Rate | Opt::Thresholds => {}
            Opt::PersistentConn | Opt::TunInfo | Opt::Exact | Opt::Nosort | Opt::Sort | Opt::Full => {}
            // Whatever is left is a command, and there is one already.
            _ => return Err(UsageError::SecondCommand(given.word.to_owned())),
        }
        Ok(())
    }

    fn service_address(&mut self, protocol: Protocol, value: &str) -> Result<(), UsageError> {
        let found =
            endpoint(value, Some(protocol), self.names).ok_or(UsageError::Illegal("virtual server address[:port]"))?;
        if found.address.is_ipv6() {
            self.netmask = None;
        }
        let port = found.port.unwrap_or(0);
        self.service = Some(ServiceKey::Address { protocol, address: found.address, port });
        Ok(())
    }

    fn mask(&self, value: &str) -> Result<Netmask, UsageError> {
        match self.family() {
            Family::Inet6 => u8::try_from(atoi(value))
                .ok()
                .filter(|length| *length > 0)
                .and_then(|length| Ipv6Network::new(Ipv6Addr::UNSPECIFIED, length).ok())
                .map(|network| Netmask::Prefix(network.prefix().into()))
                .ok_or(UsageError::Illegal("ipv6 netmask")),
            Family::Inet => inet_aton(value)
                .or_else(|| self.names.host_address(value))
                .map(Netmask::Mask)
                .ok_or(UsageError::Illegal("virtual server persistent mask")),
        }
    }

    fn finish(mut self, operands: &[&str]) -> Result<Request, UsageError> {
        let mut timeouts = Timeouts::default();
        let mut rest = operands;
        if self.command == Command::Set {
            let ([tcp, tcp_fin, udp], after) = operands.split_first_chunk().ok_or(UsageError::ThreeTimeouts)?;
            let seconds = |text: &str| timeout(text, 0).map(NonZero::new);
            timeouts = Timeouts { tcp: seconds(tcp)?, tcp_fin: seconds(tcp_fin)?, udp: seconds(udp)? };
            rest = after;
        }
        if let Some(operand) = rest.first() {
            return Err(UsageError::UnexpectedArgument((*operand).to_owned()));
        }
        if let Some(text) = self.scheduler_flags {
            self.flags |= scheduler_flags(text, self.scheduler.as_bytes())?;
        }
        check(self.command, self.seen)?;
        // The check has seen to both; what is missing here is only a value that the types do not know to be there.
        let needed = |class| UsageError::Needed(class, self.command);
        let service = || self.service.ok_or_else(|| needed(Class::ServiceAddress));
        let server = || self.server.ok_or_else(|| needed(Class::RealServer));
        Ok(Request::Change(match self.command {
            Command::AddService => Change::AddService(self.virtual_service(service()?)?),
            Command::EditService => Change::EditService(self.virtual_service(service()?)?),
            Command::DeleteService => Change::DeleteService(service()?),
            Command::AddServer => Change::AddServer(service()?, self.real_server(service()?, server()?)?),
            Command::EditServer => Change::EditServer(service()?, self.real_server(service()?, server()?)?),
            Command::DeleteServer => Change::DeleteServer(service()?, server()?),
            Command::Flush => Change::Flush,
            // The reference takes a key of zeros alone for no key.
            Command::Zero => Change::Zero(self.service.filter(|service| match service {
                ServiceKey::Address { address, port, .. } => !address.is_unspecified() || *port != 0,
                ServiceKey::FirewallMark { .. } => true,
            })),
            Command::Set => Change::SetTimeouts(timeouts),
            Command::StartDaemon => {
                if self.daemon.interface.is_empty() {
                    self.daemon.interface = Name::cut(b"eth0", Name::INTERFACE);
                }
                Change::StartDaemon(self.daemon)
            }
            Command::StopDaemon => {
                Change::StopDaemon(StopDaemon { state: self.daemon.state, syncid: self.daemon.syncid })
            }
            Command::List => {
                self.check_list()?;
                return Ok(Request::List(self.listing()));
            }
            Command::Save => {
                let has = |class| self.seen.has(class);
                return Ok(Request::Save { numeric: has(Class::Numeric), full: has(Class::Full) });
            }
            Command::Restore => return Ok(Request::Restore),
        }))
    }

    fn virtual_service(&self, key: ServiceKey) -> Result<VirtualService, UsageError> {
        let flags = self.flags;
        if let ServiceKey::Address { protocol, port, .. } = key {
            if port == 0 && !flags.contains(ServiceFlags::PERSISTENT) {
                return Err(UsageError::CrossField("Zero port specified for non-persistent service"));
            }
            if flags.contains(ServiceFlags::ONEPACKET) && protocol != Protocol::Udp {
                return Err(UsageError::CrossField("One-Packet Scheduling is only for UDP virtual services"));
            }
        }
        Ok(VirtualService {
            key,
            scheduler: if self.scheduler.is_empty() { Name::cut(b"wlc", Name::SCHEDULER) } else { self.scheduler },
            flags,
            timeout: self.timeout,
            netmask: self.netmask.unwrap_or(Netmask::single(key.family())),
            persistence_engine: self.persistence_engine,
        })
    }

    fn real_server(&self, service: ServiceKey, mut key: ServerKey) -> Result<RealServer, UsageError> {
        let tunnel = self.forwarding == Forwarding::Tunnel;
        if key.family() != service.family() && !tunnel {
            return Err(UsageError::CrossField("Different address family is allowed only for tunneling servers"));
        }
        if tunnel {
            check_tunnel(self.tunnel.kind, self.seen)?;
        } else if self.seen.any(&TUNNEL_OPTIONS) {
            return Err(UsageError::CrossField("Tunnel options conflict with forward method"));
        }
        // Only masquerading can translate a port; a firewall mark has none to copy.
        if let (ServiceKey::Address { port, .. }, true) = (service, self.forwarding != Forwarding::Masquerading) {
            key.port = port;
        }
        Ok(RealServer {
            key,
            forwarding: self.forwarding,
            weight: i32::try_from(self.weight).unwrap_or(i32::MAX),
            upper_threshold: self.upper_threshold,
            lower_threshold: self.lower_threshold,
            tunnel: self.tunnel,
        })
    }

    fn check_list(&self) -> Result<(), UsageError> {
        let special = self.seen.any(&[Class::Connection, Class::Timeout, Class::Daemon]);
        let figures = self.seen.any(&[Class::Stats, Class::Rate, Class::Thresholds]);
        let engine = self.seen.any(&[Class::Timeout, Class::Daemon]) && self.seen.has(Class::PersistentConn);
        if special && figures || engine {
            return Err(UsageError::CrossField("options conflicts in the list command"));
        }
        Ok(())
    }

    fn listing(&self) -> Listing {
        let has = |class| self.seen.has(class);
        let format = Format { numeric: has(Class::Numeric), exact: has(Class::Exact) };
        if has(Class::Connection) {
            return Listing::Connections { format, persistence_engine: has(Class::PersistentConn) };
        }
        if has(Class::Timeout) {
            return Listing::Timeouts;
        }
        if has(Class::Daemon) {
            return Listing::Daemons;
        }
        let views = [
            (Class::Stats, View::Stats),
            (Class::Rate, View::Rate),
            (Class::Thresholds, View::Thresholds),
            (Class::PersistentConn, View::PersistentConnections),
            (Class::TunInfo, View::TunnelInfo),
        ];
        let view = views.iter().find(|(class, _)| has(*class)).map_or(View::Plain, |(_, view)| *view);
        Listing::Table { view, format, nosort: has(Class::Nosort), service: self.service }
    }
}

fn invalid(what: &'static str, value: &str) -> UsageError {
    UsageError::Invalid(what, value.to_owned())
}

fn timeout(value: &str, min: u32) -> Result<u32, UsageError> {
    number_u32(value, min, MAX_TIMEOUT).ok_or_else(|| invalid("timeout", value))
}

fn multicast_group(value: &str) -> Result<IpAddr, UsageError> {
    let family = if value.contains(':') { "IPv6" } else { "IPv4" };
    match value.parse::<IpAddr>() {
        Ok(group) if group.is_multicast() => Ok(group),
        _ => Err(UsageError::McastGroup(family, value.to_owned())),
    }
}
