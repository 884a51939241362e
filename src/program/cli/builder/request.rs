//! What the options together ask for: operands, scheduler flags, legality, the rules that look at several fields, in the
//! reference's order.

use super::super::SaveOptions;
use super::super::kept::{Kept, KeptServer, KeptService};
use super::super::legality::{TUNNEL_OPTIONS, check, check_drain, check_tunnel, check_watch, check_without_drain};
use super::super::limits::{self, DEFAULT_SCHEDULER};
use super::super::request::path;
use super::super::scheduler_flags::scheduler_flags;
use super::{Command, Opt, Request, RequestBuilder, UsageError, timeout};
use crate::ipvs::model::*;
use crate::program::diagnosis::Diagnosis;
use crate::program::draining::Draining;
use std::num::NonZero;
use std::time::Duration;

impl RequestBuilder<'_, '_> {
    /// Judges the whole.
    pub fn finish(mut self, operands: &[&str]) -> Result<Request, UsageError> {
        let mut rest = operands;
        if self.command == Command::Set {
            let ([tcp, tcp_fin, udp], after) = operands.split_first_chunk().ok_or(UsageError::ThreeTimeouts)?;
            let seconds = |text: &str| timeout(text, 0).map(NonZero::new);
            self.timeouts = Timeouts { tcp: seconds(tcp)?, tcp_fin: seconds(tcp_fin)?, udp: seconds(udp)? };
            rest = after;
        }
        if let Some(operand) = rest.first() {
            return Err(UsageError::UnexpectedArgument((*operand).to_owned()));
        }
        if let Some(text) = self.scheduler_flags {
            match scheduler_flags(text, self.scheduler.as_bytes()) {
                // The scheduler that stays may have it.
                Err(UsageError::IncompatibleFlag(_)) if self.given.has(Opt::Keep) => {}
                flags => self.flags |= flags?,
            }
        }
        if self.given.has(Opt::Drain) {
            check_drain(self.command, self.given)?;
            return self.draining().map(Request::Drain);
        }
        check(self.command, self.given)?;
        check_without_drain(self.given)?;
        if self.given.has(Opt::Watch) {
            check_watch(self.command, self.given)?;
            return Ok(Request::Watch(self.watching()));
        }
        self.request()
    }

    /// Makes the request of what has been judged.
    pub fn request(&self) -> Result<Request, UsageError> {
        // The check has seen to both; what is missing here is only a value that the types do not know to be there.
        let needed = |option| UsageError::Needed(option, self.command);
        let service = || self.service.ok_or_else(|| needed(Opt::TcpService));
        let server = || self.server.ok_or_else(|| needed(Opt::RealServer));
        let has = |option| self.given.has(option);
        let output = self.output.map(path);
        if has(Opt::Keep) {
            return self.kept(service()?).map(Request::Keep);
        }
        let change = match self.command {
            Command::AddService => Change::AddService(self.virtual_service(service()?)?),
            Command::EditService => Change::EditService(self.virtual_service(service()?)?),
            Command::DeleteService => Change::DeleteService(service()?),
            Command::AddServer => Change::AddServer(service()?, self.real_server(service()?, server()?)?),
            Command::EditServer => Change::EditServer(service()?, self.real_server(service()?, server()?)?),
            Command::DeleteServer => Change::DeleteServer(service()?, server()?),
            Command::Clear => Change::Flush,
            // The reference takes a key of zeros alone for no key.
            Command::Zero => Change::Zero(self.service.filter(|service| match service {
                ServiceKey::Address { address, port, .. } => !address.is_unspecified() || *port != 0,
                ServiceKey::FirewallMark { .. } => true,
            })),
            Command::Set => Change::SetTimeouts(self.timeouts),
            Command::StartDaemon => Change::StartDaemon(self.sync_daemon()),
            Command::StopDaemon => {
                Change::StopDaemon(StopDaemon { state: self.daemon.state, syncid: self.daemon.syncid })
            }
            Command::List => return Ok(Request::List { listing: self.listing()?, output }),
            Command::Save => {
                let (numeric, full) = (has(Opt::Numeric), has(Opt::Full));
                return Ok(Request::Save(SaveOptions { numeric, full, output, namespace: None }));
            }
            Command::Restore => return Ok(Request::Restore),
            Command::Diagnose => return self.diagnosis().map(Request::Diagnose),
            Command::Help => return Ok(Request::Help),
            Command::Version => return Ok(Request::Version),
        };
        Ok(if has(Opt::Ensure) { Request::Ensure(change) } else { Request::Change(change) })
    }

