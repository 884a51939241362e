//! Spoils a command line the way people and scripts do: words lost, doubled, swapped, strange values, options that
//! belong to another command.

use super::commands::World;
use super::random::Random;
use super::values;

/// Options and words to put where they do not belong.
const STRANGERS: &[&str] = &[
    "-n",
    "-c",
    "-o",
    "-6",
    "-X",
    "-g",
    "-i",
    "-m",
    "-p",
    "--stats",
    "--rate",
    "--exact",
    "--nosort",
    "--sort",
    "--timeout",
    "--daemon",
    "--thresholds",
    "--persistent-conn",
    "--tun-info",
    "--tun-csum",
    "--tun-nocsum",
    "--tun-remcsum",
    "-L",
    "-C",
    "-A",
    "-S",
    "-R",
    "-Z",
    "-h",
    "-v",
    "--set",
    "-Q",
    "--bogus",
    "--bogus=3",
    "--stats=1",
    "-",
    "--",
    "",
    "extra",
    "-nQ",
    "-t",
    "-w",
    "-r",
    "--tun-type",
    "--add",
    "--lis",
    "-list",
    "---",
    "--=",
    "-=",
    "=",
    "--list=",
    "-p=",
    "--persistent=",
    "-w=5",
    "-s=",
    "--pe",
    "-b",
    "--connection",
    "--numeric",
];

/// Options with a value, for a value of any kind.
const TAKERS: &[&str] = &[
    "-t",
    "-u",
    "-f",
    "-s",
    "-p",
    "-M",
    "-r",
    "-w",
    "-x",
    "-y",
    "-b",
    "--sctp-service",
    "--pe",
    "--tun-type",
    "--tun-port",
    "--mcast-interface",
    "--syncid",
    "--sync-maxlen",
    "--mcast-group",
    "--mcast-port",
    "--mcast-ttl",
];

const VALUES: &[&[&str]] = &[
    values::ODD_ADDRESSES,
    values::ODD_PORTS,
    values::ODD_MARKS,
    values::ODD_SCHEDULERS,
    values::ODD_NUMBERS,
    values::ODD_MASKS,
    values::ODD_FLAGS,
    values::ODD_GROUPS,
    values::ODD_TUNNELS,
    values::NUMBERS,
    values::IPV4,
];

/// Changes one thing.
pub fn mangle(random: &mut Random, world: &World, words: &mut Vec<String>) {
    let at = random.below(words.len().max(1));
    let behind = random.below(words.len() + 1);
    match random.below(9) {
        0 if words.len() > 1 => drop(words.remove(at)),
        1 if !words.is_empty() => words.insert(behind, words[at].clone()),
        2 if words.len() > 1 => words.swap(at, behind.min(at.max(1) - 1)),
        3 if !words.is_empty() => words[at] = odd_value(random),
        4 => words.insert(behind, random.pick(STRANGERS).to_owned()),
        5 => {
            let value = odd_value(random);
            words.splice(behind..behind, [(random.pick(TAKERS)).to_owned(), value]);
        }
        6 => drop(words.splice(behind..behind, world.service(random))),
        7 if !words.is_empty() => drop(words[at].pop()),
        _ => words.push(random.pick(STRANGERS).to_owned()),
    }
}

fn odd_value(random: &mut Random) -> String {
    let kind = random.pick(VALUES);
    random.pick(kind).to_owned()
}
