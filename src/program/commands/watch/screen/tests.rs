//! Whole watches on a screen that is a buffer, with keys and a clock of the test's making.

use super::*;
use crate::program::commands::drain::tests::simulated::Clockwork;
use crate::program::commands::watch::tests::{Busy, watching};
use crate::program::names::System;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::style::{Color, Modifier};
use std::collections::VecDeque;

/// Keys, each pressed after this time; SIGTERM comes after the last one.
struct Script<'h> {
    host: &'h Clockwork,
    keys: VecDeque<(Duration, KeyEvent)>,
}

impl Keys for Script<'_> {
    fn wait(&mut self, time: Duration) -> io::Result<Vec<KeyEvent>> {
        let due = self.keys.front().map(|(when, _)| when.saturating_sub(self.host.now()));
        match due {
            Some(left) if left <= time => {
                self.host.wait(left);
                Ok(self.keys.pop_front().map(|(_, key)| key).into_iter().collect())
            }
            _ => {
                self.host.wait(time);
                Ok(Vec::new())
            }
        }
    }
}

const CONNECTIONS: &str = "\
Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData
TCP 0A090007 8320 C0000201 0050 0A000001 1F90 ESTABLISHED     899
TCP 0A090008 8320 C0000201 0050 0A000001 1F90 ESTABLISHED      12
TCP 0A090008 8321 C0000201 0050 0A000001 1F90 TIME_WAIT        60
";

/// What is on a screen of this size after some time with these keys, each of a time in seconds; and the status.
fn screen(size: (u16, u16), table: &mut Busy, keys: &[(u64, &str)]) -> (u8, Vec<String>, ratatui::buffer::Buffer) {
    let end = keys.iter().map(|(when, _)| *when).max().unwrap_or(0);
    let host = Clockwork {
        signal: Some((Duration::from_secs(end + 1), 15)),
        files: vec![("/proc/net/ip_vs_conn", |_| CONNECTIONS)],
        ..Clockwork::default()
    };
    let keys =
        keys.iter().flat_map(|(when, words)| words.split(' ').map(|word| (Duration::from_secs(*when), key(word))));
    let mut script = Script { host: &host, keys: keys.collect() };
    let watching = watching();
    let look = Look::first(&host, table, &watching.filter).unwrap();
    let mut terminal = ratatui::Terminal::new(TestBackend::new(size.0, size.1)).unwrap();
    let mut watch = Watch::new(&host, &System, &watching, look, true);
    let status = watch.run(table, &mut terminal, &mut script).unwrap();
    let buffer = terminal.backend().buffer().clone();
    let line = |y| (0..size.0).map(|x| buffer[(x, y)].symbol()).collect::<String>().trim_end().to_owned();
    (status, (0..size.1).map(line).collect(), buffer)
}

fn key(word: &str) -> KeyEvent {
    let code = match word {
        "Enter" => KeyCode::Enter,
        "Esc" => KeyCode::Esc,
        "Space" => KeyCode::Char(' '),
        "Down" => KeyCode::Down,
        "Up" => KeyCode::Up,
        "End" => KeyCode::End,
        "PgDn" => KeyCode::PageDown,
        "Back" => KeyCode::Backspace,
        "^C" => return KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL),
        "^L" => return KeyEvent::new(KeyCode::Char('l'), KeyModifiers::CONTROL),
        other => KeyCode::Char(other.chars().next().unwrap()),
    };
    KeyEvent::new(code, KeyModifiers::NONE)
}

/// The lines after five seconds, and these keys then.
fn lines(keys: &str) -> Vec<String> {
    screen((132, 14), &mut Busy::new([100, 20]), &[(5, keys)]).1
}

