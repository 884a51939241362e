//! The layers' dependencies point one way. This reads the `crate::` and `super::` paths of every file and fails when an
//! arrow turns round.

use std::fs;
use std::path::{Path, PathBuf};

/// Each layer, a file or a folder, with those that it may name.
const ALLOWED: &[(&str, &[&str])] = &[
    ("ipvs/error", &["ipvs/model"]),
    // Of tests.
    ("ipvs/fixtures", &["ipvs/model"]),
    ("ipvs/model", &[]),
    ("ipvs/text", &[]),
    ("ipvs/order", &["ipvs/model", "ipvs/fixtures"]),
    ("ipvs/wire", &["ipvs/model", "ipvs/error", "ipvs/fixtures"]),
    ("ipvs/client", &["ipvs/model", "ipvs/error", "ipvs/filter", "ipvs/order", "ipvs/wire", "ipvs/fixtures"]),
    ("ipvs/connection_counts", &["ipvs/model", "ipvs/error", "ipvs/filter", "ipvs/connections"]),
    ("ipvs/connections", &["ipvs/model", "ipvs/error", "ipvs/text", "ipvs/fixtures"]),
    ("ipvs/ensure", &["ipvs/model", "ipvs/error", "ipvs/client", "ipvs/equality", "ipvs/wire", "ipvs/fixtures"]),
    ("ipvs/equality", &["ipvs/model"]),
    ("ipvs/estimation", &[]),
    ("ipvs/filter", &["ipvs/model"]),
    ("ipvs/interval", &["ipvs/model"]),
    ("ipvs/restore", &["ipvs/model", "ipvs/error", "ipvs/text", "ipvs/client", "ipvs/equality", "ipvs/fixtures"]),
    ("program/applet", &[]),
    ("program/listing", &["ipvs"]),
    ("program/diagnosis", &["ipvs"]),
    ("program/draining", &["ipvs"]),
    ("program/watching", &["ipvs"]),
    ("program/names", &["ipvs"]),
    ("program/network", &["ipvs/model"]),
    ("program/quoted", &["ipvs/text"]),
    ("program/child", &[]),
    ("program/kernel", &["ipvs", "program/child"]),
    (
        "program/cli",
        &[
            "ipvs/filter",
            "ipvs/model",
            "ipvs/text",
            "program/diagnosis",
            "program/draining",
            "program/listing",
            "program/names",
            "program/quoted",
            "program/watching",
            "ipvs/interval",
        ],
    ),
    (
        "program/render",
        &[
            "ipvs/connection_counts",
            "ipvs/filter",
            "ipvs/interval",
            "ipvs/model",
            "ipvs/text",
            "ipvs/fixtures",
            "program/listing",
            "program/names",
        ],
    ),
    ("program/network_namespace", &["ipvs/error", "ipvs/text", "program/quoted"]),
    ("program/failure", &["ipvs", "program/cli", "program/kernel", "program/network_namespace", "program/quoted"]),
    ("program/lock", &["ipvs/fixtures"]),
    (
        "program/context",
        &[
            "ipvs",
            "program/failure",
            "program/kernel",
            "program/lock",
            "program/names",
            "program/network_namespace",
            "program/network",
            "program/output_file",
        ],
    ),
    ("program/processes", &["program/context"]),
    ("program/streams", &[]),
    ("program/output_file", &[]),
    (
        "program/host",
        &[
            "ipvs",
            "program/child",
            "program/context",
            "program/failure",
            "program/hints",
            "program/kernel",
            "program/lock",
            "program/network_namespace",
            "program/network",
            "program/output_file",
        ],
    ),
    (
        "program/hints",
        &[
            "ipvs",
            "program/cli",
            "program/context",
            "program/failure",
            "program/kernel",
            "program/listing",
            "program/network_namespace",
            "program/output_file",
            "program/quoted",
            "program/render",
        ],
    ),
    ("program/commands", &["ipvs", "program"]),
    ("ipvs/mod", &["ipvs"]),
    ("program/mod", &["ipvs", "program"]),
];

fn files(folder: &Path, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files(&path, found)?;
        } else {
            found.push(path);
        }
    }
    Ok(())
}

