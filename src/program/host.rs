//! The real machine.

use super::child;
use super::context::{Host, Stream};
use super::failure::print_line;
use super::hints;
use super::kernel;
use super::lock::{self, Attempt};
use super::network::{self, Network};
use super::network_namespace::{self, NamespaceError};
use super::output_file::{self, Replacement};
use crate::ipvs::client::Client;
use crate::program::kernel::ConnectError;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use signal_hook::consts::{SIGHUP, SIGINT, SIGPIPE, SIGTERM};
use signal_hook::{flag, low_level};
use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::env;
use std::ffi::{CStr, CString, OsStr};
use std::fs::{self, File};
use std::io::{self, ErrorKind, IsTerminal, Read};
use std::net::IpAddr;
use std::os::fd::AsFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// The machine that the program runs on.
pub struct Machine {
    /// When the time was asked for first.
    started: OnceCell<Instant>,
    /// The last signal, 0 for none.
    signal: Arc<AtomicUsize>,
    /// Where a signal can be read, which ends a wait: it could come between a look at `signal` and a sleep.
    signals: OnceCell<UnixStream>,
    /// Whether a signal ends the program at once, though it has a handler.
    ends_at_signal: Arc<AtomicBool>,
}

impl Default for Machine {
    fn default() -> Self {
        Self {
            started: OnceCell::new(),
            signal: Arc::default(),
            signals: OnceCell::new(),
            ends_at_signal: Arc::default(),
        }
    }
}

impl Host for Machine {
    fn connect(&self) -> Result<Client, ConnectError> {
        kernel::connect(|| {
            // Before modprobe's own words for it.
            if self.is_terminal(Stream::Error) {
                if let Some(hint) = hints::without_rights(self) {
                    print_line(&mut io::stderr(), &format!("hint: {hint}"));
                }
            }
        })
    }

    fn enter(&self, namespace: &str) -> Result<(), NamespaceError> {
        network_namespace::enter(namespace)
    }

    fn is_terminal(&self, stream: Stream) -> bool {
        match stream {
            Stream::Input => io::stdin().is_terminal(),
            Stream::Output => io::stdout().is_terminal(),
            Stream::Error => io::stderr().is_terminal(),
        }
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Read>> {
        Ok(Box::new(File::open(path)?))
    }

    fn replace(&self, path: &Path) -> io::Result<Box<dyn Replacement>> {
        output_file::replace(path)
    }

    fn folder(&self, path: &Path) -> io::Result<Vec<String>> {
        fs::read_dir(path)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
    }

    fn network(&self, destinations: &BTreeSet<IpAddr>) -> io::Result<Network> {
        network::read(destinations)
    }

    fn listing_of(&self, program: &CStr, arguments: &[&CStr]) -> io::Result<Vec<u8>> {
        let name = Path::new(OsStr::from_bytes(program.to_bytes()));
        let folders = ["/usr/sbin", "/sbin", "/usr/bin", "/bin"].map(|folder| Path::new(folder).join(name));
        let path = folders.into_iter().find(|path| path.exists()).ok_or(ErrorKind::NotFound)?;
        let path = CString::new(path.into_os_string().into_vec())?;
        let words = [&[path.as_c_str()], arguments].concat();
        child::printed(&words)?.ok_or_else(|| io::Error::other("it failed"))
    }

    fn link(&self, path: &Path) -> io::Result<PathBuf> {
        fs::read_link(path)
    }

    fn now(&self) -> Duration {
        self.started.get_or_init(Instant::now).elapsed()
    }

    fn wait(&self, time: Duration) {
        match self.signals.get() {
            Some(mut signals) if !time.is_zero() && signals.set_read_timeout(Some(time)).is_ok() => {
                match signals.read(&mut [0]) {
                    // A signal came, or the time is over.
                    Ok(_) => {}
                    Err(error) if matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::WouldBlock) => {}
                    Err(_) => thread::sleep(time),
                }
            }
            _ => thread::sleep(time),
        }
    }

