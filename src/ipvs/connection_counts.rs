//! How many connections there are, by service, server and state: counted as the lines come, so that memory grows with the
//! groups and not with the connections.

use super::connections::{parse, read_lines};
use super::error::KernelError;
use super::filter::ConnectionFilter;
use crate::ipvs::model::connection::Connection;
use memchr::memchr_iter;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io::Read;
use std::net::IpAddr;

/// An address and a port.
pub type Endpoint = (IpAddr, u16);

/// The connections to one virtual address and port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceCount {
    /// As in [`Connection`].
    pub protocol: String,
    /// The virtual address and port.
    pub endpoint: Endpoint,
    /// All of them, and how many are in each state.
    pub count: Count,
    /// Those to each real server, by address and port.
    pub servers: Vec<ServerCount>,
}

/// Those to one real server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerCount {
    /// The server.
    pub endpoint: Endpoint,
    /// All of them, and how many are in each state.
    pub count: Count,
}

/// A number of connections.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Count {
    /// All of them.
    pub total: u64,
    /// How many are in each state, by name.
    pub states: BTreeMap<String, u64>,
}

impl Count {
    fn add(&mut self, state: &str, connections: u64) {
        self.total += connections;
        *self.states.entry(state.to_owned()).or_default() += connections;
    }
}

/// Counts the connections of the kernel's table, by protocol, address and port.
///
/// # Errors
/// Those of reading.
pub fn count(table: impl Read, filter: &ConnectionFilter) -> Result<Vec<ServiceCount>, KernelError> {
    let mut groups = Groups::default();
    let read = read_lines(table, |line| {
        groups.add(line, filter);
        Ok::<_, Infallible>(())
    })?;
    match read {
        Ok(()) => Ok(groups.services()),
        Err(never) => match never {},
    }
}

/// Connections that differ in nothing but the client and the time they have left.
struct Group {
    protocol: String,
    virtual_address: Endpoint,
    server: Endpoint,
    state: String,
    connections: u64,
}

#[derive(Default)]
struct Groups {
    groups: Vec<Group>,
    /// The place of each, by what their lines have in common.
    places: FxHashMap<Box<[u8]>, usize>,
    /// Room for that.
    common: Vec<u8>,
}

impl Groups {
    fn add(&mut self, line: &str, filter: &ConnectionFilter) {
        let Some(common) = Common::of(line) else { return };
        self.common.clear();
        self.common.extend_from_slice(common.protocol.as_bytes());
        self.common.extend_from_slice(common.rest.as_bytes());
        // Only the first line of a group is read as a whole, unless it matters who the client is.
        match self.places.get(&self.common[..]) {
            Some(place) if filter.client.is_none() || parse(line).is_some_and(|c| filter.client(c.client.0)) => {
                self.groups[*place].connections += 1;
            }
            Some(_) => {}
            None => {
                if let Some(connection) = parse(line).filter(|connection| filter.connection(connection)) {
                    self.places.insert(self.common[..].into(), self.groups.len());
                    self.groups.push(connection.into());
                }
            }
        }
    }

    fn services(self) -> Vec<ServiceCount> {
        type Servers = BTreeMap<Endpoint, Count>;
        let mut services: BTreeMap<(String, Endpoint), (Count, Servers)> = BTreeMap::new();
        for Group { protocol, virtual_address, server, state, connections } in self.groups {
            let (count, servers) = services.entry((protocol, virtual_address)).or_default();
            count.add(&state, connections);
            servers.entry(server).or_default().add(&state, connections);
        }
        let server = |(endpoint, count)| ServerCount { endpoint, count };
        services
            .into_iter()
            .map(|((protocol, endpoint), (count, servers))| ServiceCount {
                protocol,
                endpoint,
                count,
                servers: servers.into_iter().map(server).collect(),
            })
            .collect()
    }
}

impl From<Connection<'_>> for Group {
    fn from(connection: Connection<'_>) -> Self {
        Self {
            protocol: connection.protocol.to_owned(),
            virtual_address: connection.virtual_address,
            server: connection.server,
            state: connection.state.to_owned(),
            connections: 1,
        }
    }
}

