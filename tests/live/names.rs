//! Names of hosts from a name server: forward and reverse, long ones, unknown ones and ones that never come.

use anyhow::{Result, ensure};

use crate::Test;
use crate::busy::Busy;
use crate::name_server::{self, Records};
use crate::network::Network;
use crate::programs::{Programs, Role};
use crate::views;

pub const TESTS: &[Test] = &[
    ("names/reverse", reverse),
    ("names/reverse with traffic", with_traffic),
    ("names/forward", forward),
    ("names/side by side", side_by_side),
    ("names/another namespace", another_namespace),
    ("names/no answer", silence),
    ("names/no name server", no_server),
];

const LONG: &str = "a-host-name-that-is-much-longer-than-any-column-of-the-listings.of.the.example";
/// 251 characters, which is close to the most; each label has 62 of at most 63.
const LONGEST: &str = "label-of-sixty-two-characters-one-less-than-the-most-there-are\
    .label-of-sixty-two-characters-one-less-than-the-most-there-are\
    .label-of-sixty-two-characters-one-less-than-the-most-there-are\
    .label-of-sixty-two-characters-one-less-than-the-most-there-are";

/// The views with names in them.
const NAMED: &[&str] = &[
    "",
    "-L",
    "-L --stats",
    "-L --rate",
    "-L --thresholds",
    "-L --persistent-conn",
    "-L --tun-info",
    "-L --nosort",
    "-S",
    "-L -t 192.0.2.1:80",
];

const SERVICES: &str = "
-A -t 192.0.2.1:80 -s rr
-a -t 192.0.2.1:80 -r 10.2.0.1:80 -m
-a -t 192.0.2.1:80 -r 10.2.0.2:8080 -m
-a -t 192.0.2.1:80 -r 10.2.0.3:80 -m
-a -t 192.0.2.1:80 -r 10.2.0.4:80 -m
-a -t 192.0.2.1:80 -r 10.2.0.5:80 -m
-A -t 10.2.0.3:443 -s rr -p 60
-a -t 10.2.0.3:443 -r 10.2.0.1 -g
-a -t 10.2.0.3:443 -r 10.2.0.2 -i
-A -u 10.2.0.4:53 -s rr
-a -u 10.2.0.4:53 -r 10.2.0.1:53 -m
-A -t [fd02::1]:80 -s rr
-a -t [fd02::1]:80 -r [fd02::2]:80 -m
-a -t [fd02::1]:80 -r [fd02::3]:8080 -m
-A -f 5 -s rr
-a -f 5 -r 10.2.0.1 -m
";
const ADDRESSES: &[&str] =
    &["10.2.0.1", "10.2.0.2", "10.2.0.3", "10.2.0.4", "10.2.0.5", "fd02::1", "fd02::2", "fd02::3"];

fn records() -> Records {
    Records {
        forward: vec![
            ("one.example", &["10.2.0.1"]),
            ("several.example", &["10.2.0.2", "10.2.0.3"]),
            ("both.example", &["fd02::4", "10.2.0.4"]),
            ("six.example", &["fd02::5"]),
            (LONG, &["10.2.0.6"]),
        ],
        reverse: vec![
            ("10.2.0.1", "one.example"),
            ("10.2.0.2", "exactly-twenty-six-chars.ab"),
            ("10.2.0.3", LONG),
            ("10.2.0.4", LONGEST),
            ("fd02::1", "six.example"),
            ("fd02::2", LONG),
        ],
        silent: Vec::new(),
        together: 0,
    }
}

/// Ours lists and asks the name server for each of these addresses once and for nothing else; 192.0.2.1 is in
/// the hosts file.
fn asks_once(programs: &Programs, questions: &name_server::Questions, view: &str, addresses: &[&str]) -> Result<()> {
    questions.take()?;
    programs.run(Role::Ours, view)?;
    let mut asked = questions.take()?;
    asked.sort();
    ensure!(asked == addresses, "ipvsadm {view} asked for {asked:?}, not once for each of {addresses:?}");
    Ok(())
}

fn reverse(programs: &Programs) -> Result<()> {
    let _network = Network::new()?;
    let questions = name_server::serve(records())?;
    programs.ours(SERVICES)?;
    programs.same_with(
        "-L",
        &["TCP www.example:http rr", "-> one.example:http", "-> 10.2.0.5:http", "TCP [six.example]:http"],
    )?;
    programs.same_with("-S", &[&format!("-r [{}", &LONG[..40]), "-A -u label-of-sixty-two-characters"])?;
    programs.same_views(NAMED)?;
    programs.same_views(views::SHORT)?;
    for view in ["-L", "-S", "-L --stats"] {
        asks_once(programs, &questions, view, ADDRESSES)?;
    }
    asks_once(programs, &questions, "-Ln", &[])?;
    asks_once(programs, &questions, "-L -u 10.2.0.4:53", &["10.2.0.1", "10.2.0.4"])
}

/// The connection list names both ends; those that are in no file are asked for.
fn with_traffic(programs: &Programs) -> Result<()> {
    let busy = Busy::new(programs)?;
    let mut records = records();
    records.reverse.extend([("10.0.1.4", "direct.example"), ("2001:db8::7", LONG), ("192.0.2.101", LONGEST)]);
    let questions = name_server::serve(records)?;
    programs.same_with("-Lc", &["client.example:40001 www.example:http", "direct.example:http"])?;
    programs.same_views(&["-Lc", "-Lc --persistent-conn", "-L", "-L --stats"])?;
    questions.take()?;
    programs.run(Role::Ours, "-Lc")?;
    let mut asked = questions.take()?;
    let all = asked.len();
    asked.sort();
    asked.dedup();
    ensure!(all == asked.len() && asked.contains(&"10.0.1.4".to_owned()), "-Lc asked {all} times for {asked:?}");
    drop(busy);
    Ok(())
}

