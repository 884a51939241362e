//! What recvmmsg(2) has put into the memory of a traced program, read and written.

use crate::answers::Datagram;
use anyhow::{Context, Result};
use nix::unistd::Pid;
use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;

/// Sizes and places in bytes, of `struct mmsghdr`, `msghdr`, `iovec` and `sockaddr_nl` on x86-64.
const HEADER: u64 = 64;
const NAME: u64 = 0;
const VECTOR: u64 = 16;
const FLAGS: u64 = 48;
const LENGTH: u64 = 56;
const PORT: u64 = 4;

/// The headers that a call was given.
pub struct Headers {
    memory: File,
    /// Where they are.
    pub start: u64,
    /// How many there are.
    pub room: usize,
}

impl Headers {
    pub fn of(process: Pid, start: u64, room: usize) -> Result<Self> {
        let memory = OpenOptions::new().read(true).write(true).open(format!("/proc/{process}/mem"));
        Ok(Self { memory: memory.context("opening its memory")?, start, room })
    }

    fn number(&self, at: u64) -> Result<u64> {
        let mut bytes = [0; 8];
        self.memory.read_exact_at(&mut bytes, at)?;
        Ok(u64::from_ne_bytes(bytes))
    }

    /// The first datagrams.
    pub fn read(&self, count: usize) -> Result<Vec<Datagram>> {
        let one = |index: usize| {
            let header = self.start + HEADER * index as u64;
            let length = self.number(header + LENGTH)? as u32;
            let mut bytes = vec![0; length as usize];
            self.memory.read_exact_at(&mut bytes, self.number(self.number(header + VECTOR)?)?)?;
            let port = self.number(self.number(header + NAME)? + PORT)? as u32;
            let truncated = self.number(header + FLAGS)? as i32 & libc::MSG_TRUNC != 0;
            Ok(Datagram { bytes, port, truncated })
        };
        (0..count).map(one).collect()
    }

    /// Puts as many of the datagrams as there is room for in place of those, and takes them away; returns what the call is
    /// to return.
    pub fn write(&self, datagrams: &mut Vec<Datagram>) -> Result<i64> {
        let count = datagrams.len().min(self.room);
        for (index, datagram) in datagrams.drain(..count).enumerate() {
            let header = self.start + HEADER * index as u64;
            let room = self.number(self.number(header + VECTOR)? + 8)? as usize;
            let length = datagram.bytes.len().min(room);
            let truncated = datagram.truncated || length < datagram.bytes.len();
            self.memory.write_all_at(&datagram.bytes[..length], self.number(self.number(header + VECTOR)?)?)?;
            self.memory.write_all_at(&(length as u32).to_ne_bytes(), header + LENGTH)?;
            self.memory.write_all_at(&datagram.port.to_ne_bytes(), self.number(header + NAME)? + PORT)?;
            let flags = if truncated { libc::MSG_TRUNC } else { 0 };
            self.memory.write_all_at(&flags.to_ne_bytes(), header + FLAGS)?;
        }
        Ok(if count == 0 { -i64::from(libc::EAGAIN) } else { count as i64 })
    }
}