/// The paths from the crate's root that a file of this module names, after `crate::` and `super::`, of two parts where it
/// says two; lists in braces included.
fn named(module: &[&str], text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, word) in text.match_indices("crate::") {
        paths(&text[at + word.len()..], &[], &mut found);
    }
    for (at, _) in text.match_indices("super::").filter(|(at, _)| !text[..*at].ends_with("super::")) {
        let rest = text[at..].trim_start_matches("super::");
        let up = (text.len() - at - rest.len()) / "super::".len() - usize::from(in_own_module(&text[..at]));
        let before = &module[..module.len().saturating_sub(up)];
        paths(rest, &before[..before.len().min(2)], &mut found);
    }
    found
}

/// Whether what follows this text is in a `mod NAME {` of the file, whose `super` is the file itself.
fn in_own_module(before: &str) -> bool {
    let edge = |line: &&str| *line == "}" || line.starts_with("mod ") && line.ends_with('{');
    before.lines().rev().find(edge).is_some_and(|line| line != "}")
}

/// Reads one path, or a list of paths in braces, after the parts in `before`.
fn paths(text: &str, before: &[&str], found: &mut Vec<String>) {
    if before.len() == 2 {
        found.push(before.join("/"));
        return;
    }
    if let Some(list) = text.strip_prefix('{') {
        return elements(list).into_iter().for_each(|element| paths(element.trim_start(), before, found));
    }
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    let (part, rest) = text.split_at(end);
    if part == "self" || part.is_empty() {
        found.push(before.join("/"));
        return;
    }
    let parts = [before, &[part]].concat();
    match rest.strip_prefix("::") {
        Some(rest) => paths(rest, &parts, found),
        None => found.push(parts.join("/")),
    }
}

/// The elements of a list, whose opening brace is behind us.
fn elements(list: &str) -> Vec<&str> {
    let (mut depth, mut start, mut found) = (0, 0, Vec::new());
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => {
                found.push(&list[start..at]);
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                found.push(&list[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    found.retain(|element| !element.trim().is_empty());
    found
}

/// The layer of a file: the entry that its path begins with.
fn layer(path: &Path) -> Option<&'static (&'static str, &'static [&'static str])> {
    let path = path.with_extension("");
    ALLOWED.iter().find(|(name, _)| path.starts_with(name))
}

/// The parts of a file's module path.
fn module(path: &Path) -> Vec<&str> {
    let mut parts: Vec<_> = path.iter().filter_map(|part| part.to_str()).collect();
    let file = parts.pop().and_then(|file| file.strip_suffix(".rs"));
    parts.extend(file.filter(|name| *name != "mod"));
    parts
}

#[test]
fn layers_point_one_way() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    files(&src, &mut found).unwrap();
    let mut wrong = Vec::new();
    for path in found {
        let relative = path.strip_prefix(&src).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        if ["build.rs", "lib.rs", "main.rs", "order.ld"].iter().any(|outside| relative == Path::new(outside)) {
            continue;
        }
        let (name, allowed) = layer(relative).unwrap_or_else(|| panic!("{} has no place", relative.display()));
        for named in named(&module(relative), &text) {
            let allows = |allowed: &str| Path::new(&named).starts_with(allowed);
            if !allows(name) && !allowed.iter().any(|allowed| allows(allowed)) {
                wrong.push(format!("{}: {name} names {named}", relative.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn names_are_found() {
    let text = "use crate::ipvs::model::{Name, order};\nuse crate::program::{\n    cli::{self, Request},\n    names,\n};\n\
                crate::program::render::title()";
    assert_eq!(named(&[], text), ["ipvs/model", "program/cli", "program/names", "program/render"]);
    assert_eq!(named(&[], "crate::{ipvs::{self, wire::x}, program}"), ["ipvs", "ipvs/wire", "program"]);
}

#[test]
fn relative_names_are_found() {
    let named = |file: &str, text: &str| named(&module(Path::new(file)), text);
    assert_eq!(named("ipvs/order.rs", "use super::{model::Name, wire};"), ["ipvs/model", "ipvs/wire"]);
    assert_eq!(
        named("ipvs/client/mod.rs", "use super::wire::x;\nuse super::super::program::cli;"),
        ["ipvs/wire", "program/cli"]
    );
    assert_eq!(
        named("ipvs/client/socket.rs", "super::receive::x; super::super::wire::y"),
        ["ipvs/client", "ipvs/wire"]
    );
    let tests = "mod tests {\n    use super::*;\n    super::super::wire::x()\n}\nsuper::model::y()";
    assert_eq!(named("ipvs/order.rs", tests), ["ipvs/order", "ipvs/wire", "ipvs/model"]);
}
