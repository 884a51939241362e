//! The other ends of a drain: the time limit, signals, changes by somebody else, a refusal.

use anyhow::{Context, Result, bail, ensure};
use nix::sys::signal::Signal;

use crate::Test;
use crate::clients::{Download, Leaving};
use crate::director::Director;
use crate::network::shell;
use crate::programs::Programs;

pub const TESTS: &[Test] = &[
    ("ends/time limit", time_limit),
    ("ends/time limit with force", time_limit_with_force),
    ("ends/half-open connections", half_open),
    ("ends/signals, and on again", signals),
    ("ends/somebody else", somebody_else),
    ("ends/last server", last_server),
    ("ends/other servers are full", others_full),
];

/// Direct routing: the director forgets a connection a second after its end.
const TABLE: &str = "
--set 0 1 1
-A -t 192.0.2.2:80 -s rr
-a -t 192.0.2.2:80 -r 10.0.1.4 -g -w 3 -x 50 -y 5
-a -t 192.0.2.2:80 -r 10.0.1.5 -g";
const SERVICE: &str = "-t 192.0.2.2:80";
const SERVER: &str = "10.0.1.4:80";
const TARGET: &str = "TCP 192.0.2.2:80 -> 10.0.1.4:80";

/// A connection that stays.
fn held(director: &Director<'_>) -> Result<Vec<Download>> {
    director.downloads_until("192.0.2.101:0", "192.0.2.2:80", SERVER)
}

fn finish(downloads: Vec<Download>) -> Result<()> {
    downloads.into_iter().try_for_each(|download| download.finish(Leaving::Close))
}

fn time_limit(programs: &Programs) -> Result<()> {
    let director = Director::new(programs, TABLE)?;
    let before = programs.saved()?;
    let downloads = held(&director)?;
    let outcome = programs.run(&format!("-d {SERVICE} -r {SERVER} --drain=1"))?;
    let left = format!("{TARGET}: 1 active, 0 inactive at the time limit of 1 s");
    outcome.expect(3, &[], &[&format!("{left}; it stays at weight 0.\n")])?;
    let remove = outcome.command("To remove it now: ipvsadm ")?;
    ensure!(programs.saved()? == before.replace("-w 3 -x", "-w 0 -x"), "not at weight 0");
    programs.ours(&outcome.command("To put it back: ipvsadm ")?)?;
    ensure!(programs.saved()? == before, "{} does not put it back", outcome.command("To put it back: ")?);

    // What somebody else has changed meanwhile stays.
    programs.ours(&format!("-e {SERVICE} -r {SERVER} -g -w 0 -x 60 -y 6"))?;
    programs.ours(&outcome.command("To put it back: ipvsadm ")?)?;
    let changed = before.replace("-w 3 -x 50 -y 5", "-w 3 -x 60 -y 6");
    ensure!(changed != before && programs.saved()? == changed, "the thresholds that somebody else has set are gone");
    programs.ours(&format!("-e {SERVICE} -r {SERVER} -g -w 3 -x 50 -y 5"))?;

    let outcome = programs.run(&format!("-d {SERVICE} -r {SERVER} --drain=1 --restore-weight"))?;
    outcome.expect(3, &[], &[&format!("{left}; its weight is 3 again.\n")])?;
    ensure!(programs.saved()? == before, "the weight is not back");
    programs.ours(&remove)?;
    ensure!(programs.server(SERVICE, SERVER)?.is_none(), "{remove} does not remove it");
    programs.ours(&format!("-a {SERVICE} -r {SERVER} -g"))?;
    finish(downloads)
}

/// The server is removed all the same, and what becomes of its connections is what was said.
fn time_limit_with_force(programs: &Programs) -> Result<()> {
    for (setting, fate) in [(0, "connections that are left hang"), (1, "connections that are left end")] {
        let director = Director::new(programs, TABLE)?;
        shell(&format!("echo {setting} >/proc/sys/net/ipv4/vs/expire_nodest_conn"))?;
        let mut download = held(&director)?.pop().context("no download is the server's")?;
        let outcome = programs.run(&format!("-d {SERVICE} -r {SERVER} --drain=1 --force"))?;
        outcome.expect(
            3,
            &[],
            &[fate, "at the time limit of 1 s; it is removed all the same.\nTo add it again: ipvsadm -a"],
        )?;
        ensure!(programs.server(SERVICE, SERVER)?.is_none(), "it is not removed");
        let Err(error) = download.go_on() else { bail!("a connection whose server is gone goes on") };
        let ended = error.kind() == std::io::ErrorKind::ConnectionReset;
        ensure!(ended == (setting == 1), "expire_nodest_conn {setting}: {error}");
    }
    Ok(())
}

