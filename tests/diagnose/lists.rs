//! No false alarm: tables of other suites, which serve clients, have no fault.

use anyhow::Result;

use crate::Test;
use crate::case::{DIRECT, Diagnosis, IPV6, MASQUERADED, TUNNELLED, ask_some};
use crate::director::Director;
use crate::programs::Programs;

pub const TESTS: &[Test] = &[("no alarm/all ways to forward at once", all_ways)];

/// Before any client has come, while they are served, and afterwards.
fn all_ways(programs: &Programs) -> Result<()> {
    let marked = "-A -f 7 -s wrr\n-a -f 7 -r 10.0.1.2:8080 -m\n-A -u 192.0.2.6:5353 -s rr -o\n-a -u 192.0.2.6:5353 -r 10.0.1.3 -m";
    let director = Director::new(programs, &[MASQUERADED, DIRECT, TUNNELLED, IPV6, marked].join("\n"))?;
    director.end_tunnels()?;
    director.serve_datagrams()?;
    Diagnosis::of(programs, "")?.expect_good()?;
    for (from, to) in [
        ("192.0.2.100", "192.0.2.5:80"),
        ("192.0.2.101", "192.0.2.2:80"),
        ("192.0.2.101", "192.0.2.4:80"),
        ("192.0.2.100", "192.0.2.7:8000"),
        ("[2001:db8::100]", "[2001:db8::5]:80"),
    ] {
        ask_some(&director, from, to)?;
        Diagnosis::of(programs, "")?.expect_good()?;
    }
    Ok(())
}
