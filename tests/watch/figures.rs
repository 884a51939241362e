//! What the screen says is what the servers, the clients and the reference count.

use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::Test;
use crate::network::Network;
use crate::pane::Pane;
use crate::programs::Programs;
use crate::traffic::{Clients, Server};

pub const TESTS: &[Test] = &[
    ("figures/counts and rates", counts_and_rates),
    ("figures/marks", marks),
    ("figures/what spoils them", what_spoils_them),
];

const SIZE: (u16, u16) = (140, 40);
const PAUSE: Duration = Duration::from_millis(40);

/// The words of the row whose name this is, behind the name.
fn row(lines: &[String], name: &str) -> Option<Vec<String>> {
    let line = lines.iter().find(|line| line.split_whitespace().nth(1) == Some(name))?;
    Some(line.split_whitespace().skip(2).map(str::to_owned).collect())
}

fn number(lines: &[String], name: &str, column: usize) -> f64 {
    row(lines, name).and_then(|words| words.get(column)?.parse().ok()).unwrap_or(f64::NAN)
}

/// In the page of a service: the connections that a server has had.
fn so_far(lines: &[String], name: &str) -> Option<u64> {
    let place = lines.iter().position(|line| line.split_whitespace().nth(1) == Some(name))?;
    let (_, counted) = lines.get(place + 1)?.split_once("so far ")?;
    counted.split(' ').next()?.parse().ok()
}

fn counts_and_rates(programs: &Programs) -> Result<()> {
    const TABLE: &str = "
        -A -t 192.0.2.1:80 -s wrr
        -a -t 192.0.2.1:80 -r 10.0.1.2:8080 -m -w 1
        -a -t 192.0.2.1:80 -r 10.0.1.3:8080 -m -w 3
        -A -t 192.0.2.2:80 -s rr
        -a -t 192.0.2.2:80 -r 10.0.1.4 -g";
    let network = Network::new()?;
    let first = Server::start(&network, "10.0.1.2:8080", 5000)?;
    let second = Server::start(&network, "10.0.1.3:8080", 5000)?;
    let _direct = Server::start(&network, "192.0.2.2:80", 5000)?;
    programs.ours(TABLE)?;
    let pane = Pane::start(programs, SIZE, &[], "-Ln --watch=4")?;
    pane.wait_for("rates come in 4 s")?;
    let clients = Clients::start(&network, "192.0.2.100:0", "192.0.2.1:80", PAUSE, true)?;
    let direct = Clients::start(&network, "192.0.2.101:0", "192.0.2.2:80", PAUSE, true)?;
    // The kernel counts every two seconds, so that an interval may have more or less of the traffic than it had time.
    let near = |shown: f64, made: f64| (shown / made - 1.0).abs() < 0.6;
    let lines = pane.until("rates are those of the clients", |lines| {
        let pace = clients.pace();
        near(number(lines, "192.0.2.1:80", 0), pace)
            && near(number(lines, "10.0.1.2:8080", 0), pace / 4.0)
            && near(number(lines, "10.0.1.3:8080", 0), pace * 3.0 / 4.0)
            && near(number(lines, "192.0.2.1:80", 4), pace * 5200.0)
            && near(number(lines, "192.0.2.2:80", 0), direct.pace())
    })?;
    // By weight, as wrr does it, so nothing is marked; replies of direct routing do not pass here.
    for (name, share) in [("10.0.1.2:8080", 25.0), ("10.0.1.3:8080", 75.0)] {
        let words = row(&lines, name).context("no row")?;
        ensure!(words.len() == 11 && words[10] == share.to_string(), "{words:?}");
        ensure!((words[9].parse::<f64>()? - share).abs() < 15.0, "{words:?}");
    }
    let words = row(&lines, "192.0.2.2:80").context("no row")?;
    ensure!(words[2] == "-" && words[4] == "-" && words[1] != "-", "{words:?}");

    let made = clients.end();
    drop(direct);
    ensure!(made == first.clients() + second.clients(), "{made} clients, {} + {}", first.clients(), second.clients());
    pane.press("Enter")?;
    let lines = pane.until("the counts are those of the servers", |lines| {
        lines.get(3).is_some_and(|line| line.starts_with(&format!("so far {made} connections")))
            && so_far(lines, "10.0.1.2:8080") == Some(first.clients())
            && so_far(lines, "10.0.1.3:8080") == Some(second.clients())
    })?;
    // The reference says the same.
    let listing = programs.list("-Ln --stats --exact -t 192.0.2.1:80")?;
    let service = listing.lines().find(|line| line.contains("192.0.2.1:80")).context("no such service")?;
    ensure!(service.split_whitespace().nth(2) == Some(&made.to_string()), "{made}: {listing}");
    // Its clients have left, which the kernel remembers for two minutes.
    let states: Vec<_> = lines.iter().filter(|line| line.contains("TIME_WAIT")).collect();
    ensure!(states.len() == 2, "{}", lines.join("\n"));
    Ok(())
}

