//! Every command of every document: our parser takes those of ours, which the machine suite plays on a real kernel;
//! `elsewhere` says who runs the others; and what the tests' own programs are told exists.

use crate::blocks::{Block, blocks, documents, is_ours, root};
use crate::elsewhere::{BLOCKS, COMMANDS};
use ipvsadm::ipvs::model::Protocol;
use ipvsadm::program::cli::{self, RestoreOptions, SaveOptions, without_namespace};
use ipvsadm::program::names::NameService;
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

/// Every host has the same address.
struct AnyHost;

impl NameService for AnyHost {
    fn host_address(&self, _: &str) -> Option<Ipv4Addr> {
        Some(Ipv4Addr::new(192, 0, 2, 1))
    }
    fn service_port(&self, _: &str, _: Protocol) -> Option<u16> {
        None
    }
    fn host_name(&self, _: IpAddr) -> Option<String> {
        None
    }
    fn service_name(&self, _: u16, _: Protocol) -> Option<String> {
        None
    }
}

/// The words of each program that a line of shell starts, without redirections; `WORD` is what another one prints.
fn started(line: &str) -> Vec<Vec<String>> {
    let (mut programs, mut word, mut quote, mut depth) = (vec![Vec::new()], None::<String>, None, 0);
    let end = |word: &mut Option<String>, words: &mut Vec<String>| words.extend(word.take());
    for c in line.chars() {
        let words = programs.last_mut().unwrap();
        match c {
            ')' if depth > 0 => depth -= 1,
            '(' if word.as_ref().is_some_and(|word| word.ends_with('$')) => {
                word = Some("WORD".to_owned());
                depth += 1;
            }
            _ if depth > 0 => {}
            _ if quote == Some(c) => quote = None,
            _ if quote.is_some() => word.get_or_insert_default().push(c),
            '\'' | '"' => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            '|' | '&' | ';' => {
                end(&mut word, words);
                programs.push(Vec::new());
            }
            '<' | '>' => {
                end(&mut word, words);
                words.push(c.to_string());
            }
            ' ' => end(&mut word, words),
            _ => word.get_or_insert_default().push(c),
        }
    }
    end(&mut word, programs.last_mut().unwrap());
    for words in &mut programs {
        while let Some(at) = words.iter().position(|word| word == "<" || word == ">") {
            words.drain(at..(at + 2).min(words.len()));
        }
    }
    programs.retain(|words| !words.is_empty());
    programs
}

#[test]
fn lines_of_shell_are_taken_apart() {
    let words = |line: &str| started(line).iter().map(|words| words.join("·")).collect::<Vec<_>>();
    assert_eq!(words("ipvsadm-save > rules"), ["ipvsadm-save"]);
    assert_eq!(words("ipvsadm -Ln | jq '.a | \"b c\"' && x <y"), ["ipvsadm·-Ln", "jq·.a | \"b c\"", "x"]);
    assert_eq!(words("ipvsadm --netns $(docker inspect -f '{}' web)"), ["ipvsadm·--netns·WORD"]);
}

/// What our parser says against it.
fn refusal(words: &[String]) -> Option<String> {
    let (program, words) = words.split_first()?;
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match program.as_str() {
        "ipvsadm" => match without_namespace(&words) {
            Ok((_, words)) => cli::parse(&words, &AnyHost).err().map(|error| format!("{error:?}")),
            Err(error) => Some(format!("{error:?}")),
        },
        "ipvsadm-save" => SaveOptions::parse(&words).err().filter(|reply| reply.is_error).map(|reply| reply.text),
        "ipvsadm-restore" => RestoreOptions::parse(&words).err().filter(|reply| reply.is_error).map(|reply| reply.text),
        _ => None,
    }
}

/// What is wrong with a line of shell that begins with one of our programs.
fn wrong(line: &str) -> Option<String> {
    started(line).iter().find_map(|words| refusal(words))
}

/// The text of all files below a folder of the tree.
fn text_below(folder: &Path) -> io::Result<String> {
    let mut text = String::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        text += &if path.is_dir() { text_below(&path)? } else { fs::read_to_string(&path).unwrap_or_default() };
    }
    Ok(text)
}

/// What is wrong with a call of the tests' own programs whose words can be looked up; `None` for every other command.
fn of_tests(command: &str) -> Option<Vec<String>> {
    let words = started(command).concat();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (text, named) = match &words[..] {
        ["tests/run", "case", names @ ..] => {
            let cases = Command::new(root().join("tests/lab/cases")).args(names).output().unwrap();
            return Some(if cases.status.success() { Vec::new() } else { vec![format!("{cases:?}")] });
        }
        ["tests/run", "suite", "loading", named @ ..] => (text_below(&root().join("tests/live")), named),
        ["tests/run", "suite", suite, named @ ..] => (text_below(&root().join("tests").join(suite)), named),
        ["tests/fuzz/run", named @ ..] => (fs::read_to_string(root().join("tests/fuzz/Cargo.toml")), named),
        ["tests/crates", named @ ..] => (fs::read_to_string(root().join(".ci/deny.toml")), named),
        ["tests/bench/run", named @ ..] => (fs::read_to_string(root().join("tests/bench/run")), named),
        _ => return None,
    };
    let text = text.unwrap_or_default();
    let is_there = |word: &str| word.parse::<u32>().is_ok() || text.contains(word.trim_end_matches('*'));
    Some(named.iter().filter(|word| text.is_empty() || !is_there(word)).map(|word| format!("no {word}")).collect())
}

