//! What rules make is what a document says, and what a document makes is what it was made of.

use crate::listed::{self, Services};
use crate::program::{Programs, first_difference};
use crate::tables::Random;
use crate::{document, elements};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

/// Random tables: rules, the reference's `-R`, our document, and a restore of it over another table.
pub fn of_random_tables(programs: &Programs) -> Result<String> {
    let (mut services, mut servers, mut changed) = (0, 0, 0);
    for number in 0..programs.pairs {
        let mut random = Random(programs.seed << 32 | number);
        let (rules, other) = (random.table(), random.table());
        let other = if number % 2 == 0 { other } else { String::new() };
        let made = one_table(programs, &rules, &other)
            .with_context(|| format!("table {number}\n--- the table\n{rules}--- another\n{other}---"))?;
        (services, servers, changed) = (services + made.0, servers + made.1, changed + made.2);
    }
    ensure!(
        programs.pairs < 100 || changed > programs.pairs as usize,
        "only {changed} changes: the tables are too alike"
    );
    Ok(format!("{} tables, {services} services, {servers} servers; restores made {changed} changes", programs.pairs))
}

fn one_table(programs: &Programs, rules: &str, other: &str) -> Result<(usize, usize, usize)> {
    let by_reference = |rules: &str| -> Result<()> {
        programs.reference(&["-C"], "")?;
        let loaded = programs.reference(&["-R"], rules)?;
        ensure!(loaded.status == 0 && loaded.stderr.is_empty(), "the reference: {loaded:?}");
        Ok(())
    };
    by_reference(rules)?;
    let table = document(programs, "-Ln --json")?;
    let said = listed::by_rules(rules)?;
    ensure!(listed::by_document(&table)? == said, "the rules say {said:?}, the document {table}");
    let wanted = views(programs)?;

    // Without a change.
    let text = table.to_string();
    let same = difference(programs, &text, 0)?;
    ensure!(elements(&same, "changes")?.is_empty(), "of the same table: {same}");

    // From another table, first as it would be, and then made.
    by_reference(other)?;
    let before = listed::by_document(&document(programs, "-Ln --json")?)?;
    let difference_ = difference(programs, &text, i32::from(before != said))?;
    let changes = elements(&difference_, "changes")?;
    ensure!(listed::changed(before.clone(), changes)? == said, "these changes lead elsewhere: {difference_}");
    added(programs, &text, &before, &said)?;
    by_reference(other)?;
    let restored = programs.restore(&["--json", "--allow-empty"], &text)?;
    let quiet = restored.stderr.is_empty() || said.is_empty() && restored.stderr.starts_with("There were no services ");
    ensure!(restored.status == 0 && quiet && restored.stdout.is_empty(), "{restored:?}");
    let made = views(programs)?;
    ensure!(made == wanted, "{}", first_difference(&made, &wanted));
    let after = document(programs, "-L --json")?;
    ensure!(listed::by_document(&after)? == said, "{after}");
    let left = difference(programs, &after.to_string(), 0)?;
    ensure!(elements(&left, "changes")? == &[] as &[Value] && left["failed"] == json!([]), "{left}");
    Ok((said.len(), said.values().map(|(_, servers)| servers.len()).sum(), changes.len()))
}

/// Added to another table, what the document names is as it says, and the rest as it was.
fn added(programs: &Programs, text: &str, before: &Services, said: &Services) -> Result<()> {
    let outcome = programs.restore(&["--json", "--noflush", "--allow-empty"], text)?;
    ensure!(outcome.status == 0 && outcome.stderr.is_empty(), "--noflush: {outcome:?}");
    let mut expected = before.clone();
    for (key, (settings, servers)) in said {
        let there = expected.entry(key.clone()).or_default();
        there.0 = settings.clone();
        there.1.extend(servers.clone());
    }
    let made = document(programs, "-Ln --json")?;
    ensure!(listed::by_document(&made)? == expected, "--noflush: {expected:?}, not {made}");
    Ok(())
}

/// `--json --diff` of a document, which fails nowhere.
fn difference(programs: &Programs, input: &str, status: i32) -> Result<Value> {
    let outcome = programs.restore(&["--json", "--diff"], input)?;
    ensure!(outcome.status == status && outcome.stderr.is_empty(), "--json --diff: {outcome:?}");
    let difference: Value = serde_json::from_str(&outcome.stdout).with_context(|| outcome.stdout.clone())?;
    ensure!(elements(&difference, "failed")?.is_empty(), "{difference}");
    Ok(difference)
}

/// The reference's save and our full one, in an order that does not depend on the kernel's.
fn views(programs: &Programs) -> Result<String> {
    let text = programs.reference(&["-Sn"], "")?.stdout + &programs.full()?;
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    Ok(lines.join("\n"))
}