/// A client that has not got its answer yet is waited for.
fn half_open(programs: &Programs) -> Result<()> {
    let table = "
        -A -t 192.0.2.1:80 -s rr
        -a -t 192.0.2.1:80 -r 10.9.9.9:80 -m
        -a -t 192.0.2.1:80 -r 10.0.1.3:8080 -m -w 0";
    let director = Director::new(programs, table)?;
    let _begun = director.network.client(|| crate::clients::begin("192.0.2.100:0", "192.0.2.1:80"))?;
    programs.ours("-e -t 192.0.2.1:80 -r 10.0.1.3:8080 -m")?;
    let outcome = programs.run("-d -t 192.0.2.1:80 -r 10.9.9.9:80 --drain=1")?;
    outcome.expect(3, &[], &["1 active, 0 inactive at the time limit"])
}

fn signals(programs: &Programs) -> Result<()> {
    let director = Director::new(programs, TABLE)?;
    let before = programs.saved()?;
    let downloads = held(&director)?;
    let line = format!("-d {SERVICE} -r {SERVER} --drain");
    for (signal, status) in [(Signal::SIGINT, 130), (Signal::SIGTERM, 143), (Signal::SIGHUP, 129)] {
        let drain = programs.start(&line)?;
        programs.wait_for_weight_0(SERVICE, SERVER)?;
        drain.signal(signal)?;
        let outcome = drain.end()?;
        let left = format!("{TARGET}: interrupted with 1 active, 0 inactive; it stays at weight 0.");
        outcome.expect(status, &[], &[&left])?;
        ensure!(programs.saved()? == before.replace("-w 3 -x", "-w 0 -x"), "after {signal}");
        programs.ours(&outcome.command("To put it back: ipvsadm ")?)?;
        ensure!(programs.saved()? == before, "it is not put back by the command of: {outcome}");
    }
    programs.run(&format!("-d {SERVICE} -r {SERVER} --drain=1"))?.expect(3, &[], &[])?;
    let drain = programs.start(&line)?;
    finish(downloads)?;
    drain.end()?.expect(0, &["its weight is 0 already", " -w WEIGHT ", "it is removed."], &[])
}

fn somebody_else(programs: &Programs) -> Result<()> {
    let director = Director::new(programs, TABLE)?;
    let downloads = held(&director)?;
    for (change, seen) in [
        (format!("-e {SERVICE} -r {SERVER} -g -w 7"), "somebody else set its weight to 7. It is left so."),
        (format!("-d {SERVICE} -r {SERVER}"), "somebody else has removed it."),
        (format!("-D {SERVICE}"), "somebody else has removed the service."),
    ] {
        let drain = programs.start(&format!("-d {SERVICE} -r {SERVER} --drain"))?;
        programs.wait_for_weight_0(SERVICE, SERVER)?;
        programs.reference(&change)?;
        let table = programs.saved()?;
        drain.end()?.expect(4, &[], &[&format!("{TARGET}: {seen}\n")])?;
        ensure!(programs.saved()? == table, "the drain changed what somebody else made");
        programs.ours(&format!("-C\n{TABLE}"))?;
    }
    drop(downloads);
    Ok(())
}

fn last_server(programs: &Programs) -> Result<()> {
    let table = "
        -A -t 192.0.2.1:80 -s rr
        -a -t 192.0.2.1:80 -r 10.0.1.2:8080 -m
        -a -t 192.0.2.1:80 -r 10.0.1.3:8080 -m -w 0";
    let _director = Director::new(programs, table)?;
    let before = programs.saved()?;
    let outcome = programs.run("-d -t 192.0.2.1:80 -r 10.0.1.2:8080 --drain")?;
    outcome.expect(5, &[], &["No other server of TCP 192.0.2.1:80 has a weight", "Nothing is changed."])?;
    ensure!(outcome.stdout.is_empty() && programs.saved()? == before, "{outcome}");
    let outcome = programs.run("-d -t 192.0.2.1:80 -r 10.0.1.2:8080 --drain --force")?;
    outcome.expect(0, &["it is removed."], &["Warning: No other server"])
}

fn others_full(programs: &Programs) -> Result<()> {
    let table = "
        -A -t 192.0.2.1:80 -s rr
        -a -t 192.0.2.1:80 -r 10.0.1.2:8080 -m
        -a -t 192.0.2.1:80 -r 10.0.1.3:8080 -m -x 1";
    let director = Director::new(programs, table)?;
    let warning = "Warning: Every other server of TCP 192.0.2.1:80 is at its upper threshold";
    let drain = "-e -t 192.0.2.1:80 -r 10.0.1.2:8080 --drain=1 --restore-weight";
    let empty = programs.run(drain)?;
    ensure!(empty.status == 0 && empty.stderr.is_empty(), "{empty}");
    programs.ours(&empty.command("To put it back: ipvsadm ")?)?;
    let _downloads = director.downloads_until("192.0.2.100:0", "192.0.2.1:80", "10.0.1.3:8080")?;
    programs.run(&drain.replace(" --restore-weight", ""))?.expect(0, &[], &[warning])?;
    let refused = director.network.client(|| Download::begin("192.0.2.100:0", "192.0.2.1:80"));
    ensure!(refused.is_err(), "a new client was taken, though the other server is full");
    Ok(())
}
