//! The option table, `-h`, the manuals and docs/differences.md say the same in the same spelling: each line of a help has
//! its item in the manual and the other way round, and what the reference does not have has a heading among the differences.

use clap::Command;
use ipvsadm::program::cli::options::OPTIONS;
use ipvsadm::program::cli::{RestoreOptions, SaveOptions, declaration, usage};
use std::collections::BTreeSet;

const DIFFERENCES: &str = include_str!("../../docs/differences.md");
const MANUAL: &str = include_str!("../../docs/ipvsadm.8");
const SAVE_MANUAL: &str = include_str!("../../docs/ipvsadm-save.8");
const RESTORE_MANUAL: &str = include_str!("../../docs/ipvsadm-restore.8");

/// The three programs: the manual and the declaration.
fn programs() -> [(&'static str, Command); 3] {
    [
        (MANUAL, declaration::ipvsadm()),
        (SAVE_MANUAL, SaveOptions::command()),
        (RESTORE_MANUAL, RestoreOptions::command()),
    ]
}

fn help(command: &Command) -> String {
    command.clone().render_help().to_string()
}

/// The left column of a help: `-t, --tcp-service <ADDR:PORT>`.
fn left_column(help: &str) -> BTreeSet<String> {
    let lines = help.lines().filter(|line| line.starts_with("  ")).map(str::trim_start);
    let options = lines.filter(|line| line.starts_with(['-', '[']));
    options.map(|line| line.split("  ").next().unwrap_or(line).to_owned()).collect()
}

/// The items of a manual that are options or operands, as a terminal shows them.
fn items(manual: &str) -> BTreeSet<String> {
    let items = manual.lines().filter_map(|line| line.strip_prefix(".It ")).map(shown);
    items.filter(|item| item.starts_with(['-', '['])).collect()
}

/// What mdoc(7) makes of the words of an item: `Fl` puts a dash before the next one, `Op` what is left of it in brackets.
fn shown(item: &str) -> String {
    let (mut text, mut dash, mut end) = (String::new(), false, "");
    for word in item.split(' ') {
        match word {
            "Fl" => dash = true,
            "Ar" | "Cm" => dash = false,
            "Op" => {
                text += if text.is_empty() { "[" } else { " [" };
                end = "]";
            }
            "," => text += ",",
            _ => {
                let glued = text.is_empty() || text.ends_with('[');
                text += &format!("{}{}{word}", if glued { "" } else { " " }, if dash { "-" } else { "" });
                dash = false;
            }
        }
    }
    text + end
}

#[test]
fn items_are_shown_as_by_man() {
    for (item, expected) in [
        ("Fl t , Fl -tcp-service Ar <ADDR:PORT>", "-t, --tcp-service <ADDR:PORT>"),
        ("Fl p , Fl -persistent Op Ar <SECONDS>", "-p, --persistent [<SECONDS>]"),
        ("Fl -set Ar <TCP> <TCPFIN> <UDP>", "--set <TCP> <TCPFIN> <UDP>"),
        ("Op Ar FILE", "[FILE]"),
        ("Fl n", "-n"),
    ] {
        assert_eq!(shown(item), expected);
    }
}

#[test]
fn each_line_of_a_help_is_an_item_of_its_manual_and_the_other_way_round() {
    for (manual, command) in programs() {
        assert_eq!(items(manual), left_column(&help(&command)), "{}", command.get_name());
    }
}

#[test]
fn the_help_has_the_whole_table() {
    let help = usage::help();
    let shown = left_column(&help);
    for spec in &OPTIONS {
        let has = |item: &String| item.split([' ', ',']).any(|word| word == format!("--{}", spec.long));
        assert!(shown.iter().any(has), "--{} is not in the help", spec.long);
    }
}

/// Each stands in a heading as the help has it: "## `--output <FILE>`".
#[test]
fn what_the_reference_does_not_have_is_a_difference() {
    let headings: Vec<&str> = DIFFERENCES.lines().filter(|line| line.starts_with('#')).collect();
    let ours = OPTIONS.iter().filter(|spec| spec.is_ours()).map(|spec| format!("--{}", spec.long));
    let reference_has = ["-n"];
    let of_wrappers = [SaveOptions::command(), RestoreOptions::command()].map(|command| left_column(&help(&command)));
    let all = left_column(&usage::help()).into_iter().filter(|item| ours.clone().any(|long| item.contains(&long)));
    for item in all.chain(of_wrappers.into_iter().flatten()) {
        let is_there = headings.iter().any(|heading| heading.contains(&format!("`{item}`")));
        assert!(is_there || reference_has.contains(&&*item), "no heading of docs/differences.md has `{item}`");
    }
    for heading in headings {
        let (line, text) = (heading, DIFFERENCES.split(heading).nth(1).unwrap_or_default());
        assert!(!text.trim_start().starts_with('#') && !text.trim().is_empty(), "no text under {line}");
    }
}

#[test]
fn no_line_of_a_help_is_longer_than_a_terminal() {
    let helps = programs().map(|(_, command)| help(&command));
    for line in helps.iter().flat_map(|help| help.lines()).chain(usage::help().lines()) {
        assert!(line.chars().count() <= 100, "{line}");
    }
}
