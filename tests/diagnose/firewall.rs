//! Rules that keep clients from ip_vs: some that people write, and whatever iptables takes, of which each diagnosis is put to the
//! kernel.

use std::fs;
use std::net::UdpSocket;
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use socket2::{Domain, Protocol, Socket, Type};

use crate::Test;
use crate::case::{Diagnosis, MASQUERADED, ask_some, breaks, expect};
use crate::clients::begin;
use crate::director::Director;
use crate::network::shell;
use crate::programs::{Programs, until};
use crate::random::Random;

/// Those that need iptables.
pub const TESTS: &[Test] = &[
    ("firewall/clients are shut out", shut_out),
    ("firewall/a backup does not hear its master", deaf_backup),
    ("firewall/directors do not hear each other", no_vrrp),
    ("firewall/too many connections for netfilter", tracked),
    ("firewall/random rules", random),
];

/// A firewall that knows nothing of the service.
fn shut_out(programs: &Programs) -> Result<()> {
    let director = Director::new(programs, MASQUERADED)?;
    shell(
        "iptables-legacy -A INPUT -i lo -j ACCEPT
         iptables-legacy -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
         iptables-legacy -A INPUT -p tcp --dport 22 -j ACCEPT",
    )?;
    let diagnosis = breaks(&director, || shell("iptables-legacy -P INPUT DROP"), &["fault firewall"])?;
    ensure!(!comes(&director, 20000)?, "what is said to be dropped came to ip_vs");
    accept(&diagnosis)?;
    ask_some(&director, "192.0.2.100", "192.0.2.5:80")?;
    expect(programs, "", &[]).map(drop)
}

/// Its firewall drops what the master sends.
fn deaf_backup(programs: &Programs) -> Result<()> {
    let director = Director::new(programs, MASQUERADED)?;
    programs.ours("--start-daemon backup --mcast-interface to-server --mcast-port 9000")?;
    shell("iptables-legacy -A INPUT -i to-client -j ACCEPT")?;
    let diagnosis = breaks(&director, || shell("iptables-legacy -P INPUT DROP"), &["fault sync-daemon"])?;
    accept(&diagnosis)?;
    expect(programs, "", &[]).map(drop)
}

/// The firewall drops VRRP, to which somebody listens.
fn no_vrrp(programs: &Programs) -> Result<()> {
    let director = Director::new(programs, MASQUERADED)?;
    Diagnosis::of(programs, "")?.expect_good()?;
    let _listening =
        Socket::new(Domain::IPV4, Type::from(libc::SOCK_RAW), Some(Protocol::from(112))).context("a raw socket")?;
    shell("iptables-legacy -A INPUT -p tcp -j ACCEPT")?;
    let diagnosis = breaks(&director, || shell("iptables-legacy -P INPUT DROP"), &["warning vrrp"])?;
    accept(&diagnosis)?;
    let heard = expect(programs, "", &[])?;
    ensure!(heard.has("good vrrp"), "{heard:?}");
    Ok(())
}

/// Netfilter tracks what nobody answers, too, for half a minute.
fn tracked(programs: &Programs) -> Result<()> {
    let director = Director::new(programs, MASQUERADED)?;
    shell("iptables-legacy -A INPUT -m conntrack --ctstate INVALID -j DROP")?;
    let limit: u16 = fs::read_to_string("/proc/sys/net/netfilter/nf_conntrack_max")?.trim().parse()?;
    let fill = || {
        director.network.client(|| {
            (0..limit - limit / 20).try_for_each(|number| {
                let socket = UdpSocket::bind(("192.0.2.100", 10_000 + number))?;
                socket.send_to(b"x", "192.0.2.6:9")?;
                Ok(())
            })
        })
    };
    breaks(&director, fill, &["warning conntrack-table"]).map(drop)
}

/// Carries out the one command of the advice, with the iptables that this kernel has.
fn accept(diagnosis: &Diagnosis) -> Result<()> {
    let [command] = &diagnosis.commands()[..] else { anyhow::bail!("one command expected: {diagnosis:?}") };
    shell(&command.replace("iptables ", "iptables-legacy "))
}

const ROUNDS: u64 = 40;