fn marks(programs: &Programs) -> Result<()> {
    const TABLE: &str = "
        -A -t 192.0.2.1:80 -s sh -b sh-fallback
        -a -t 192.0.2.1:80 -r 10.0.1.2:8080 -m
        -a -t 192.0.2.1:80 -r 10.0.1.3:8080 -m
        -a -t 192.0.2.1:80 -r 10.0.1.4:8080 -m -w 0
        -A -t 192.0.2.3:80 -s rr
        -a -t 192.0.2.3:80 -r 10.9.9.7:80 -m
        -A -t 192.0.2.5:80 -s rr
        -a -t 192.0.2.5:80 -r 10.0.1.5:8080 -m -x 2";
    let network = Network::new()?;
    for last in 2..=5 {
        Server::start(&network, &format!("10.0.1.{last}:8080"), 100)?;
    }
    programs.ours(TABLE)?;
    let pane = Pane::start(programs, SIZE, &[], "-Ln --watch=4")?;
    // One client only, whom sh sends to one server; nobody answers at 10.9.9.7; a third one for two connections.
    let _one = Clients::start(&network, "192.0.2.100:0", "192.0.2.1:80", PAUSE, true)?;
    let _unanswered = Clients::start(&network, "192.0.2.100:0", "192.0.2.3:80", PAUSE * 5, false)?;
    let _held: Vec<_> = (0..2)
        .map(|_| Clients::start(&network, "192.0.2.100:0", "192.0.2.5:80", Duration::from_secs(1), true))
        .collect::<Result<_>>()?;
    let mark =
        |lines: &[String], name: &str| row(lines, name).and_then(|words| words.get(11).cloned()).unwrap_or_default();
    let lines = pane.until("the marks are there", |lines| {
        let mut of_sh = [mark(lines, "10.0.1.2:8080"), mark(lines, "10.0.1.3:8080")];
        of_sh.sort();
        of_sh == ["more", "silent"]
            && mark(lines, "10.9.9.7:80") == "no_replies"
            && mark(lines, "10.0.1.5:8080") == "over_threshold"
    })?;
    ensure!(mark(&lines, "10.0.1.4:8080") == "weight_0", "{}", lines.join("\n"));
    pane.press("/ silent")?;
    pane.until("only silent servers are there", |lines| {
        lines[0].contains("1 services, 1 servers") && mark(lines, "10.0.1.4:8080").is_empty()
    })?;
    Ok(())
}

fn what_spoils_them(programs: &Programs) -> Result<()> {
    let network = Network::new()?;
    let _server = Server::start(&network, "10.0.1.2:8080", 100)?;
    programs.ours("-A -t 192.0.2.1:80 -s rr\n-a -t 192.0.2.1:80 -r 10.0.1.2:8080 -m")?;
    let clients = Clients::start(&network, "192.0.2.100:0", "192.0.2.1:80", PAUSE, true)?;
    let pane = Pane::start(programs, SIZE, &[], "-Ln --watch=3")?;
    pane.until("there are rates", |lines| number(lines, "192.0.2.1:80", 0) > 1.0)?;
    // While clients come, or are still to be counted, counters may reach what they were before anybody looks.
    clients.end();
    pane.until("all are counted", |lines| number(lines, "192.0.2.1:80", 0) == 0.0)?;
    programs.reference("-Z")?;
    pane.wait_for("Counters were reset (-Z)")?;
    programs.reference("-A -t 192.0.2.9:80\n-a -t 192.0.2.1:80 -r 10.0.1.3:8080 -m")?;
    let lines = pane.wait_for("The table changed: ")?;
    ensure!(lines[1].contains("added"), "{}", lines[1]);
    // Kernels before 5.15 have no switch.
    let switch = "/proc/sys/net/ipv4/vs/run_estimation";
    if std::fs::write(switch, "0").is_ok() {
        let lines = pane.wait_for("No rates: the kernel's estimator does not run")?;
        ensure!(row(&lines, "192.0.2.1:80").is_some_and(|words| words[0] == "-"), "{}", lines.join("\n"));
    }
    Ok(())
}
