//! What a restore makes of a table, whatever was there before, is what the reference makes of an empty one.

use crate::namespace::Namespace;
use crate::program::{Outcome, Programs, first_difference};
use crate::tables::Random;
use anyhow::{Context, Result, ensure};

/// Random tables A and random files B: restore(B) on A.
pub fn random_pairs(programs: &Programs) -> Result<String> {
    let (ours, theirs) = (Namespace::new()?, Namespace::new()?);
    let mut failing = 0;
    for pair in 0..programs.pairs {
        let mut random = Random(programs.seed << 32 | pair);
        for _ in 0..4 {
            random.below(1);
        }
        let (a, b) = (random.table(), random.file());
        failing += one_pair(programs, &ours, &theirs, &a, &b)
            .with_context(|| format!("pair {pair} of seed {}\n--- A\n{a}--- B\n{b}---", programs.seed))?;
    }
    Ok(format!("{} pairs, in {failing} of them lines failed", programs.pairs))
}

fn one_pair(programs: &Programs, ours: &Namespace, theirs: &Namespace, a: &str, b: &str) -> Result<usize> {
    theirs.enter()?;
    // Timeouts are no part of the table: both begin with the same.
    let timeouts = ["--set", "900", "120", "300"];
    programs.reference(&timeouts, "")?;
    let reference = programs.reference_restore(b)?;
    ensure!(reference.status != 2, "the generator made a line that does not parse: {reference:?}");
    let wanted = (programs.reference(&["-Sn"], "")?.stdout, programs.full()?);
    ours.enter()?;
    programs.reference(&timeouts, "")?;
    programs.reference(&["-C"], "")?;
    // On an empty table nothing that is live can stay, so that failing lines have no effect.
    if !reference.stderr.is_empty() {
        let outcome = programs.restore(&[], b)?;
        let made = (programs.reference(&["-Sn"], "")?.stdout, programs.full()?);
        ensure!(made == wanted, "on an empty table: {}", first_difference(&made.1, &wanted.1));
        same_messages(&outcome, &reference, b)?;
        programs.reference(&timeouts, "")?;
        programs.reference(&["-C"], "")?;
    }
    programs.reference(&["-R"], a)?;
    let before = programs.full()?;
    let outcome = programs.restore(&[], b)?;
    let made = (programs.reference(&["-Sn"], "")?.stdout, programs.full()?);
    let failing = failing_lines(&outcome.stderr);
    if failing.is_empty() {
        ensure!(made == wanted, "ours and the reference's differ: {}", first_difference(&made.1, &wanted.1));
    }
    for line in &failing {
        stays(line, b, &before, &made.1).with_context(|| format!("the line '{line}' failed: {outcome:?}"))?;
    }
    let errors = failing.len();
    ensure!(outcome.status == if errors == 0 { 0 } else { 255 }, "a wrong status: {outcome:?}");
    // What only the kernel refuses is planned again each time, and counters are zeroed each time.
    if !["-Z", "bogus", "224.0.0."].iter().any(|word| b.contains(word)) {
        let diff = programs.restore(&["--diff", "--allow-empty"], b)?;
        let status = if errors == 0 { 0 } else { 2 };
        ensure!(diff.status == status && diff.stdout.is_empty(), "something is left to do: {diff:?}");
    }
    Ok(usize::from(errors > 0))
}

/// The same messages in the same order, each with its line; but a line that says what an earlier one said is no failure.
fn same_messages(ours: &Outcome, reference: &Outcome, file: &str) -> Result<()> {
    let tells_of_one = |line: &&str| line.starts_with("line ") && !line.contains(": says what line ");
    let mut failures = ours.stderr.lines().filter(tells_of_one).peekable();
    for theirs in reference.stderr.lines() {
        let same = failures.next_if(|ours| {
            ours.strip_prefix("line ").and_then(|rest| rest.split_once(": ")).is_some_and(|(number, rest)| {
                let line = number.parse().ok().and_then(|number: usize| file.lines().nth(number.checked_sub(1)?));
                // Long lines are cut.
                line.is_some_and(|line| rest.starts_with(&format!("{theirs}: {}", &line[..line.len().min(100)])))
            })
        });
        ensure!(same.is_some() || theirs.ends_with(" already exists"), "'{theirs}' is missing: {ours:?}");
    }
    ensure!(failures.next().is_none(), "other lines failed: {ours:?}, the reference's: {reference:?}");
    Ok(())
}

