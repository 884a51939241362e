//! Whole commands against a kernel that answers one request wrongly: they print what they print of a right answer, or fail
//! and say so. What netlink promises is taken for granted: the datagrams of one socket keep their order, and of those that
//! are lost the socket tells.

use super::*;
use crate::ipvs::client::scripted::{Message, Peer, family, info, server, servers, service, services};
use crate::ipvs::fixtures::Random;
use crate::ipvs::wire::attributes::{CommandAttribute, DaemonAttribute};
use crate::ipvs::wire::captured::emitted;
use crate::program::context::{Host, Stream};
use crate::program::kernel::ConnectError;
use crate::program::names::System;
use crate::program::output_file::{self, Replacement};
use netlink_packet_core::{NLM_F_DUMP, NLM_F_MULTIPART};
use std::cell::Cell;
use std::io::{self, Read};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// Spoils the answer to one request.
type Spoil = Rc<dyn Fn(&Message, Vec<Vec<u8>>) -> Vec<Vec<u8>>>;

/// A kernel with a table of so many services, which stays as it is.
struct Kernel {
    services: u32,
    asked: Rc<Cell<usize>>,
    /// The request, from 0 on, that is answered wrongly, and how.
    wrong: Option<(usize, Spoil)>,
}

/// What the kernel answers to a message.
fn right(message: &Message, number: u32) -> Vec<Vec<u8>> {
    let multi = |attribute| vec![message.reply(NLM_F_MULTIPART, &emitted(&[attribute])), message.done()];
    let dump = message.flags & NLM_F_DUMP == NLM_F_DUMP;
    match (message.family, message.command) {
        (0x10, _) => vec![message.reply(0, &family())],
        (_, 15) => vec![message.reply(0, &info())],
        (_, 4) if dump && number > 4 => vec![services(message, 1..5), services(message, 5..number + 1), message.done()],
        (_, 4) if dump => vec![services(message, 1..number + 1), message.done()],
        (_, 4) => vec![message.reply(0, &service(1))],
        (_, 8) => vec![servers(message, 0..3), message.done()],
        (_, 11) => multi(CommandAttribute::Daemon(vec![
            DaemonAttribute::State(1),
            DaemonAttribute::Interface("eth0".parse().unwrap()),
            DaemonAttribute::SyncId(7),
        ])),
        (_, 13) => {
            let timeouts =
                [CommandAttribute::TimeoutTcp(1), CommandAttribute::TimeoutTcpFin(2), CommandAttribute::TimeoutUdp(3)];
            vec![message.reply(0, &emitted(&timeouts))]
        }
        // There are fewer servers than somebody says.
        (_, 7) => vec![message.answer(libc::ESRCH)],
        _ if message.flags & 4 != 0 => vec![message.answer(0)],
        _ => Vec::new(),
    }
}

impl Host for Kernel {
    fn connect(&self) -> Result<Client, ConnectError> {
        let (number, asked, wrong) = (self.services, Rc::clone(&self.asked), self.wrong.clone());
        let answer = move |messages: Vec<Message>| {
            let datagrams = messages.iter().flat_map(|message| right(message, number)).collect();
            let request = asked.replace(asked.get() + 1);
            match (&wrong, messages.last()) {
                (Some((spoilt, spoil)), Some(last)) if *spoilt == request => spoil(last, datagrams),
                _ => datagrams,
            }
        };
        Client::over(Peer::new(answer)).map_err(ConnectError)
    }

    fn is_terminal(&self, _: Stream) -> bool {
        false
    }

    fn open(&self, _: &Path) -> io::Result<Box<dyn Read>> {
        Ok(Box::new(io::empty()))
    }

    fn replace(&self, path: &Path) -> io::Result<Box<dyn Replacement>> {
        output_file::replace(path)
    }

    fn folder(&self, _: &Path) -> io::Result<Vec<String>> {
        Ok(Vec::new())
    }

    fn now(&self) -> Duration {
        Duration::ZERO
    }

    fn wait(&self, _: Duration) {}

    fn interruption(&self) -> io::Result<Arc<AtomicBool>> {
        Ok(Arc::default())
    }

    fn signal(&self) -> Option<i32> {
        None
    }
}

