//! Each key does what it says; on small terminals and large ones, and without colours.

use anyhow::{Result, ensure};

use crate::Test;
use crate::network::Network;
use crate::pane::Pane;
use crate::programs::Programs;

pub const TESTS: &[Test] = &[("keys/each", each), ("keys/sizes", sizes), ("keys/colours", colours)];

const TABLE: &str = "
    -A -t 192.0.2.1:80 -s wrr
    -a -t 192.0.2.1:80 -r 10.0.1.2:8080 -m -w 1
    -a -t 192.0.2.1:80 -r 10.0.1.3:8080 -m -w 3
    -A -t [2001:db8::1]:443 -s mh -b mh-port -p 600
    -a -t [2001:db8::1]:443 -r [fd00:1::2]:443 -g -w 0
    -A -f 7 -s rr";

/// The names of the rows, services and servers.
fn names(lines: &[String]) -> Vec<&str> {
    let rows = lines.iter().skip(3).take(lines.len().saturating_sub(4)).filter(|line| !line.is_empty());
    rows.filter_map(|line| line.trim_start_matches("+ ").split_whitespace().nth(1)).collect()
}

fn each(programs: &Programs) -> Result<()> {
    let _network = Network::new()?;
    programs.ours(TABLE)?;
    let pane = Pane::start(programs, (140, 24), &[], "-Ln --watch")?;
    let all = ["192.0.2.1:80", "10.0.1.2:8080", "10.0.1.3:8080", "[2001:db8::1]:443", "[fd00:1::2]:443", "7"];
    pane.until("the table is there", |lines| names(lines) == all)?;
    for (keys, what, expected) in [
        (
            "Left",
            "by marks",
            &["[2001:db8::1]:443", "[fd00:1::2]:443", "192.0.2.1:80", "10.0.1.2:8080", "10.0.1.3:8080", "7"][..],
        ),
        (
            "Left Left Left",
            "by weight",
            &["192.0.2.1:80", "10.0.1.3:8080", "10.0.1.2:8080", "[2001:db8::1]:443", "[fd00:1::2]:443", "7"],
        ),
        (
            "r",
            "reversed",
            &["7", "[2001:db8::1]:443", "[fd00:1::2]:443", "192.0.2.1:80", "10.0.1.2:8080", "10.0.1.3:8080"],
        ),
        ("r > > > >", "in order", &all),
        ("End Up Space", "folded", &["192.0.2.1:80", "10.0.1.2:8080", "10.0.1.3:8080", "[2001:db8::1]:443", "7"]),
        ("F", "all folded", &["192.0.2.1:80", "[2001:db8::1]:443", "7"]),
        ("F", "unfolded", &all),
        ("/ 1 0 . 0 . 1 . 3", "filtered", &["192.0.2.1:80", "10.0.1.3:8080"]),
        ("Escape / m h Enter", "filtered by scheduler", &["[2001:db8::1]:443", "[fd00:1::2]:443"]),
        ("Escape", "not filtered", &all),
    ] {
        pane.press(keys)?;
        pane.until(what, |lines| names(lines) == expected)?;
    }
    pane.press("b")?;
    pane.wait_for("InBit/s")?;
    pane.press("b p")?;
    pane.wait_for("PAUSED")?;
    programs.ours("-D -f 7")?;
    pane.press("p")?;
    pane.until("it goes on", |lines| names(lines) == all[..5] && !lines[0].contains("PAUSED"))?;
    pane.press("End Enter")?;
    pane.wait_for("ipvsadm -A -t [2001:db8::1]:443 -s mh -p 600 -b flag-2")?;
    programs.ours("-D -t [2001:db8::1]:443")?;
    pane.wait_for("TCP [2001:db8::1]:443 is not there.")?;
    pane.press("?")?;
    pane.wait_for("Keys:")?;
    pane.press("Escape")?;
    pane.until("the table is back", |lines| names(lines) == all[..3])?;
    pane.press("q")?;
    pane.ended(0)
}

fn sizes(programs: &Programs) -> Result<()> {
    let _network = Network::new()?;
    programs.ours(TABLE)?;
    let pane = Pane::start(programs, (40, 10), &[], "-Ln --watch")?;
    pane.wait_for("192.0.2.1:80")?;
    for (width, height) in [(200, 60), (40, 10), (12, 4), (80, 24), (40, 10)] {
        pane.resize(width, height)?;
        pane.until("it fits", |lines| {
            let last = lines.last().map_or("", |line| line.as_str());
            lines.len() == usize::from(height) && last.starts_with("q quit")
        })?;
        for keys in ["Enter", "Escape", "h", "End", "h", "Down", "Up"] {
            pane.press(keys)?;
        }
    }
    let lines = pane.until("the table is there", |lines| lines.get(2).is_some_and(|line| line.starts_with("Prot")))?;
    ensure!(lines.iter().all(|line| line.chars().count() <= 40), "{lines:?}");
    ensure!(lines[2].contains("CPS"), "{lines:?}");
    pane.press("q")?;
    pane.ended(0)
}

fn colours(programs: &Programs) -> Result<()> {
    let _network = Network::new()?;
    programs.ours(TABLE)?;
    let coloured = |text: &str| ["[31m", "38;5;1m", "[33m", "38;5;3m"].iter().any(|colour| text.contains(colour));
    for (variables, expected) in [(&["NO_COLOR=1"][..], false), (&["NO_COLOR="], true)] {
        let pane = Pane::start(programs, (140, 24), variables, "-Ln --watch")?;
        pane.wait_for("interval")?;
        programs.ours("-A -t 192.0.2.8:80")?;
        pane.wait_for("The table changed: 1 service added.")?;
        let shown = pane.coloured()?;
        ensure!(coloured(&shown) == expected, "{variables:?}: {shown:?}");
        programs.ours("-D -t 192.0.2.8:80")?;
    }
    // A terminal that can show no screen gets blocks.
    let pane = Pane::start(programs, (140, 24), &["TERM=dumb"], "-Ln --watch")?;
    pane.wait_for("Interval of ")?;
    ensure!(!pane.is_alternate()?, "a screen on a dumb terminal");
    pane.press("C-c")?;
    pane.wait_for("status 130")?;
    Ok(())
}
