//! Commands as they should be, on a small world in which names meet again, and the ways to spell an option.

use super::random::Random;
use super::values::{self, mostly};

/// One option: its long name, the short one if it has any, and its value if it takes one.
pub struct Choice {
    long: &'static str,
    short: Option<char>,
    value: Option<String>,
}

/// The services and servers that a sequence is about.
pub struct World {
    services: Vec<[String; 2]>,
    servers: Vec<String>,
    /// There is an interface for the sync daemons.
    pub has_interface: bool,
}

impl World {
    /// A few of each; IPv4 and IPv6 mixed in some.
    pub fn new(random: &mut Random) -> Self {
        let ipv6 = random.pick(&[0, 0, 30, 100]);
        let services = (0..2 + random.below(5)).map(|_| service(random, ipv6)).collect();
        let servers = (0..3 + random.below(4)).map(|_| server(random, ipv6)).collect();
        World { services, servers, has_interface: random.percent(20) }
    }

    /// The words that name one of the services.
    pub fn service(&self, random: &mut Random) -> Vec<String> {
        let [option, value] = self.services[random.below(self.services.len())].clone();
        let family = option == "-f" && random.percent(25);
        [option, value].into_iter().chain(family.then(|| "-6".to_owned())).collect()
    }

    fn server(&self, random: &mut Random) -> String {
        self.servers[random.below(self.servers.len())].clone()
    }

    fn choose_service(&self, random: &mut Random, choices: &mut Vec<Choice>) {
        let [option, value] = self.services[random.below(self.services.len())].clone();
        match option.as_str() {
            "-t" => choices.push(with('t', "tcp-service", value)),
            "-u" => choices.push(with('u', "udp-service", value)),
            "-f" => {
                choices.push(with('f', "fwmark-service", value));
                if random.percent(25) {
                    choices.push(flag(Some('6'), "ipv6"));
                }
            }
            _ => choices.push(Choice { long: "sctp-service", short: None, value: Some(value) }),
        }
    }
}

fn service(random: &mut Random, ipv6: usize) -> [String; 2] {
    let option = random.pick(&["-t", "-t", "-t", "-u", "-u", "--sctp-service", "-f", "-f"]);
    let value = match option {
        "-f" => mostly(random, values::MARKS, values::ODD_MARKS).to_owned(),
        _ => server(random, ipv6),
    };
    [option.to_owned(), value]
}

fn server(random: &mut Random, ipv6: usize) -> String {
    let port = mostly(random, values::PORTS, values::ODD_PORTS);
    if random.percent(ipv6) {
        let address = random.pick(values::IPV6);
        return if random.percent(90) { format!("[{address}]:{port}") } else { (*address).to_owned() };
    }
    let address = mostly(random, values::IPV4, values::ODD_ADDRESSES);
    if random.percent(88) { format!("{address}:{port}") } else { address.to_owned() }
}

fn with(short: char, long: &'static str, value: impl Into<String>) -> Choice {
    Choice { long, short: Some(short), value: Some(value.into()) }
}

fn long(long: &'static str, value: impl Into<String>) -> Choice {
    Choice { long, short: None, value: Some(value.into()) }
}

fn flag(short: Option<char>, long: &'static str) -> Choice {
    Choice { long, short, value: None }
}

/// A command of any kind.
pub fn valid(random: &mut Random, world: &World) -> Vec<Choice> {
    match random.below(100) {
        0..70 => change(random, world),
        70..82 => list(random, world),
        82..86 => zero(random, world),
        86..90 => vec![flag(Some('S'), "save"), flag(Some('n'), "numeric")],
        90..93 => set(random),
        93..99 => daemon(random),
        _ => vec![flag(Some(random.pick(&['h', 'v'])), random.pick(&["help", "version"]))],
    }
}

/// A command that changes services or servers.
pub fn change(random: &mut Random, world: &World) -> Vec<Choice> {
    match random.below(100) {
        0..30 => edit_service(random, world, flag(Some('A'), "add-service")),
        30..40 => edit_service(random, world, flag(Some('E'), "edit-service")),
        40..45 => {
            let mut choices = vec![flag(Some('D'), "delete-service")];
            world.choose_service(random, &mut choices);
            choices
        }
        45..80 => edit_server(random, world, flag(Some('a'), "add-server")),
        80..92 => edit_server(random, world, flag(Some('e'), "edit-server")),
        92..99 => {
            let mut choices = vec![flag(Some('d'), "delete-server")];
            world.choose_service(random, &mut choices);
            choices.push(with('r', "real-server", world.server(random)));
            choices
        }
        _ => vec![flag(Some('C'), "clear")],
    }
}

fn edit_service(random: &mut Random, world: &World, command: Choice) -> Vec<Choice> {
    let mut choices = vec![command];
    world.choose_service(random, &mut choices);
    if random.percent(70) {
        choices.push(with('s', "scheduler", mostly(random, values::SCHEDULERS, values::ODD_SCHEDULERS)));
    }
    if random.percent(30) {
        let timeout = mostly(random, values::NUMBERS, values::ODD_NUMBERS);
        choices.push(if random.percent(70) { with('p', "persistent", timeout) } else { flag(Some('p'), "persistent") });
        if random.percent(50) {
            choices.push(with('M', "netmask", mostly(random, values::MASKS, values::ODD_MASKS)));
        }
        if random.percent(20) {
            choices.push(long("pe", mostly(random, &["sip"], &["", "nosuch", "a-very-long-engine-name"])));
        }
    }
    if random.percent(10) {
        choices.push(flag(Some('o'), "ops"));
    }
    if random.percent(20) {
        choices.push(with('b', "sched-flags", mostly(random, values::FLAGS, values::ODD_FLAGS)));
    }
    choices
}

