//! The table alone.

use anyhow::{Result, ensure};
use ipvsadm::ipvs::client::Client;
use ipvsadm::ipvs::model::{Change, RealServer, ServiceKey};

use crate::Test;
use crate::case::{DIRECT, Diagnosis, MASQUERADED, ask_some, breaks, breaks_and_mends, expect, follow};
use crate::clients::Download;
use crate::director::Director;
use crate::programs::Programs;

pub const TESTS: &[Test] = &[
    ("table/service", service),
    ("table/servers", servers),
    ("table/weights", weights),
    ("table/thresholds", thresholds),
    ("table/scheduler none", no_scheduler),
    ("table/hash schedulers", hash_schedulers),
    ("table/templates", templates),
    ("table/port of direct routing", direct_port),
    ("table/port of a persistent mark", persistent_port),
];

fn service(programs: &Programs) -> Result<()> {
    let director = Director::new(programs, MASQUERADED)?;
    Diagnosis::of(programs, "-t 192.0.2.5:80")?.expect_good()?;
    for near in ["-t 192.0.2.5:81", "-u 192.0.2.5:80", "-t 192.0.2.6:80", "-f 5"] {
        expect(programs, near, &["fault service"])?;
    }
    let text = programs.run("--diagnose -t 192.0.2.5:81")?;
    text.expect(1, &["it is not in the table, but there is TCP 192.0.2.5:80. To add it: ipvsadm -A"], &[])?;
    breaks(&director, || programs.ours("-C"), &["warning service"])?;
    Ok(())
}

fn servers(programs: &Programs) -> Result<()> {
    let director = Director::new(programs, MASQUERADED)?;
    Diagnosis::of(programs, "-t 192.0.2.5:80 -r 10.0.1.2")?.expect_good()?;
    expect(programs, "-t 192.0.2.5:80 -r 10.0.1.2:80", &["fault servers"])?;
    expect(programs, "-t 192.0.2.5:80 -r 10.0.1.4", &["fault servers"])?;
    let none = "-d -t 192.0.2.5:80 -r 10.0.1.2:8080\n-d -t 192.0.2.5:80 -r 10.0.1.3:8080";
    breaks(&director, || programs.ours(none), &["fault servers"])?;
    Ok(())
}

fn weights(programs: &Programs) -> Result<()> {
    let director = Director::new(programs, MASQUERADED)?;
    programs.ours("-e -t 192.0.2.5:80 -r 10.0.1.2:8080 -m -w 0")?;
    breaks_and_mends(&director, || programs.ours("-e -t 192.0.2.5:80 -r 10.0.1.3:8080 -m -w 0"), &["fault weights"])?;
    // The advice may be followed after somebody has changed what else the server has.
    programs.ours("-e -t 192.0.2.5:80 -r 10.0.1.2:8080 -m -w 0\n-e -t 192.0.2.5:80 -r 10.0.1.3:8080 -m -w 0")?;
    let advice = Diagnosis::of(programs, "")?;
    programs.ours("-e -t 192.0.2.5:80 -r 10.0.1.2:8080 -m -w 0 -x 50 -y 5")?;
    follow(programs, &advice)?;
    let saved = programs.saved()?;
    ensure!(saved.contains("10.0.1.2:8080 -m -w 1 -x 50 -y 5"), "the advice changed more than the weight: {saved}");
    programs.ours("-e -t 192.0.2.5:80 -r 10.0.1.3:8080 -m -w 0")?;
    let one = "-t 192.0.2.5:80 -r 10.0.1.3";
    expect(programs, one, &["warning weights"])?;
    Ok(())
}

