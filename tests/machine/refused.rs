//! A document with anything wrong changes nothing, and all that is wrong is told by its path.

use crate::document;
use crate::program::Programs;
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

const TABLE: &str = "\
-A -t 10.0.0.1:80 -s wrr -p 100
-a -t 10.0.0.1:80 -r 172.16.0.1:80 -m -w 5
-a -t 10.0.0.1:80 -r 172.16.0.2:80 -i --tun-type gue --tun-port 6080
-A -f 7 -6 -s sh
-a -f 7 -6 -r [2001:db8::1]:80 -g
";

/// A pointer into the document, what to put there, and the paths that are told.
type Case = (&'static str, fn() -> Value, &'static [&'static str]);

/// What can be wrong with each key.
const CASES: &[Case] = &[
    ("/schema_version", || json!(2), &["schema_version"]),
    ("/schema_version", || json!("1"), &["schema_version"]),
    ("/services", || json!({}), &["services"]),
    ("/services/0", || json!(null), &["services[0]"]),
    ("/services/0/protocol", || json!("TCP"), &["services[0].protocol"]),
    ("/services/0/protocol", || json!(null), &["services[0].protocol"]),
    ("/services/0/address", || json!("www.example.org"), &["services[0].address"]),
    ("/services/0/address", || json!(null), &["services[0].address"]),
    ("/services/0/port", || json!(65536), &["services[0].port"]),
    ("/services/0/port", || json!("80"), &["services[0].port"]),
    ("/services/0/fwmark", || json!(5), &["services[0].protocol", "services[0].address", "services[0].port"]),
    ("/services/1/fwmark", || json!(0), &["services[1].fwmark"]),
    ("/services/0/family", || json!("ipv6"), &["services[0].family"]),
    ("/services/0/scheduler", || json!("a name that is long"), &["services[0].scheduler"]),
    ("/services/0/scheduler", || json!(null), &["services[0].scheduler"]),
    (
        "/services/0/scheduler_flags",
        || json!(["sh-port", "flag-9"]),
        &["services[0].scheduler_flags[0]", "services[0].scheduler_flags[1]"],
    ),
    ("/services/0/one_packet", || json!(true), &["services[0].one_packet"]),
    ("/services/0/one_packet", || json!("no"), &["services[0].one_packet"]),
    ("/services/0/persistence/timeout_seconds", || json!(2_678_401), &["services[0].persistence.timeout_seconds"]),
    ("/services/0/persistence/timeout_seconds", || json!(0), &["services[0].persistence.timeout_seconds"]),
    ("/services/0/persistence/netmask", || json!("ffff::"), &["services[0].persistence.netmask"]),
    ("/services/0/persistence/engine", || json!(""), &["services[0].persistence.engine"]),
    ("/services/0/persistence", || json!({"time": 1}), &["services[0].persistence.time"]),
    ("/services/0/servers", || json!(null), &["services[0].servers"]),
    ("/services/0/servers/0/address", || json!("172.16.0.300"), &["services[0].servers[0].address"]),
    ("/services/0/servers/0/address", || json!("2001:db8::1"), &["services[0].servers[0].address"]),
    ("/services/0/servers/0/port", || json!(-1), &["services[0].servers[0].port"]),
    ("/services/0/servers/0/forwarding", || json!("masq"), &["services[0].servers[0].forwarding"]),
    ("/services/0/servers/0/weight", || json!(2_147_483_648_u32), &["services[0].servers[0].weight"]),
    ("/services/0/servers/0/weight", || json!(1.5), &["services[0].servers[0].weight"]),
    ("/services/0/servers/0/weight", || json!(true), &["services[0].servers[0].weight"]),
    (
        "/services/0/servers/0/thresholds",
        || json!({"upper": -1, "lower": "x"}),
        &["services[0].servers[0].thresholds.upper", "services[0].servers[0].thresholds.lower"],
    ),
    ("/services/0/servers/0/tunnel", || json!({"type": "gre"}), &["services[0].servers[0].tunnel"]),
    ("/services/0/servers/1/forwarding", || json!("direct"), &["services[0].servers[1].tunnel"]),
    ("/services/0/servers/1/tunnel/type", || json!("vxlan"), &["services[0].servers[1].tunnel.type"]),
    ("/services/0/servers/1/tunnel/port", || json!(null), &["services[0].servers[1].tunnel.port"]),
    ("/services/0/servers/1/tunnel/type", || json!("gre"), &["services[0].servers[1].tunnel.port"]),
    ("/services/0/servers/1/tunnel/checksum", || json!("both"), &["services[0].servers[1].tunnel.checksum"]),
];

pub fn wrong_documents(programs: &Programs) -> Result<String> {
    let loaded = programs.reference(&["-R"], TABLE)?;
    ensure!(loaded.status == 0 && loaded.stderr.is_empty(), "the reference: {loaded:?}");
    let table = document(programs, "-L --json")?;
    let before = programs.full()?;
    for (pointer, wrong, paths) in CASES {
        let mut altered = table.clone();
        *altered.pointer_mut(pointer).with_context(|| format!("no {pointer} in {table}"))? = wrong();
        told(programs, &altered.to_string(), paths).with_context(|| format!("{pointer} is {}", wrong()))?;
    }

    // Keys that are not known, wherever there is an object, and keys that come twice: all in one run.
    let text = table.to_string();
    let objects = text.matches('{').count();
    let counted = text.matches("\"connections\":{").count() + text.matches("\"counters\":{").count();
    let ignored = counted + text.matches("\"rates\":{").count() + text.matches("\"names\":{").count();
    let unknown = text.replace('{', "{\"zzz\":0,");
    let outcome = programs.restore(&["--json", "--verbose"], &unknown)?;
    let named = outcome.stderr.lines().filter(|line| line.contains("zzz: is no key")).count();
    ensure!(outcome.status == 2 && named == objects - ignored, "{named} of {objects} - {ignored}: {outcome:?}");
    let twice = text.replace("\"weight\":5", "\"weight\":5,\"weight\":5");
    told(programs, &twice, &["services[0].servers[0].weight"])?;

    // Every other document, and half of one.
    for (words, key) in
        [("-Lnc --json", "connections"), ("-Ln --timeout --json", "timeouts"), ("-Ln --daemon --json", "daemons")]
    {
        told(programs, &document(programs, words)?.to_string(), &[key]).with_context(|| words.to_owned())?;
    }
    let difference = programs.restore(&["--diff", "--json"], TABLE)?;
    told(programs, &difference.stdout, &["changes", "failed"])?;
    for half in [&text[..text.len() / 2], "", "[]", "null", &format!("{text}{text}")] {
        let outcome = programs.restore(&["--json", "--allow-empty"], half)?;
        ensure!(outcome.status == 2 && outcome.stderr.ends_with(" The table is untouched.\n"), "{outcome:?}");
    }
    let hint = programs.restore(&[], &text)?;
    ensure!(hint.status == 2 && hint.stderr.starts_with("The input seems to be JSON: --json "), "{hint:?}");
    let after = programs.full()?;
    ensure!(after == before, "the table is another one:\n{after}");
    Ok(format!("{} values, {named} keys that are not known, other documents", CASES.len()))
}

/// A restore, a test and a difference tell these paths and no others.
fn told(programs: &Programs, input: &str, paths: &[&str]) -> Result<()> {
    for options in [&["--json"][..], &["--json", "--test"], &["--json", "--diff"], &["--json", "--noflush", "--atomic"]]
    {
        let outcome = programs.restore(options, input)?;
        let lines: Vec<&str> = outcome.stderr.lines().collect();
        let named: Vec<&str> = lines.iter().filter_map(|line| Some(line.split_once(": ")?.0)).collect();
        ensure!(outcome.status == 2 && outcome.stdout.is_empty() && named == paths, "{options:?}: {outcome:?}");
        let last = lines.last().is_some_and(|last| last.starts_with(&format!("{} value", paths.len())));
        ensure!(last && lines.len() == paths.len() + 1, "{options:?}: {outcome:?}");
    }
    Ok(())
}