/// What a line has in common with others of its group, as the kernel wrote it.
struct Common<'l> {
    protocol: &'l str,
    /// From the virtual address to the state.
    rest: &'l str,
}

impl<'l> Common<'l> {
    /// The protocol is padded; behind it, there is one blank between each word and the next, up to the state.
    fn of(line: &'l str) -> Option<Self> {
        let (protocol, words) = line.split_once(' ')?;
        let words = words.trim_start_matches(' ');
        let mut blanks = memchr_iter(b' ', words.as_bytes());
        let start = blanks.nth(1)? + 1;
        let end = blanks.nth(4)?;
        Some(Self { protocol, rest: &words[start..end] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "\
Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData
UDP 0A090001 1E61 0A090001 0063 2001:0db8:0000:0000:0000:0000:0000:0002 0063 UDP             299
TCP 0A090007 8320 0A090001 0050 0A090002 1F90 ESTABLISHED     899
TCP 0A090008 8320 0A090001 0050 0A090002 1F90 ESTABLISHED     12
TCP 0A090008 8321 0A090001 0050 0A090002 1F90 TIME_WAIT        60
TCP 0A090008 8322 0A090001 0050 0A090003 1F90 ESTABLISHED      60
UDP 0A090001 0000 0A090001 13C4 0A090002 13C4 NONE             59 sip abcdef@10.9.0.1
IP  0A090000 0000 00000009 0000 0A090002 0000 NONE            400
not a connection
TCP 0A090008
";

    fn counted(filter: &ConnectionFilter) -> Vec<String> {
        let states = |count: &Count| {
            let states: Vec<_> = count.states.iter().map(|(state, number)| format!("{state} {number}")).collect();
            format!("{} ({})", count.total, states.join(", "))
        };
        let services = count(TABLE.as_bytes(), filter).unwrap();
        let lines = services.iter().flat_map(|service| {
            let (address, port) = service.endpoint;
            let title = format!("{} {address} {port}: {}", service.protocol, states(&service.count));
            let server = |server: &ServerCount| {
                format!("{} {}: {}", server.endpoint.0, server.endpoint.1, states(&server.count))
            };
            [title].into_iter().chain(service.servers.iter().map(server))
        });
        lines.collect()
    }

    #[test]
    fn lines_that_differ_in_clients_are_counted_together() {
        assert_eq!(
            counted(&ConnectionFilter::default()),
            [
                "IP 0.0.0.9 0: 1 (NONE 1)",
                "10.9.0.2 0: 1 (NONE 1)",
                "TCP 10.9.0.1 80: 4 (ESTABLISHED 3, TIME_WAIT 1)",
                "10.9.0.2 8080: 3 (ESTABLISHED 2, TIME_WAIT 1)",
                "10.9.0.3 8080: 1 (ESTABLISHED 1)",
                "UDP 10.9.0.1 99: 1 (UDP 1)",
                "2001:db8::2 99: 1 (UDP 1)",
                "UDP 10.9.0.1 5060: 1 (NONE 1)",
                "10.9.0.2 5060: 1 (NONE 1)",
            ]
        );
    }

    #[test]
    fn a_filter_holds_for_each_line() {
        let client = ConnectionFilter { client: "10.9.0.8/29".parse().ok(), ..ConnectionFilter::default() };
        assert_eq!(
            counted(&client),
            [
                "TCP 10.9.0.1 80: 3 (ESTABLISHED 2, TIME_WAIT 1)",
                "10.9.0.2 8080: 2 (ESTABLISHED 1, TIME_WAIT 1)",
                "10.9.0.3 8080: 1 (ESTABLISHED 1)"
            ]
        );
        let state = ConnectionFilter { state: Some("time_wait".to_owned()), ..ConnectionFilter::default() };
        assert_eq!(counted(&state), ["TCP 10.9.0.1 80: 1 (TIME_WAIT 1)", "10.9.0.2 8080: 1 (TIME_WAIT 1)"]);
    }
}
