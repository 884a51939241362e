//! The network of the tests: that of `tests/live`, with downloads on every server and with the ends of tunnels.

use anyhow::{Context, Result};

use crate::clients::{Download, serve_datagrams, serve_downloads};
use crate::network::{Network, shell};
use crate::programs::Programs;

/// Where masqueraded servers listen.
pub const MASQUERADED: [&str; 5] =
    ["10.0.1.2:8080", "10.0.1.3:8080", "10.0.1.4:8080", "[fd00:1::2]:8080", "[fd00:1::3]:8080"];
/// The virtual address of direct routing, and the one that comes through tunnels; the server has both.
pub const DIRECT: &str = "192.0.2.2:80";
pub const TUNNELLED: &str = "192.0.2.4:80";

/// All three kinds of tunnels end at the server, which nothing may hinder from answering on another way.
const TUNNELS: &str = "
modprobe -a ipip fou ip_gre
{
    echo addr add 192.0.2.4/32 dev lo
    echo link set tunl0 up
    echo link set gre0 up
} | ip -n server -batch -
ip netns exec server sh -c '
    ip fou add port 5555 gue
    for file in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 0 >$file; done'
";

/// Clients' addresses beside the network's, so that hash schedulers have something to spread.
const CLIENTS: &str = "for n in $(seq 110 149); do echo addr add 192.0.2.$n/24 dev eth0; done | ip -n client -batch -";

pub struct Director<'p> {
    pub network: Network,
    pub programs: &'p Programs,
}

impl<'p> Director<'p> {
    /// The network, with all servers listening, and this table.
    pub fn new(programs: &'p Programs, table: &str) -> Result<Self> {
        let network = Network::new()?;
        shell(CLIENTS)?;
        network.server(|| MASQUERADED.iter().chain([&DIRECT]).try_for_each(|address| serve_downloads(address)))?;
        programs.ours(table).context("making the table")?;
        Ok(Self { network, programs })
    }

    /// Lets the servers unpack what comes through tunnels.
    pub fn end_tunnels(&self) -> Result<()> {
        shell(TUNNELS)?;
        self.network.server(|| serve_downloads(TUNNELLED))
    }

    /// Servers of datagrams.
    pub fn serve_datagrams(&self) -> Result<()> {
        self.network
            .server(|| ["10.0.1.2:5353", "10.0.1.3:5353"].iter().try_for_each(|address| serve_datagrams(address)))
    }

    /// Begins downloads, one after the other, until this server has one; it is the last.
    pub fn downloads_until(&self, from: &str, to: &str, server: &str) -> Result<Vec<Download>> {
        let mut begun = Vec::new();
        for _ in 0..20 {
            let download = self.network.client(|| Download::begin(from, to))?;
            let found = self.programs.server_of(&download.client)?;
            begun.push(download);
            if found == server {
                return Ok(begun);
            }
        }
        anyhow::bail!("{server} gets no connection to {to}")
    }
}
