//! The table of checks in docs/diagnose.md has those of the program, in their order, and says something of each.

use crate::blocks::root;
use std::fs;

/// The names in the list of checks, `("NAME", FUNCTION)`.
fn of_the_program() -> Vec<String> {
    let text = fs::read_to_string(root().join("src/program/commands/diagnose/checks/mod.rs")).unwrap();
    let (_, list) = text.split_once("const ALL: &[Check] = &[").unwrap();
    let (list, _) = list.split_once("];").unwrap();
    list.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn each_check_is_explained() {
    let text = fs::read_to_string(root().join("docs/diagnose.md")).unwrap();
    let (_, table) = text.split_once("## The checks").unwrap();
    let (table, _) = table.split_once("\n## ").unwrap();
    let mut explained = Vec::new();
    for row in table.lines().filter(|line| line.starts_with("| `")) {
        let (name, what) = row.trim_start_matches("| `").split_once("` | ").unwrap();
        assert!(what.len() > 10, "{row}");
        explained.push(name.to_owned());
    }
    let checks = of_the_program();
    assert!(checks.len() > 20, "{checks:?}");
    assert_eq!(explained, checks);
}

/// A case of tests/diagnose breaks something that the check finds; each of them wants nothing to be wrong before.
#[test]
fn each_check_is_proved_on_a_kernel() {
    let files = fs::read_dir(root().join("tests/diagnose")).unwrap();
    let cases: String = files.map(|file| fs::read_to_string(file.unwrap().path()).unwrap()).collect();
    for check in of_the_program() {
        let breaks = |status: &str| cases.contains(&format!("\"{status} {check}\""));
        assert!(breaks("fault") || breaks("warning"), "no case of tests/diagnose breaks what {check} looks at");
    }
}
