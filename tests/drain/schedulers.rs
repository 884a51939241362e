//! What each scheduler of this kernel does with a server of weight 0, and what the drain says of it beforehand:
//! docs/draining.md has it as a table.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, Result, ensure};

use crate::Test;
use crate::clients::ask;
use crate::director::Director;
use crate::programs::Programs;

pub const TESTS: &[Test] = &[
    ("schedulers/every one", every_one),
    ("schedulers/whom they refuse", whom_they_refuse),
    ("schedulers/by destination", by_destination),
];

/// Services whose scheduler goes on choosing the server, so that some clients are refused.
const REFUSING: [(&str, &str); 5] = [("dh", ""), ("sh", ""), ("sh", "-b sh-port"), ("mh", ""), ("mh", "-b mh-port")];
/// Flags with which they are tried.
const FLAGS: [(&str, &str); 6] = [
    ("sh", "-b sh-fallback"),
    ("sh", "-b sh-port"),
    ("sh", "-b sh-fallback,sh-port"),
    ("mh", "-b mh-fallback"),
    ("mh", "-b mh-port"),
    ("mh", "-b mh-fallback,mh-port"),
];
const CLIENTS: std::ops::Range<u8> = 110..150;
const DRAINED: &str = "10.0.1.2:8080";
const REFUSED: &str = "refused";

/// The schedulers that the kernel has, by its modules.
fn schedulers() -> Result<Vec<String>> {
    let release = fs::read_to_string("/proc/sys/kernel/osrelease")?;
    let folder = format!("/lib/modules/{}/kernel/net/netfilter/ipvs", release.trim_end());
    let mut found = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| format!("reading {folder}"))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        found.extend(name.strip_prefix("ip_vs_").and_then(|rest| rest.strip_suffix(".ko")).map(str::to_owned));
    }
    found.retain(|name| !matches!(name.as_str(), "ftp" | "pe_sip"));
    ensure!(found.len() > 10, "only {found:?} in {folder}");
    Ok(found)
}

fn every_one(programs: &Programs) -> Result<()> {
    let director = Director::new(programs, "")?;
    let schedulers = schedulers()?;
    let plain = schedulers.iter().map(|name| (name.as_str(), ""));
    for (scheduler, flags) in plain.chain(FLAGS) {
        one(&director, scheduler, flags).with_context(|| format!("-s {scheduler} {flags}"))?;
    }
    Ok(())
}

fn one(director: &Director<'_>, scheduler: &str, flags: &str) -> Result<()> {
    director.programs.ours(&format!(
        "-C
         -A -t 192.0.2.1:80 -s {scheduler} {flags}
         -a -t 192.0.2.1:80 -r 10.0.1.3:8080 -m
         -a -t 192.0.2.1:80 -r {DRAINED} -m -w 2"
    ))?;
    let outcome = director.programs.run(&format!("-e -t 192.0.2.1:80 -r {DRAINED} --drain"))?;
    outcome.expect(0, &["it stays at weight 0."], &[])?;
    let answers = answers(director, CLIENTS.map(|n| (format!("192.0.2.{n}:0"), "192.0.2.1:80".to_owned())))?;
    ensure!(!answers.contains_key(DRAINED), "new clients get the server: {answers:?}");
    let refuses = REFUSING.contains(&(scheduler, flags));
    // dh looks at the virtual address only, and there is one.
    let expected = if scheduler == "dh" { answers.len() == 1 } else { answers.contains_key(REFUSED) == refuses };
    ensure!(expected, "{answers:?}");
    let warned = outcome.stderr.contains("while a server has weight 0");
    ensure!(warned == refuses, "warned: {warned}, {answers:?}: {outcome}");
    if refuses && scheduler != "dh" {
        the_advice_helps(director, &outcome.command("To send them elsewhere: ipvsadm ")?)?;
    }
    Ok(())
}

