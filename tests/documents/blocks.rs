//! The documents, and what stands apart in them: indented or fenced in Markdown, displayed in a manual.

use std::path::{Path, PathBuf};
use std::{fs, io};

/// Lines that stand apart.
pub struct Block {
    /// The path of the document from the root of the tree.
    pub document: String,
    /// The number of the first line.
    pub line: usize,
    /// The language of a fence.
    pub language: String,
    /// Without what indents them.
    pub lines: Vec<String>,
}

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The paths of all documents from the root of the tree.
pub fn documents() -> io::Result<Vec<PathBuf>> {
    let is_document = |path: &PathBuf| path.extension().is_some_and(|kind| kind == "md" || kind == "8");
    let entries: Vec<_> = fs::read_dir(root().join("docs"))?.collect::<io::Result<_>>()?;
    let mut found: Vec<PathBuf> = entries.iter().map(|entry| Path::new("docs").join(entry.file_name())).collect();
    found.retain(is_document);
    found.push("README.md".into());
    found.sort();
    Ok(found)
}

/// The blocks of all documents.
pub fn blocks() -> io::Result<Vec<Block>> {
    let mut found = Vec::new();
    for path in documents()? {
        let text = fs::read_to_string(root().join(&path))?;
        let document = path.display().to_string();
        found.extend(if document.ends_with(".md") {
            of_markdown(&document, &text)
        } else {
            of_manual(&document, &text)
        });
    }
    Ok(found)
}

fn of_markdown(document: &str, text: &str) -> Vec<Block> {
    let mut found: Vec<Block> = Vec::new();
    let (mut fence, mut is_open, mut is_after_blank) = (None, false, true);
    for (index, line) in text.lines().enumerate() {
        let block = |language: &str| Block {
            document: document.to_owned(),
            line: index + 1,
            language: language.to_owned(),
            lines: Vec::new(),
        };
        let bare = line.trim_start();
        if let Some(language) = bare.strip_prefix("```") {
            fence = match fence {
                None => Some(line.len() - bare.len()),
                Some(_) => None,
            };
            found.extend(fence.map(|_| block(language)));
            is_open = false;
        } else if let Some(indent) = fence {
            add(&mut found, line.get(indent..).unwrap_or_default());
        } else if let Some(code) = line.strip_prefix("    ") {
            if !is_open && is_after_blank {
                found.push(block(""));
                is_open = true;
            }
            if is_open {
                add(&mut found, code);
            }
        } else {
            is_open = false;
        }
        is_after_blank = line.is_empty();
    }
    found
}

fn add(blocks: &mut [Block], line: &str) {
    blocks.iter_mut().last().into_iter().for_each(|block| block.lines.push(line.to_owned()));
}

/// What mdoc(7) displays literally.
fn of_manual(document: &str, text: &str) -> Vec<Block> {
    let mut found: Vec<Block> = Vec::new();
    let mut is_open = false;
    for (index, line) in text.lines().enumerate() {
        if line.starts_with(".Bd -literal") {
            let language = String::new();
            found.push(Block { document: document.to_owned(), line: index + 2, language, lines: Vec::new() });
            is_open = true;
        } else if line == ".Ed" {
            is_open = false;
        } else if is_open {
            add(&mut found, &line.replace("\\-", "-").replace("\\&", "").replace("\\e", "\\"));
        }
    }
    found
}

impl Block {
    /// Where it stands.
    pub fn place(&self) -> String {
        format!("{}:{}", self.document, self.line)
    }

    /// The commands, without comments: a line each, or several where `&&`, `|` or a backslash ends one.
    pub fn commands(&self) -> Vec<String> {
        // A unit or a crontab has the program's path before its words.
        if ["ini", "cron"].contains(&&*self.language) {
            let words = self.lines.iter().filter_map(|line| line.split_once("/sbin/ipvsadm "));
            return words.map(|(_, words)| format!("ipvsadm {words}")).collect();
        }
        let is_session = self.lines.first().is_some_and(|line| line.starts_with("$ "));
        let (mut found, mut goes_on) = (Vec::<String>::new(), false);
        for line in &self.lines {
            let line = match line.strip_prefix("$ ") {
                None if is_session => continue,
                None => line,
                Some(line) => line,
            };
            let line = line.split(" # ").next().unwrap_or_default().trim();
            let command = line.trim_end_matches('\\').trim_end();
            match found.last_mut() {
                Some(last) if goes_on => *last += &format!(" {command}"),
                _ => found.push(command.to_owned()),
            }
            goes_on = ["&&", "|", "\\"].iter().any(|end| line.ends_with(end));
        }
        found.retain(|command| !command.is_empty() && !command.starts_with('#'));
        found
    }
}

/// Whether the command is one of our three programs, or a pipeline that begins with one.
pub fn is_ours(command: &str) -> bool {
    ["ipvsadm", "ipvsadm-save", "ipvsadm-restore"].contains(&command.split(' ').next().unwrap_or_default())
}