#[test]
fn the_table() {
    let (status, lines, buffer) = screen((133, 10), &mut Busy::new([100, 20]), &[(5, "Down")]);
    assert_eq!(status, 143);
    assert_eq!(
        lines,
        [
            "ipvsadm --watch   2 services, 4 servers   interval 2.0 s",
            "",
            "Prot LocalAddress:Port                 CPS  InPPS OutPPS    InBPS   OutBPS Active   InAct Persist Weight Conn% Weight% Marks",
            "TCP  192.0.2.1:80                       60    180    120     6000     240K      -       -       -      -     -       -",
            "  -> 10.0.0.1:8080                      50    150    100     5000     200K      7       2       0      1  83.3      50 more",
            "  -> 10.0.0.2:8080                      10     30     20     1000    40000      7       2       0      1  16.7      50 fewer",
            "UDP  192.0.2.1:53                       60    180      -     6000        -      -       -       -      -     -       -",
            "  -> 10.0.0.1:8080                      50    150      -     5000        -      7       2       0      1  83.3      50 more",
            "  -> 10.0.0.2:8080                      10     30      -     1000        -      7       2       0      1  16.7      50 fewer",
            "q quit  ? help  / filter  < > sort  r reverse  Space fold  Enter service  p pause  b bits",
        ]
    );
    assert!(buffer[(0, 3)].modifier.contains(Modifier::BOLD));
    assert_eq!(buffer[(40, 5)].fg, Color::Yellow);
    let selected: Vec<_> = (3..9).filter(|y| buffer[(0, *y)].modifier.contains(Modifier::REVERSED)).collect();
    assert_eq!(selected, [4]);
}

#[test]
fn before_the_second_look() {
    let (_, lines, _) = screen((132, 10), &mut Busy::new([100, 20]), &[(0, "Down")]);
    assert!(lines[0].ends_with("rates come in 2 s"), "{lines:?}");
    assert!(lines[4].contains("      -      -      -        -        -      7"), "{lines:?}");
}

#[test]
fn keys_that_end_it() {
    for keys in ["q", "Esc", "^C", "? ? q", "Enter q", "/ x ^C", "/ x Enter Esc Esc"] {
        assert_eq!(screen((80, 24), &mut Busy::new([1, 1]), &[(3, keys)]).0, 0, "{keys}");
    }
    for keys in ["? Esc", "Enter Esc", "/ q", "/ x Esc", "/ x Enter Esc", "z"] {
        assert_eq!(screen((80, 24), &mut Busy::new([1, 1]), &[(3, keys)]).0, 143, "{keys}");
    }
}

#[test]
fn sorted_by_a_column() {
    let order = |lines: &[String]| -> Vec<String> {
        let rows = lines.iter().filter(|line| line.contains(" -> ") || line.contains("P  "));
        rows.map(|row| row.split_whitespace().nth(1).unwrap().to_owned()).collect()
    };
    let mut table = Busy::new([20, 100]);
    table.services[1].servers[0].stats.connections = 0;
    let (_, lines, _) = screen((132, 14), &mut table, &[(5, "> Down")]);
    assert!(lines[0].ends_with("by CPS"), "{lines:?}");
    let by_rate = ["192.0.2.1:80", "10.0.0.2:8080", "10.0.0.1:8080", "192.0.2.1:53", "10.0.0.2:8080", "10.0.0.1:8080"];
    assert_eq!(order(&lines)[..], by_rate[..]);
    let (_, lines, _) = screen((132, 14), &mut table, &[(5, "r")]);
    assert_eq!(order(&lines)[..2], ["192.0.2.1:53", "10.0.0.2:8080"]);
    assert!(lines[0].ends_with("by Prot LocalAddress:Port, reversed"), "{lines:?}");
    let (_, lines, _) = screen((132, 14), &mut table, &[(5, "<")]);
    assert!(lines[0].ends_with("by Marks"), "{lines:?}");
}

#[test]
fn filtered_while_typing() {
    let found = lines("/ f e w");
    assert_eq!((&found[1][..], &found[0][..42]), ("/few_", "ipvsadm --watch   2 services, 2 servers   "));
    assert!(found[4].contains("10.0.0.2") && found[6].contains("10.0.0.2") && found[7].is_empty(), "{found:?}");
    assert!(lines("/ : 5 3 Enter")[3].starts_with("UDP") && lines("/ : 5 3 Enter")[1] == "/:53");
    assert_eq!(lines("/ n o n e")[3], "");
    assert!(lines("/ n Back Back Back Enter")[3].starts_with("TCP"));
    assert!(lines("/ n o n e Esc")[3].starts_with("TCP"));
}