/// The commands, with their input.
const COMMANDS: &[(Applet, &[&str], &str)] = &[
    (Applet::Ipvsadm, &["-Ln"], ""),
    // Of many services.
    (Applet::Ipvsadm, &["-Ln", "--nosort"], ""),
    (Applet::Ipvsadm, &["-Ln", "--stats"], ""),
    (Applet::Ipvsadm, &["-Ln", "-f", "1"], ""),
    (Applet::Ipvsadm, &["-L", "--timeout"], ""),
    (Applet::Ipvsadm, &["-L", "--daemon"], ""),
    (Applet::Ipvsadm, &["-Ln", "--json"], ""),
    (Applet::Ipvsadm, &["--diagnose"], ""),
    (Applet::Ipvsadm, &["-Sn"], ""),
    (Applet::Ipvsadm, &["-A", "-f", "9"], ""),
    (Applet::Ipvsadm, &["-e", "-f", "1", "-r", "10.1.0.1", "-w", "5"], ""),
    (Applet::Ipvsadm, &["-D", "-f", "9"], ""),
    (Applet::Ipvsadm, &["-C"], ""),
    (Applet::Ipvsadm, &["--set", "1", "2", "3"], ""),
    (Applet::Ipvsadm, &["--start-daemon", "master"], ""),
    (Applet::Ipvsadm, &["-R"], "-A -f 8\n-d -f 9 -r 10.1.0.1\n-A -f 10\n-Ln\n-D -f 1\n"),
    (Applet::Save, &["--full"], ""),
    (Applet::Restore, &[], "-A -f 1 -s rr\n-a -f 1 -r 10.1.0.1\n-A -f 9\n-E -f 2 -s wrr\n--set 7 8 9\n"),
    (Applet::Restore, &["--atomic"], "-A -f 1 -s rr\n-a -f 1 -r 10.1.0.1\n--start-daemon backup\n"),
    (Applet::Restore, &["--diff"], "-A -f 1 -s rr\n"),
];

/// How a command has ended.
#[derive(Debug, PartialEq)]
struct Ended {
    status: u8,
    out: String,
    err: String,
}

/// Runs a command; how it ended, and how often it asked.
fn run_on((applet, words, input): &(Applet, &[&str], &str), wrong: Option<(usize, Spoil)>) -> (Ended, usize) {
    let kernel = Kernel { services: if words.contains(&"--nosort") { 7 } else { 2 }, asked: Rc::default(), wrong };
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut context = Context {
        program: "ipvsadm",
        stdin: &mut input.as_bytes(),
        stdout: &mut out,
        stderr: &mut err,
        names: &System,
        host: &kernel,
    };
    let status = run(&mut context, *applet, words).unwrap_or_else(|failure| context.report(&failure));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (Ended { status, out: text(&out), err: text(&err) }, kernel.asked.get())
}

/// Changes the headers of all messages: their types and sequence numbers.
fn headers(mut datagrams: Vec<Vec<u8>>, change: impl Fn(&mut u16, &mut u32)) -> Vec<Vec<u8>> {
    for datagram in &mut datagrams {
        let mut rest = &mut datagram[..];
        while let Some(header) = rest.first_chunk::<16>() {
            let [length, _, sequence, _] =
                [0, 4, 8, 12].map(|at| u32::from_ne_bytes([0, 1, 2, 3].map(|n| header[at + n])));
            let (mut kind, mut sequence) = (u16::from_ne_bytes([header[4], header[5]]), sequence);
            change(&mut kind, &mut sequence);
            rest[4..6].copy_from_slice(&kind.to_ne_bytes());
            rest[8..12].copy_from_slice(&sequence.to_ne_bytes());
            rest = &mut rest[(length as usize).next_multiple_of(4)..];
        }
    }
    datagrams
}

