//! Services and servers, each with the labels of all its samples.

use super::label::{address, label};
use crate::ipvs::model::{ListedServer, RealServer, ServiceEntry, ServiceFlags, ServiceKey, VirtualService};
use crate::program::render::words;
use itoa::Buffer;

/// Services or servers in the order of the listing.
pub struct Subjects<'s, T> {
    /// The labels of all, one behind the other.
    labels: Vec<u8>,
    /// Each with the end of its labels.
    each: Vec<(usize, &'s T)>,
}

impl<'s, T> Subjects<'s, T> {
    fn none() -> Self {
        Self { labels: Vec::new(), each: Vec::new() }
    }

    fn add(&mut self, subject: &'s T) {
        self.each.push((self.labels.len(), subject));
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.each.is_empty()
    }

    /// Each with its labels, from the brace that opens them to where one that closes them may stand.
    pub fn each(&self) -> impl Iterator<Item = (Labels<'_>, &'s T)> {
        let mut start = 0;
        self.each.iter().map(move |(end, subject)| {
            let from = std::mem::replace(&mut start, *end);
            (Labels { from: &self.labels[from..], length: end - from }, *subject)
        })
    }
}

/// Labels at the beginning of a longer text.
#[derive(Clone, Copy)]
pub struct Labels<'a> {
    /// They, and what follows.
    pub from: &'a [u8],
    /// How long they are.
    pub length: usize,
}

impl<'s> Subjects<'s, ServiceEntry> {
    /// The services of a table.
    pub fn of_services(entries: &'s [ServiceEntry]) -> Self {
        let mut subjects = Self::none();
        for entry in entries {
            service(&mut subjects.labels, &entry.service.service.key);
            subjects.labels.extend_from_slice(br#",remote_address="",remote_port="""#);
            subjects.add(entry);
        }
        subjects
    }
}

impl<'s> Subjects<'s, ListedServer> {
    /// The servers of all services.
    pub fn of_servers(entries: &'s [ServiceEntry]) -> Self {
        let mut subjects = Self::none();
        let mut common = Vec::new();
        for entry in entries {
            common.clear();
            service(&mut common, &entry.service.service.key);
            common.extend_from_slice(br#",remote_address=""#);
            for listed in &entry.servers {
                let labels = &mut subjects.labels;
                labels.extend_from_slice(&common);
                address(labels, listed.server.key.address);
                labels.extend_from_slice(br#"",remote_port=""#);
                labels.extend_from_slice(Buffer::new().format(listed.server.key.port).as_bytes());
                labels.push(b'"');
                subjects.add(listed);
            }
        }
        subjects
    }
}

/// Appends what names a service, the brace before it included. A firewall mark has no protocol, and one of IPv4 packets is not
/// that of IPv6 packets: the family stands in its place.
fn service(out: &mut Vec<u8>, key: &ServiceKey) {
    out.extend_from_slice(br#"{local_address=""#);
    let (mark, protocol) = match *key {
        ServiceKey::Address { protocol, address: local, port } => {
            address(out, local);
            out.extend_from_slice(br#"",local_port=""#);
            out.extend_from_slice(Buffer::new().format(port).as_bytes());
            (None, words::protocol(protocol))
        }
        ServiceKey::FirewallMark { mark, family } => {
            out.extend_from_slice(br#"",local_port=""#);
            (Some(mark), words::family(family).into())
        }
    };
    out.extend_from_slice(br#"",proto=""#);
    out.extend_from_slice(protocol.as_bytes());
    out.extend_from_slice(br#"",local_mark=""#);
    if let Some(mark) = mark {
        out.extend_from_slice(Buffer::new().format(mark).as_bytes());
    }
    out.push(b'"');
}

/// The settings of a service that [`service_info`] appends, and nothing else.
pub fn service_settings(entry: &ServiceEntry) -> VirtualService {
    let service = entry.service.service;
    VirtualService { key: ServiceKey::mark(0, service.key.family()), ..service }
}

/// Appends the settings of a service.
pub fn service_info(out: &mut Vec<u8>, service: &VirtualService) {
    let persistence = words::persistence(service);
    let persistence = persistence.as_ref();
    let timeout = persistence.and_then(|persistence| persistence.timeout_seconds);
    let one_packet = service.flags.contains(ServiceFlags::ONEPACKET);
    more(out, "scheduler", &words::name(&service.scheduler));
    more(out, "scheduler_flags", &words::scheduler_flags(service).collect::<Vec<_>>().join(","));
    more(out, "one_packet", if one_packet { "true" } else { "false" });
    more(out, "persistence_timeout_seconds", &timeout.map_or(String::new(), |seconds| seconds.to_string()));
    more(out, "persistence_netmask", &persistence.map_or(String::new(), |persistence| persistence.netmask.to_string()));
    more(
        out,
        "persistence_engine",
        persistence.and_then(|persistence| persistence.engine.as_deref()).unwrap_or_default(),
    );
}

/// The settings of a server that [`server_info`] appends, and nothing else.
pub fn server_settings(listed: &ListedServer) -> RealServer {
    let RealServer { forwarding, tunnel, .. } = listed.server;
    RealServer { forwarding, tunnel, ..RealServer::new([0, 0, 0, 0], 0) }
}

/// Appends the settings of a server that have no metric of their own.
pub fn server_info(out: &mut Vec<u8>, server: &RealServer) {
    let tunnel = words::tunnel(server);
    let tunnel = tunnel.as_ref();
    let port = tunnel.and_then(|tunnel| tunnel.port);
    more(out, "forwarding", &words::forwarding(server.forwarding));
    more(out, "tunnel_type", tunnel.map_or("", |tunnel| &tunnel.kind));
    more(out, "tunnel_port", &port.map_or(String::new(), |port| port.to_string()));
    more(out, "tunnel_checksum", tunnel.and_then(|tunnel| tunnel.checksum.as_deref()).unwrap_or_default());
}

fn more(out: &mut Vec<u8>, name: &str, value: &str) {
    out.push(b',');
    label(out, name, value);
}