/// The command that the warning gives sends those clients elsewhere.
fn the_advice_helps(director: &Director<'_>, command: &str) -> Result<()> {
    director.programs.ours(command)?;
    let answers = answers(director, CLIENTS.map(|n| (format!("192.0.2.{n}:0"), "192.0.2.1:80".to_owned())))?;
    ensure!(answers.keys().eq(["10.0.1.3:8080"]), "after {command}: {answers:?}");
    Ok(())
}

/// How many requests each server answers.
fn answers(
    director: &Director<'_>,
    requests: impl Iterator<Item = (String, String)>,
) -> Result<BTreeMap<String, usize>> {
    director.network.client(|| {
        let mut answers = BTreeMap::new();
        for (from, to) in requests {
            *answers.entry(answer(&from, &to)?).or_default() += 1;
        }
        Ok(answers)
    })
}

/// Who answers a request, or that it is refused: the director sends back that there is nothing.
fn answer(from: &str, to: &str) -> Result<String> {
    ask(from, to).or_else(|error| match error.downcast_ref::<std::io::Error>() {
        Some(cause) if cause.kind() == std::io::ErrorKind::ConnectionRefused => Ok(REFUSED.to_owned()),
        _ => Err(error),
    })
}

/// sh refuses those whom it would give to the server at weight 1, mh those whom it gave to it before.
fn whom_they_refuse(programs: &Programs) -> Result<()> {
    let director = Director::new(programs, "")?;
    let of_drained = |weight: u32| {
        programs.ours(&format!("-e -t 192.0.2.1:80 -r {DRAINED} -m -w {weight}"))?;
        let wanted = if weight == 0 { REFUSED } else { DRAINED };
        let answer = |n: &u8| answer(&format!("192.0.2.{n}:0"), "192.0.2.1:80").is_ok_and(|found| found == wanted);
        director.network.client(|| Ok(CLIENTS.filter(answer).collect::<Vec<_>>()))
    };
    for (scheduler, as_at) in [("sh", 1), ("mh", 9)] {
        programs.ours(&format!(
            "-C
             -A -t 192.0.2.1:80 -s {scheduler}
             -a -t 192.0.2.1:80 -r 10.0.1.3:8080 -m -w 3
             -a -t 192.0.2.1:80 -r {DRAINED} -m -w 0"
        ))?;
        let never_had_weight = of_drained(0)?;
        ensure!(never_had_weight.is_empty() == (scheduler == "mh"), "{scheduler}, added at 0: {never_had_weight:?}");
        let expected = of_drained(as_at)?;
        of_drained(9)?;
        let refused = of_drained(0)?;
        ensure!(!refused.is_empty() && refused == expected, "{scheduler} refuses {refused:?}, not {expected:?}");
    }
    Ok(())
}

/// A mark service has several virtual addresses, of which dh gives each server some. Those of the drained server are refused
/// until it is removed; for the others nothing changes.
fn by_destination(programs: &Programs) -> Result<()> {
    let table = "
        -A -f 7 -s dh
        -a -f 7 -r 10.0.1.2:8080 -m
        -a -f 7 -r 10.0.1.3:8080 -m";
    let director = Director::new(programs, table)?;
    let everywhere = || (1..10).map(|n| ("192.0.2.100:0".to_owned(), format!("192.0.2.{n}:8000")));
    let before = answers(&director, everywhere())?;
    ensure!(before.contains_key(DRAINED) && before.len() == 2, "{before:?}");
    let outcome = programs.run(&format!("-e -f 7 -r {DRAINED} --drain=1"))?;
    outcome.expect(3, &[], &["refuses the new clients of some virtual addresses, or of all"])?;
    let during = answers(&director, everywhere())?;
    ensure!(during.get(REFUSED) == before.get(DRAINED) && during.len() == 2, "before {before:?}, during {during:?}");
    programs.ours(&format!("-d -f 7 -r {DRAINED}"))?;
    let after = answers(&director, everywhere())?;
    ensure!(after.keys().eq(["10.0.1.3:8080"]), "{after:?}");
    Ok(())
}