/// What may be wrong, and whether the command has to bear it.
fn wrongs() -> Vec<(&'static str, bool, Spoil)> {
    fn wrong(
        name: &'static str,
        bearable: bool,
        spoil: impl Fn(&Message, Vec<Vec<u8>>) -> Vec<Vec<u8>> + 'static,
    ) -> (&'static str, bool, Spoil) {
        (name, bearable, Rc::new(spoil))
    }
    const ACK_OR_ERROR: u16 = 2;
    const DONE: u16 = 3;
    vec![
        wrong("lost", false, |_, _| Vec::new()),
        wrong("the end is lost", false, |_, mut all| {
            all.pop();
            all
        }),
        wrong("late, after the next request", true, |_, all| {
            [headers(all.clone(), |_, sequence| *sequence = sequence.wrapping_sub(1000)), all].concat()
        }),
        wrong("twice", true, |_, all| all.into_iter().flat_map(|datagram| [datagram.clone(), datagram]).collect()),
        wrong("the end first", true, |_, mut all| {
            // Of more datagrams some would not have come yet.
            if all.len() == 2 {
                all.reverse();
            }
            all
        }),
        wrong("cut by the buffer", false, |_, mut all| {
            all[0].resize(40 << 10, 0);
            all
        }),
        wrong("cut in the middle", false, |_, mut all| {
            let half = all[0].len() / 2 + 1;
            all[0].truncate(half);
            all
        }),
        wrong("empty", false, |_, _| vec![Vec::new()]),
        wrong("of another family", false, |_, all| headers(all, |kind, _| *kind += 0x10)),
        wrong("of no family", false, |_, all| headers(all, |kind, _| *kind = 4)),
        wrong("of another request", false, |_, all| {
            headers(all, |_, sequence| *sequence = sequence.wrapping_add(1000))
        }),
        wrong("without an end", false, |_, all| headers(all, |kind, _| *kind = if *kind <= DONE { 1 } else { *kind })),
        wrong("ends of another kind", false, |_, all| {
            headers(all, |kind, _| *kind = if *kind <= DONE { ACK_OR_ERROR + DONE - *kind } else { *kind })
        }),
        wrong("an error in its place", false, |message, _| vec![message.answer(libc::EBUSY)]),
        wrong("an error in the middle", false, |message, mut all| {
            all.insert(all.len() / 2, message.answer(libc::EBUSY));
            all
        }),
        wrong("other data", false, |message, mut all| {
            let other = if message.command == 8 { service(1) } else { server(7) };
            // A kernel may have no timeouts to tell.
            if message.command != 13 {
                all.insert(0, message.reply(NLM_F_MULTIPART, &other));
            }
            all
        }),
    ]
}

/// What is wrong with how a command has ended, given how it ends on right answers.
fn judge(bearable: bool, right: &Ended, met: &Ended) -> Option<&'static str> {
    match met.status {
        _ if met == right => None,
        _ if bearable => Some("it is not borne"),
        // The status of -R is that of its last line.
        0 | 1 | 2 | 255 if met.err.is_empty() || met.err == right.err => Some("nothing is said"),
        0 | 1 | 2 | 255 => None,
        _ => Some("it is no status of ours"),
    }
}

#[test]
fn wrong_answers_are_borne_or_told() {
    let mut faults = Vec::new();
    for command in COMMANDS {
        let (right, asked) = run_on(command, None);
        for (request, (name, bearable, spoil)) in
            (0..asked).flat_map(|request| wrongs().into_iter().map(move |wrong| (request, wrong)))
        {
            let (met, _) = run_on(command, Some((request, spoil)));
            if let Some(fault) = judge(bearable, &right, &met) {
                faults.push(format!("{command:?}, request {request}, {name}: {fault}: {met:?}\n"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.concat());
}

#[test]
fn answers_of_any_bytes_end_every_command() {
    let mut random = Random(17);
    for round in 0..2_000 {
        let command = &COMMANDS[random.below(COMMANDS.len())];
        let (request, seed) = (random.below(6), round + 1);
        let spoil: Spoil = Rc::new(move |_, mut all: Vec<Vec<u8>>| {
            let mut random = Random(seed);
            for datagram in &mut all {
                while !datagram.is_empty() && !random.one_in(4) {
                    let at = random.below(datagram.len());
                    datagram[at] = if random.one_in(2) { random.below(16) as u8 } else { random.below(256) as u8 };
                }
            }
            all
        });
        let (met, _) = run_on(command, Some((request, spoil)));
        assert!(matches!(met.status, 0 | 1 | 2 | 255), "{command:?} {met:?}");
    }
}
