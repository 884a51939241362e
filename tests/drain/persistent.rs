//! Persistent services: templates send clients who come back to a server of weight 0, until they go or are told not to.

use anyhow::{Context, Result, ensure};

use crate::Test;
use crate::clients::ask;
use crate::director::Director;
use crate::network::shell;
use crate::programs::Programs;

pub const TESTS: &[Test] = &[
    ("persistent/templates are waited for", templates_are_waited_for),
    ("persistent/templates expire", templates_expire),
    ("persistent/templates are ignored", templates_are_ignored),
];

/// The persistence outlasts the ten seconds of a connection that was reset, so that templates are what is left.
const TABLE: &str = "
-A -t 192.0.2.1:80 -s rr -p 20
-a -t 192.0.2.1:80 -r 10.0.1.2:8080 -m
-a -t 192.0.2.1:80 -r 10.0.1.3:8080 -m";
const WARNING: &str =
    "Warning: TCP 192.0.2.1:80 is persistent: clients who come back within 20 s still get this server";
const DRAINED: &str = "10.0.1.2:8080";

/// A client of the server that is drained; one of two is.
fn client(director: &Director<'_>) -> Result<&'static str> {
    for client in ["192.0.2.110:0", "192.0.2.111:0"] {
        if director.network.client(|| ask(client, "192.0.2.1:80"))? == DRAINED {
            return Ok(client);
        }
    }
    anyhow::bail!("two clients, and none at {DRAINED}")
}

/// How many templates the server has.
fn templates(programs: &Programs) -> Result<String> {
    let listing = programs.list("-Ln --persistent-conn")?;
    let line = listing.lines().find(|line| line.contains(DRAINED)).context("the server is gone")?;
    Ok(line.split_whitespace().nth(3).unwrap_or_default().to_owned())
}

fn templates_are_waited_for(programs: &Programs) -> Result<()> {
    let director = Director::new(programs, TABLE)?;
    let client = client(&director)?;
    let drain = programs.start(&format!("-d -t 192.0.2.1:80 -r {DRAINED} --drain"))?;
    programs.wait_for_weight_0("-t 192.0.2.1:80", DRAINED)?;
    let again = director.network.client(|| ask(client, "192.0.2.1:80"))?;
    ensure!(again == DRAINED, "the client that comes back gets {again}");
    let new = director.network.client(|| ask("192.0.2.112:0", "192.0.2.1:80"))?;
    ensure!(new != DRAINED, "a new client gets {new}");
    let outcome = drain.end()?;
    outcome.expect(0, &["0 active, 0 inactive, 1 persistent\n", "it is removed."], &[WARNING, ", and are waited for"])
}

fn templates_expire(programs: &Programs) -> Result<()> {
    let director = Director::new(programs, TABLE)?;
    let client = client(&director)?;
    let drain = programs.start(&format!("-e -t 192.0.2.1:80 -r {DRAINED} --drain"))?;
    programs.wait_for_weight_0("-t 192.0.2.1:80", DRAINED)?;
    // While it waits.
    shell("echo 1 >/proc/sys/net/ipv4/vs/expire_quiescent_template")?;
    let again = director.network.client(|| ask(client, "192.0.2.1:80"))?;
    ensure!(again != DRAINED, "the client that comes back gets {again}");
    drain.end()?.expect(0, &["it stays at weight 0."], &[WARNING])?;
    ensure!(templates(programs)? != "0", "there is no template that could have been waited for");
    // From the start.
    programs.reference(&format!("-e -t 192.0.2.1:80 -r {DRAINED} -m"))?;
    let outcome = programs.run(&format!("-e -t 192.0.2.1:80 -r {DRAINED} --drain"))?;
    outcome.expect(0, &["it stays at weight 0."], &[])?;
    ensure!(outcome.stderr.is_empty(), "{outcome}");
    Ok(())
}

fn templates_are_ignored(programs: &Programs) -> Result<()> {
    let director = Director::new(programs, TABLE)?;
    client(&director)?;
    let outcome = programs.run(&format!("-e -t 192.0.2.1:80 -r {DRAINED} --drain --ignore-persistent"))?;
    outcome.expect(0, &["it stays at weight 0."], &[WARNING, " until it is removed."])?;
    ensure!(templates(programs)? != "0", "there is no template that could have been waited for");
    Ok(())
}
