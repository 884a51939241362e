//! The floor under our program: the system calls of one run with the kernel's ip_vs are recorded, and done again with
//! nothing around them. What that costs is the kernel's share, and no program that sends the same messages is below it.

use ipvsadm::ipvs::client::{Client, Datagrams, Socket, Transport};
use ipvsadm::ipvs::error::KernelError;
use ipvsadm::program::applet::Applet;
use ipvsadm::program::commands;
use ipvsadm::program::context::{Context, Host, Stream};
use ipvsadm::program::host::Machine;
use ipvsadm::program::kernel::ConnectError;
use ipvsadm::program::names::{Resolver, System};
use ipvsadm::program::output_file::Replacement;
use std::cell::{Cell, RefCell};
use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// One system call, as it is in the file: its socket and what it is, a number, and the bytes that a send has.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Call {
    Open,
    Send,
    Receive,
}

const HEADER: usize = 10;

/// Where the calls go.
#[derive(Clone)]
struct Log {
    file: Rc<RefCell<BufWriter<File>>>,
    sockets: Rc<Cell<u8>>,
}

impl Log {
    fn add(&self, socket: u8, call: Call, number: usize, extra: usize, bytes: &[u8]) {
        let mut file = self.file.borrow_mut();
        file.write_all(&[socket, call as u8]).unwrap();
        file.write_all(&u32::try_from(number).unwrap().to_ne_bytes()).unwrap();
        file.write_all(&u32::try_from(extra).unwrap().to_ne_bytes()).unwrap();
        file.write_all(bytes).unwrap();
    }
}

/// A socket that keeps a record.
struct Recorder {
    socket: Socket,
    number: u8,
    log: Log,
}

impl Recorder {
    fn open(log: Log) -> io::Result<Self> {
        let number = log.sockets.get();
        log.sockets.set(number + 1);
        log.add(number, Call::Open, 0, 0, &[]);
        Ok(Self { socket: Socket::open()?, number, log })
    }
}

impl Transport for Recorder {
    fn sibling(&self) -> io::Result<Box<dyn Transport>> {
        Ok(Box::new(Self::open(self.log.clone())?))
    }

    fn send(&mut self, messages: &[u8]) -> io::Result<()> {
        self.log.add(self.number, Call::Send, messages.len(), 0, messages);
        self.socket.send(messages)
    }

    fn receive(&mut self, datagrams: &mut Datagrams, most: usize) -> io::Result<()> {
        self.log.add(self.number, Call::Receive, datagrams.size(), most, &[]);
        self.socket.receive(datagrams, most)
    }
}

/// The machine, but for a connection that keeps a record.
struct Recording {
    machine: Machine,
    log: Log,
}

impl Host for Recording {
    fn connect(&self) -> Result<Client, ConnectError> {
        let client = Recorder::open(self.log.clone()).map_err(KernelError::from).and_then(Client::over);
        client.map_err(ConnectError)
    }

    fn is_terminal(&self, stream: Stream) -> bool {
        self.machine.is_terminal(stream)
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Read>> {
        self.machine.open(path)
    }

    fn replace(&self, path: &Path) -> io::Result<Box<dyn Replacement>> {
        self.machine.replace(path)
    }

    fn folder(&self, path: &Path) -> io::Result<Vec<String>> {
        self.machine.folder(path)
    }

    fn now(&self) -> Duration {
        self.machine.now()
    }

    fn wait(&self, time: Duration) {
        self.machine.wait(time);
    }

    fn interruption(&self) -> io::Result<Arc<AtomicBool>> {
        self.machine.interruption()
    }

    fn signal(&self) -> Option<i32> {
        self.machine.signal()
    }
}

/// Runs our program with these arguments, input and output, and records its calls.
pub fn record(path: &str, arguments: &[&str]) {
    let file = Rc::new(RefCell::new(BufWriter::new(File::create(path).unwrap())));
    let host = Recording { machine: Machine::default(), log: Log { file, sockets: Rc::default() } };
    let mut context = Context {
        program: "ipvsadm",
        stdin: &mut io::stdin(),
        stdout: &mut io::stdout(),
        stderr: &mut io::stderr(),
        names: &Resolver::new(System),
        host: &host,
    };
    assert_eq!(commands::run(&mut context, Applet::Ipvsadm, arguments).ok(), Some(0));
    host.log.file.borrow_mut().flush().unwrap();
}

/// Does the calls of a record.
pub fn replay(path: &str) {
    let record = std::fs::read(path).unwrap();
    let mut sockets: Vec<(Socket, Datagrams)> = Vec::new();
    let mut rest = &record[..];
    while let Some((header, after)) = rest.split_first_chunk::<HEADER>() {
        let [socket, call, a, b, c, d, e, f, g, h] = *header;
        let (number, extra) = (u32::from_ne_bytes([a, b, c, d]) as usize, u32::from_ne_bytes([e, f, g, h]) as usize);
        rest = after;
        if call == Call::Open as u8 {
            sockets.push((Socket::open().unwrap(), Datagrams::new(0)));
            continue;
        }
        let (socket, datagrams) = &mut sockets[usize::from(socket)];
        if call == Call::Send as u8 {
            socket.send(&rest[..number]).unwrap();
            rest = &rest[number..];
        } else {
            if datagrams.size() != number {
                *datagrams = Datagrams::new(number);
            }
            socket.receive(datagrams, extra).unwrap();
        }
    }
}
