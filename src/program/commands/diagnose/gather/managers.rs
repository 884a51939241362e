//! A keepalived in this network namespace, and its configuration.

use super::super::facts::Known;
use super::super::keepalived::{Configuration, parse};
use super::content;
use crate::ipvs::error::io_text;
use crate::program::context::Host;
use std::path::Path;

/// Where keepalived looks.
const CONFIGURATION: &str = "/etc/keepalived/keepalived.conf";

/// What it has in its configuration; `None` where none runs.
pub fn keepalived(host: &dyn Host) -> Option<Known<Configuration>> {
    let words = command_line(host)?;
    let path = file(&words).unwrap_or(CONFIGURATION);
    let text = content(host, path).map_err(|error| format!("{path}: {}", io_text(&error)));
    Some(text.and_then(|text| parse(&text)))
}

/// The words that it was started with.
fn command_line(host: &dyn Host) -> Option<Vec<String>> {
    let namespace = |process: &str| host.link(Path::new(&format!("/proc/{process}/ns/net"))).ok();
    let here = namespace("self");
    // Much of what is there is no process, and has no name.
    let is_meant = |process: &&String| {
        let name = content(host, &format!("/proc/{process}/comm")).unwrap_or_default();
        name.trim_end() == "keepalived" && namespace(process) == here
    };
    let processes = host.folder(Path::new("/proc")).unwrap_or_default();
    let process = processes.iter().find(is_meant)?;
    let words = content(host, &format!("/proc/{process}/cmdline")).unwrap_or_default();
    Some(words.split('\0').map(str::to_owned).collect())
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
