//! Every link and every path that the documents name leads to something in the tree, every anchor to a heading.

use crate::blocks::{documents, root};
use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use std::{fs, io};

/// What looks like a path and is none of the tree.
const NO_PATHS: &[&str] = &["TOPIC/NAME.case"];

/// Every file and folder of the tree, from its root.
fn tree() -> io::Result<BTreeSet<String>> {
    fn walk(folder: &Path, found: &mut BTreeSet<String>) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let name = path.strip_prefix(root()).unwrap_or(&path).display().to_string();
            if ["target", ".git", "tests/fuzz/target"].contains(&&*name) {
                continue;
            }
            if path.is_dir() {
                walk(&path, found)?;
            }
            found.insert(name);
        }
        Ok(())
    }
    let mut found = BTreeSet::new();
    walk(root(), &mut found)?;
    Ok(found)
}

/// The lines of a document with their numbers, without what stands apart.
fn prose(text: &str) -> Vec<(usize, &str)> {
    let mut is_fenced = false;
    let numbered = text.lines().enumerate().map(|(index, line)| (index + 1, line));
    let kept = numbered.filter(|(_, line)| {
        let is_fence = line.trim_start().starts_with("```");
        is_fenced ^= is_fence;
        !is_fenced && !is_fence && !line.starts_with("    ")
    });
    kept.collect()
}

/// What stands between backquotes in a line, and the line without it.
fn spans(line: &str) -> (Vec<&str>, String) {
    let parts: Vec<&str> = line.split('`').collect();
    (parts.iter().skip(1).step_by(2).copied().collect(), parts.into_iter().step_by(2).collect::<Vec<_>>().join("`"))
}

/// The anchors of a document, as GitHub makes them of its headings.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = prose(text).into_iter().filter(|(_, line)| line.starts_with('#'));
    let mut found = BTreeSet::new();
    for (_, heading) in headings {
        let text = heading.trim_start_matches('#').trim().to_lowercase();
        let kept = text.chars().filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c));
        let anchor: String = kept.map(|c| if c == ' ' { '-' } else { c }).collect();
        let again = (1..).map(|number| format!("{anchor}-{number}")).find(|again| !found.contains(again));
        let is_new = !found.contains(&anchor);
        found.insert(if is_new { anchor } else { again.unwrap_or_default() });
    }
    found
}

#[test]
fn anchors_are_made_as_by_github() {
    let text = "# `-h, --help` of a_b\n## The head\n## The head\n```sh\n# no heading\n```\n";
    assert_eq!(anchors(text).into_iter().collect::<Vec<_>>(), ["-h---help-of-a_b", "the-head", "the-head-1"]);
}

/// Folder and link put together, without `..`.
fn joined(folder: &Path, link: &str) -> String {
    let mut path = PathBuf::new();
    for part in folder.join(link).components() {
        match part {
            Component::ParentDir => _ = path.pop(),
            Component::CurDir => {}
            part => path.push(part),
        }
    }
    path.display().to_string()
}

/// Whether an address on the web has the form of one: a host with a dot in it, and nothing that has to be escaped.
fn is_address(link: &str) -> bool {
    let Some((scheme, rest)) = link.split_once("://") else { return false };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let is_name = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    ["http", "https"].contains(&scheme)
        && host.contains('.')
        && host.split('.').all(is_name)
        && rest.chars().all(|c| c.is_ascii_graphic() && !"<>\"\\^`{|}".contains(c))
}

#[test]
fn addresses_have_their_form() {
    for (link, expected) in [
        ("https://example.org", true),
        ("http://example.org/a?b=c#d", true),
        ("https://example", false),
        ("https:/example.org", false),
        ("https://example..org", false),
        ("https://example.org/a b", false),
    ] {
        assert_eq!(is_address(link), expected, "{link}");
    }
}

