//! The servers: to each byte that comes they answer with the digit of their name.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::thread;

use anyhow::{Context, Result};

use crate::network::{self, SERVERS};

/// Starts all of them, in threads that end with this program.
pub fn start() -> Result<()> {
    for (server, digit) in SERVERS.iter().zip(b'1'..) {
        network::inside(server, || serve(digit)).with_context(|| format!("starting {server}"))?;
    }
    Ok(())
}

fn serve(digit: u8) -> Result<()> {
    let name = char::from(digit);
    for address in ["192.0.2.1:80", "192.0.2.1:81", "[2001:db8::1]:80", "[2001:db8::1]:81"] {
        listen(address, digit)?;
    }
    for address in ["192.0.2.1:53", "[2001:db8::1]:53"] {
        receive(address, digit)?;
    }
    for own in [format!("192.0.2.2{name}"), format!("[2001:db8::2{name}]")] {
        listen(&format!("{own}:8080"), digit)?;
        receive(&format!("{own}:5353"), digit)?;
    }
    Ok(())
}

fn listen(address: &str, digit: u8) -> Result<()> {
    let listener = TcpListener::bind(address).with_context(|| format!("listening on {address}"))?;
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || answer(stream, digit));
        }
    });
    Ok(())
}

fn answer(mut stream: TcpStream, digit: u8) {
    while stream.read_exact(&mut [0]).is_ok() && stream.write_all(&[digit]).is_ok() {}
}

fn receive(address: &str, digit: u8) -> Result<()> {
    let socket = UdpSocket::bind(address).with_context(|| format!("receiving on {address}"))?;
    thread::spawn(move || {
        while let Ok((_, from)) = socket.recv_from(&mut [0]) {
            // The way back may be cut at this moment.
            let _ = socket.send_to(&[digit], from);
        }
    });
    Ok(())
}
