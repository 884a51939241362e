//! The layers' dependencies point one way. This reads the `use` lines and paths of every file and fails when an arrow
//! turns round.

use std::fs;
use std::path::{Path, PathBuf};

/// Each layer with those that it may name. `cli`, `kernel` and `output` never name one another.
const ALLOWED: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("cli", &["model"]),
    ("kernel", &["model"]),
    ("output", &["model"]),
    ("names", &["model"]),
    ("restore", &["model"]),
    ("applet", &[]),
    ("error", &["model", "cli", "kernel", "restore"]),
    ("app", &["model", "cli", "kernel", "output", "names", "restore", "applet", "error"]),
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

/// The layers that a text names, in any `crate::LAYER` path, `crate::{...}` lists included.
fn named(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        let identifier = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
        match rest.strip_prefix('{') {
            Some(list) => {
                let mut depth = 0;
                let mut start = true;
                for (i, c) in list.char_indices() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => start = true,
                        c if start && c.is_alphabetic() => {
                            names.push(identifier(&list[i..]));
                            start = false;
                        }
                        _ => {}
                    }
                }
            }
            None => names.push(identifier(rest)),
        }
    }
    names
}

#[test]
fn layers_point_one_way() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    files(&src, &mut found).unwrap();
    let mut wrong = Vec::new();
    for path in found {
        let relative = path.strip_prefix(&src).unwrap();
        let first = relative.components().next().unwrap().as_os_str().to_str().unwrap();
        let layer = first.strip_suffix(".rs").unwrap_or(first);
        if matches!(layer, "build" | "lib" | "main") {
            continue;
        }
        let (_, allowed) =
            ALLOWED.iter().find(|(name, _)| *name == layer).unwrap_or_else(|| panic!("{layer} has no place"));
        let text = fs::read_to_string(&path).unwrap();
        for name in named(&text) {
            if name != layer && !allowed.contains(&name.as_str()) {
                wrong.push(format!("{}: {layer} names {name}", relative.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn names_are_found() {
    let text = "use crate::model::{Name, order};\nuse crate::{\n    cli::{self, Request},\n    kernel,\n};\ncrate::output::title()";
    assert_eq!(named(text), ["model", "cli", "kernel", "output"]);
}