#[test]
fn folded() {
    let one = lines("Down Space");
    assert!(one[3].starts_with("+ TCP") && one[4].starts_with("UDP") && one[5].contains("->"), "{one:?}");
    let all = lines("F");
    assert!(all[3].starts_with("+ TCP") && all[4].starts_with("+ UDP") && all[5].is_empty(), "{all:?}");
    assert!(lines("F Space")[4].contains("->"));
    assert!(lines("F F")[4].contains("->"));
}

#[test]
fn one_service_in_full() {
    let lines = lines("Down Enter");
    assert_eq!(lines[2], "ipvsadm -A -t 192.0.2.1:80 -s wlc");
    assert!(lines[3].starts_with("so far 360 connections, 1080 packets in"), "{lines:?}");
    assert!(lines[5].starts_with("TCP  192.0.2.1:80") && lines[6].starts_with("  -> 10.0.0.1:8080"), "{lines:?}");
    assert!(lines[7].starts_with("     Masq; so far 300 connections"), "{lines:?}");
    assert_eq!((&lines[8][..], &lines[11][..]), ("     ESTABLISHED 2  TIME_WAIT 1", "     no connections"));
}

#[test]
fn paused() {
    let mut table = Busy::new([100, 20]);
    let (_, lines, _) = screen((132, 14), &mut table, &[(5, "p"), (60, "b")]);
    assert!(lines[0].contains("PAUSED") && lines[2].contains("InBit/s"), "{lines:?}");
    assert!(lines[3].contains("48000") && table.reads == 3, "{lines:?}");
    let (_, lines, _) = screen((132, 14), &mut Busy::new([100, 20]), &[(5, "p"), (24, "p")]);
    assert!(lines[0].contains("interval 20.0 s"), "{lines:?}");
}

/// Whatever is on it, and however small it is.
#[test]
fn any_size() {
    for (width, height) in [(40, 10), (1, 1), (3, 2), (20, 5), (59, 3), (300, 100), (132, 0), (0, 9)] {
        for keys in ["Down ^L", "?", "? End", "Enter PgDn End", "/ x", "> > > > > >", "F"] {
            screen((width, height), &mut Busy::new([100, 20]), &[(5, keys)]);
        }
    }
    let (_, lines, _) = screen((40, 10), &mut Busy::new([100, 20]), &[(5, "Down Down")]);
    assert_eq!(lines[2], "Prot LocalAddress:Po    CPS Marks");
    assert_eq!(lines[5], "  -> 10.0.0.2:8080       10 fewer");
}

#[test]
fn help_can_be_scrolled() {
    assert_eq!(lines("?")[0], "Keys:");
    assert!(lines("? End")[13].ends_with("a longer one evens it out."));
    assert!(lines("? Down Up h")[3].starts_with("TCP"));
}

#[test]
fn what_spoils_the_figures_is_red() {
    let mut table = Busy::new([100, 20]);
    table.services[0].servers[0].stats.connections = u64::MAX - 1000;
    let host = Clockwork {
        signal: Some((Duration::from_secs(3), 15)),
        files: vec![("/proc/sys/net/ipv4/vs/run_estimation", |_| "0\n")],
        ..Clockwork::default()
    };
    let watching = watching();
    let look = Look::first(&host, &mut table, &watching.filter).unwrap();
    let mut terminal = ratatui::Terminal::new(TestBackend::new(100, 10)).unwrap();
    let mut watch = Watch::new(&host, &System, &watching, look, true);
    watch.run(&mut table, &mut terminal, &mut Script { host: &host, keys: VecDeque::new() }).unwrap();
    let buffer = terminal.backend().buffer();
    assert_eq!((buffer[(0, 1)].symbol(), buffer[(0, 1)].fg), ("N", Color::Red));
}