fn thresholds(programs: &Programs) -> Result<()> {
    let table = "
        -A -t 192.0.2.5:80 -s wlc
        -a -t 192.0.2.5:80 -r 10.0.1.2:8080 -m -x 3
        -a -t 192.0.2.5:80 -r 10.0.1.3:8080 -m -w 0";
    let director = Director::new(programs, table)?;
    let mut open = Vec::new();
    let mut begin = || {
        let download = director.network.client(|| Download::begin("192.0.2.100:0", "192.0.2.5:80"))?;
        open.push(download);
        Ok(())
    };
    begin()?;
    breaks(&director, || (0..2).try_for_each(|_| begin()), &["fault thresholds"])?;
    let refused = director.network.client(|| Download::begin("192.0.2.100:0", "192.0.2.5:80"));
    ensure!(refused.is_err(), "the kernel took a client, though the server is full");
    programs.ours("-e -t 192.0.2.5:80 -r 10.0.1.3:8080 -m -w 1")?;
    expect(programs, "", &["warning thresholds"])?;
    programs.ours("-e -t 192.0.2.5:80 -r 10.0.1.2:8080 -m -x 4 -w 1")?;
    let between = expect(programs, "", &[])?;
    ensure!(between.has("unknown thresholds"), "{between:?}");
    Ok(())
}

fn no_scheduler(programs: &Programs) -> Result<()> {
    let director = Director::new(programs, MASQUERADED)?;
    breaks_and_mends(&director, || programs.ours("-E -t 192.0.2.5:80 -s none"), &["fault scheduler"])?;
    ask_some(&director, "192.0.2.100", "192.0.2.5:80")
}

fn hash_schedulers(programs: &Programs) -> Result<()> {
    let director = Director::new(programs, MASQUERADED)?;
    for scheduler in ["sh", "mh"] {
        programs.ours(&format!("-E -t 192.0.2.5:80 -s {scheduler}"))?;
        let at_zero = || programs.ours("-e -t 192.0.2.5:80 -r 10.0.1.3:8080 -m -w 0");
        breaks_and_mends(&director, at_zero, &["fault scheduler"])?;
        programs.ours("-e -t 192.0.2.5:80 -r 10.0.1.3:8080 -m -w 1")?;
    }
    programs.ours("-E -t 192.0.2.5:80 -s dh")?;
    breaks(&director, || programs.ours("-e -t 192.0.2.5:80 -r 10.0.1.3:8080 -m -w 0"), &["fault scheduler"])?;
    Ok(())
}

fn templates(programs: &Programs) -> Result<()> {
    let director = Director::new(programs, MASQUERADED)?;
    programs.ours("-E -t 192.0.2.5:80 -s wlc -p 300")?;
    programs.ours("-e -t 192.0.2.5:80 -r 10.0.1.3:8080 -m -w 0")?;
    ask_some(&director, "192.0.2.100", "192.0.2.5:80")?;
    let to_zero =
        || programs.ours("-e -t 192.0.2.5:80 -r 10.0.1.3:8080 -m\n-e -t 192.0.2.5:80 -r 10.0.1.2:8080 -m -w 0");
    breaks_and_mends(&director, to_zero, &["warning templates"])
}

/// `ipvsadm` sets the port; other programs may do otherwise.
fn direct_port(programs: &Programs) -> Result<()> {
    let director = Director::new(programs, DIRECT)?;
    let add = || {
        let service = ServiceKey::tcp([192, 0, 2, 2], 80);
        let server = RealServer::new([10, 0, 1, 5], 8080);
        Ok(Client::connect()?.apply(&Change::AddServer(service, server))?)
    };
    breaks(&director, add, &["fault port"])?;
    Ok(())
}

/// The server listens on another port than the client calls.
fn persistent_port(programs: &Programs) -> Result<()> {
    let table = "
        -A -f 7 -s rr
        -a -f 7 -r 10.0.1.2:8080 -m";
    let director = Director::new(programs, table)?;
    ask_some(&director, "192.0.2.100", "192.0.2.7:8000")?;
    breaks(&director, || programs.ours("-E -f 7 -s rr -p 60"), &["warning port"])?;
    let refused = director.network.client(|| Download::begin("192.0.2.100:0", "192.0.2.7:8000"));
    ensure!(refused.is_err(), "the kernel changed the port of a persistent mark");
    Ok(())
}