    fn kept(&self, service: ServiceKey) -> Result<Kept, UsageError> {
        let given = self.given;
        if self.command == Command::EditService {
            let scheduler_flags = self.scheduler_flags.map(str::to_owned);
            return Ok(Kept::Service(KeptService { given, service: self.virtual_service(service)?, scheduler_flags }));
        }
        let key = self.server.ok_or(UsageError::Needed(Opt::RealServer, self.command))?;
        Ok(Kept::Server(KeptServer { given, service, server: self.settings(service, key) }))
    }

    fn diagnosis(&self) -> Result<Diagnosis, UsageError> {
        if self.server.is_some() && self.service.is_none() {
            return Err(UsageError::CrossField("a server is diagnosed in its service: give that too"));
        }
        let server = self.server.map(|server| (server.address, self.port_given.then_some(server.port)));
        Ok(Diagnosis { service: self.service, server, json: self.given.has(Opt::Json) })
    }

    fn draining(&self) -> Result<Draining, UsageError> {
        let has = |option| self.given.has(option);
        let server = self.server.ok_or(UsageError::Needed(Opt::RealServer, self.command))?;
        Ok(Draining {
            service: self.service,
            address: server.address,
            port: (self.service.is_some() || self.port_given).then_some(server.port),
            remove: self.command == Command::DeleteServer,
            limit: (self.drain_limit != 0).then(|| Duration::from_secs(self.drain_limit.into())),
            force: has(Opt::Force),
            restore_weight: has(Opt::RestoreWeight),
            ignore_persistent: has(Opt::IgnorePersistent),
            json: has(Opt::Json),
        })
    }

    fn virtual_service(&self, key: ServiceKey) -> Result<VirtualService, UsageError> {
        let flags = self.flags;
        // What lives at every port is persistent, and stays so.
        limits::every_port(&key, flags.contains(ServiceFlags::PERSISTENT) || self.given.has(Opt::Keep))?;
        if flags.contains(ServiceFlags::ONEPACKET) {
            limits::one_packet(&key)?;
        }
        Ok(VirtualService {
            key,
            scheduler: if self.scheduler.is_empty() {
                Name::cut(DEFAULT_SCHEDULER, Name::SCHEDULER)
            } else {
                self.scheduler
            },
            flags,
            timeout: self.timeout,
            netmask: self.netmask.unwrap_or(Netmask::single(key.family())),
            persistence_engine: self.persistence_engine,
        })
    }

    fn real_server(&self, service: ServiceKey, key: ServerKey) -> Result<RealServer, UsageError> {
        limits::families(&service, &key, self.forwarding)?;
        if self.forwarding == Forwarding::Tunnel {
            check_tunnel(self.tunnel.kind, self.given)?;
        } else if self.given.any(&TUNNEL_OPTIONS) {
            return Err(UsageError::TunnelOptionsWithoutTunnel);
        }
        Ok(self.settings(service, key))
    }

    fn settings(&self, service: ServiceKey, mut key: ServerKey) -> RealServer {
        // Only masquerading can translate a port; a firewall mark has none to copy. The method that stays is not known.
        let masquerading = self.forwarding == Forwarding::Masquerading;
        let stays = self.given.has(Opt::Keep) && !self.given.has(Opt::Gatewaying);
        if let (ServiceKey::Address { port, .. }, false) = (service, masquerading || stays) {
            key.port = port;
        }
        RealServer {
            key,
            forwarding: self.forwarding,
            weight: i32::try_from(self.weight).unwrap_or(i32::MAX),
            upper_threshold: self.upper_threshold,
            lower_threshold: self.lower_threshold,
            tunnel: self.tunnel,
        }
    }

    fn sync_daemon(&self) -> SyncDaemon {
        let interface =
            if self.daemon.interface.is_empty() { Name::cut(b"eth0", Name::INTERFACE) } else { self.daemon.interface };
        SyncDaemon { interface, ..self.daemon }
    }
}
