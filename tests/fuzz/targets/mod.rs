//! What must hold of any input: one function for each target. The fuzzer calls them with inputs of its own, `cargo test`
//! with those of `corpus` (tests/corpora.rs).
// A panic is how a target says that something does not hold.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod machine;
mod messages;
mod rules;

use ipvsadm::program::applet::Applet;
use ipvsadm::program::cli;
use machine::{Machine, NoNames};
use messages::{Fixed, Kernel};
use rules::{saved, table_of};

/// A target: its name, and what it does with an input.
type Target = (&'static str, fn(&[u8]));

/// All of them.
pub const ALL: [Target; 6] = [
    ("words", words),
    ("rules", rules),
    ("messages", messages),
    ("answers", answers),
    ("connections", connections),
    ("document", document),
];

/// Words of a command line: a change that they ask for is the same once it was written as a rule.
pub fn words(input: &[u8]) {
    let text = ipvsadm::ipvs::text::decode(input);
    // A word with a blank in it is two in a line, and none has a NUL, which ends it.
    let words: Vec<&str> =
        text.split(|c: char| c == '\0' || c.is_whitespace()).filter(|word| !word.is_empty()).collect();
    if let Ok(cli::Request::Change(change)) = cli::parse(&words, &NoNames) {
        let rule = saved(&[change]);
        let read = cli::parse_line(rule.trim_end(), &mut Vec::new(), &NoNames);
        assert!(matches!(read, Ok(Some(cli::Request::Change(again))) if again == change), "{rule} is read as {read:?}");
    }
}

/// A restore file: saved again and read again, its table is the same.
pub fn rules(input: &[u8]) {
    let text = ipvsadm::ipvs::text::decode(input);
    if let Some(table) = table_of(&text) {
        let text = saved(&table);
        assert_eq!(table_of(&text).as_ref(), Some(&table), "{text}");
    }
    // The messages too take any text.
    Machine::default().run(Applet::Restore, &["--test", "--verbose"], input);
}

/// A kernel's replies, of which the fuzzer makes the attributes and any answers: what is read of them can be printed.
pub fn messages(input: &[u8]) {
    for view in [
        &["-Ln", "--stats", "--exact"][..],
        &["-Sn"],
        &["-L", "--timeout"],
        &["-L", "--daemon"],
        &["-ln", "--thresholds"],
    ] {
        Machine::of(Kernel::new(input)).run(Applet::Ipvsadm, view, b"");
    }
    Machine::of(Kernel::new(input)).run(Applet::Save, &["--full"], b"");
    for view in [&["-Ln", "--json"][..], &["-L", "--timeout", "--json"], &["-L", "--daemon", "--json"]] {
        let (status, printed) = Machine::of(Kernel::new(input)).run(Applet::Ipvsadm, view, b"");
        if status == 0 {
            serde_json::from_slice::<serde_json::Value>(&printed).expect("a document");
            Machine::default().run(Applet::Restore, &["--json", "--test"], &printed);
        }
    }
}

/// Whole datagrams, the number of the family among them, as answers to a listing, to a change and to a restore.
pub fn answers(input: &[u8]) {
    for line in [&["-Ln"][..], &["-A", "-f", "1"], &["-R"]] {
        Machine::of(Fixed::new(input)).run(Applet::Ipvsadm, line, b"-A -f 1\n-a -f 1 -r 192.0.2.1\n-C\n");
    }
    Machine::of(Fixed::new(input)).run(Applet::Restore, &["--atomic"], b"-A -f 1\n-a -f 1 -r 192.0.2.1\n");
}

/// The text of /proc/net/ip_vs_conn.
pub fn connections(input: &[u8]) {
    for line in
        [&["-Lnc"][..], &["-Lnc", "--persistent-conn"], &["-Lnc", "--count"], &["-Lnc", "--client", "10.0.0.0/8"]]
    {
        Machine::with_connections(input).run(Applet::Ipvsadm, line, b"");
    }
    for line in [&["-Lnc", "--json"][..], &["-Lnc", "--count", "--json"]] {
        let (status, printed) = Machine::with_connections(input).run(Applet::Ipvsadm, line, b"");
        if status == 0 {
            serde_json::from_slice::<serde_json::Value>(&printed).expect("a document");
        }
    }
}

/// A document for `ipvsadm-restore --json`.
pub fn document(input: &[u8]) {
    for line in [&["--json", "--test", "--verbose"][..], &["--json", "--diff"]] {
        Machine::of(Kernel::new(b"")).run(Applet::Restore, line, input);
    }
    let (status, printed) = Machine::of(Kernel::new(b"")).run(Applet::Restore, &["--json", "--diff", "--json"], input);
    if status < 2 {
        serde_json::from_slice::<serde_json::Value>(&printed).expect("a document");
    }
}