fn edit_server(random: &mut Random, world: &World, command: Choice) -> Vec<Choice> {
    let mut choices = vec![command];
    world.choose_service(random, &mut choices);
    choices.push(with('r', "real-server", world.server(random)));
    match random.below(10) {
        0..2 => choices.push(flag(Some('g'), "gatewaying")),
        2..6 => choices.push(flag(Some('m'), "masquerading")),
        6..8 => {
            choices.push(flag(Some('i'), "ipip"));
            tunnel(random, &mut choices);
        }
        _ => {}
    }
    if random.percent(50) {
        choices.push(with('w', "weight", mostly(random, values::NUMBERS, values::ODD_NUMBERS)));
    }
    if random.percent(20) {
        choices.push(with('x', "u-threshold", mostly(random, values::NUMBERS, values::ODD_NUMBERS)));
    }
    if random.percent(15) {
        choices.push(with('y', "l-threshold", mostly(random, values::NUMBERS, values::ODD_NUMBERS)));
    }
    choices
}

fn tunnel(random: &mut Random, choices: &mut Vec<Choice>) {
    if random.percent(40) {
        return;
    }
    let kind = mostly(random, values::TUNNELS, values::ODD_TUNNELS);
    choices.push(long("tun-type", kind));
    if random.percent(if kind == "gue" { 90 } else { 8 }) {
        choices.push(long("tun-port", mostly(random, values::PORTS, values::ODD_NUMBERS)));
    }
    if random.percent(if kind == "ipip" { 8 } else { 60 }) {
        choices.push(flag(None, random.pick(&["tun-nocsum", "tun-csum", "tun-remcsum"])));
    }
}

fn list(random: &mut Random, world: &World) -> Vec<Choice> {
    let mut choices = vec![flag(Some(random.pick(&['L', 'l'])), "list")];
    if random.percent(25) {
        world.choose_service(random, &mut choices);
    }
    if random.percent(60) {
        choices.push(flag(Some('n'), "numeric"));
    }
    for _ in 0..random.below(3) {
        choices.push(match random.below(12) {
            0 => flag(Some('c'), "connection"),
            1 => flag(Some('X'), "exact"),
            2 => flag(None, "timeout"),
            3 => flag(None, "daemon"),
            4 => flag(None, "sort"),
            other => {
                flag(None, ["stats", "rate", "thresholds", "persistent-conn", "tun-info", "nosort", "stats"][other - 5])
            }
        });
    }
    choices
}

fn zero(random: &mut Random, world: &World) -> Vec<Choice> {
    let mut choices = vec![flag(Some('Z'), "zero")];
    if random.percent(70) {
        world.choose_service(random, &mut choices);
    }
    choices
}

/// The operands of `--set` have no option's name.
fn set(random: &mut Random) -> Vec<Choice> {
    let mut choices = vec![flag(None, "set")];
    for _ in 0..random.pick(&[3, 3, 3, 3, 3, 2, 4]) {
        choices.push(long("", mostly(random, values::NUMBERS, values::ODD_NUMBERS)));
    }
    choices
}

fn daemon(random: &mut Random) -> Vec<Choice> {
    let state = mostly(random, values::STATES, values::ODD_STATES);
    if random.percent(35) {
        let mut choices = vec![long("stop-daemon", state)];
        if random.percent(50) {
            choices.push(long("syncid", mostly(random, values::NUMBERS, values::ODD_NUMBERS)));
        }
        return choices;
    }
    let mut choices = vec![long("start-daemon", state)];
    if random.percent(85) {
        choices.push(long("mcast-interface", mostly(random, values::INTERFACES, values::ODD_INTERFACES)));
    }
    let numbers = ["syncid", "sync-maxlen", "mcast-port", "mcast-ttl"];
    for name in numbers.into_iter().filter(|_| random.percent(30)).collect::<Vec<_>>() {
        choices.push(long(name, mostly(random, values::NUMBERS, values::ODD_NUMBERS)));
    }
    if random.percent(30) {
        choices.push(long("mcast-group", mostly(random, values::GROUPS, values::ODD_GROUPS)));
    }
    choices
}

/// Writes options as words: short or long, the value apart or attached, short ones side by side; now and then in
/// another order behind the command.
pub fn spell(random: &mut Random, mut choices: Vec<Choice>) -> Vec<String> {
    if choices.len() > 2 && random.percent(15) {
        let at = 1 + random.below(choices.len() - 1);
        let moved = choices.remove(at);
        choices.push(moved);
    }
    let mut words: Vec<String> = Vec::new();
    let mut open = false;
    for Choice { long, short, value } in choices {
        let (optional, short) = (long == "persistent", short.filter(|_| random.percent(75)));
        match (short, value) {
            _ if long.is_empty() => {}
            (Some(short), None) if open && random.percent(30) => {
                words.last_mut().into_iter().for_each(|word| word.push(short))
            }
            (Some(short), None) => words.push(format!("-{short}")),
            (None, None) => words.push(format!("--{long}")),
            (Some(short), Some(value)) => match random.below(10) {
                0 if !value.is_empty() => words.push(format!("-{short}{value}")),
                1 => words.push(format!("-{short}={value}")),
                2 if open => {
                    words.last_mut().into_iter().for_each(|word| word.push(short));
                    words.push(value);
                }
                _ => words.extend([format!("-{short}"), value]),
            },
            (None, Some(value)) if random.percent(40) => words.push(format!("--{long}={value}")),
            (None, Some(value)) => words.extend([format!("--{long}"), value]),
        }
        // Behind a flag's letter another letter may stand.
        open = !optional && words.last().is_some_and(|word| word.len() == 2 && word.starts_with('-') && word != "--");
    }
    words
}
