//! The words that documents and metrics have for what the kernel has numbers for.

use crate::ipvs::model::{
    Family, Forwarding, Name, Netmask, Protocol, RealServer, ServiceFlags, Tunnel, TunnelFlags, TunnelType,
    VirtualService,
};
use std::borrow::Cow;
use std::net::{IpAddr, Ipv6Addr};

/// A name of the kernel's. A byte that is not UTF-8 cannot stand in a document, and shows as U+FFFD.
pub fn name(name: &Name) -> Cow<'_, str> {
    String::from_utf8_lossy(name.as_bytes())
}

/// `tcp`, `udp`, `sctp`, or the number of another one.
pub fn protocol(protocol: Protocol) -> Cow<'static, str> {
    match protocol {
        Protocol::Tcp => "tcp".into(),
        Protocol::Udp => "udp".into(),
        Protocol::Sctp => "sctp".into(),
        other => other.number().to_string().into(),
    }
}

/// `ipv4` or `ipv6`.
pub fn family(family: Family) -> &'static str {
    match family {
        Family::Inet => "ipv4",
        Family::Inet6 => "ipv6",
    }
}

/// The forwarding method, or the number of one that is not known.
pub fn forwarding(forwarding: Forwarding) -> Cow<'static, str> {
    match forwarding {
        Forwarding::Masquerading => "masquerade".into(),
        Forwarding::Local => "local".into(),
        Forwarding::Tunnel => "tunnel".into(),
        Forwarding::Route => "direct".into(),
        Forwarding::Bypass => "bypass".into(),
        other => other.number().to_string().into(),
    }
}

/// How a server's packets are wrapped.
pub struct TunnelWords {
    /// `ipip`, `gue`, `gre`, or the number of another one.
    pub kind: Cow<'static, str>,
    /// The UDP port, which only gue has.
    pub port: Option<u16>,
    /// `none`, `outer`, `remote`, or the number of others; ipip has none.
    pub checksum: Option<Cow<'static, str>>,
}

/// The tunnel of a server that has one, or settings of one.
pub fn tunnel(server: &RealServer) -> Option<TunnelWords> {
    let tunnel = server.tunnel;
    let plain = tunnel.kind == TunnelType::Ipip;
    (server.forwarding == Forwarding::Tunnel || tunnel != Tunnel::default()).then(|| TunnelWords {
        kind: tunnel.kind.to_string().into(),
        port: (tunnel.port != 0 || tunnel.kind == TunnelType::Gue).then_some(tunnel.port),
        checksum: (!plain || tunnel.flags != TunnelFlags::NOCSUM).then(|| match tunnel.flags {
            TunnelFlags::NOCSUM => "none".into(),
            TunnelFlags::CSUM => "outer".into(),
            TunnelFlags::REMCSUM => "remote".into(),
            other => other.bits().to_string().into(),
        }),
    })
}

/// How a service keeps clients at their servers.
pub struct Persistence<'a> {
    /// `None` for a service that does not, see [`persistence`].
    pub timeout_seconds: Option<u32>,
    /// As an address, for both families.
    pub netmask: IpAddr,
    /// The persistence engine.
    pub engine: Option<Cow<'a, str>>,
}

/// The persistence of a service. One that is not persistent may have a mask or an engine all the same, which is not to be
/// lost.
pub fn persistence(service: &VirtualService) -> Option<Persistence<'_>> {
    let persistent = service.flags.contains(ServiceFlags::PERSISTENT);
    let masked = service.netmask != Netmask::single(service.key.family());
    let engine = service.persistence_engine.as_ref();
    (persistent || masked || engine.is_some()).then(|| Persistence {
        timeout_seconds: persistent.then_some(service.timeout),
        netmask: match service.netmask {
            Netmask::Mask(mask) => mask.into(),
            Netmask::Prefix(length) => prefix_mask(length).into(),
        },
        engine: engine.map(name),
    })
}

/// The mask with so many ones at its beginning.
fn prefix_mask(length: u32) -> Ipv6Addr {
    Ipv6Addr::from_bits(!u128::MAX.checked_shr(length).unwrap_or(0))
}

/// The scheduler flags that are set: by the names that the scheduler has for them, else as numbered.
pub fn scheduler_flags(service: &VirtualService) -> impl Iterator<Item = &'static str> {
    let names = match service.scheduler.as_bytes() {
        b"sh" => ["sh-fallback", "sh-port", "flag-3"],
        b"mh" => ["mh-fallback", "mh-port", "flag-3"],
        _ => ["flag-1", "flag-2", "flag-3"],
    };
    let flags = [ServiceFlags::SCHED1, ServiceFlags::SCHED2, ServiceFlags::SCHED3];
    names.into_iter().zip(flags).filter(|(_, flag)| service.flags.intersects(*flag)).map(|(name, _)| name)
}
