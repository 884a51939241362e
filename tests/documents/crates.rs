//! The crates that docs/architecture.md explains are those of the manifests, each with who depends on it; and the files
//! with `unsafe` are those that it excuses.

use crate::blocks::root;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Each crate of a manifest, and who has it.
fn depended_on() -> BTreeMap<String, String> {
    let mut found = BTreeMap::<String, String>::new();
    for manifest in ["Cargo.toml", "tests/fuzz/Cargo.toml"] {
        let text = fs::read_to_string(root().join(manifest)).unwrap();
        let mut section = "";
        for line in text.lines() {
            if line.starts_with('[') {
                section = line.trim_matches(['[', ']']);
            }
            let Some((name, value)) = line.split_once(" = ") else { continue };
            let who = match section {
                "dependencies" if manifest.starts_with("tests/") => "the fuzzer",
                "dependencies" if value.contains("optional = true") => "the program",
                "dependencies" => "the library",
                "dev-dependencies" => "tests",
                "build-dependencies" => "the build",
                _ => continue,
            };
            let all = found.entry(name.to_owned()).or_default();
            if all.is_empty() {
                *all = who.to_owned();
            } else {
                *all += &format!(", {who}");
            }
        }
    }
    found.remove("ipvsadm");
    found
}

#[test]
fn each_crate_is_explained() {
    let text = fs::read_to_string(root().join("docs/architecture.md")).unwrap();
    let (_, table) = text.split_once("## What each crate is for").unwrap();
    let mut explained = BTreeMap::new();
    for row in table.lines().filter(|line| line.starts_with("| ")).skip(2) {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [names, who, what] = cells[..] else { panic!("not three cells: {row}") };
        assert!(!what.is_empty(), "{row}");
        for name in names.split(", ") {
            assert_eq!(explained.insert(name.to_owned(), who.to_owned()), None, "{name} twice");
        }
    }
    assert_eq!(explained, depended_on());
}

/// Files below a folder that allow `unsafe`, from the root of the tree.
fn unsafe_below(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(unsafe_below(&path));
        } else if fs::read_to_string(&path).is_ok_and(|text| text.contains("allow(unsafe_code)")) {
            found.push(path.strip_prefix(root()).unwrap().display().to_string());
        }
    }
    found.sort();
    found
}

#[test]
fn each_file_with_unsafe_is_excused() {
    let text = fs::read_to_string(root().join("docs/architecture.md")).unwrap();
    let (_, table) = text.split_once("| file with `unsafe` | why |").unwrap();
    let rows = table.lines().skip(2).take_while(|line| line.starts_with("| "));
    let mut excused: Vec<&str> = rows.map(|row| row.split('`').nth(1).unwrap()).collect();
    excused.sort_unstable();
    assert_eq!(unsafe_below(&root().join("src")), excused);
}
