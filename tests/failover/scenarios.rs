//! What happens to clients when the active director fails, and when it comes back.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::clients::Clients;
use crate::director::Role;
use crate::network;
use crate::page;
use crate::pair::Pair;

/// A name, and what has to hold; a scenario says what it has found. They share one network, in which each has a round
/// of clients of its own, and find the first director active.
pub type Scenario = (&'static str, fn(&mut Pair, round: usize) -> Result<String>);

pub const SCENARIOS: [Scenario; 7] = [
    ("cable pulled", cable_pulled),
    ("keepalived killed", keepalived_killed),
    ("keepalived stopped", keepalived_stopped),
    ("both daemons and no script", no_script),
    ("silent partition", silent_partition),
    ("tables restored", tables_restored),
    ("no sync daemons", no_sync_daemons),
];

/// The tables change while the first director is away.
fn cable_pulled(pair: &mut Pair, round: usize) -> Result<String> {
    there_and_back(pair, round, cut, |pair| {
        pair.restore(&changed(&pair.rules))?;
        plug(pair)
    })
}

pub fn cut(pair: &mut Pair) -> Result<()> {
    network::cable(pair.first.name, false)
}

pub fn plug(pair: &mut Pair) -> Result<()> {
    network::cable(pair.first.name, true)?;
    pair.first.freeze_as_backup()
}

fn start_keepalived(pair: &mut Pair) -> Result<()> {
    pair.first.start_keepalived()?;
    pair.first.freeze_as_backup()
}

fn keepalived_killed(pair: &mut Pair, round: usize) -> Result<String> {
    there_and_back(pair, round, |pair| pair.first.kill_keepalived(), start_keepalived)
}

fn keepalived_stopped(pair: &mut Pair, round: usize) -> Result<String> {
    there_and_back(pair, round, |pair| pair.first.stop_keepalived(), start_keepalived)
}

/// The rules themselves start both daemons on both directors, and keepalived's script does nothing.
fn no_script(pair: &mut Pair, round: usize) -> Result<String> {
    pair.use_script(false)?;
    let found = there_and_back(pair, round, cut, plug);
    pair.use_script(true)?;
    found
}

/// The first director hears and reaches nobody and does not know it, so that in the end two are active. It has no time
/// to learn what was opened on the second, and sends those connections where the same hash sends them.
fn silent_partition(pair: &mut Pair, round: usize) -> Result<String> {
    let mut settings = page::settings("/etc/sysctl.d/61-partition.conf")?;
    pair.set(&settings)?;
    pair.restore(&pair.rules.replace("-s rr\n", "-s mh -b mh-port\n"))?;
    let silence = |pair: &mut Pair| network::silence(pair.first.name, true);
    let found = there_and_back(pair, round, silence, |pair| network::silence(pair.first.name, false));
    settings.iter_mut().for_each(|(_, value)| *value = "0");
    pair.set(&settings)?;
    found
}

/// The first director fails and the second takes over; it is repaired and takes back. Nobody loses anything.
fn there_and_back(
    pair: &mut Pair,
    round: usize,
    fail: impl FnOnce(&mut Pair) -> Result<()>,
    repair: impl FnOnce(&mut Pair) -> Result<()>,
) -> Result<String> {
    let mut clients = Clients::open(round)?;
    pair.wait_for_same_connections(&clients)?;
    pair.first.run("failover-check", &[pair.second.name], "")?;
    pair.diagnose()?;
    let away = takeover(pair, &clients, fail).context("the takeover")?;
    clients.open_more(2)?;
    let back = takeback(pair, &clients, repair).context("the return")?;
    Ok(format!("{away}\n    and back: {back}"))
}

/// The first director fails and the second takes over.
pub fn takeover(pair: &mut Pair, clients: &Clients, fail: impl FnOnce(&mut Pair) -> Result<()>) -> Result<String> {
    watched(pair, clients, |pair| {
        fail(pair)?;
        pair.second.wait_for(Role::Master)
    })
}

/// The first director is repaired, and takes back when it has come to know all connections.
pub fn takeback(pair: &mut Pair, clients: &Clients, repair: impl FnOnce(&mut Pair) -> Result<()>) -> Result<String> {
    let mut learned = Duration::ZERO;
    let found = watched(pair, clients, |pair| {
        repair(pair)?;
        let repaired = Instant::now();
        pair.wait_for_same_connections(clients)?;
        learned = repaired.elapsed();
        pair.first.thaw()?;
        pair.first.wait_for(Role::Master)?;
        pair.second.wait_for(Role::Backup)
    })?;
    Ok(format!("all known after {:.1} s; {found}", learned.as_secs_f64()))
}

/// Does something, after which every client has to have what it had. Short requests may be lost, if they are under way
/// when the directors change: the other one does not know them yet.
fn watched(pair: &mut Pair, clients: &Clients, action: impl FnOnce(&mut Pair) -> Result<()>) -> Result<String> {
    pair.requests.begin();
    clients.forget_gaps();
    action(pair)?;
    let survey = clients.survey()?;
    ensure!(survey.lost.is_empty(), "{survey}\n{}", survey.lost.join("\n"));
    Ok(format!("{survey}; {}", pair.requests.count()?))
}

/// Both tables are restored again and again, to one of two files by turns. Short requests are not lost either.
fn tables_restored(pair: &mut Pair, round: usize) -> Result<String> {
    const TIMES: usize = 6;
    let clients = Clients::open(round)?;
    pair.wait_for_same_connections(&clients)?;
    let found = watched(pair, &clients, |pair| {
        for rules in [changed(&pair.rules), pair.rules.clone()].iter().cycle().take(TIMES) {
            pair.restore(rules)?;
            let count = pair.requests.count()?;
            ensure!(count.lost.is_empty(), "{count}:\n{}", count.lost.join("\n"));
        }
        Ok(())
    })?;
    pair.wait_for_same_connections(&clients)?;
    Ok(format!("{TIMES} restores on both: {found}"))
}

/// The rules with other weights, another scheduler, a new service, and a server that gets nothing.
fn changed(rules: &str) -> String {
    let changed = rules.replace("-s rr", "-s wrr").replace("-r 192.0.2.22:80 -g -w 1", "-r 192.0.2.22:80 -g -w 3");
    changed
        + "-A -t 192.0.2.2:90 -s rr\n-a -t 192.0.2.2:90 -r 192.0.2.21:90 -m\n-a -t 192.0.2.1:80 -r 192.0.2.29 -w 0\n"
}

/// The same cut without sync daemons, which shows that the others' survival is theirs. The second director has one
/// server left for new clients, so that no client of the other two can stay by chance.
fn no_sync_daemons(pair: &mut Pair, round: usize) -> Result<String> {
    pair.first.ipvsadm("--stop-daemon master")?;
    pair.second.ipvsadm("--stop-daemon backup")?;
    let (status, said) = pair.first.run_any("failover-check", &[pair.second.name], "")?;
    ensure!(status == 1 && said.contains("sync daemon"), "the page's check: status {status}\n{said}");
    let clients = Clients::open(round)?;
    let away = ["22:", "22]:", "23:", "23]:"];
    let rules = pair.rules.lines().map(|line| match away.iter().any(|server| line.contains(server)) {
        true => line.replace("-w 1", "-w 0") + "\n",
        false => format!("{line}\n"),
    });
    pair.second.run("ipvsadm-restore", &[], &rules.collect::<String>())?;
    clients.forget_gaps();
    cut(pair)?;
    pair.second.wait_for(Role::Master)?;
    let survey = clients.survey()?;
    let third = 4; // of the 12 clients of each kind, those who have the server that is left
    let as_expected = survey.connections.kept == 0 && survey.udp.kept == third && survey.persistent.kept == third;
    ensure!(as_expected, "the others cannot tell: {survey}");
    Ok(survey.to_string())
}
