//! Whole restores on a scripted machine, of which the table is empty at first.

use super::*;
use crate::ipvs::client::scripted::{Message, Peer, family, info};
use crate::ipvs::error::KernelError;
use crate::ipvs::model::Errno;
use crate::ipvs::wire::attributes::CommandAttribute;
use crate::ipvs::wire::captured::emitted;
use crate::program::context::Host;
use crate::program::kernel::ConnectError;
use crate::program::names::NameService;
use crate::program::output_file::Replacement;
use std::cell::{Cell, RefCell};
use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// `IPVS_CMD_NEW_SERVICE`.
const NEW_SERVICE: u8 = 1;
/// `IPVS_CMD_GET_CONFIG`.
const GET_CONFIG: u8 = 13;

/// The machine, and what happens on it.
#[derive(Default)]
struct Machine {
    /// Standard input is one.
    terminal: bool,
    /// So is the input.
    device: bool,
    /// Nobody reads standard output and error.
    blocked: Rc<Cell<bool>>,
    /// Looks at the lock before it is free.
    held: Cell<u32>,
    /// Seconds and their fractions.
    now: Cell<Duration>,
    /// What the kernel was asked for.
    commands: Rc<RefCell<Vec<u8>>>,
    /// The change at which a signal comes, counted from 1.
    signal_at: Option<usize>,
    stop: Arc<AtomicBool>,
    /// No ip_vs.
    no_kernel: bool,
}

impl Machine {
    fn answer(
        message: &Message,
        commands: &RefCell<Vec<u8>>,
        signal_at: Option<usize>,
        stop: &AtomicBool,
    ) -> Option<Vec<u8>> {
        if message.family == 0x10 {
            return Some(message.reply(0, &family()));
        }
        if message.command == 15 {
            return Some(message.reply(0, &info()));
        }
        if message.command == GET_CONFIG {
            let timeouts =
                [CommandAttribute::TimeoutTcp(1), CommandAttribute::TimeoutTcpFin(1), CommandAttribute::TimeoutUdp(1)];
            return Some(message.reply(0, &emitted(&timeouts)));
        }
        if message.flags & 0x300 == 0x300 {
            return Some(message.done());
        }
        let mut commands = commands.borrow_mut();
        commands.push(message.command);
        if signal_at == Some(commands.len()) {
            stop.store(true, Ordering::Relaxed);
        }
        (message.flags & 4 != 0).then(|| message.answer(0))
    }

    /// Runs `ipvsadm-restore` and returns its status, output and errors.
    fn run(&self, words: &[&str], input: &str) -> (u8, String, String) {
        let (out, err) = (Pipe::new(&self.blocked), Pipe::new(&self.blocked));
        let (mut stdout, mut stderr) = (out.clone(), err.clone());
        let mut stdin = input.as_bytes();
        let mut context = Context {
            program: "ipvsadm-restore",
            stdin: &mut stdin,
            stdout: &mut stdout,
            stderr: &mut stderr,
            names: &NoNames,
            host: self,
        };
        let status = run(&mut context, words).unwrap_or_else(|failure| context.report(&failure));
        (status, out.text(), err.text())
    }
}

impl Host for Machine {
    fn connect(&self) -> Result<Client, ConnectError> {
        if self.no_kernel {
            return Err(ConnectError(KernelError::Refused(Errno::ENOPROTOOPT)));
        }
        let (commands, signal_at, stop) = (Rc::clone(&self.commands), self.signal_at, Arc::clone(&self.stop));
        let answer = move |message: &Message| Self::answer(message, &commands, signal_at, &stop);
        Ok(Client::over(Peer::new(move |messages| messages.iter().filter_map(&answer).collect())).unwrap())
    }

    fn is_terminal(&self, stream: Stream) -> bool {
        self.terminal && stream == Stream::Input
    }

    fn open(&self, _: &Path) -> io::Result<Box<dyn Read>> {
        Ok(Box::new(io::empty()))
    }

    fn replace(&self, _: &Path) -> io::Result<Box<dyn Replacement>> {
        Err(io::ErrorKind::NotFound.into())
    }

    fn folder(&self, _: &Path) -> io::Result<Vec<String>> {
        Err(io::ErrorKind::NotFound.into())
    }

    fn now(&self) -> Duration {
        self.now.get()
    }

    fn wait(&self, time: Duration) {
        self.now.set(self.now.get() + time);
    }

    fn interruption(&self) -> io::Result<Arc<AtomicBool>> {
        Ok(Arc::clone(&self.stop))
    }

    fn signal(&self) -> Option<i32> {
        None
    }

    fn can_write(&self, _: Stream) -> bool {
        !self.blocked.get()
    }

    fn end_at_signal(&self) {
        // The reader comes back to life once nothing else is left to do.
        self.blocked.set(false);
    }

