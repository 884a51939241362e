//! The two ends of the traffic: servers that echo, in threads that end with the test program, and clients with fixed
//! ports, so that connection lines are known beforehand.

use std::io::{Read, Write};
use std::mem;
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use socket2::{Domain, Protocol, Socket, Type};

/// How long an answer may take before a test fails.
const PATIENCE: Duration = Duration::from_secs(60);
/// IANA's number of SCTP.
const SCTP: i32 = 132;

/// What a TCP server does when the client has no more to say.
#[derive(Clone, Copy, PartialEq)]
pub enum AtEnd {
    Close,
    /// Stays half closed.
    Hold,
}

/// Echoes on this address, each connection in a thread of its own.
pub fn serve_tcp(address: &str, at_end: AtEnd) -> Result<()> {
    serve(TcpListener::bind(address).with_context(|| format!("listening on {address}"))?, at_end);
    Ok(())
}

fn serve(listener: TcpListener, at_end: AtEnd) {
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || echo(stream, at_end));
        }
    });
}

fn echo(mut stream: TcpStream, at_end: AtEnd) {
    let mut buffer = [0; 4096];
    while let Ok(length @ 1..) = stream.read(&mut buffer) {
        if stream.write_all(&buffer[..length]).is_err() {
            return;
        }
    }
    if at_end == AtEnd::Hold {
        mem::forget(stream);
    }
}

/// Echoes SCTP on this address, in its one-to-one style, which reads like TCP.
pub fn serve_sctp(address: &str) -> Result<()> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(SCTP.into())).context("making an SCTP socket")?;
    let address: SocketAddr = address.parse()?;
    socket.bind(&address.into()).with_context(|| format!("binding SCTP {address}"))?;
    socket.listen(16)?;
    serve(socket.into(), AtEnd::Close);
    Ok(())
}

/// Echoes datagrams on this address.
pub fn serve_udp(address: &str) -> Result<()> {
    let socket = UdpSocket::bind(address).with_context(|| format!("binding {address}"))?;
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok((length, from)) = socket.recv_from(&mut buffer) {
            let _ = socket.send_to(&buffer[..length], from);
        }
    });
    Ok(())
}

/// A TCP connection that has been used once.
pub fn connect_tcp(from: &str, to: &str) -> Result<TcpStream> {
    connect(Some(Protocol::TCP), from, to)
}

/// An SCTP association that has been used once.
pub fn connect_sctp(from: &str, to: &str) -> Result<TcpStream> {
    connect(Some(SCTP.into()), from, to)
}

fn connect(protocol: Option<Protocol>, from: &str, to: &str) -> Result<TcpStream> {
    let (socket, to) = bound(protocol, from, to)?;
    socket.set_write_timeout(Some(PATIENCE))?; // bounds connect() too
    socket.connect(&to.into()).with_context(|| format!("connecting to {to}"))?;
    let mut stream = TcpStream::from(socket);
    exchange(&mut stream).with_context(|| format!("talking to {to}"))?;
    Ok(stream)
}

/// Sends a few bytes and reads them again.
pub fn exchange(stream: &mut TcpStream) -> Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(b"hello")?;
    let mut answer = [0; 5];
    stream.read_exact(&mut answer)?;
    ensure!(&answer == b"hello", "another answer: {answer:?}");
    Ok(())
}

/// Waits until the other end has closed.
pub fn wait_for_end(stream: &mut TcpStream) -> Result<()> {
    ensure!(stream.read(&mut [0; 16]).context("waiting for the end")? == 0, "data where the end should be");
    Ok(())
}

/// Begins a TCP connection and does not wait for an answer.
pub fn begin_tcp(from: &str, to: &str) -> Result<Socket> {
    let (socket, to) = bound(Some(Protocol::TCP), from, to)?;
    socket.set_nonblocking(true)?;
    let begun = socket.connect(&to.into());
    ensure!(begun.is_err_and(|error| error.raw_os_error() == Some(115)), "a connection that nobody answers");
    Ok(socket)
}

fn bound(protocol: Option<Protocol>, from: &str, to: &str) -> Result<(Socket, SocketAddr)> {
    let (from, to): (SocketAddr, SocketAddr) = (from.parse()?, to.parse()?);
    let socket = Socket::new(Domain::for_address(to), Type::STREAM, protocol).context("making a socket")?;
    socket.set_reuse_address(true)?;
    socket.bind(&from.into()).with_context(|| format!("binding {from}"))?;
    Ok((socket, to))
}

/// Sends a datagram and waits for its echo.
pub fn ask_udp(from: &str, to: &str, text: &str) -> Result<()> {
    let socket = tell_udp(from, to, text)?;
    socket.set_read_timeout(Some(PATIENCE))?;
    let mut answer = [0; 4096];
    let length = socket.recv(&mut answer).with_context(|| format!("waiting for {to}"))?;
    ensure!(&answer[..length] == text.as_bytes(), "another answer of {to}");
    Ok(())
}

/// Sends a datagram.
pub fn tell_udp(from: &str, to: &str, text: &str) -> Result<UdpSocket> {
    let socket = UdpSocket::bind(from).with_context(|| format!("binding {from}"))?;
    socket.connect(to)?;
    socket.send(text.as_bytes()).with_context(|| format!("sending to {to}"))?;
    Ok(socket)
}
