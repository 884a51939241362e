//! Which part of the table, or of the connections, is wanted: pure functions over what has been read.

use crate::ipvs::model::connection::Connection;
use crate::ipvs::model::{Family, Name, RealServer, ServiceKey, VirtualService};
use ipnetwork::IpNetwork;
use std::net::IpAddr;

/// Which services and servers are wanted. All of them by default; each field that is set narrows it.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct TableFilter {
    /// These services only; none for all.
    pub services: Vec<ServiceKey>,
    /// Services with this scheduler.
    pub scheduler: Option<Name>,
    /// This server, in whatever services.
    pub server: Option<ServerFilter>,
    /// Servers of this weight.
    pub weight: Option<i32>,
}

impl TableFilter {
    /// One service with all its servers.
    pub fn of(service: ServiceKey) -> Self {
        Self { services: vec![service], ..Self::default() }
    }

    /// Whether a service is wanted that is one of those named.
    pub fn service(&self, service: &VirtualService) -> bool {
        self.scheduler.is_none_or(|scheduler| scheduler == service.scheduler)
    }

    /// Whether servers are chosen. A service without any that is wanted is not wanted either.
    pub fn chooses_servers(&self) -> bool {
        self.server.is_some() || self.weight.is_some()
    }

    /// Whether a server of a service that is wanted is wanted.
    pub fn server(&self, server: &RealServer) -> bool {
        self.server.is_none_or(|filter| filter.is(server.key.address, server.key.port))
            && self.weight.is_none_or(|weight| weight == server.weight)
    }
}

/// A real server, at one port or at any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerFilter {
    /// Its address.
    pub address: IpAddr,
    /// Its port; `None` for any.
    pub port: Option<u16>,
}

impl ServerFilter {
    fn is(self, address: IpAddr, port: u16) -> bool {
        self.address == address && self.port.is_none_or(|wanted| wanted == port)
    }
}

/// Which connections are wanted. All of them by default; each field that is set narrows it.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ConnectionFilter {
    /// Those of these services; none for all.
    pub services: Vec<ServiceKey>,
    /// Those to this server.
    pub server: Option<ServerFilter>,
    /// Those of clients in this network.
    pub client: Option<IpNetwork>,
    /// Those in the state of this name, in any case.
    pub state: Option<String>,
}

impl ConnectionFilter {
    /// Whether a connection is wanted.
    pub fn connection(&self, connection: &Connection<'_>) -> bool {
        self.server.is_none_or(|filter| filter.is(connection.server.0, connection.server.1))
            && self.client(connection.client.0)
            && self.state.as_ref().is_none_or(|state| state.eq_ignore_ascii_case(connection.state))
            && (self.services.is_empty() || self.services.iter().any(|service| is_of(connection, service)))
    }

    /// Whether connections of a client are wanted.
    pub fn client(&self, client: IpAddr) -> bool {
        self.client.is_none_or(|network| network.contains(client))
    }
}

/// Whether a connection is one of a service, as far as the kernel tells.
///
/// Port 0 is every port of the address. Of a firewall mark only the templates of its persistent clients can be told: they
/// have the mark in the first word of the virtual address (`ip_vs_sched_persist` of the kernel's ip_vs_core.c), and its
/// connections the address that the client called.
fn is_of(connection: &Connection<'_>, service: &ServiceKey) -> bool {
    let (address, port) = connection.virtual_address;
    match *service {
        ServiceKey::Address { protocol, address: wanted, port: wanted_port } => {
            address == wanted && (wanted_port == 0 || wanted_port == port) && connection.transport() == Some(protocol)
        }
        ServiceKey::FirewallMark { mark, family } => connection.protocol == "IP" && address == marked(mark, family),
    }
}

