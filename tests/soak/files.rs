//! What is restored in turns, and what keepalived is given in turns: two services stay in all of it.

use crate::namespace::Namespace;
use crate::program::Programs;
use crate::tables::Random;
use anyhow::{Context, Result, ensure};
use std::thread;

/// The service that only restores change, the one that keepalived manages, and one that it has half of the time.
pub const RESTORED: &str = "192.0.2.1:80";
pub const MANAGED: &str = "192.0.2.3:80";
const PASSING: &str = "192.0.2.3:81";
/// Those that stay, and their servers, which have connections all the time: other ones for each service, since a client may use
/// the same port for both.
pub const STAYING: [(&str, [&str; 2]); 2] =
    [(RESTORED, ["10.0.1.2:8080", "10.0.1.3:8080"]), (MANAGED, ["10.0.1.2:8081", "10.0.1.3:8081"])];
/// How many files there are.
pub const FILES: u64 = 12;
const SCHEDULERS: [&str; 4] = ["rr", "wrr", "lc", "wlc"];

/// The file of this number: schedulers and weights change, a drained server comes and goes, and so do random services.
pub fn rules(number: u64) -> String {
    let scheduler = SCHEDULERS[number as usize % SCHEDULERS.len()];
    let mut rules = String::new();
    for (service, servers) in STAYING {
        rules += &format!("-A -t {service} -s {}\n", if service == RESTORED { scheduler } else { "rr" });
        for (server, place) in servers.iter().zip(0..) {
            rules += &format!("-a -t {service} -r {server} -m -w {}\n", 1 + (number + place) % 5);
        }
    }
    if number % 2 == 0 {
        rules += &format!("-a -t {RESTORED} -r 10.0.1.4:8080 -m -w 0\n");
    }
    rules + &Random(number * 17 + 3).table()
}

/// The documents of all files, from a table of their own.
pub fn documents(programs: &Programs) -> Result<Vec<String>> {
    thread::scope(|scope| {
        let made = scope.spawn(|| {
            let _elsewhere = Namespace::new()?;
            let document = |number| {
                programs.restored(&rules(number))?;
                let outcome = programs.ipvsadm(&["-Ln", "--json"])?;
                ensure!(outcome.status == 0, "{outcome:?}");
                Ok(outcome.stdout)
            };
            (0..FILES).map(document).collect()
        });
        made.join().ok().context("a thread that panicked")?
    })
}

/// A configuration of keepalived.
pub fn configuration(number: usize) -> String {
    let service = |address: &str, port: u16, weight: usize| {
        let server = |host: u8| format!("real_server 10.0.1.{host} {port} {{ weight {weight} }}\n");
        let address = address.replace(':', " ");
        format!("virtual_server {address} {{\nlb_algo rr\nlb_kind NAT\nprotocol TCP\n{}{}}}\n", server(2), server(3))
    };
    let passing = if number % 2 == 0 { String::new() } else { service(PASSING, 8082, 1) };
    service(MANAGED, 8081, 1 + number % 3) + &passing
}
