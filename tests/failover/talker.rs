//! A client that talks to one server for as long as it is let: over one TCP connection, or from one UDP port.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream, UdpSocket};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use socket2::{Domain, Socket, Type};

/// Between an answer and the next question over UDP; over TCP twice as long, since the answer's acknowledgement is a packet
/// too. The other director hears of a client anew with every tenth packet.
const PAUSE: Duration = Duration::from_millis(125);
/// Without an answer for this long a client gives up. TCP asks again at growing intervals, up to the length of what
/// went before, and the machine may be busy.
pub const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Protocol {
    Tcp,
    Udp,
}

/// It talks until this value goes.
pub struct Talker {
    pub protocol: Protocol,
    pub from: SocketAddr,
    pub to: SocketAddr,
    /// The digit of the server that it talks to.
    pub server: u8,
    state: Arc<Mutex<State>>,
}

#[derive(Clone)]
pub struct State {
    pub answers: usize,
    pub longest_gap: Duration,
    last: Instant,
    /// Why it talks no more.
    pub end: Option<String>,
    leave: bool,
}

impl Talker {
    /// Starts one in the namespace of the calling thread; it has had its first answer then.
    pub fn start(protocol: Protocol, from: IpAddr, to: SocketAddr) -> Result<Self> {
        let mut line = Line::open(protocol, from, to)?;
        let from = line.local()?;
        let server = line.ask().with_context(|| format!("from {from} to {to}"))?;
        let state = State { answers: 1, longest_gap: Duration::ZERO, last: Instant::now(), end: None, leave: false };
        let state = Arc::new(Mutex::new(state));
        let shared = Arc::clone(&state);
        thread::spawn(move || talk(protocol, line, server, &shared));
        Ok(Talker { protocol, from, to, server, state })
    }

    pub fn state(&self) -> State {
        lock(&self.state).clone()
    }

    /// Waits until it has had so many answers, or has given up.
    pub fn wait_for(&self, answers: usize) -> Result<State> {
        let end = Instant::now() + 2 * PATIENCE;
        loop {
            let state = self.state();
            if state.end.is_some() || state.answers >= answers {
                return Ok(state);
            }
            ensure!(Instant::now() < end, "{} neither talks to {} nor gives up", self.from, self.to);
            thread::sleep(PAUSE / 5);
        }
    }

    /// Begins to measure gaps anew.
    pub fn forget_gaps(&self) {
        let mut state = lock(&self.state);
        state.longest_gap = Duration::ZERO;
        state.last = Instant::now();
    }
}

impl Drop for Talker {
    fn drop(&mut self) {
        lock(&self.state).leave = true;
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn talk(protocol: Protocol, mut line: Line, server: u8, state: &Mutex<State>) {
    loop {
        thread::sleep(if protocol == Protocol::Tcp { 2 * PAUSE } else { PAUSE });
        if lock(state).leave {
            return;
        }
        let answer = line.ask();
        let mut state = lock(state);
        match answer {
            Ok(other) if other != server => {
                state.end = Some(moved(server, other));
                return;
            }
            Ok(_) => {
                state.answers += 1;
                state.longest_gap = state.longest_gap.max(state.last.elapsed());
                state.last = Instant::now();
            }
            Err(error) => {
                state.end = Some(format!("{error:#}"));
                return;
            }
        }
    }
}

/// What happened to a client that is answered by another server than before.
pub fn moved(from: u8, to: u8) -> String {
    format!("moved from server{} to server{}", char::from(from), char::from(to))
}

/// A client's socket.
enum Line {
    Tcp(TcpStream),
    Udp(UdpSocket),
}

impl Line {
    fn open(protocol: Protocol, from: IpAddr, to: SocketAddr) -> Result<Self> {
        Ok(match protocol {
            Protocol::Tcp => Line::Tcp(connect(from, to, PATIENCE)?),
            Protocol::Udp => {
                let socket = UdpSocket::bind((from, 0))?;
                socket.connect(to)?;
                socket.set_read_timeout(Some(2 * PAUSE))?;
                Line::Udp(socket)
            }
        })
    }

    fn local(&self) -> io::Result<SocketAddr> {
        match self {
            Line::Tcp(stream) => stream.local_addr(),
            Line::Udp(socket) => socket.local_addr(),
        }
    }

    /// The digit of the server that answers. A datagram is sent again when it seems lost.
    fn ask(&mut self) -> Result<u8> {
        match self {
            Line::Tcp(stream) => Ok(ask(stream)?),
            Line::Udp(socket) => {
                let end = Instant::now() + PATIENCE;
                let mut answer = [0];
                while Instant::now() < end {
                    // A host whose cable is pulled may answer that it knows no way; that is a loss like others.
                    if socket.send(b"?").is_ok() && socket.recv(&mut answer).is_ok() {
                        return Ok(answer[0]);
                    }
                    thread::sleep(PAUSE);
                }
                bail!("no answer");
            }
        }
    }
}

/// A TCP connection from this address.
pub fn connect(from: IpAddr, to: SocketAddr, patience: Duration) -> Result<TcpStream> {
    let socket = Socket::new(Domain::for_address(to), Type::STREAM, None)?;
    socket.bind(&SocketAddr::new(from, 0).into()).with_context(|| format!("binding {from}"))?;
    socket.connect_timeout(&to.into(), patience).with_context(|| format!("connecting from {from} to {to}"))?;
    socket.set_read_timeout(Some(patience))?;
    Ok(socket.into())
}

/// Asks over a connection; the digit of the server that answers.
pub fn ask(stream: &mut TcpStream) -> io::Result<u8> {
    let mut answer = [0];
    stream.write_all(b"?")?;
    match stream.read_exact(&mut answer) {
        Err(error) if error.kind() == ErrorKind::WouldBlock => Err(io::Error::other("no answer")),
        result => result.map(|()| answer[0]),
    }
}