/// The entry that has all of this block.
fn reader(block: &Block) -> Option<&'static (&'static str, &'static str, &'static str, &'static str)> {
    let text = block.lines.join("\n");
    BLOCKS.iter().find(|(document, begin, ..)| block.document == *document && text.starts_with(begin))
}

#[test]
fn every_command_is_read_by_our_parser_or_run_elsewhere() {
    let (mut problems, mut used, mut ours) = (Vec::new(), BTreeSet::new(), 0);
    for block in blocks().unwrap() {
        if block.language == "text" {
            continue;
        }
        if let Some((document, begin, ..)) = reader(&block) {
            used.insert((*document, *begin));
            continue;
        }
        for command in block.commands() {
            let mut complain = |what: &str| problems.push(format!("{}: `{command}`: {what}", block.place()));
            if let Some((listed, ..)) = COMMANDS.iter().find(|(listed, ..)| *listed == command) {
                used.insert(("", *listed));
            } else if is_ours(&command) {
                ours += 1;
                wrong(&command).iter().for_each(|what| complain(what));
            } else if let Some(missing) = of_tests(&command) {
                missing.iter().for_each(|what| complain(what));
            } else {
                complain("no test runs it, and tests/documents/elsewhere.rs does not say who does");
            }
        }
    }
    let listed = BLOCKS.iter().map(|(document, begin, ..)| (*document, *begin));
    for (document, text) in listed.chain(COMMANDS.iter().map(|(command, ..)| ("", *command))) {
        if !used.contains(&(document, text)) {
            problems.push(format!("tests/documents/elsewhere.rs: '{document}' has no '{text}' any more"));
        }
    }
    assert!(problems.is_empty() && ours > 30, "{ours} of ours:\n{}", problems.join("\n"));
}

#[test]
fn who_runs_the_others_does() {
    let blocks = BLOCKS.iter().map(|(.., file, text)| (*file, *text));
    for (file, text) in blocks.chain(COMMANDS.iter().map(|(_, file, text)| (*file, *text))) {
        let found = fs::read_to_string(root().join(file)).unwrap_or_default();
        assert!(found.contains(text), "{file} has no '{text}', which tests/documents/elsewhere.rs counts on");
    }
}

/// Those within a line, which may have words in capitals for what the reader is to fill in.
#[test]
fn commands_in_sentences_are_read_too() {
    let mut problems = Vec::new();
    for path in documents().unwrap() {
        let text = fs::read_to_string(root().join(&path)).unwrap();
        for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.starts_with("    ")) {
            for span in line.split('`').skip(1).step_by(2) {
                let missing = if is_ours(span) && span.contains(" -") && !span.contains('…') {
                    wrong(span).into_iter().collect()
                } else if span.split(' ').any(|word| word == "FILE") {
                    Vec::new()
                } else {
                    of_tests(span).unwrap_or_default()
                };
                problems
                    .extend(missing.iter().map(|what| format!("{}:{}: `{span}`: {what}", path.display(), index + 1)));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

fn block_of_testing(begin: &str) -> Block {
    let is_it = |block: &Block| block.document == "docs/testing.md" && block.lines[0].starts_with(begin);
    blocks().unwrap().into_iter().find(is_it).unwrap_or_else(|| panic!("docs/testing.md shows no '{begin}'"))
}

/// The examples of docs/testing.md are tests of the suites.
#[test]
fn the_examples_of_tests_are_played() {
    let case = fs::read_to_string(root().join("tests/differential/cases/servers/changed-weight.case")).unwrap();
    assert_eq!(block_of_testing("# A weight is changed").lines.join("\n"), case.trim_end());
    let live = fs::read_to_string(root().join("tests/live/traffic.rs")).unwrap();
    let function = block_of_testing("fn weights(").lines.join("\n");
    assert!(live.contains(&function), "tests/live/traffic.rs has it otherwise:\n{function}");
}

/// What docs/testing.md shows of a case that passes.
#[test]
fn a_case_is_shown_by_its_title() {
    let block = block_of_testing("$ tests/run case ");
    let name = block.lines[0].rsplit(' ').next().unwrap();
    let file: PathBuf = root().join("tests/differential/cases").join(format!("{name}.case"));
    let text = fs::read_to_string(file).unwrap();
    let title = text.lines().next().unwrap().trim_start_matches("# ");
    assert_eq!(block.lines[1..], [format!("differential: {name}: {title}"), "1 passed, 0 failed".to_owned()]);
}
