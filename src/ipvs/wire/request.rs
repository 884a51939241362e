//! What each change asks of the kernel, as typed messages. [`encode`](super::encode) writes the same bytes for services
//! and real servers, in a third of the time.

use super::attributes::{CommandAttribute, DaemonAttribute, ServerAttribute, ServiceAttribute};
use super::command::Command;
use super::message::IpvsMessage;
use crate::ipvs::model::{
    Change, Family, Name, Netmask, RealServer, ServerKey, ServiceKey, StopDaemon, SyncDaemon, Timeouts, Tunnel,
    VirtualService,
};
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZero;

impl From<&Change> for IpvsMessage {
    /// The message that makes a change. It has no more than the kernel needs: of a service that is to go, its key.
    fn from(change: &Change) -> Self {
        let attributes = match change {
            Change::AddService(service) | Change::EditService(service) => {
                vec![CommandAttribute::Service(whole_service(service))]
            }
            Change::DeleteService(key) | Change::Zero(Some(key)) => vec![CommandAttribute::Service(service_key(key))],
            Change::AddServer(key, server) | Change::EditServer(key, server) => vec![
                CommandAttribute::Service(service_key(key)),
                CommandAttribute::Server(whole_server(key.family(), server)),
            ],
            Change::DeleteServer(key, server) => vec![
                CommandAttribute::Service(service_key(key)),
                CommandAttribute::Server(server_key(key.family(), server)),
            ],
            Change::Flush | Change::Zero(None) => Vec::new(),
            Change::SetTimeouts(timeouts) => set_timeouts(timeouts),
            Change::StartDaemon(daemon) => vec![CommandAttribute::Daemon(start_daemon(daemon))],
            Change::StopDaemon(daemon) => vec![CommandAttribute::Daemon(stop_daemon(daemon))],
        };
        Self::Command(Command::from(change), attributes)
    }
}

impl From<&Change> for Command {
    fn from(change: &Change) -> Self {
        match change {
            Change::AddService(_) => Self::NewService,
            Change::EditService(_) => Self::SetService,
            Change::DeleteService(_) => Self::DelService,
            Change::AddServer(..) => Self::NewServer,
            Change::EditServer(..) => Self::SetServer,
            Change::DeleteServer(..) => Self::DelServer,
            Change::Flush => Self::Flush,
            Change::Zero(_) => Self::Zero,
            Change::SetTimeouts(_) => Self::SetConfig,
            Change::StartDaemon(_) => Self::NewDaemon,
            Change::StopDaemon(_) => Self::DelDaemon,
        }
    }
}

/// The attributes by which the kernel finds a service.
fn service_key(key: &ServiceKey) -> Vec<ServiceAttribute> {
    let family = ServiceAttribute::Family(key.family().number());
    match *key {
        ServiceKey::Address { protocol, address, port } => vec![
            family,
            ServiceAttribute::Protocol(protocol.number()),
            ServiceAttribute::Address(union_address(address)),
            ServiceAttribute::Port(port),
        ],
        ServiceKey::FirewallMark { mark, .. } => vec![family, ServiceAttribute::FirewallMark(mark)],
    }
}

fn whole_service(service: &VirtualService) -> Vec<ServiceAttribute> {
    let mut attributes = service_key(&service.key);
    attributes.push(ServiceAttribute::Scheduler(service.scheduler));
    // An engine cannot be taken away by an empty name: the kernel looks for one of that name.
    attributes.extend(service.persistence_engine.map(ServiceAttribute::PersistenceEngine));
    attributes.extend([
        ServiceAttribute::Flags([service.flags.bits(), u32::MAX]),
        ServiceAttribute::Timeout(service.timeout),
        ServiceAttribute::Netmask(match service.netmask {
            Netmask::Mask(mask) => mask.octets(),
            Netmask::Prefix(length) => length.to_ne_bytes(),
        }),
    ]);
    attributes
}

/// The kernel takes a server for one of the service's family when it is not told which.
fn server_key(service: Family, key: &ServerKey) -> Vec<ServerAttribute> {
    let other = Some(key.family().number()).filter(|_| key.family() != service);
    let address = ServerAttribute::Address(union_address(key.address));
    other.map(ServerAttribute::Family).into_iter().chain([address, ServerAttribute::Port(key.port)]).collect()
}

fn whole_server(service: Family, server: &RealServer) -> Vec<ServerAttribute> {
    let mut attributes = server_key(service, &server.key);
    attributes.extend([
        ServerAttribute::ForwardingMethod(server.forwarding.number()),
        ServerAttribute::Weight(server.weight),
    ]);
    // The kernel takes absent ones for zeros.
    if server.tunnel != Tunnel::default() {
        attributes.extend([
            ServerAttribute::TunnelType(server.tunnel.kind.number()),
            ServerAttribute::TunnelPort(server.tunnel.port),
            ServerAttribute::TunnelFlags(server.tunnel.flags.bits()),
        ]);
    }
    attributes.extend([
        ServerAttribute::UpperThreshold(server.upper_threshold),
        ServerAttribute::LowerThreshold(server.lower_threshold),
    ]);
    attributes
}

/// The kernel leaves a timeout as it is for which it gets 0, as the reference sends it.
fn set_timeouts(timeouts: &Timeouts) -> Vec<CommandAttribute> {
    let seconds = |timeout: Option<NonZero<u32>>| timeout.map_or(0, NonZero::get);
    vec![
        CommandAttribute::TimeoutTcp(seconds(timeouts.tcp)),
        CommandAttribute::TimeoutTcpFin(seconds(timeouts.tcp_fin)),
        CommandAttribute::TimeoutUdp(seconds(timeouts.udp)),
    ]
}

/// Like the reference, sends only those of the later options that are set.
fn start_daemon(daemon: &SyncDaemon) -> Vec<DaemonAttribute> {
    let mut attributes = vec![
        DaemonAttribute::State(daemon.state.number()),
        DaemonAttribute::Interface(daemon.interface),
        DaemonAttribute::SyncId(daemon.syncid),
    ];
    attributes.extend(daemon.sync_maxlen.map(|length| DaemonAttribute::SyncMaxlen(length.get())));
    attributes.extend(daemon.mcast_port.map(|port| DaemonAttribute::Port(port.get())));
    attributes.extend(daemon.mcast_ttl.map(|ttl| DaemonAttribute::Ttl(ttl.get())));
    attributes.extend(daemon.mcast_group.map(|group| match group {
        IpAddr::V4(group) => DaemonAttribute::Group(group.octets()),
        IpAddr::V6(group) => DaemonAttribute::Group6(group.octets()),
    }));
    attributes
}

fn stop_daemon(daemon: &StopDaemon) -> Vec<DaemonAttribute> {
    vec![
        DaemonAttribute::State(daemon.state.number()),
        DaemonAttribute::Interface(Name::default()),
        DaemonAttribute::SyncId(daemon.syncid),
    ]
}

/// An IPv4 address fills the first of the four words of `union nf_inet_addr`, the others are 0.
pub(super) fn union_address(address: IpAddr) -> [u8; 16] {
    match address {
        IpAddr::V4(address) => Ipv6Addr::from_bits(u128::from(address.to_bits()) << 96).octets(),
        IpAddr::V6(address) => address.octets(),
    }
}
