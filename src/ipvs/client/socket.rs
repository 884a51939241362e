//! The socket to the kernel, and the narrow trait behind which a test's scripted peer can stand in for it.

use super::receive_many::{Datagrams, receive_many};
use netlink_sys::protocols::NETLINK_GENERIC;
use std::{io, os::fd::AsRawFd};

/// Carries datagrams of netlink messages to the kernel and back.
pub trait Transport {
    /// Another connection to the same kernel.
    ///
    /// # Errors
    /// Those of opening a socket.
    fn sibling(&self) -> io::Result<Box<dyn Transport>>;

    /// Sends messages. The kernel has acted on all of them, in order, when this returns.
    ///
    /// # Errors
    /// Those of `send(2)`.
    fn send(&mut self, messages: &[u8]) -> io::Result<()>;

    /// Takes the datagrams that are there, at most `most`. It does not wait: the kernel puts its answers there, and the
    /// next part of a dump, before it returns from sending and receiving. What is not there was lost.
    ///
    /// # Errors
    /// Those of `recvmmsg(2)`: `EAGAIN` says that there is none, `ENOBUFS` that answers were lost.
    fn receive(&mut self, datagrams: &mut Datagrams, most: usize) -> io::Result<()>;
}

/// A generic netlink socket.
// The crate's socket must never be cloned: both copies would close it.
#[derive(Debug)]
pub struct Socket(netlink_sys::Socket);

impl Socket {
    /// Opens the socket. It asks for short answers: an error need not bring back the request.
    ///
    /// # Errors
    /// Those of `socket(2)` and `setsockopt(2)`.
    pub fn open() -> io::Result<Self> {
        let socket = netlink_sys::Socket::new(NETLINK_GENERIC)?;
        socket.set_cap_ack(true)?;
        Ok(Self(socket))
    }
}

impl Transport for Socket {
    fn sibling(&self) -> io::Result<Box<dyn Transport>> {
        Ok(Box::new(Self::open()?))
    }

    fn send(&mut self, messages: &[u8]) -> io::Result<()> {
        loop {
            match self.0.send(messages, 0) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                outcome => return outcome.map(drop),
            }
        }
    }

    fn receive(&mut self, datagrams: &mut Datagrams, most: usize) -> io::Result<()> {
        receive_many(self.0.as_raw_fd(), datagrams, most)
    }
}
