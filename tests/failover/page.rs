//! The files that `docs/high-availability.md` shows are the ones that are tested: each is the block of the page in which
//! a comment names it.

use anyhow::{Context, Result, ensure};

const PAGE: &str = include_str!("../../docs/high-availability.md");

/// The text of a file of the page.
pub fn file(path: &str) -> Result<&'static str> {
    let title = format!("# {path}");
    let mut blocks = PAGE.split("```").skip(1).step_by(2);
    let block = blocks.find(|block| block.lines().any(|line| line.trim_start().starts_with(&title)));
    let (_language, text) =
        block.and_then(|block| block.split_once('\n')).with_context(|| format!("no {path} in the page"))?;
    Ok(text)
}

/// The kernel parameters of a file, each with its value.
pub fn settings(path: &str) -> Result<Vec<(&'static str, &'static str)>> {
    let lines = file(path)?.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| line.split_once(" = ").with_context(|| format!("'{line}' sets nothing"))).collect()
}

/// A text with a part of it put otherwise, which has to be there.
pub fn replaced(text: &str, part: &str, by: &str) -> Result<String> {
    ensure!(text.contains(part), "no '{part}' in the page's\n{text}");
    Ok(text.replace(part, by))
}
