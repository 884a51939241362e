//! Servers that count who comes, and clients that count where they were.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use socket2::{Domain, Socket, Type};

use crate::network::Network;

/// A server, and how many clients it has had.
pub struct Server(Arc<AtomicU64>);

impl Server {
    /// Listens on this address in the server's namespace. Each client gets so many bytes.
    pub fn start(network: &Network, address: &str, bytes: usize) -> Result<Self> {
        let clients = Arc::<AtomicU64>::default();
        let counted = Arc::clone(&clients);
        network.server(|| {
            let listener = TcpListener::bind(address).with_context(|| format!("listening on {address}"))?;
            thread::spawn(move || {
                for mut stream in listener.incoming().flatten() {
                    counted.fetch_add(1, Ordering::Relaxed);
                    let _ = stream.write_all(&vec![b'x'; bytes]);
                }
            });
            Ok(())
        })?;
        Ok(Self(clients))
    }

    pub fn clients(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Clients that come at a steady pace until this value is gone.
pub struct Clients {
    stop: Arc<AtomicBool>,
    made: Arc<AtomicU64>,
    started: Instant,
    thread: Option<JoinHandle<()>>,
}

impl Clients {
    /// One each `pause`, who reads what there is, or does not wait for an answer.
    pub fn start(network: &Network, from: &str, to: &str, pause: Duration, waits: bool) -> Result<Self> {
        let (from, to): (SocketAddr, SocketAddr) = (from.parse()?, to.parse()?);
        let (stop, made) = (Arc::<AtomicBool>::default(), Arc::<AtomicU64>::default());
        let (stopped, counted) = (Arc::clone(&stop), Arc::clone(&made));
        let thread = network.client(|| {
            Ok(thread::spawn(move || {
                let mut open = Vec::new();
                while !stopped.load(Ordering::Relaxed) {
                    if let Ok(socket) = client(from, to, waits) {
                        counted.fetch_add(1, Ordering::Relaxed);
                        open.push(socket);
                    }
                    if waits {
                        open.clear();
                    }
                    thread::sleep(pause);
                }
            }))
        })?;
        Ok(Self { stop, made, started: Instant::now(), thread: Some(thread) })
    }

    /// How many have come a second.
    pub fn pace(&self) -> f64 {
        self.made.load(Ordering::Relaxed) as f64 / self.started.elapsed().as_secs_f64()
    }

    /// How many came, when no more come.
    pub fn end(mut self) -> u64 {
        self.stop();
        self.made.load(Ordering::Relaxed)
    }

    fn stop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Clients {
    fn drop(&mut self) {
        self.stop();
    }
}

fn client(from: SocketAddr, to: SocketAddr, waits: bool) -> Result<Socket> {
    let socket = Socket::new(Domain::for_address(to), Type::STREAM, None)?;
    socket.bind(&from.into())?;
    if waits {
        socket.connect_timeout(&to.into(), Duration::from_secs(60))?;
        socket.set_read_timeout(Some(Duration::from_secs(60)))?;
        let mut text = Vec::new();
        (&socket).read_to_end(&mut text)?;
    } else {
        socket.set_nonblocking(true)?;
        let _ = socket.connect(&to.into());
    }
    Ok(socket)
}
