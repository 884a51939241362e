//! What `iptables-save` prints.

use super::packets::{Condition, Kind};
use super::{Action, Chain, Hook, Rule, Rules};
use std::ops::RangeInclusive;

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
                let words = words(line);
                let does = |target: &str| words.windows(2).any(|pair| pair[0] == "-j" && pair[1] == target);
                self.elsewhere.translates |= does("DNAT") || does("REDIRECT");
                self.elsewhere.untracks |= does("NOTRACK") || words.iter().any(|word| word == "--notrack");
                let text = format!("{program} {line}");
                self.rules.extend(rule(&words).map(|rule| Rule { table: table.clone(), text, ..rule }));
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
        "PREROUTING" => Some(Hook::Prerouting),
        "FORWARD" => Some(Hook::Forward),
        // That of nat comes after ip_vs.
        "INPUT" if !table.ends_with(" nat") => Some(Hook::Input),
        _ => Some(Hook::Other),
    };
    Some(Chain { table: table.to_owned(), name, hook, drops: policy == "DROP" })
}

/// `-A CHAIN MATCHES -j TARGET OPTIONS`.
fn rule(words: &[String]) -> Option<Rule> {
    let mut rule = Rule { chain: words.get(1)?.clone(), ..Rule::default() };
    let mut rest = words[2..].iter().map(String::as_str);
    let mut not = false;
    while let Some(word) = rest.next() {
        let kind = match word {
            "!" => {
                not = true;
                continue;
            }
            "--comment" => {
                rest.next();
                continue;
            }
            "-m" => match rest.next() {
                Some("conntrack" | "state" | "comment" | "ipvs" | "tcp" | "udp" | "sctp" | "multiport") => continue,
                _ => Kind::Other,
            },
            "-j" | "-g" => {
                rule.action = action(word, rest.next()?, &rest.collect::<Vec<_>>());
                break;
            }
            "-p" => Kind::Protocol(vec![rest.next()?.to_owned()]),
            "-d" => rest.next()?.parse().map_or(Kind::Other, |network| Kind::To(vec![network])),
            "--dport" | "--dports" => ports(rest.next()?).map_or(Kind::Other, Kind::Port),
            "-i" => Kind::In(vec![rest.next()?.to_owned()]),
            "-o" => Kind::Out(rest.next()?.to_owned()),
            "--ctstate" | "--state" => Kind::State(rest.next()?.split(',').map(str::to_ascii_lowercase).collect()),
            "--ctstatus" if rest.next()? == "DNAT" => Kind::Translated,
            "--ipvs" => Kind::Ipvs,
            "--vaddr" | "--vport" | "--vproto" | "--vdir" | "--vmethod" => {
                rest.next();
                Kind::Ipvs
            }
            _ => Kind::Other,
        };
        rule.conditions.push(Condition { kind, not });
        not = false;
    }
    Some(rule)
}

/// `80,8000:8010`.
fn ports(list: &str) -> Option<Vec<RangeInclusive<u16>>> {
    let range = |range: &str| {
        let (first, last) = range.split_once(':').unwrap_or((range, range));
        Some(first.parse().ok()?..=last.parse().ok()?)
    };
    list.split(',').map(range).collect()
}

fn action(how: &str, target: &str, options: &[&str]) -> Action {
    match target {
        "ACCEPT" => Action::Accept,
        "DROP" | "REJECT" => Action::Drop,
        "RETURN" => Action::Return,
        "MASQUERADE" | "SNAT" => Action::Mask,
        "MARK" => Action::Mark(options.iter().rev().find_map(|word| mark(word))),
        "CONNMARK" if options.contains(&"--restore-mark") => Action::Mark(None),
        "LOG" | "NFLOG" | "TCPMSS" | "CT" | "NOTRACK" | "CONNMARK" | "TRACE" => Action::Other,
        other if how == "-g" => Action::Goto(other.to_owned()),
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
