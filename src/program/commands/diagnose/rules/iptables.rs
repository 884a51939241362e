//! What `iptables-save` prints.

use super::{Action, Chain, Hook, Rule, Rules};

impl Rules {
    /// Adds the rules of `iptables` or `ip6tables`, whose name stands before each.
    pub fn add_iptables(&mut self, program: &str, saved: &str) {
        let mut table = String::new();
        for line in saved.lines() {
            if let Some(name) = line.strip_prefix('*') {
                table = format!("{program} {name}");
            } else if let Some(chain) = line.strip_prefix(':') {
                self.chains.extend(self::chain(&table, chain));
            } else if line.starts_with("-A ") {
                let text = format!("{program} {line}");
                self.rules.extend(rule(line).map(|rule| Rule { table: table.clone(), text, ..rule }));
            }
        }
    }
}

/// `FORWARD DROP [0:0]`.
fn chain(table: &str, line: &str) -> Option<Chain> {
    let mut words = line.split_ascii_whitespace();
    let name = words.next()?.to_owned();
    let policy = words.next()?;
    let hook = match name.as_str() {
        _ if policy == "-" => None,
        "PREROUTING" | "FORWARD" => Some(Hook::Through),
        _ => Some(Hook::Other),
    };
    Some(Chain { table: table.to_owned(), name, hook, drops: policy == "DROP" })
}

/// `-A CHAIN MATCHES -j TARGET OPTIONS`.
fn rule(line: &str) -> Option<Rule> {
    let words = words(line);
    let mut rule = Rule { chain: words.get(1)?.clone(), ..Rule::default() };
    let mut rest = words[2..].iter().map(String::as_str).peekable();
    while let Some(word) = rest.next() {
        match word {
            "-o" => rule.out = rest.next().map(str::to_owned),
            "-p" | "-i" | "--comment" | "--vaddr" | "--vport" | "--vproto" | "--vdir" | "--vmethod" => {
                rest.next();
            }
            "-m" => {
                rule.limited |= !matches!(rest.next(), Some("conntrack" | "state" | "comment" | "ipvs" | "tcp" | "udp"))
            }
            "--ipvs" => {}
            "--ctstate" | "--state" => {
                rule.states = rest.next()?.split(',').map(str::to_ascii_lowercase).collect();
            }
            "-j" | "-g" => {
                rule.action = action(rest.next()?, &rest.collect::<Vec<_>>());
                break;
            }
            _ => rule.limited = true,
        }
    }
    // What is for one way out is not for answers, which leave by the clients' link; who knows which that is.
    rule.limited |= rule.out.is_some() && rule.action != Action::Mask;
    Some(rule)
}

fn action(target: &str, options: &[&str]) -> Action {
    match target {
        "ACCEPT" => Action::Accept,
        "DROP" | "REJECT" => Action::Drop,
        "MASQUERADE" | "SNAT" => Action::Mask,
        "MARK" => Action::Mark(options.iter().rev().find_map(|word| mark(word))),
        "CONNMARK" if options.contains(&"--restore-mark") => Action::Mark(None),
        "LOG" | "NFLOG" | "TCPMSS" => Action::Other,
        other => Action::Jump(other.to_owned()),
    }
}

/// `0x9/0xffffffff`.
fn mark(word: &str) -> Option<u32> {
    let value = word.split('/').next()?;
    match value.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16).ok(),
        None => value.parse().ok(),
    }
}

/// The words of a line, of which those with blanks are quoted.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted) = (Vec::new(), String::new(), false);
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => quoted = !quoted,
            '\\' if quoted => word.extend(letters.next()),
            ' ' if !quoted => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
            }
            _ => word.push(letter),
        }
    }
    words.push(word);
    words
}
