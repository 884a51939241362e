//! A keepalived in this network namespace, and its configuration.

use super::super::facts::Known;
use super::super::keepalived::{Configuration, parse};
use super::content;
use crate::ipvs::error::io_text;
use crate::program::context::Host;
use crate::program::processes::{Place, Process, running};

/// Where keepalived looks.
const CONFIGURATION: &str = "/etc/keepalived/keepalived.conf";

/// What it has in its configuration; `None` where none runs.
pub fn keepalived(host: &dyn Host) -> Option<Known<Configuration>> {
    let processes = running(host, &["keepalived"]);
    processes.first().map(|process| match process.place {
        Place::Here => configuration(host, process),
        Place::Unknown => Err("its network namespace may be another one, and cannot be read".to_owned()),
    })
}

fn configuration(host: &dyn Host, process: &Process) -> Known<Configuration> {
    let words = content(host, &format!("/proc/{}/cmdline", process.id)).unwrap_or_default();
    let words: Vec<_> = words.split('\0').map(str::to_owned).collect();
    let path = file(&words).unwrap_or(CONFIGURATION);
    let text = content(host, path).map_err(|error| format!("{path}: {}", io_text(&error)))?;
    parse(&text)
}

/// The file that the words name: `-f FILE`, `-fFILE`, `--use-file FILE`, `--use-file=FILE`.
fn file(words: &[String]) -> Option<&str> {
    words.iter().enumerate().find_map(|(at, word)| match word.as_str() {
        "-f" | "--use-file" => words.get(at + 1).map(String::as_str),
        word => word.strip_prefix("--use-file=").or_else(|| word.strip_prefix("-f")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_that_is_used() {
        for (line, expected) in [
            ("keepalived -n -l", None),
            ("keepalived -n -f /a -l", Some("/a")),
            ("keepalived -f/a", Some("/a")),
            ("keepalived --use-file /a", Some("/a")),
            ("keepalived --use-file=/a", Some("/a")),
            ("keepalived -f", None),
        ] {
            let words: Vec<_> = line.split(' ').map(str::to_owned).collect();
            assert_eq!(file(&words), expected, "{line}");
        }
    }
}