/// The texts of the lines that failed, without the word `ipvsadm`.
fn failing_lines(stderr: &str) -> Vec<&str> {
    let named = stderr.lines().filter(|line| line.starts_with("line ") && !line.contains(": says what line "));
    let text = |line: &'_ str| line.rfind(": ").map_or(0, |at| at + 2);
    named.map(|line| line[text(line)..].trim_start_matches("ipvsadm ")).collect()
}

/// What a line that failed wants to be there is there, if it was and no other line removes it.
fn stays(line: &str, file: &str, before: &str, after: &str) -> Result<()> {
    if !["-A ", "-E ", "-a ", "-e "].iter().any(|command| line.starts_with(command)) || file.contains("\n-C\n") {
        return Ok(());
    }
    let words: Vec<&str> = line[3..].split(' ').collect();
    let service = if words.get(2) == Some(&"-6") { words[..3].join(" ") } else { words[..2].join(" ") };
    let server =
        words.iter().position(|word| *word == "-r").map(|at| format!("-r {}", own_port(&words, words[at + 1])));
    let removed = |rule: &str| file.lines().any(|line| line.strip_prefix("ipvsadm ").unwrap_or(line) == rule);
    let there = |table: &str, rule: &str| table.lines().any(|line| line.starts_with(rule));
    if removed(&format!("-D {service}")) {
        return Ok(());
    }
    let rule = format!("-A {service} -s");
    ensure!(!there(before, &rule) || there(after, &rule), "'{rule}' has gone");
    if let Some(server) = server.filter(|server| !removed(&format!("-d {service} {server}"))) {
        let rule = format!("-a {service} {server} ");
        ensure!(!there(before, &rule) || there(after, &rule), "'{rule}' has gone");
    }
    Ok(())
}

/// The server that a line means: only masquerading has ports of its own, or a mark, which has none.
fn own_port(words: &[&str], server: &str) -> String {
    match (server.rsplit_once(':'), words[1].rsplit_once(':')) {
        (Some((address, _)), Some((_, port))) if !words.contains(&"-m") => format!("{address}:{port}"),
        _ => server.to_owned(),
    }
}

/// `ipvsadm-save --full | ipvsadm-restore` changes nothing, and the reference's -R reads it too.
pub fn full_save_changes_nothing(programs: &Programs) -> Result<String> {
    for number in 0..20 {
        let mut random = Random(number);
        programs.reference_restore(&random.table())?;
        if number % 2 == 0 {
            programs.reference(&["--set", "77", "66", "55"], "")?;
            programs.reference(&["--start-daemon", "master", "--mcast-interface", "lo", "--syncid", "3"], "")?;
            programs.reference(&["--start-daemon", "backup", "--mcast-interface", "lo", "--sync-maxlen", "9"], "")?;
        }
        let full = programs.full()?;
        // To the letter it is not read at all, with a comment it is.
        for file in [&full, &format!("# a comment\n{full}")] {
            let outcome = programs.restore(&["--verbose"], file)?;
            ensure!(outcome.status == 0 && outcome.stdout.is_empty(), "it changed something: {outcome:?}\n{file}");
            ensure!(programs.full()? == full, "the table is another one");
        }
        for state in ["master", "backup"] {
            programs.reference(&["--stop-daemon", state], "")?;
        }
        programs.reference(&["-C"], "")?;
        let outcome = programs.reference(&["-R"], &full)?;
        ensure!(outcome.status == 0 && outcome.stderr.is_empty(), "the reference cannot read it: {outcome:?}\n{full}");
        let again = programs.full()?;
        ensure!(again == full, "the reference makes another table: {}", first_difference(&full, &again));
        for state in ["master", "backup"] {
            programs.reference(&["--stop-daemon", state], "")?;
        }
    }
    Ok("20 tables".to_owned())
}

/// A line that does not parse leaves the table untouched, and is named.
pub fn bad_file_changes_nothing(programs: &Programs) -> Result<String> {
    programs.restored("-A -t 10.0.0.1:80\n")?;
    let before = programs.full()?;
    for line in ["-A -t 10.0.0.256:80", "foo", "-a -t 10.0.0.1:80", "-A -t 10.0.0.1:80 -w 5", "-L", "-A --bogus", "-R"]
    {
        for options in [&[][..], &["--atomic"], &["--diff"], &["--test"], &["--noflush"]] {
            let outcome = programs.restore(options, &format!("-A -t 10.0.0.2:80\n{line}\n-C\n"))?;
            let named = outcome.stderr.starts_with("line 2: ") && outcome.stderr.contains(line);
            ensure!(outcome.status == 2 && named, "{line} {options:?}: {outcome:?}");
        }
    }
    ensure!(programs.full()? == before, "the table is another one");
    Ok("7 lines, 5 ways each".to_owned())
}