#[test]
fn every_link_leads_somewhere() {
    let tree = tree().unwrap();
    let (mut problems, mut count) = (Vec::new(), 0);
    for path in documents().unwrap().iter().filter(|path| path.extension().is_some_and(|kind| kind == "md")) {
        let text = fs::read_to_string(root().join(path)).unwrap();
        for (number, line) in prose(&text) {
            let (_, line) = spans(line);
            for link in line.split("](").skip(1).map(|rest| rest.split(')').next().unwrap_or_default()) {
                count += 1;
                let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
                let target = match file {
                    "" => path.display().to_string(),
                    file => joined(path.parent().unwrap_or(Path::new("")), file),
                };
                let is_there = match link.contains("://") {
                    true => is_address(link),
                    false => tree.contains(&target),
                };
                let has_anchor = || anchors(&fs::read_to_string(root().join(&target)).unwrap()).contains(anchor);
                if !is_there || !link.contains("://") && !anchor.is_empty() && !has_anchor() {
                    problems.push(format!("{}:{number}: ({link})", path.display()));
                }
            }
            let addresses = line.split_whitespace().filter(|word| word.starts_with("http"));
            let wrong = addresses.filter(|word| !is_address(word.trim_end_matches(['.', ',', ')', ';'])));
            problems.extend(wrong.map(|word| format!("{}:{number}: {word}", path.display())));
        }
    }
    assert!(problems.is_empty() && count > 40, "of {count} links:\n{}", problems.join("\n"));
}

/// Whether a path of a document is in the tree; one that does not begin at its root may lack folders before it.
fn is_in(tree: &BTreeSet<String>, path: &str) -> bool {
    let path = path.trim_end_matches('/');
    let rooted = ["src/", "tests/", "docs/", ".ci/", ".github/"].iter().any(|folder| path.starts_with(folder));
    if let Some((before, after)) = path.split_once('*') {
        return tree.iter().any(|name| name.starts_with(before) && name.ends_with(after));
    }
    tree.contains(path) || !rooted && tree.iter().any(|name| name.ends_with(&format!("/{path}")))
}

/// Whether a word has the form of a path of this tree.
fn is_path(word: &str) -> bool {
    let kinds = [".rs", ".md", ".8", ".sh", ".json", ".svg", ".toml", ".yml", ".case"];
    let is_of_a_path = |c: char| c.is_ascii_alphanumeric() || "_-.@*/".contains(c);
    let is_elsewhere = word.starts_with(['/', '~', '.', '-', '@']) && !word.starts_with(".ci/");
    let is_name = word.chars().all(is_of_a_path) && word.contains(|c: char| c.is_ascii_lowercase());
    let has_form = word.contains('/') || kinds.iter().any(|kind| word.ends_with(kind));
    is_name && has_form && !is_elsewhere && !word.starts_with("target/") && !NO_PATHS.contains(&word)
}

#[test]
fn every_path_is_in_the_tree() {
    let tree = tree().unwrap();
    let (mut problems, mut count) = (Vec::new(), 0);
    let mut look = |place: String, word: &str| {
        count += 1;
        if !is_in(&tree, word) {
            problems.push(format!("{place}: {word}"));
        }
    };
    for path in documents().unwrap() {
        let text = fs::read_to_string(root().join(&path)).unwrap();
        for (number, line) in prose(&text) {
            // A command, whose words behind its path are none of ours here.
            let first = |span: &str| !span.contains(' ') || span.starts_with("tests/");
            let found = spans(line).0.into_iter().filter(|span| first(span));
            let words = found.map(|span| span.split(' ').next().unwrap_or_default());
            words.filter(|word| is_path(word)).for_each(|word| look(format!("{}:{number}", path.display()), word));
        }
    }
    for workflow in tree.iter().filter(|name| name.ends_with(".yml")) {
        let text = fs::read_to_string(root().join(workflow)).unwrap();
        for (index, line) in text.lines().enumerate() {
            let words = line.split(|c: char| c.is_whitespace() || "'\"[],".contains(c));
            let rooted = words.filter(|word| ["tests/", ".ci/", "docs/", "src/"].iter().any(|f| word.starts_with(f)));
            rooted.for_each(|word| look(format!("{workflow}:{}", index + 1), word));
        }
    }
    assert!(problems.is_empty() && count > 100, "of {count} paths:\n{}", problems.join("\n"));
}

/// The tree at the beginning of docs/architecture.md: names below folders, with what they are for.
#[test]
fn the_tree_of_the_architecture_is_there() {
    let text = fs::read_to_string(root().join("docs/architecture.md")).unwrap();
    let drawn = text.split("```").nth(1).unwrap();
    let (mut folder, mut count) = ("", 0);
    for line in drawn.lines().skip(1) {
        let names = line.trim_start().split("  ").next().unwrap();
        let is_top = !line.starts_with(' ');
        for name in names.split(", ") {
            let path = if is_top { name.to_owned() } else { format!("{folder}{name}") };
            let exists = root().join(&path).exists() || root().join(format!("{path}.rs")).exists();
            assert!(exists, "docs/architecture.md: {line}: no {path}");
            count += 1;
        }
        if is_top {
            folder = names;
        }
    }
    assert!(count > 20, "only {count} names in:\n{drawn}");
}
