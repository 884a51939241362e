//! The listing views, and how a command is told to be a listing or a restore.

use crate::case::Command;
use crate::words::Word;

/// Every view of the whole table; generated sequences take turns, `views all` takes them all.
pub const ALL: &[&str] = &[
    "-Ln",
    "-Ln --stats",
    "-Sn",
    "-Ln --rate",
    "-L",
    "-Ln --thresholds",
    "-Ln --persistent-conn",
    "-S",
    "-Ln --tun-info",
    "-Ln --stats --exact",
    "",
    "-Ln --rate -X",
    "-Lnc",
    "-L --stats",
    "-Ln --nosort",
    "-Ln --timeout",
    "-L --thresholds",
    "-Ln --daemon",
    "-L --tun-info --nosort",
    "-L --persistent-conn --exact",
    "-Ln --thresholds --nosort --exact",
    "-L --rate --sort",
    "-Sn --nosort",
    "-Lc",
];

/// What is added to a service to look at it alone.
pub const ONE_SERVICE: &[&str] =
    &["-Ln", "-L --stats", "-Ln --rate", "-Ln --thresholds", "-Ln --persistent-conn -X", "-Ln --tun-info"];

/// The views that show all of a table's configuration between them.
pub const DEFAULT: &[&str] = &["-Ln --thresholds", "-Sn"];

/// The words of a view written as in [`ALL`].
pub fn words(view: &str) -> Vec<Word> {
    view.split_whitespace().map(|word| word.as_bytes().to_vec()).collect()
}

/// What a command does with the table, told by its first option as the programs tell it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// Prints and changes nothing: may be repeated.
    Listing,
    Restore,
    Other,
}

/// The kind of a command.
pub fn kind(command: &Command) -> Kind {
    let program = command.words[0].rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    match program {
        b"ipvsadm-save" => return Kind::Listing,
        b"ipvsadm-restore" => return Kind::Restore,
        _ if command.words.len() == 1 => return Kind::Listing,
        _ => {}
    }
    let first_option = command.words[1..].iter().find(|word| word.len() > 1 && word[0] == b'-');
    match first_option.map(Vec::as_slice) {
        Some(b"--list" | b"--save") => Kind::Listing,
        // With anything more it refuses its own command line and plays no line.
        Some(b"-R" | b"--restore") if command.words.len() == 2 => Kind::Restore,
        Some([b'-', b'L' | b'l' | b'S', ..]) => Kind::Listing,
        _ => Kind::Other,
    }
}

/// A listing apart from what two tables with the same content may differ in: the size of the kernel's hash table,
/// and the order of lines (the kernel's hash key differs, and far-apart addresses have no order of their own).
pub fn content(listing: &[u8]) -> Vec<Vec<Vec<u8>>> {
    let mut blocks: Vec<Vec<Vec<u8>>> = Vec::new();
    for line in listing.split(|byte| *byte == b'\n') {
        let line = match line.windows(6).position(|window| window == b"(size=") {
            Some(at) => &line[..at],
            None => line,
        };
        let is_server = line.starts_with(b"  ->") || line.starts_with(b"-a ");
        match blocks.last_mut().filter(|_| is_server) {
            Some(block) => block.push(line.to_vec()),
            None => blocks.push(vec![line.to_vec()]),
        }
    }
    blocks.iter_mut().for_each(|block| block[1..].sort());
    blocks.sort();
    blocks
}