fn marked(mark: u32, family: Family) -> IpAddr {
    match family {
        Family::Inet => IpAddr::V4(mark.into()),
        Family::Inet6 => IpAddr::V6((u128::from(mark) << 96).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ipvs::model::{ServerKey, ServiceFlags};

    #[test]
    fn nothing_set_wants_all() {
        let service = VirtualService::new(ServiceKey::tcp([10, 0, 0, 1], 80), "rr".parse().unwrap());
        let all = TableFilter::default();
        assert!(all.service(&service) && all.server(&RealServer::new([10, 0, 0, 2], 80)) && !all.chooses_servers());
        assert!(ConnectionFilter::default().connection(&connection()));
    }

    #[test]
    fn services_by_scheduler_and_servers_by_address_port_and_weight() {
        let service = VirtualService {
            flags: ServiceFlags::PERSISTENT,
            ..VirtualService::new(ServiceKey::tcp([10, 0, 0, 1], 80), "rr".parse().unwrap())
        };
        let by = |name: &str| TableFilter { scheduler: name.parse().ok(), ..TableFilter::default() };
        assert!(by("rr").service(&service) && !by("r").service(&service) && !by("wrr").service(&service));
        let server = RealServer { weight: 3, ..RealServer::new([10, 0, 0, 2], 8080) };
        for (address, port, weight, wanted) in [
            ([10, 0, 0, 2], None, None, true),
            ([10, 0, 0, 2], Some(8080), Some(3), true),
            ([10, 0, 0, 2], Some(80), None, false),
            ([10, 0, 0, 3], None, Some(3), false),
            ([10, 0, 0, 2], None, Some(0), false),
        ] {
            let server_filter = Some(ServerFilter { address: address.into(), port });
            let filter = TableFilter { server: server_filter, weight, ..TableFilter::default() };
            assert_eq!(filter.server(&server), wanted, "{filter:?}");
            assert!(filter.chooses_servers());
        }
        let key = ServerKey::new([10, 0, 0, 2], 8080);
        assert_eq!(key, server.key);
    }

    fn connection() -> Connection<'static> {
        Connection {
            protocol: "TCP",
            client: ([192, 0, 2, 7].into(), 40_000),
            virtual_address: ([10, 0, 0, 1].into(), 80),
            server: ([10, 0, 0, 2].into(), 8080),
            state: "ESTABLISHED",
            expires: 899,
            engine: None,
            engine_data: None,
        }
    }

    #[test]
    fn connections_by_service() {
        let wants = |services: &[ServiceKey], connection: &Connection<'_>| {
            ConnectionFilter { services: services.to_vec(), ..ConnectionFilter::default() }.connection(connection)
        };
        let tcp = connection();
        assert!(wants(&[ServiceKey::udp([10, 0, 0, 1], 80), ServiceKey::tcp([10, 0, 0, 1], 80)], &tcp));
        assert!(wants(&[ServiceKey::tcp([10, 0, 0, 1], 0)], &tcp));
        assert!(!wants(&[ServiceKey::udp([10, 0, 0, 1], 80)], &tcp));
        assert!(!wants(&[ServiceKey::tcp([10, 0, 0, 1], 81)], &tcp));
        assert!(!wants(&[ServiceKey::tcp([10, 0, 0, 2], 80)], &tcp));
        // As a kernel lists them: `IP 0A090000 0000 00000009 ...` and `IP ... 0000:0009:0000:...`.
        let template = Connection { protocol: "IP", virtual_address: ([0, 0, 0, 9].into(), 0), ..tcp };
        let six = Connection { virtual_address: ("0:9::".parse().unwrap(), 0), ..template };
        assert!(wants(&[ServiceKey::mark(9, Family::Inet)], &template));
        assert!(!wants(&[ServiceKey::mark(9, Family::Inet6)], &template));
        assert!(wants(&[ServiceKey::mark(9, Family::Inet6)], &six));
        assert!(!wants(&[ServiceKey::mark(8, Family::Inet6)], &six));
    }

    #[test]
    fn connections_by_client_state_and_server() {
        let wants = |filter: ConnectionFilter| filter.connection(&connection());
        let client = |text: &str| ConnectionFilter { client: text.parse().ok(), ..ConnectionFilter::default() };
        assert!(wants(client("192.0.2.0/24")) && wants(client("192.0.2.7")) && wants(client("0.0.0.0/0")));
        assert!(!wants(client("192.0.3.0/24")) && !wants(client("::/0")));
        let state = |text: &str| ConnectionFilter { state: Some(text.to_owned()), ..ConnectionFilter::default() };
        assert!(wants(state("established")) && !wants(state("ESTAB")));
        let server = |port| {
            let server = Some(ServerFilter { address: [10, 0, 0, 2].into(), port });
            ConnectionFilter { server, ..ConnectionFilter::default() }
        };
        assert!(wants(server(None)) && wants(server(Some(8080))) && !wants(server(Some(80))));
    }
}
