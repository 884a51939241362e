//! The words of `ipvsadm-restore`: a file may be named in every usual way, and a word that means nothing leaves the table
//! alone. Standard input is empty, as it is for a unit of systemd, for cron and for `ssh -n`.

use crate::program::{Programs, shell};
use anyhow::{Result, ensure};

const OLD: &str = "-A -t 10.9.0.9:80 -s rr\n-a -t 10.9.0.9:80 -r 10.9.0.8:80 -m -w 1\n";
const NEW: &str = "-A -t 10.9.0.1:80 -s wrr\n-a -t 10.9.0.1:80 -r 10.9.0.2:8080 -m -w 3\n";
/// The lab's /run is a file system in memory.
const FILE: &str = "/run/restore-words";

pub fn files_and_refused_words(programs: &Programs) -> Result<String> {
    shell(&format!("printf '%s' '{NEW}' >{FILE}; printf '%s' '{OLD}' >{FILE}.old"))?;
    let table = || programs.reference(&["-S", "-n"], "").map(|outcome| outcome.stdout);
    let old = || programs.restore(&[&format!("{FILE}.old")], "").map(drop);
    let forgiven = format!("'<' means nothing without a shell: reading {FILE}\n");
    for (words, message) in [
        (&[FILE][..], ""),
        (&["-f", FILE], ""),
        (&["--file", FILE], ""),
        (&["--atomic", FILE], ""),
        (&["-n", FILE], ""),
        (&["<", FILE], &forgiven),
        (&["--atomic", "<", FILE], &forgiven),
        (&[&format!("<{FILE}")], &forgiven),
    ] {
        old()?;
        let outcome = programs.restore(words, "")?;
        ensure!((outcome.status, outcome.stderr.as_str()) == (0, message), "{words:?}: {outcome:?}");
        ensure!(table()? == NEW, "{words:?} did not restore the file");
    }
    old()?;
    for words in [&["-x"][..], &["--atomc", FILE], &[FILE, "more"], &["<"], &["<", "-"], &[FILE, ">", FILE], &["-f"]] {
        let outcome = programs.restore(words, NEW)?;
        ensure!(outcome.status == 2 && outcome.stderr.starts_with("error: "), "{words:?}: {outcome:?}");
        ensure!(table()? == OLD, "{words:?} changed the table");
    }
    let nothing_there = format!("cannot read {FILE}.nothing: No such file or directory\n");
    for (option, status) in [("--noflush", 255), ("--test", 2), ("--diff", 2)] {
        let outcome = programs.restore(&[option, &format!("{FILE}.nothing")], NEW)?;
        ensure!((outcome.status, &outcome.stderr) == (status, &nothing_there), "{option}: {outcome:?}");
        ensure!(table()? == OLD, "{option} changed the table");
    }
    for words in [&["-h"][..], &["--help"], &["-V"], &["--version"], &["--atomic", FILE, "-h"]] {
        let outcome = programs.restore(words, NEW)?;
        ensure!(outcome.status == 0 && outcome.stderr.is_empty(), "{words:?}: {outcome:?}");
        ensure!(outcome.stdout.contains("ipvsadm-restore "), "{words:?}: {outcome:?}");
        ensure!(table()? == OLD, "{words:?} changed the table");
    }
    let outcome = programs.restore(&["-n", "-"], NEW)?;
    ensure!(outcome.status == 0 && table()? == NEW, "{outcome:?}");
    Ok("files restored by 8 spellings, 15 other command lines left the table alone".to_owned())
}
