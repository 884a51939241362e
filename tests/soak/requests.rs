//! Servers that answer on a connection as long as it lasts, and clients that ask.

use anyhow::{Context, Result, ensure};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

/// Serves on this address, in the namespace of the calling thread.
pub fn serve(address: &str) -> Result<()> {
    let listener = TcpListener::bind(address).with_context(|| format!("listening on {address}"))?;
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // A client that has left is counted where it did.
            thread::spawn(move || answer(stream));
        }
    });
    Ok(())
}

fn answer(mut stream: TcpStream) -> std::io::Result<()> {
    let mut question = [0; 4];
    loop {
        stream.read_exact(&mut question)?;
        stream.write_all(b"pong")?;
    }
}

/// A client that is connected.
pub struct Client(TcpStream);

impl Client {
    /// Connects to a service, and waits for so long, then and for each answer.
    pub fn connect(service: &str, patience: Duration) -> Result<Self> {
        let stream = TcpStream::connect_timeout(&service.parse()?, patience).context("connecting")?;
        stream.set_read_timeout(Some(patience))?;
        Ok(Self(stream))
    }

    /// A question and its answer.
    pub fn ask(&mut self) -> Result<()> {
        self.0.write_all(b"ping")?;
        let mut reply = [0; 4];
        self.0.read_exact(&mut reply).context("waiting for an answer")?;
        ensure!(reply == *b"pong", "a wrong answer");
        Ok(())
    }
}

/// One question on a connection of its own.
pub fn request(service: &str, patience: Duration) -> Result<()> {
    Client::connect(service, patience)?.ask()
}