    fn wait_for_input(&self, time: Duration) -> io::Result<bool> {
        let (input, signals) = (io::stdin(), self.signals.get());
        let mut asked = vec![PollFd::new(input.as_fd(), PollFlags::POLLIN)];
        asked.extend(signals.map(|signals| PollFd::new(signals.as_fd(), PollFlags::POLLIN)));
        let time = PollTimeout::try_from(time).unwrap_or(PollTimeout::MAX);
        match poll(&mut asked, time) {
            Err(Errno::EINTR) => return Ok(false),
            polled => polled?,
        };
        let happened = asked[0].revents().unwrap_or(PollFlags::empty());
        match happened.intersects(PollFlags::POLLHUP | PollFlags::POLLERR | PollFlags::POLLNVAL) {
            true => Err(ErrorKind::UnexpectedEof.into()),
            false => Ok(happened.contains(PollFlags::POLLIN)),
        }
    }

    fn variable(&self, name: &str) -> Option<String> {
        env::var(name).ok()
    }

    fn interruption(&self) -> io::Result<Arc<AtomicBool>> {
        self.handle_signals(None)
    }

    fn interruption_restoring(&self, restore: fn()) -> io::Result<()> {
        let (mut signals, second) = UnixStream::pair()?;
        self.handle_signals(Some(second))?;
        let signal = Arc::clone(&self.signal);
        // A handler may do very little; what is to be restored takes more.
        thread::Builder::new().spawn(move || {
            if signals.read_exact(&mut [0; 2]).is_ok() {
                restore();
                let _ = low_level::emulate_default_handler(signal.load(Ordering::Relaxed) as i32);
            }
        })?;
        Ok(())
    }

    fn signal(&self) -> Option<i32> {
        i32::try_from(self.signal.load(Ordering::Relaxed)).ok().filter(|signal| *signal != 0)
    }

    fn end_at_signal(&self) {
        self.ends_at_signal.store(true, Ordering::Relaxed);
    }

    fn can_write(&self, stream: Stream) -> bool {
        let (stdout, stderr) = (io::stdout(), io::stderr());
        let descriptor = if stream == Stream::Error { stderr.as_fd() } else { stdout.as_fd() };
        // An error is for the write to find.
        let mut asked = [PollFd::new(descriptor, PollFlags::POLLOUT)];
        poll(&mut asked, PollTimeout::ZERO) != Ok(0)
    }

    fn is_device(&self, path: Option<&Path>) -> bool {
        let about = match path {
            Some(path) => fs::metadata(path),
            None => io::stdin().as_fd().try_clone_to_owned().and_then(|input| File::from(input).metadata()),
        };
        about.is_ok_and(|about| !(about.is_file() || about.file_type().is_fifo() || about.file_type().is_socket()))
    }

    fn try_lock(&self) -> io::Result<Attempt> {
        lock::attempt()
    }
}

impl Machine {
    /// From now on signals are noted. The second one ends the program, unless somebody else is to be told of it.
    fn handle_signals(&self, told: Option<UnixStream>) -> io::Result<Arc<AtomicBool>> {
        let ignored = ignored_signals(&fs::read_to_string("/proc/self/status").unwrap_or_default());
        let (stop, reader_gone) = (Arc::default(), Arc::default());
        let (read, write) = UnixStream::pair()?;
        for (signal, seen) in [(SIGINT, &stop), (SIGTERM, &stop), (SIGHUP, &stop), (SIGPIPE, &reader_gone)] {
            if ignored >> (signal - 1) & 1 != 0 {
                continue;
            }
            if signal != SIGPIPE {
                flag::register_usize(signal, Arc::clone(&self.signal), signal as usize)?;
                low_level::pipe::register(signal, write.try_clone()?)?;
                match &told {
                    Some(told) => drop(low_level::pipe::register(signal, told.try_clone()?)?),
                    None => {
                        // In this order: what the first signal sets is found by the second one.
                        flag::register_conditional_default(signal, Arc::clone(&self.ends_at_signal))?;
                        flag::register(signal, Arc::clone(&self.ends_at_signal))?;
                    }
                }
            }
            flag::register(signal, Arc::clone(seen))?;
        }
        let _ = self.signals.set(read);
        Ok(stop)
    }
}

/// The signals that a `/proc/PID/status` says are ignored, a bit for each; none where it does not say.
fn ignored_signals(status: &str) -> u64 {
    let digits = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    digits.and_then(|digits| u64::from_str_radix(digits.trim(), 16).ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals_that_are_ignored() {
        let ignored = ignored_signals("Name:\tx\nSigBlk:\t00000000ffffffff\nSigIgn:\t0000000000001001\nSigCgt:\t0\n");
        assert_eq!(ignored, 1 << (SIGHUP - 1) | 1 << (SIGPIPE - 1));
        assert_eq!(ignored_signals(""), 0);
    }
}
