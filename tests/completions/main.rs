//! The completions of the shells: clap_complete makes them of the declaration, and what only the machine knows (services,
//! servers, schedulers, interfaces) is asked of it when it is completed. They are files below docs/completions, which stay
//! what this makes: `WRITE=1 cargo test --test completions` writes them. `tests/completions/try` tries them in the shells.

use clap::builder::PossibleValuesParser;
use clap::{Arg, Command, ValueHint};
use clap_complete::{Shell, generate};
use ipvsadm::program::cli::{RestoreOptions, SaveOptions, declaration};
use std::{env, fs, path::Path};

/// Asks the machine.
const LIVE: &str = include_str!("live.sh");
/// In place of what clap_complete has for bash at the end.
const AROUND_BASH: &str = include_str!("around.bash");

/// The values of an option, by its long name.
enum Values {
    /// Always the same.
    Words(&'static [&'static str]),
    /// What stands in a script where the machine is to be asked: of this kind, see `live.sh`.
    Live(&'static str),
    File,
    /// Whatever the user likes.
    Any,
}

fn values(long: &str) -> Values {
    match long {
        "tcp-service" => Values::Live("@-t@"),
        "udp-service" => Values::Live("@-u@"),
        "sctp-service" => Values::Live("@--sctp-service@"),
        "fwmark-service" => Values::Live("@-f@"),
        "real-server" => Values::Live("@servers@"),
        "scheduler" => Values::Live("@schedulers@"),
        "mcast-interface" => Values::Live("@interfaces@"),
        "netns" => Values::Live("@namespaces@"),
        "start-daemon" | "stop-daemon" => Values::Words(&["master", "backup"]),
        "pe" => Values::Words(&["sip"]),
        "sched-flags" => {
            Values::Words(&["flag-1", "flag-2", "flag-3", "sh-fallback", "sh-port", "mh-fallback", "mh-port"])
        }
        "tun-type" => Values::Words(&["ipip", "gue", "gre"]),
        "output" | "file" | "FILE" => Values::File,
        _ => Values::Any,
    }
}

fn with_values(arg: Arg) -> Arg {
    if !arg.get_action().takes_values() {
        return arg;
    }
    let values = values(arg.get_id().as_str());
    // A colon would end the name in zsh.
    let has_colon = arg.get_value_names().unwrap_or_default().iter().any(|name| name.contains(':'));
    let arg = if has_colon { arg.value_name("ADDRESS") } else { arg };
    match values {
        Values::Words(words) => arg.value_parser(PossibleValuesParser::new(words)),
        Values::Live(mark) => arg.value_parser(PossibleValuesParser::new([mark])),
        Values::File => arg.value_hint(ValueHint::FilePath),
        Values::Any => arg.value_hint(ValueHint::Other),
    }
}

/// The program's completions for a shell, with the machine asked for `kinds`.
fn completions(mut command: Command, shell: Shell) -> String {
    let name = command.get_name().to_owned();
    command.build();
    // What is hidden is for old scripts.
    let shown: Vec<_> = command.get_arguments().filter(|arg| !arg.is_hide_set()).cloned().map(with_values).collect();
    let bare = Command::new(&*name.clone().leak()).disable_help_flag(true).disable_version_flag(true).version("1");
    command = bare.args(shown);
    let mut text = Vec::new();
    generate(shell, &mut command, &name, &mut text);
    let mut text = String::from_utf8_lossy(&text).into_owned();
    let of_machine = command.get_arguments().filter_map(|arg| match values(arg.get_id().as_str()) {
        Values::Live(mark) => Some(mark),
        _ => None,
    });
    let marks: Vec<_> = of_machine.collect();
    let asks = !marks.is_empty();
    for mark in marks {
        let kind = mark.trim_matches('@');
        let (found, asking) = match shell {
            Shell::Bash => (format!("\"{}\"", mark), format!("\"$(_ipvsadm_live {kind} \"$COMP_LINE\")\"")),
            Shell::Zsh => (format!("({})", mark), format!("{{_ipvsadm_found {kind}}}")),
            _ => (format!("\"{}\\t''\"", mark), format!("\"(__ipvsadm_live {kind} (commandline -p))\"")),
        };
        text = text.replace(&found, &asking);
    }
    // In a shell of its own: its variables are not the user's.
    let live = if asks { format!("\n_ipvsadm_live() (\n{LIVE})\n") } else { String::new() };
    match shell {
        Shell::Bash => {
            let end = text.rfind("\nif [[").unwrap_or(text.len());
            text.truncate(end);
            let function = text.split("()").next().unwrap_or_default().trim().to_owned();
            text + &live + &AROUND_BASH.replace("@PROGRAM@", &name).replace("@FUNCTION@", &function)
        }
        Shell::Zsh => {
            let found = "\n_ipvsadm_found() {\n    local -a found\n    \
                         found=(${(f)\"$(_ipvsadm_live $1 \"$words\")\"})\n    compadd -a found\n}\n";
            let functions = if asks { live + found } else { String::new() };
            text.replacen("\nautoload", &format!("{functions}\nautoload"), 1)
        }
        _ => {
            let quoted = LIVE.replace('\\', "\\\\").replace('\'', "\\'");
            let live = format!("function __ipvsadm_live\n    sh -c '{quoted}' sh $argv\nend\n\n");
            if asks { live + &text } else { text }
        }
    }
}

#[test]
fn the_completions_are_those_of_the_declaration() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/completions");
    for command in [declaration::ipvsadm(), SaveOptions::command(), RestoreOptions::command()] {
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
            let name = command.get_name();
            let file = match shell {
                Shell::Zsh => format!("_{name}"),
                _ => format!("{name}.{shell}"),
            };
            let text = completions(command.clone(), shell);
            let path = folder.join(&file);
            if env::var_os("WRITE").is_some() {
                fs::create_dir_all(&folder)
                    .and_then(|()| fs::write(&path, &text))
                    .unwrap_or_else(|error| panic!("{file}: {error}"));
            }
            let there = fs::read_to_string(&path).unwrap_or_default();
            assert!(there == text, "{file} is not what the options say: WRITE=1 cargo test --test completions");
        }
    }
}
