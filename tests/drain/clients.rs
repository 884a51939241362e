//! Real clients: long downloads, of which every byte is compared, short requests, and datagrams.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU16, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use socket2::{Domain, SockRef, Socket, Type};

/// How long an answer may take before a test fails.
const PATIENCE: Duration = Duration::from_secs(120);
/// The bytes of a download: many times what the buffers on the way hold.
const SIZE: usize = 4 << 20;
/// The buffers of both ends.
const BUFFER: usize = 64 << 10;

/// What is downloaded.
static CONTENT: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let byte = |n: usize| (n.wrapping_mul(2_654_435_761) >> 13) as u8;
    (0..SIZE).map(byte).collect()
});

/// Serves downloads on this address: its own name in the first line, then [`SIZE`] bytes.
pub fn serve_downloads(address: &str) -> Result<()> {
    let listener = TcpListener::bind(address).with_context(|| format!("listening on {address}"))?;
    let name = format!("{address}\n");
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let name = name.clone();
            thread::spawn(move || send_download(stream, &name));
        }
    });
    Ok(())
}

fn send_download(mut stream: TcpStream, name: &str) {
    let _ = SockRef::from(&stream).set_send_buffer_size(BUFFER);
    // A client that asks for the name only is gone then.
    let _ = stream.write_all(name.as_bytes()).and_then(|()| stream.write_all(&CONTENT));
}

/// How a client leaves. Where the director sees both directions, it remembers an ordinary end for two minutes, a reset for
/// ten seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Leaving {
    Reset,
    Close,
}

/// A download that has begun.
pub struct Download {
    stream: TcpStream,
    /// The client's address and port.
    pub client: String,
    /// What the server calls itself.
    pub server: String,
}

impl Download {
    /// Connects from this address and reads the first line.
    pub fn begin(from: &str, to: &str) -> Result<Self> {
        let mut stream = connect(from, to)?;
        let mut server = Vec::new();
        let mut byte = [0];
        loop {
            stream.read_exact(&mut byte).with_context(|| format!("waiting for {to}"))?;
            if byte == *b"\n" {
                break;
            }
            server.push(byte[0]);
        }
        let client = stream.local_addr()?.to_string();
        Ok(Self { stream, client, server: String::from_utf8(server)? })
    }

    /// Reads all the rest, which has to be whole, and leaves.
    pub fn finish(mut self, leaving: Leaving) -> Result<()> {
        let mut content = Vec::new();
        self.stream.read_to_end(&mut content).with_context(|| format!("the download of {}", self.client))?;
        ensure!(content.len() == SIZE, "a download of {} bytes, not {SIZE}", content.len());
        ensure!(content == *CONTENT, "a download with other bytes");
        self.leave(leaving)
    }

    /// Leaves in the middle.
    pub fn leave(self, leaving: Leaving) -> Result<()> {
        if leaving == Leaving::Reset {
            SockRef::from(&self.stream).set_linger(Some(Duration::ZERO))?;
        }
        Ok(())
    }

    /// Reads some bytes, as far as they come.
    pub fn go_on(&mut self) -> std::io::Result<()> {
        self.stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        self.stream.read_exact(&mut vec![0; SIZE / 2])
    }
}

/// The server that answers a short request, whose connection is reset then.
pub fn ask(from: &str, to: &str) -> Result<String> {
    let download = Download::begin(from, to)?;
    let server = download.server.clone();
    download.leave(Leaving::Reset)?;
    Ok(server)
}

/// The port of the next client that names none. A kernel that chooses takes one again while the director still remembers the
/// connection before, and then a packet of the new one may go to the server of the old one.
static NEXT_PORT: AtomicU16 = AtomicU16::new(10_000);

fn connect(from: &str, to: &str) -> Result<TcpStream> {
    let (mut from, to): (SocketAddr, SocketAddr) = (from.parse()?, to.parse()?);
    if from.port() == 0 {
        from.set_port(NEXT_PORT.fetch_add(1, Ordering::Relaxed));
    }
    let socket = Socket::new(Domain::for_address(to), Type::STREAM, None).context("making a socket")?;
    socket.set_reuse_address(true)?;
    socket.set_recv_buffer_size(BUFFER)?;
    socket.bind(&from.into()).with_context(|| format!("binding {from}"))?;
    socket.connect_timeout(&to.into(), PATIENCE).with_context(|| format!("connecting from {from} to {to}"))?;
    socket.set_read_timeout(Some(PATIENCE))?;
    Ok(socket.into())
}

/// Answers datagrams on this address with its name.
pub fn serve_datagrams(address: &str) -> Result<()> {
    let socket = UdpSocket::bind(address).with_context(|| format!("binding {address}"))?;
    let name = address.to_owned();
    thread::spawn(move || {
        while let Ok((_, from)) = socket.recv_from(&mut [0; 64]) {
            let _ = socket.send_to(name.as_bytes(), from);
        }
    });
    Ok(())
}

/// A UDP client with a port of its own.
pub fn datagrams(from: &str, to: &str) -> Result<UdpSocket> {
    let socket = UdpSocket::bind(from).with_context(|| format!("binding {from}"))?;
    socket.connect(to)?;
    socket.set_read_timeout(Some(PATIENCE))?;
    Ok(socket)
}

/// The server that answers a datagram.
pub fn ask_datagram(socket: &UdpSocket) -> Result<String> {
    socket.send(b"who is there?")?;
    let mut answer = [0; 64];
    let length = socket.recv(&mut answer).context("waiting for the answer to a datagram")?;
    Ok(String::from_utf8_lossy(&answer[..length]).into_owned())
}

/// Begins a connection and does not wait for an answer.
pub fn begin(from: &str, to: &str) -> Result<Socket> {
    let to: SocketAddr = to.parse()?;
    let socket = Socket::new(Domain::for_address(to), Type::STREAM, None).context("making a socket")?;
    socket.bind(&from.parse::<SocketAddr>()?.into()).with_context(|| format!("binding {from}"))?;
    socket.set_nonblocking(true)?;
    let begun = socket.connect(&to.into());
    ensure!(begun.is_err_and(|error| error.raw_os_error() == Some(115)), "a connection that nobody answers");
    Ok(socket)
}