/// What is said to be dropped is dropped, and where all conditions are understood, what is not said to be dropped comes.
fn random(programs: &Programs) -> Result<()> {
    let director = Director::new(programs, MASQUERADED)?;
    let (mut dropped, mut come) = (0, 0);
    for round in 0..ROUNDS {
        let mut random = Random::new(1, round);
        let of_some = random.percent(40);
        let rules = rules(&mut random, of_some);
        let load = format!("iptables-legacy-restore <<'END'\n{rules}END");
        shell(&load).with_context(|| rules.clone())?;
        let diagnosis = Diagnosis::of(programs, "")?;
        let shut = diagnosis.has("fault firewall");
        let wrong = diagnosis.wrong();
        ensure!(wrong.iter().all(|line| line == "fault firewall"), "{wrong:?} by\n{rules}");
        let port = 20_000 + u16::try_from(round)?;
        if shut {
            ensure!(!comes(&director, port)?, "what is said to be dropped comes through\n{rules}");
            dropped += 1;
        } else if !of_some {
            ensure!(!diagnosis.has("unknown firewall"), "all of this is known:\n{rules}");
            let client = director.network.client(|| begin(&format!("192.0.2.100:{port}"), "192.0.2.5:80"))?;
            until("a client comes", || is_known(programs, port)).with_context(|| rules.clone())?;
            drop(client);
            come += 1;
        }
    }
    println!("diagnose: {ROUNDS} random sets of rules: {dropped} let no client pass, {come} let all");
    ensure!(dropped > ROUNDS / 8 && come > ROUNDS / 8, "rules that are too much alike");
    Ok(())
}

/// Whether ip_vs gets what a client sends; some time is given to it.
fn comes(director: &Director<'_>, port: u16) -> Result<bool> {
    let _client = director.network.client(|| begin(&format!("192.0.2.100:{port}"), "192.0.2.5:80"))?;
    sleep(Duration::from_millis(50));
    is_known(director.programs, port)
}

fn is_known(programs: &Programs, port: u16) -> Result<bool> {
    Ok(programs.list("-Lnc")?.contains(&format!("192.0.2.100:{port} ")))
}

/// Rules of two tables; where they are for some clients, the director cannot know which.
fn rules(random: &mut Random, of_some: bool) -> String {
    let mut policy = |chance| if random.percent(chance) { "DROP" } else { "ACCEPT" };
    let mut text = format!("*mangle\n:PREROUTING {} [0:0]\n:INPUT ACCEPT [0:0]\n", policy(5));
    let filter = format!("*filter\n:INPUT {} [0:0]\n:ONE - [0:0]\n:OTHER - [0:0]\n", policy(60));
    let mut add = |text: &mut String, chain: &str, most: usize, targets: &[&str]| {
        for _ in 0..=random.below(most) {
            *text += &format!("-A {chain}{} {}\n", conditions(random, of_some), random.pick(targets));
        }
    };
    if text.contains("DROP") {
        add(&mut text, "PREROUTING", 2, &["-j ACCEPT"]);
    }
    add(&mut text, "INPUT", 2, &["-j RETURN", "-j ACCEPT"]);
    text += "COMMIT\n";
    text += &filter;
    add(&mut text, "INPUT", 4, &["-j ONE", "-j OTHER", "-g ONE", "-j ACCEPT", "-j DROP", "-j RETURN", "-j LOG"]);
    add(&mut text, "ONE", 3, &["-j OTHER", "-g OTHER", "-j ACCEPT", "-j DROP", "-j RETURN"]);
    add(&mut text, "OTHER", 3, &["-j ACCEPT", "-j DROP", "-j RETURN"]);
    text + "COMMIT\n"
}

fn conditions(random: &mut Random, of_some: bool) -> String {
    let mut text = String::new();
    if random.percent(30) {
        text += random.pick(&[
            " -d 192.0.2.5/32",
            " -d 192.0.2.0/24",
            " -d 192.0.2.6/32",
            " ! -d 192.0.2.5/32",
            " ! -d 10.0.0.0/8",
        ]);
    }
    if of_some && random.percent(40) {
        text += random.pick(&[
            " -s 192.0.2.100/32",
            " -s 10.0.0.0/8",
            " ! -s 192.0.2.0/24",
            " -i to-client",
            " ! -i to-client",
        ]);
    } else if random.percent(10) {
        text += random.pick(&[" -i lo", " ! -i lo"]);
    }
    if random.percent(50) {
        text += random.pick(&[
            " -p tcp",
            " -p udp",
            " ! -p tcp",
            " -p icmp",
            " -p tcp -m tcp --dport 80",
            " -p tcp -m tcp --dport 79:81",
            " -p tcp -m tcp ! --dport 80",
            " -p tcp -m multiport --dports 22,443",
            " -p tcp -m multiport --dports 22,70:90",
            " -p udp -m udp --dport 80",
        ]);
    }
    if random.percent(25) {
        text += random.pick(&[
            " -m conntrack --ctstate NEW",
            " -m conntrack --ctstate RELATED,ESTABLISHED",
            " -m state --state INVALID",
            " -m conntrack ! --ctstate INVALID",
        ]);
    }
    text
}
