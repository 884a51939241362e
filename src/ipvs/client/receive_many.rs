//! `recvmmsg(2)`: several datagrams by one system call. No crate of ours has it, so that this file must be unsafe.
#![allow(unsafe_code)]

use std::{io, os::fd::RawFd, ptr};

/// The most datagrams that one call takes.
pub const SLOTS: usize = 4;

/// Datagrams as they were received.
#[derive(Debug)]
pub struct Datagrams {
    size: usize,
    /// Made once they are needed: the answer of a single change is one short datagram.
    slots: Vec<Box<[u8]>>,
    lengths: [usize; SLOTS],
    filled: usize,
    truncated: bool,
}

impl Datagrams {
    /// Room for as many datagrams as one call takes, of `size` bytes each.
    pub fn new(size: usize) -> Self {
        Self { size, slots: Vec::new(), lengths: [0; SLOTS], filled: 0, truncated: false }
    }

    /// The longest datagram for which there is room.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Whether there was room for no more.
    pub fn full(&self) -> bool {
        self.filled == SLOTS
    }

    /// Whether a datagram was longer than its room, and lost its end.
    pub fn truncated(&self) -> bool {
        self.truncated
    }

    /// The datagrams of the last call.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.slots.iter().zip(self.lengths).take(self.filled).map(|(slot, length)| &slot[..length])
    }

    /// Puts datagrams in place of those it has, for a transport that is not a socket.
    pub fn fill(&mut self, datagrams: impl Iterator<Item = Vec<u8>>) {
        (self.filled, self.truncated) = (0, false);
        self.make(SLOTS);
        for (slot, datagram) in self.slots.iter_mut().zip(datagrams) {
            let length = datagram.len().min(self.size);
            slot[..length].copy_from_slice(&datagram[..length]);
            self.lengths[self.filled] = length;
            self.filled += 1;
            self.truncated |= datagram.len() > self.size;
        }
    }

    fn make(&mut self, slots: usize) {
        while self.slots.len() < slots {
            self.slots.push(vec![0; self.size].into());
        }
    }
}

/// Takes the datagrams that are there, at most `most`. One that does not come from the kernel is left empty.
///
/// # Errors
/// Those of `recvmmsg(2)`, `EAGAIN` when there is none; an interrupted call is repeated.
pub fn receive_many(socket: RawFd, datagrams: &mut Datagrams, most: usize) -> io::Result<()> {
    let most = most.min(SLOTS);
    datagrams.make(most);
    let mut vectors = [const { libc::iovec { iov_base: ptr::null_mut(), iov_len: 0 } }; SLOTS];
    for (vector, slot) in vectors.iter_mut().zip(&mut datagrams.slots) {
        *vector = libc::iovec { iov_base: slot.as_mut_ptr().cast(), iov_len: slot.len() };
    }
    // SAFETY: mmsghdr is a C structure of integers and pointers, for which zeros are valid.
    let mut headers: [libc::mmsghdr; SLOTS] = unsafe { std::mem::zeroed() };
    // SAFETY: as above.
    let mut senders: [libc::sockaddr_nl; SLOTS] = unsafe { std::mem::zeroed() };
    for ((header, vector), sender) in headers.iter_mut().zip(&mut vectors).zip(&mut senders) {
        header.msg_hdr.msg_iov = vector;
        header.msg_hdr.msg_iovlen = 1;
        header.msg_hdr.msg_name = ptr::from_mut(sender).cast();
        header.msg_hdr.msg_namelen = size_of::<libc::sockaddr_nl>() as libc::socklen_t;
    }
    let filled = loop {
        // SAFETY: the first `most` headers are valid; each points to one address and one vector, and that to a slot of
        // `datagrams`, which this function borrows exclusively. The kernel writes no more than the lengths given.
        let filled = unsafe {
            libc::recvmmsg(socket, headers.as_mut_ptr(), most as _, libc::MSG_DONTWAIT as _, ptr::null_mut())
        };
        match usize::try_from(filled) {
            Ok(filled) => break filled,
            Err(_) => match io::Error::last_os_error() {
                error if error.kind() == io::ErrorKind::Interrupted => {}
                error => return Err(error),
            },
        }
    };
    datagrams.filled = filled;
    datagrams.truncated = false;
    for ((length, header), sender) in datagrams.lengths.iter_mut().zip(&headers[..filled]).zip(&senders) {
        // The kernel's port is 0. What another program sends to ours is as if it had not come.
        let from_kernel = sender.nl_pid == 0;
        *length = if from_kernel { (header.msg_len as usize).min(datagrams.size) } else { 0 };
        datagrams.truncated |= from_kernel && header.msg_hdr.msg_flags & libc::MSG_TRUNC != 0;
    }
    Ok(())
}
