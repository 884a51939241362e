//! One restore at a time in a network namespace.

use crate::program::{Programs, finish};
use crate::tables::large;
use anyhow::{Context, Result, bail, ensure};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fmt::Write;
use std::process::Child;

/// Restores that are started together.
const TOGETHER: usize = 5;
const ROUNDS: usize = 100;

/// Many files at once, of which one wins as a whole.
pub fn of_many_restores_one_wins(programs: &Programs) -> Result<String> {
    let files: Vec<String> = (0..TOGETHER).map(file).collect();
    let mut tables = Vec::new();
    for file in &files {
        programs.restored(file)?;
        tables.push(programs.full()?);
    }
    let mut winners = vec![0; TOGETHER];
    for round in 0..ROUNDS {
        let started: Vec<Child> =
            files.iter().map(|_| programs.start_restore(&["--wait=300"])).collect::<Result<_>>()?;
        std::thread::scope(|scope| -> Result<()> {
            let ends: Vec<_> =
                started.into_iter().zip(&files).map(|(child, file)| scope.spawn(|| finish(child, file))).collect();
            for end in ends {
                let outcome = end.join().map_err(|_| anyhow::anyhow!("a thread panicked"))??;
                ensure!(outcome.status == 0 && outcome.stderr.is_empty(), "round {round}: {outcome:?}");
            }
            Ok(())
        })?;
        let full = programs.full()?;
        let Some(winner) = tables.iter().position(|table| *table == full) else {
            bail!("round {round}: the table is none of the files:\n{full}");
        };
        winners[winner] += 1;
    }
    Ok(format!("{ROUNDS} rounds of {TOGETHER}; each has won {winners:?} times"))
}

/// Each file has what the others have not, what they have otherwise, and what they have too.
fn file(number: usize) -> String {
    let mut file = String::new();
    for service in 0..40 {
        let (own, scheduler) = (service % 2 * (number + 1), ["rr", "wrr", "lc", "wlc", "sed"][number]);
        let _ = writeln!(file, "-A -t 10.1.{own}.{service}:80 -s {scheduler}");
        let _ = writeln!(file, "-a -t 10.1.{own}.{service}:80 -r 172.16.0.{}:80 -m -w {}", number % 3 + 1, number + 1);
    }
    file
}

/// A restore that is stopped in the middle holds the lock; one that is killed does not.
pub fn names_its_holder_and_dies_with_it(programs: &Programs) -> Result<String> {
    let rules = "-A -t 10.2.0.1:80 -s rr\n";
    let holder = stopped_in_the_middle(programs)?;
    let process = Pid::from_raw(holder.id() as i32);
    for (options, seconds) in [(&["--wait=0"][..], 0), (&["--wait=1", "--atomic"], 1)] {
        let before = programs.full()?;
        let outcome = programs.restore(options, rules)?;
        let named = format!("(process {process}, ipvsadm-restore --noflush)");
        ensure!(outcome.status == 4 && outcome.stderr.contains(&named), "{seconds} s: {outcome:?}");
        ensure!(programs.full()? == before, "the table is another one");
    }
    // What takes no lock waits for nobody.
    ensure!(programs.restore(&["--diff"], rules)?.status == 1);
    ensure!(programs.restore(&["--test"], rules)?.status == 0);
    ensure!(programs.ipvsadm(&["-A", "-t", "10.2.0.9:80"])?.status == 0);
    let elsewhere = programs.shell(&format!("printf -- '{rules}' | unshare -n {} -R", programs.ours.display()))?;
    ensure!(elsewhere.status == 0, "{elsewhere:?}");
    // It is the lock of the namespace that a restore works in, wherever that was started.
    let from_elsewhere =
        format!("printf -- '{rules}' | unshare -n {}", as_restore(programs, &format!("--wait=0 --netns {process}")));
    let outcome = programs.shell(&from_elsewhere)?;
    ensure!(outcome.status == 4 && outcome.stderr.contains(&format!("(process {process}, ")), "{outcome:?}");
    let to_elsewhere = format!("ip netns add elsewhere; printf -- '{rules}' | ours --wait=0 --netns elsewhere");
    let outcome = programs.shell(&to_elsewhere)?;
    ensure!(outcome.status == 0 && outcome.stderr.is_empty(), "{outcome:?}");
    ensure!(programs.shell("ip netns del elsewhere")?.status == 0);
    kill(process, Signal::SIGKILL)?;
    ensure!(finish(holder, "")?.status == -9);
    let outcome = programs.restore(&["--wait=0"], rules)?;
    ensure!(outcome.status == 0 && outcome.stderr.is_empty(), "after its holder was killed: {outcome:?}");
    // Without the right to open raw sockets nobody can take it, and who may administer IPVS is told.
    let weak = "setpriv --bounding-set -net_raw --inh-caps -net_raw";
    let script = format!("printf -- '-A -f 9\\n' | {weak} {}", as_restore(programs, ""));
    let outcome = programs.shell(&script)?;
    ensure!(outcome.status == 0 && outcome.stderr.starts_with("warning: cannot tell whether another"), "{outcome:?}");
    Ok("named by its process and words, gone with it; -R, single commands, --diff and --test do not wait".to_owned())
}

/// Words of a shell that start ours as another program can start it.
fn as_restore(programs: &Programs, words: &str) -> String {
    format!("bash -c 'exec -a ipvsadm-restore {} {words}'", programs.ours.display())
}

/// A restore that was stopped while it held the lock.
fn stopped_in_the_middle(programs: &Programs) -> Result<Child> {
    let (rules, list) = (large(2000, 4), "/proc/thread-self/net/raw");
    for _ in 0..20 {
        programs.reference(&["-C"], "")?;
        let mut child = programs.start_restore(&["--noflush"])?;
        let mut input = child.stdin.take().context("no input")?;
        std::io::Write::write_all(&mut input, rules.as_bytes())?;
        drop(input);
        // The header is a line, and so is each socket.
        while std::fs::read_to_string(list)?.lines().count() < 2 && child.try_wait()?.is_none() {}
        kill(Pid::from_raw(child.id() as i32), Signal::SIGSTOP)?;
        if child.try_wait()?.is_none() && std::fs::read_to_string(list)?.lines().count() > 1 {
            return Ok(child);
        }
        child.wait()?;
    }
    bail!("no restore could be stopped in the middle")
}