    fn is_device(&self, _: Option<&Path>) -> bool {
        self.terminal || self.device
    }

    fn try_lock(&self) -> io::Result<Attempt> {
        if self.held.get() == 0 {
            return Ok(Attempt::Taken(None));
        }
        self.held.set(self.held.get() - 1);
        Ok(Attempt::Held(Holder { process: Some((77, "ipvsadm-restore --\x1b[2J".to_owned())) }))
    }
}

/// A stream that would wait for ever while its reader does.
#[derive(Clone)]
struct Pipe {
    blocked: Rc<Cell<bool>>,
    text: Rc<RefCell<Vec<u8>>>,
}

impl Pipe {
    fn new(blocked: &Rc<Cell<bool>>) -> Self {
        Self { blocked: Rc::clone(blocked), text: Rc::default() }
    }

    fn text(&self) -> String {
        String::from_utf8(self.text.borrow().clone()).unwrap()
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        assert!(!self.blocked.get(), "it would wait for ever");
        self.text.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// No name resolves.
struct NoNames;

impl NameService for NoNames {
    fn host_address(&self, _: &str) -> Option<Ipv4Addr> {
        None
    }
    fn service_port(&self, _: &str, _: crate::ipvs::model::Protocol) -> Option<u16> {
        None
    }
    fn host_name(&self, _: IpAddr) -> Option<String> {
        None
    }
    fn service_name(&self, _: u16, _: crate::ipvs::model::Protocol) -> Option<String> {
        None
    }
}

fn rules(number: usize) -> String {
    (1..=number).map(|mark| format!("-A -f {mark} -s rr\n")).collect()
}

#[test]
fn input_without_rules() {
    for input in ["", "\n", "# nothing\n\n"] {
        assert_eq!(Machine::default().run(&[], input), (0, String::new(), String::new()), "{input:?}");
        for words in [&["--atomic"][..], &["--noflush"], &["--verbose"], &["--test"], &["--diff"], &["--wait=1"]] {
            let (status, _, err) = Machine::default().run(words, input);
            assert!(status == 2 && err.contains("--allow-empty"), "{words:?}: {status} {err}");
            let (status, _, err) = Machine::default().run(&[words, &["--allow-empty"]].concat(), input);
            assert_eq!((status, err.as_str()), (0, ""), "{words:?}");
        }
    }
    assert_eq!(Machine::default().run(&["rules"], "").0, 0);
    let null = Machine { device: true, ..Machine::default() };
    assert_eq!(null.run(&[], "").0, 2);
    assert_eq!(null.run(&["--allow-empty"], "").0, 0);
    let terminal = Machine { terminal: true, ..Machine::default() };
    let (status, _, err) = terminal.run(&[], "-C\n");
    assert!(status == 0 && err.contains("Ctrl-D"), "{err}");
}

#[test]
fn another_restore_is_waited_for() {
    let machine = Machine { held: Cell::new(20), ..Machine::default() };
    assert_eq!(machine.run(&[], &rules(1)), (0, String::new(), String::new()));
    assert_eq!((machine.now.get(), machine.commands.borrow().len()), (20 * PAUSE, 1));
    for (words, seconds) in [(&[][..], 10), (&["--wait"], 10), (&["--wait=3"], 3), (&["--wait=0"], 0)] {
        let machine = Machine { held: Cell::new(u32::MAX), ..Machine::default() };
        let (status, _, err) = machine.run(words, &rules(1));
        assert_eq!(status, 4, "{words:?}");
        assert!(err.contains("(process 77, ipvsadm-restore --\\x1b[2J)"), "{err}");
        assert_eq!((machine.now.get().as_secs(), machine.commands.borrow().len()), (seconds, 0), "{words:?}");
    }
    // These change nothing.
    let machine = Machine { held: Cell::new(u32::MAX), ..Machine::default() };
    assert_eq!((machine.run(&["--diff"], &rules(1)).0, machine.run(&["--test"], &rules(1)).0), (1, 0));
}

#[test]
fn a_reader_that_waits_holds_nothing_up() {
    let machine = Machine { blocked: Rc::new(Cell::new(true)), ..Machine::default() };
    let (status, out, err) = machine.run(&["--verbose"], &rules(1000));
    assert_eq!((status, out, err), (0, rules(1000), String::new()));
    assert_eq!(*machine.commands.borrow(), [NEW_SERVICE; 1000]);
}

#[test]
fn after_a_signal_nobody_waits_for_a_reader() {
    let machine = Machine { blocked: Rc::new(Cell::new(true)), signal_at: Some(200), ..Machine::default() };
    assert_eq!(machine.run(&["--verbose"], &rules(1000)), (255, String::new(), String::new()));
    assert_eq!(machine.commands.borrow().len(), 256);
    let machine = Machine { signal_at: Some(200), ..Machine::default() };
    let (status, out, err) = machine.run(&["--verbose"], &rules(1000));
    assert_eq!((status, out.lines().count()), (255, 256));
    assert_eq!(err, "Interrupted.\n256 changes are made, 744 are left: restore again to make them.\n");
}

#[test]
fn names_that_do_not_resolve_fail_their_lines() {
    let input = "-A -f 1 -s rr\n-a -f 1 -r mail.example\n-A -f 2 -s rr # the second\n";
    let name = "line 2: the host name 'mail.example' does not resolve: -a -f 1 -r mail.example\n";
    let machine = Machine::default();
    let expected = format!("{name}1 of 3 lines failed; the others are applied.\n");
    assert_eq!(machine.run(&[], input), (255, String::new(), expected));
    assert_eq!(machine.commands.borrow().len(), 2);
    let (_, _, err) = Machine::default().run(&[], "-a -f 1 -r mail.example");
    assert!(err.ends_with("\n1 of 1 line failed.\n"), "{err}");
    let machine = Machine::default();
    let expected = format!("{name}1 of 3 lines failed.\nThe table is as it was.\n");
    assert_eq!(machine.run(&["--atomic"], input), (255, String::new(), expected));
    let expected = format!("{name}1 of 3 lines would fail.\n");
    assert_eq!(machine.run(&["--test"], input), (255, String::new(), expected.clone()));
    assert_eq!(machine.run(&["--diff"], input), (2, "-A -f 1 -s rr\n-A -f 2 -s rr\n".to_owned(), expected));
    assert_eq!(machine.commands.borrow().len(), 0);
}

#[test]
fn a_test_finds_all_in_one_run() {
    let machine = Machine { no_kernel: true, ..Machine::default() };
    let input = "-A -f 1 -s rr\n-A -f 1 -s rr\n-A -f 1 -s wrr\nfoo\n-a -f 2 -r 10.0.0.1\n-a -f 1 -r 10.0.0.1 -x 1 -y 2\n\
                 -A -f 3 -s wwr\n";
    let expected = "line 2: says what line 1 says: -A -f 1 -s rr\n\
                    line 3: Service already exists: -A -f 1 -s wrr\n\
                    line 4: it does not begin with a command of a rule: foo\n\
                    line 5: Service not defined: -a -f 2 -r 10.0.0.1\n\
                    line 6: Numerical result out of range: -a -f 1 -r 10.0.0.1 -x 1 -y 2\n\
                    line 7: warning: no kernel is known to have the scheduler 'wwr': -A -f 3 -s wwr\n\
                    1 of 7 lines does not parse.\n\
                    3 of 7 lines would fail.\n";
    assert_eq!(machine.run(&["--test"], input), (2, String::new(), expected.to_owned()));
    let (status, _, err) = machine.run(&["--test"], "-A -f 3 -s wwr\n");
    assert!(status == 0 && err.contains("warning"), "{status} {err}");
    assert_eq!(machine.run(&["--test"], "-A -f 1\n-a -f 1 -r 10.0.0.1 # x\n"), (0, String::new(), String::new()));
}

#[test]
fn files_that_hold_no_rules() {
    let untouched = "2 of 2 lines do not parse. The table is untouched.\n";
    let listing = "IP Virtual Server version 1.2.1 (size=4096)\nProt LocalAddress:Port Scheduler Flags\n";
    let (status, _, err) = Machine::default().run(&[], listing);
    assert_eq!(
        (status, err.as_str()),
        (2, format!("The input is a listing (ipvsadm -L): rules are what ipvsadm-save prints.\n{untouched}").as_str())
    );
    let (status, _, err) = Machine::default().run(&[], "VIP=10.0.0.1\nipvsadm -A -t $VIP:80\n");
    assert!(status == 2 && err.starts_with("The input is a shell script: "), "{err}");
    assert!(err.contains("\nline 2: ") && err.ends_with(untouched), "{err}");
}

#[test]
fn documents() {
    let document = |services: &str| format!("{{\"schema_version\": 1,\n\"services\": [{services}]}}\n");
    let one = document(r#"{"fwmark": 1, "scheduler": "rr", "servers": [{"address": "10.0.0.1"}]}"#);
    let made = "-A -f 1 -s rr\n-a -f 1 -r 10.0.0.1:0 -g -w 1\n";
    let machine = Machine::default();
    assert_eq!(machine.run(&["--json", "--verbose"], &one), (0, made.to_owned(), String::new()));
    assert_eq!(machine.commands.borrow().len(), 2);

    // What fails goes by its path, and what is done is said as a rule.
    let (fails, twice) = (r#""thresholds": {"upper": 1, "lower": 2}"#, r#"{"fwmark": 1, "scheduler": "rr"}"#);
    let input = document(&format!(
        r#"{twice}, {twice}, {{"fwmark": 1, "scheduler": "wwr", "servers": [{{"address": "10.0.0.1", {fails}}}]}}"#
    ));
    let machine = Machine { no_kernel: true, ..Machine::default() };
    let told = "services[1]: says what services[0] says\n\
                services[2]: Service already exists: -A -f 1 -s wwr\n\
                services[2]: warning: no kernel is known to have the scheduler 'wwr'\n\
                services[2].servers[0]: Numerical result out of range: -a -f 1 -r 10.0.0.1:0 -g -w 1 -x 1 -y 2\n\
                2 of 4 objects would fail.\n";
    assert_eq!(machine.run(&["--json", "--test"], &input), (255, String::new(), told.to_owned()));
    let (status, _, err) = Machine::default().run(&["--json", "--atomic"], &input);
    assert!(status == 255 && err.ends_with("\n2 of 4 objects failed.\nThe table is as it was.\n"), "{err}");

    // What is wrong is told, and nothing is done.
    let input = document(r#"{"fwmark": 0, "wieght": 1}"#);
    let told = "services[0].wieght: is no key that is known here\n\
                services[0].fwmark: must be a whole number from 1 to 4294967295, is 0\n\
                2 values of the document are wrong.";
    for words in [&["--json"][..], &["--json", "--diff"], &["--json", "--noflush", "--allow-empty"]] {
        let machine = Machine { no_kernel: true, ..Machine::default() };
        let expected = format!("{told} The table is untouched.\n");
        assert_eq!(machine.run(words, &input), (2, String::new(), expected), "{words:?}");
    }
    assert_eq!(Machine::default().run(&["--json", "--test"], &input), (2, String::new(), format!("{told}\n")));
}

#[test]
fn documents_without_services_and_none() {
    let none = r#"{"schema_version": 1, "services": []}"#;
    let (status, _, err) = Machine::default().run(&["--json"], none);
    assert!(status == 2 && err.contains("--allow-empty"), "{err}");
    for words in [&["--json", "--allow-empty"][..], &["--json", "--test"]] {
        let (status, _, err) = Machine::default().run(words, none);
        assert_eq!((status, err.as_str()), (0, ""), "{words:?}");
    }
    // A command that failed before the pipe.
    let (status, _, err) = Machine::default().run(&["--json", "--allow-empty"], "");
    assert!(status == 2 && err.starts_with("The input is no JSON document: it is empty. "), "{err}");
    let (status, _, err) = Machine::default().run(&[], none);
    assert!(status == 2 && err.starts_with("The input seems to be JSON: --json restores "), "{err}");
    let long = format!("{{{}}}", " ".repeat(2 << 20));
    let (status, _, err) = Machine::default().run(&[], &long);
    assert!(status == 255 && err.ends_with("it seems to be JSON, for which there is --json\n"), "{err}");
}

#[test]
fn differences_are_documents_of_rules_and_of_documents() {
    let diff = |input: &str| {
        let (status, out, err) = Machine::default().run(&["--diff", "--json"], input);
        (status, serde_json::from_str::<serde_json::Value>(&out).unwrap_or_default(), err)
    };
    let (status, document, err) = diff("\n-A -f 1 -s rr\n-a -f 1 -r mail.example\n-a -f 1 -r 10.0.0.1 -x 1 -y 2\n");
    assert_eq!((status, err.lines().count()), (2, 3), "{err}");
    assert_eq!(document["schema_version"], 1);
    let change = &document["changes"][0];
    assert_eq!(
        (&change["command"], &change["line"], &change["before"]),
        (&"add-service".into(), &2.into(), &().into())
    );
    assert_eq!(change["after"]["fwmark"], 1);
    let told = |place: usize| {
        let failed = &document["failed"][place];
        (failed["line"].as_u64(), failed["command"].as_str(), failed["message"].as_str().unwrap())
    };
    assert_eq!(told(0), (Some(3), None, "the host name 'mail.example' does not resolve"));
    assert_eq!(told(1), (Some(4), Some("add-server"), "Numerical result out of range"));

    let twice = r#"{"fwmark": 1, "scheduler": "rr"}, {"fwmark": 1}"#;
    let (status, document, _) = diff(&format!(r#"{{"schema_version": 1, "services": [{twice}]}}"#));
    let paths = [&document["changes"][0]["path"], &document["failed"][0]["path"]];
    assert_eq!((status, paths), (2, [&"services[0]".into(), &"services[1]".into()]));

    let (status, document, err) = diff(r#"{"schema_version": 1, "services": []}"#);
    assert_eq!((status, err.as_str()), (0, ""));
    assert!(["changes", "failed"].iter().all(|key| document[key].as_array().is_some_and(Vec::is_empty)), "{document}");
    let (status, document, err) = diff("");
    assert!(status == 2 && document.is_null() && err.contains("--allow-empty"), "{err}");
}
