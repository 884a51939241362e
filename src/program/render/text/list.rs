//! The listings of the table: titles, services, and each view's line of a real server.

use super::address::{Names, endpoint};
use super::{columns, numbers, persistent, plain, rate, stats, thresholds, tunnel};
use crate::ipvs::model::{
    Family, Info, ListedServer, ListedService, Netmask, Protocol, ServiceFlags, ServiceKey, VirtualService,
};
use crate::program::listing::{Format, View};
use crate::program::names::NameService;

/// `PROT ADDR:PORT` of an IPv4 service is cut here, and in the views of counters every service is padded to this.
const SERVICE_WIDTH: usize = 33;
/// A server is padded to this, and an IPv4 one cut.
const SERVER_WIDTH: usize = 28;

/// Appends the title lines of a view. The line of the kernel's version comes first when the whole table is listed, and
/// then `info` is given; before a single service it is missing.
pub fn title(out: &mut Vec<u8>, view: View, info: Option<Info>) {
    if let Some(info) = info {
        out.extend_from_slice(b"IP Virtual Server version ");
        numbers::decimal(out, info.version >> 16 & 0xff);
        out.push(b'.');
        numbers::decimal(out, info.version >> 8 & 0xff);
        out.push(b'.');
        numbers::decimal(out, info.version & 0xff);
        out.extend_from_slice(b" (size=");
        numbers::decimal(out, info.connection_table_size);
        out.extend_from_slice(b")\n");
    }
    out.extend_from_slice(match view {
        View::Stats => stats::TITLE,
        View::Rate => rate::TITLE,
        View::Thresholds => thresholds::TITLE,
        View::PersistentConnections => persistent::TITLE,
        View::TunnelInfo => tunnel::TITLE,
        View::Plain => plain::TITLE,
    });
}

/// Prints the lines of a table.
pub struct TablePrinter<'n> {
    view: View,
    exact: bool,
    names: Names<'n>,
}

impl<'n> TablePrinter<'n> {
    /// A printer of this view; `names` is asked only when the format wants names.
    pub fn new(view: View, format: Format, names: &'n dyn NameService) -> Self {
        Self { view, exact: format.exact, names: (!format.numeric).then_some(names) }
    }

    /// Appends the line of a service.
    pub fn service(&self, out: &mut Vec<u8>, listed: &ListedService) {
        let start = out.len();
        service_name(out, &listed.service.key, self.names);
        if self.view == View::Stats || self.view == View::Rate {
            columns::pad(out, start, SERVICE_WIDTH);
        }
        match self.view {
            View::Stats => stats::service(out, &listed.stats, self.exact),
            View::Rate => rate::service(out, &listed.stats, self.exact),
            _ => options(out, &listed.service),
        }
        out.push(b'\n');
    }

    /// Appends the line of a real server of `service`.
    pub fn server(&self, out: &mut Vec<u8>, service: &ServiceKey, listed: &ListedServer) {
        let key = &listed.server.key;
        out.extend_from_slice(b"  -> ");
        let start = out.len();
        endpoint(out, key.address, key.port, port_protocol(service), self.names);
        if key.address.is_ipv4() {
            columns::cut(out, start, SERVER_WIDTH);
        }
        columns::pad(out, start, SERVER_WIDTH);
        match self.view {
            View::Stats => stats::server(out, &listed.stats, self.exact),
            View::Rate => rate::server(out, &listed.stats, self.exact),
            View::Thresholds => thresholds::server(out, listed),
            View::PersistentConnections => persistent::server(out, listed),
            View::TunnelInfo => tunnel::server(out, listed),
            View::Plain => plain::server(out, listed),
        }
        out.push(b'\n');
    }
}

/// The protocol that names the ports of a service and its servers. A firewall mark has none: the kernel's answer is
/// without one, so the reference prints its ports as numbers.
pub fn port_protocol(service: &ServiceKey) -> Option<Protocol> {
    match service {
        ServiceKey::Address { protocol, .. } => Some(*protocol),
        ServiceKey::FirewallMark { .. } => None,
    }
}

/// `TCP  ADDR:PORT`, `FWM  MARK` or `FWM  MARK IPv6`.
pub fn service_name(out: &mut Vec<u8>, key: &ServiceKey, names: Names<'_>) {
    match *key {
        ServiceKey::FirewallMark { mark, family } => {
            out.extend_from_slice(b"FWM  ");
            numbers::decimal(out, mark);
            if family == Family::Inet6 {
                out.extend_from_slice(b" IPv6");
            }
        }
        ServiceKey::Address { protocol, address, port } => {
            let start = out.len();
            out.extend_from_slice(match protocol {
                Protocol::Tcp => b"TCP  ",
                Protocol::Sctp => b"SCTP ",
                _ => b"UDP  ",
            });
            endpoint(out, address, port, Some(protocol), names);
            if address.is_ipv4() {
                columns::cut(out, start, SERVICE_WIDTH);
            }
        }
    }
}

/// The scheduler and the flags of a service. An engine shows only where it has an effect: when persistent.
fn options(out: &mut Vec<u8>, service: &VirtualService) {
    out.push(b' ');
    out.extend_from_slice(service.scheduler.as_bytes());
    if service.flags.intersects(ServiceFlags::SCHEDULER) {
        out.extend_from_slice(b" (");
        scheduler_flags(out, service);
        out.push(b')');
    }
    if service.flags.contains(ServiceFlags::PERSISTENT) {
        out.extend_from_slice(b" persistent ");
        numbers::decimal(out, service.timeout);
        if service.netmask != Netmask::single(service.key.family()) {
            out.extend_from_slice(b" mask ");
            netmask(out, service.netmask);
        }
        if let Some(engine) = service.persistence_engine {
            out.extend_from_slice(b" pe ");
            out.extend_from_slice(engine.as_bytes());
        }
    }
    if service.flags.contains(ServiceFlags::ONEPACKET) {
        out.extend_from_slice(b" ops");
    }
}

/// The names of a service's scheduler flags. `sh` and `mh` know two; the third has no name there, so the list may be
/// empty: `sh ()`.
pub fn scheduler_flags(out: &mut Vec<u8>, service: &VirtualService) {
    let names: &[&[u8]] = match service.scheduler.as_bytes() {
        b"sh" => &[b"sh-fallback", b"sh-port"],
        b"mh" => &[b"mh-fallback", b"mh-port"],
        _ => &[b"flag-1", b"flag-2", b"flag-3"],
    };
    let flags = [ServiceFlags::SCHED1, ServiceFlags::SCHED2, ServiceFlags::SCHED3];
    let start = out.len();
    for (name, _) in names.iter().zip(flags).filter(|(_, flag)| service.flags.intersects(*flag)) {
        if out.len() > start {
            out.push(b',');
        }
        out.extend_from_slice(name);
    }
}

/// A dotted mask, or a prefix length.
pub fn netmask(out: &mut Vec<u8>, netmask: Netmask) {
    match netmask {
        Netmask::Mask(mask) => super::address::ipv4(out, mask),
        Netmask::Prefix(length) => numbers::decimal(out, length),
    }
}
