//! `--json`: every line is a document, and standard error is empty.

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::Test;
use crate::clients::Leaving;
use crate::director::Director;
use crate::programs::{Outcome, Programs};

pub const TESTS: &[Test] = &[("documents/of a drain", of_a_drain)];

const TABLE: &str = "
--set 0 1 1
-A -t 192.0.2.2:80 -s sh -b sh-port
-a -t 192.0.2.2:80 -r 10.0.1.4 -g -w 3
-a -t 192.0.2.2:80 -r 10.0.1.5 -g
-A -f 8 -6 -s rr
-a -f 8 -6 -r 10.0.1.4:80 -i
-a -f 8 -6 -r fd00:1::2 -m";

/// The documents of a run, of which the last one has the exit status.
fn documents(outcome: &Outcome) -> Result<Vec<Value>> {
    let lines = outcome.stdout.lines();
    let documents: Vec<Value> =
        lines.map(serde_json::from_str).collect::<Result<_, _>>().context(outcome.to_string())?;
    ensure!(outcome.stderr.is_empty(), "{outcome}");
    let statuses: Vec<_> = documents.iter().filter_map(|document| document["exit_status"].as_i64()).collect();
    ensure!(statuses == [i64::from(outcome.status)], "{statuses:?}: {outcome}");
    Ok(documents)
}

fn events(documents: &[Value]) -> Vec<&str> {
    let mut events: Vec<_> = documents.iter().filter_map(|document| document["event"].as_str()).collect();
    events.dedup();
    events
}

fn of_a_drain(programs: &Programs) -> Result<()> {
    let director = Director::new(programs, TABLE)?;
    let downloads = director.downloads_until("192.0.2.101:0", "192.0.2.2:80", "10.0.1.4:80")?;
    let late = programs.run("-e -r 10.0.1.4 --drain=1 --restore-weight --json")?;
    let all = documents(&late)?;
    ensure!(events(&all) == ["begun", "progress", "time_limit"], "{late}");
    let end = &all[all.len() - 1];
    let [busy, idle] = [&end["servers"][0], &end["servers"][1]];
    ensure!(busy["state"] == "put_back" && busy["weight"] == 3 && busy["connections"]["active"] == 1, "{end}");
    ensure!(idle["service"]["fwmark"] == 8 && idle["service"]["family"] == "ipv6" && idle["weight"] == 1, "{end}");
    ensure!(all[0]["warnings"][0]["type"] == "scheduler_refuses" && all[0]["limit_seconds"] == 1, "{}", all[0]);

    let drain = programs.start("-d -r 10.0.1.4 --drain --json")?;
    programs.wait_for_weight_0("-t 192.0.2.2:80", "10.0.1.4:80")?;
    downloads.into_iter().try_for_each(|download| download.finish(Leaving::Close))?;
    let outcome = drain.end()?;
    let all = documents(&outcome)?;
    ensure!(events(&all).ends_with(&["drained"]), "{outcome}");
    let end = &all[all.len() - 1];
    for server in 0..2 {
        ensure!(end["servers"][server]["state"] == "removed" && end["servers"][server]["weight"].is_null(), "{end}");
    }
    let refused = programs.run("-d -t 192.0.2.2:80 -r 10.0.1.5 --drain --json")?;
    ensure!(refused.status == 5 && events(&documents(&refused)?) == ["refused"], "{refused}");
    for server in 0..2 {
        let add = end["servers"][server]["put_back"].as_str().and_then(|command| command.strip_prefix("ipvsadm "));
        programs.ours(add.context("no command")?)?;
    }
    Ok(())
}