/// Names as addresses: the first IPv4 address counts.
fn forward(programs: &Programs) -> Result<()> {
    let _network = Network::new()?;
    name_server::serve(records())?;
    let commands = [
        "-A -t one.example:http -s rr",
        "-a -t one.example:http -r several.example:http-alt -m",
        "-a -t one.example:http -r both.example -g",
        "-A -u several.example:domain -s rr",
        "-A -t six.example:80",
        "-A -t [six.example]:80",
        "-A -t nosuch.example:80",
        "-a -t one.example:http -r nosuch.example:80 -m",
        "-e -t one.example:http -r both.example:80 -g -w 7",
        "-L -n -t one.example:http",
        "-d -t one.example:http -r both.example",
        "-A -t ONE.example:81 -s rr",
    ]
    .map(str::to_owned);
    let long = [
        format!("-A -t {LONG}:http -s rr"),
        format!("-A -t {LONGEST}:80 -s rr"),
        format!("-A -t {LONG}{LONG}{LONG}:80"),
    ];
    let mut tables = Vec::new();
    for role in [Role::Reference, Role::Ours] {
        let mut outcomes = Vec::new();
        for command in commands.iter().chain(&long) {
            outcomes.push((command, programs.run(role, command)?));
        }
        tables.push((outcomes, programs.same("-Sn")?, programs.same("-S")?));
        programs.reference("-C")?;
    }
    let [(reference, saved, named), (ours, our_saved, our_named)] = &tables[..] else { return Ok(()) };
    for ((command, reference), (_, ours)) in reference.iter().zip(ours) {
        ensure!(reference == ours, "ipvsadm {command}\n  reference: {reference}\n  ours: {ours}");
    }
    ensure!(saved == our_saved && named == our_named, "reference: {saved}{named}ours: {our_saved}{our_named}");
    ensure!(saved.contains("-a -t 10.2.0.1:80 -r 10.2.0.2:8080 -m -w 1\n"), "names became other addresses:\n{saved}");
    Ok(())
}

/// Ours asks for all addresses before it waits for any: the name server says nothing until it is asked for all of them.
fn side_by_side(programs: &Programs) -> Result<()> {
    let _network = Network::new()?;
    name_server::serve(Records { together: ADDRESSES.len(), ..records() })?;
    programs.ours(SERVICES)?;
    let listing = programs.run(Role::Ours, "-L")?;
    for (_, name) in records().reverse {
        ensure!(listing.stdout.contains(&name[..name.len().min(14)]), "no '{name}' in\n{listing}");
    }
    Ok(())
}

/// Words and addresses are looked up where the table is, the latter by threads: the only name server is inside.
fn another_namespace(programs: &Programs) -> Result<()> {
    let network = Network::new()?;
    network.client(|| {
        name_server::serve(records())?;
        Ok(())
    })?;
    for command in ["-A -t one.example:http -s rr", "-a -t one.example:http -r several.example -m"] {
        let outcome = programs.run(Role::Ours, &format!("{command} --netns client"))?;
        ensure!(outcome.status == 0 && outcome.stderr.is_empty(), "{command}: {outcome}");
        ensure!(programs.run(Role::Ours, command)?.status == 2, "{command}: the name is known outside");
    }
    let listing = programs.run(Role::Ours, "--netns client -L")?;
    for part in ["TCP  one.example:http rr", "-> exactly-twenty-six-chars"] {
        ensure!(listing.stdout.contains(part), "no '{part}' in\n{listing}");
    }
    let inside = network.client(|| programs.run(Role::Reference, "-L"))?;
    ensure!(listing == inside, "{listing}, inside {inside}");
    Ok(())
}

/// Addresses for which no answer ever comes are printed as numbers, and names are refused.
fn silence(programs: &Programs) -> Result<()> {
    let _network = Network::new()?;
    let silent = vec!["10.2.0.2", "10.2.0.4", "10.2.0.5", "fd02::1", "fd02::3", "silent.example"];
    let questions = name_server::serve(Records { silent, ..records() })?;
    let programs = &Programs { resolver: "timeout:1", ..programs.clone() };
    programs.ours(SERVICES)?;
    programs.same_with("-L", &["-> 10.2.0.2:http-alt", "-> one.example:http", "TCP [fd02::1]:http"])?;
    programs.same("-S")?;
    asks_once(programs, &questions, "-L", ADDRESSES)?;
    let [reference, ours] = [Role::Reference, Role::Ours].map(|role| programs.run(role, "-A -t silent.example:80"));
    let (reference, ours) = (reference?, ours?);
    ensure!(reference == ours && ours.status == 2, "-A -t silent.example:80\n  reference: {reference}\n  ours: {ours}");
    Ok(())
}

/// Nobody listens at the name server's address.
fn no_server(programs: &Programs) -> Result<()> {
    let _network = Network::new()?;
    programs.ours(SERVICES)?;
    programs.same_views(NAMED)?;
    for role in [Role::Reference, Role::Ours] {
        let refused = programs.run(role, "-A -t one.example:80")?;
        ensure!(refused.status == 2, "{role:?}: {refused}");
    }
    Ok(())
}
