//! The two directors together: which of them is active, and whether both know the same connections.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::clients::Clients;
use crate::director::{self, Director, Role};
use crate::network::{self, DIRECTORS};
use crate::page;
use crate::requests::Requests;
use crate::servers;

/// How long the other director may take to learn of connections that talk.
const PATIENCE: Duration = Duration::from_secs(60);

/// The services of each way: connections, datagrams and persistent clients.
fn services() -> String {
    let mut rules = String::new();
    let ipv6 = |part: &str| format!("[2001:db8::{part}]");
    for address in [|part: &str| format!("192.0.2.{part}"), ipv6] {
        for (kind, port, target, more) in [("-t", 80, 8080, ""), ("-u", 53, 5353, ""), ("-t", 81, 8080, " -p 600")] {
            for (part, method) in [("1", "-g"), ("2", "-m")] {
                let service = format!("{kind} {}:{port}", address(part));
                let target = if method == "-g" { port } else { target };
                rules += &format!("-A {service} -s rr{more}\n");
                for server in ["21", "22", "23"] {
                    rules += &format!("-a {service} -r {}:{target} {method} -w 1\n", address(server));
                }
            }
        }
    }
    rules
}

pub struct Pair {
    pub first: Director,
    pub second: Director,
    pub requests: Requests,
    /// What `ipvsadm-restore` is given on both.
    pub rules: String,
}

impl Pair {
    /// Network, servers and directors, the first active; and short requests without end.
    pub fn new(ours: &Path) -> Result<Self> {
        let rules = services();
        for line in page::file("/etc/ipvsadm.rules")?.lines().skip(1) {
            ensure!(rules.lines().any(|rule| rule == line), "the page's rule '{line}' is none of the tested");
        }
        network::make()?;
        servers::start()?;
        director::install(ours)?;
        let [mut first, mut second] = DIRECTORS.map(Director::new);
        first.use_script(true)?;
        second.use_script(true)?;
        let mut pair = Pair { first, second, rules, requests: Requests::default() };
        pair.first.start_keepalived()?;
        pair.first.wait_for(Role::Master)?;
        pair.settle()?;
        pair.requests.start()?;
        Ok(pair)
    }

    /// Repairs whatever is broken, and waits until the first is active and the second ready.
    pub fn settle(&mut self) -> Result<()> {
        network::cable(self.first.name, true)?;
        network::silence(self.first.name, false)?;
        self.restore(&self.rules)?;
        self.first.start_keepalived()?;
        self.first.thaw()?;
        self.second.start_keepalived()?;
        self.first.wait_for(Role::Master)?;
        self.second.wait_for(Role::Backup)
    }

    /// Lets keepalived's script start and stop the sync daemons; or the rules start both on both for good, and the
    /// script does nothing.
    pub fn use_script(&mut self, use_it: bool) -> Result<()> {
        if !use_it {
            self.restore(&[&self.rules, page::file("more of /etc/ipvsadm.rules")?].concat())?;
        }
        self.first.use_script(use_it)?;
        self.second.use_script(use_it)
    }

    /// Sets kernel parameters of both.
    pub fn set(&self, settings: &[(&str, &str)]) -> Result<()> {
        DIRECTORS.iter().try_for_each(|director| network::set(director, settings))
    }

    /// Gives both tables these rules.
    pub fn restore(&self, rules: &str) -> Result<()> {
        for director in [&self.first, &self.second] {
            director.run("ipvsadm-restore", &[], rules)?;
        }
        Ok(())
    }

    /// Asks both what is wrong, which is nothing.
    pub fn diagnose(&self) -> Result<()> {
        for director in [&self.first, &self.second] {
            director.ipvsadm("--diagnose").with_context(|| format!("the diagnosis of {}", director.name))?;
        }
        Ok(())
    }

    /// Waits until both know the same of every client: its connection to the server that answers it, or its template.
    pub fn wait_for_same_connections(&self, clients: &Clients) -> Result<()> {
        let wanted = clients.listed();
        let end = Instant::now() + PATIENCE;
        loop {
            let lists = [Self::connections(&self.first)?, Self::connections(&self.second)?];
            let missing = wanted.iter().find_map(|line| {
                let place = lists.iter().position(|list| !list.contains(line))?;
                Some((line, DIRECTORS[place], lists[place].len()))
            });
            let Some((line, director, others)) = missing else { return Ok(()) };
            ensure!(Instant::now() < end, "{director} does not know '{line}', but {others} others");
            thread::sleep(Duration::from_millis(300));
        }
    }

    /// The connections that a director knows, as [`Clients::listed`] has them.
    fn connections(director: &Director) -> Result<Vec<String>> {
        let list = director.ipvsadm("-Lnc")?;
        let lines = list.lines().filter_map(|line| match line.split_whitespace().collect::<Vec<_>>()[..] {
            [protocol, _, _, client, service, server] if client.ends_with(":0") => {
                Some([protocol, client, service, server].join(" "))
            }
            [protocol, _, state, client, service, server] => Some([protocol, state, client, service, server].join(" ")),
            _ => None,
        });
        Ok(lines.collect())
    }
}
