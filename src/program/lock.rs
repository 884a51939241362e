//! One restore at a time in a network namespace.
//!
//! The lock is a raw socket bound to an address of ours, which nobody sends from: an object of the network namespace, so
//! that containers with file systems of their own meet it; only who may open raw sockets can take it; the kernel closes it
//! with its holder, however that ends. Two of them do not exclude one another, so whoever opens one looks whether there
//! is another, and then closes its own.

use nix::sys::socket::{
    AddressFamily, SockFlag, SockProtocol, SockType, SockaddrIn, bind, setsockopt, socket, sockopt,
};
use std::fs::{self, File};
use std::io;
use std::net::Ipv4Addr;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// "ipv" in the loopback network, which has room for it.
const ADDRESS: Ipv4Addr = Ipv4Addr::new(127, b'i', b'p', b'v');
/// The raw sockets of the network namespace.
const SOCKETS: &str = "/proc/thread-self/net/raw";

/// The lock, until it is dropped.
#[derive(Debug)]
pub struct Lock(#[allow(dead_code, reason = "open for as long as it lives")] OwnedFd);

/// What became of an attempt to take the lock.
#[derive(Debug)]
pub enum Attempt {
    /// It is ours; `None` where there is no such thing as a lock.
    Taken(Option<Lock>),
    /// Somebody has it.
    Held(Holder),
}

/// Who has the lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The process and the words that it was started with; `None` where it cannot be seen from here.
    pub process: Option<(i32, String)>,
}

/// Tries to take the lock.
///
/// # Errors
/// When it cannot be known whether somebody has it.
pub fn attempt() -> io::Result<Attempt> {
    let socket = socket(AddressFamily::Inet, SockType::Raw, SockFlag::SOCK_CLOEXEC, SockProtocol::Raw)?;
    // It is not for traffic: the loopback interface may be down.
    setsockopt(&socket, sockopt::IpFreebind, &true)?;
    bind(socket.as_raw_fd(), &SockaddrIn::from(std::net::SocketAddrV4::new(ADDRESS, 0)))?;
    let socket = File::from(socket);
    let own = socket.metadata()?.ino();
    match sockets(&fs::read_to_string(SOCKETS)?).find(|inode| *inode != own) {
        None => Ok(Attempt::Taken(Some(Lock(socket.into())))),
        Some(other) => Ok(Attempt::Held(Holder { process: owner(Path::new("/proc"), other) })),
    }
}

/// The inodes of the sockets that are bound to the address, of a list as /proc has it.
fn sockets(list: &str) -> impl Iterator<Item = u64> {
    let local = format!("{:08X}:", u32::from_ne_bytes(ADDRESS.octets()));
    list.lines().filter_map(move |line| {
        let mut words = line.split_ascii_whitespace().skip(1);
        words.next().filter(|word| word.starts_with(&local))?;
        words.nth(7)?.parse().ok()
    })
}

/// The process that has a socket open, and its command line.
fn owner(proc: &Path, inode: u64) -> Option<(i32, String)> {
    let target = format!("socket:[{inode}]");
    let has_it = |process: &Path| {
        let mut files = fs::read_dir(process.join("fd")).ok()?;
        files
            .any(|file| file.is_ok_and(|file| fs::read_link(file.path()).is_ok_and(|link| *link == *target)))
            .then_some(())
    };
    fs::read_dir(proc).ok()?.filter_map(Result::ok).find_map(|process| {
        let pid = process.file_name().to_str()?.parse().ok()?;
        has_it(&process.path())?;
        let words = fs::read(process.path().join("cmdline")).unwrap_or_default();
        let words = String::from_utf8_lossy(words.trim_ascii_end()).trim_end_matches('\0').replace('\0', " ");
        Some((pid, words))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ipvs::fixtures::sockets_shown;

    /// `/proc/net/raw` of Linux 7.2 with a lock and a `ping`.
    const LIST: &str =
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  1: 00000000:0001 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 90 2 000000002cd6302e 0
205: 7670697F:00FF 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 118 2 000000002cd6302e 0
";

    #[test]
    fn the_sockets_of_the_address() {
        assert_eq!(sockets(&sockets_shown(LIST)).collect::<Vec<_>>(), [118]);
        assert_eq!(sockets("").count(), 0);
    }

    #[test]
    fn the_owner_of_a_socket() {
        let (socket, _other) = std::os::unix::net::UnixStream::pair().unwrap();
        let socket = File::from(OwnedFd::from(socket));
        let (pid, words) = owner(Path::new("/proc"), socket.metadata().unwrap().ino()).unwrap();
        assert_eq!(pid.unsigned_abs(), std::process::id());
        assert!(words.starts_with(&std::env::args().next().unwrap()), "{words}");
        assert_eq!(owner(Path::new("/proc"), u64::MAX), None);
    }
}
