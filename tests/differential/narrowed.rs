//! Listings that the reference refuses, and ours narrows: several services, `-r`, `-s`, `-w`, the connections of a service.

use crate::case::Command;
use crate::known::Known;
use crate::program::{Outcome, Status};
use crate::words::Word;

/// What the reference says, and the heading of docs/differences.md.
const REFUSED: [(&str, &str); 5] = [
    ("multiple 'service-address' options specified\n", SEVERAL),
    ("Illegal 'real-server' option with the 'list' command\n", FILTERS),
    ("Illegal 'scheduler' option with the 'list' command\n", FILTERS),
    ("Illegal 'weight' option with the 'list' command\n", FILTERS),
    ("The option 'service-address' conflicts with the 'connection' option in the 'list' command\n", CONNECTIONS),
];
const SEVERAL: &str = "Several services in one listing";
const CONNECTIONS: &str = "Connections of a service";
const FILTERS: &str = "Listings of some servers and services";

pub const SEVERAL_SERVICES: Known =
    Known { heading: SEVERAL, applies: |c, o| refused(c, o) == Some(SEVERAL), wants: is_narrowed };
pub const SOME_SERVERS: Known =
    Known { heading: FILTERS, applies: |c, o| refused(c, o) == Some(FILTERS), wants: is_narrowed };
pub const CONNECTIONS_OF: Known =
    Known { heading: CONNECTIONS, applies: |c, o| refused(c, o) == Some(CONNECTIONS), wants: is_narrowed };

/// The heading of a listing that the reference refuses.
fn refused(command: &Command, reference: &Outcome) -> Option<&'static str> {
    let said = REFUSED.iter().find(|(text, _)| reference.stderr == text.as_bytes());
    said.filter(|_| is_listing(&command.words[1..])).map(|(_, heading)| *heading)
}

/// Ours lists, or says that a service is not there, or finds something else wrong that the reference did not come to.
fn is_narrowed(_: &Command, reference: &Outcome, ours: &Outcome) -> bool {
    let error = String::from_utf8_lossy(&ours.stderr);
    match ours.status {
        Status::Exit(0) => error.is_empty(),
        Status::Exit(1) => error.starts_with("No such service") && error.lines().count() == 1,
        _ => ours.stdout.is_empty() && !error.is_empty() && ours.stderr != reference.stderr,
    }
}

fn is_listing(words: &[Word]) -> bool {
    let command = words.iter().find(|word| word.starts_with(b"-") && word.len() > 1);
    command.is_some_and(|word| word.starts_with(b"-L") || word.starts_with(b"-l") || word.starts_with(b"--list"))
}

/// Whether words may be such a listing. What a line of a restore lists cannot be foretold then, nor what follows.
pub fn may_be_narrowed(words: &[Word]) -> bool {
    let count = |letters: &str, options: &[&str]| -> usize {
        let of = |word: &Word| {
            let text = String::from_utf8_lossy(word).into_owned();
            match text.strip_prefix('-') {
                Some(long) if long.starts_with('-') => {
                    usize::from(options.iter().any(|name| long[1..].starts_with(name)))
                }
                Some(short) => short.chars().filter(|letter| letters.contains(*letter)).count(),
                None => 0,
            }
        };
        words.iter().map(of).sum()
    };
    let services = count("tuf", &["tcp-service", "udp-service", "sctp-service", "fwmark-service"]);
    let narrows = count("rsw", &["real-server", "scheduler", "weight"]);
    is_listing(words) && (services > 1 || narrows > 0 || services > 0 && count("c", &["connection"]) > 0)
}
