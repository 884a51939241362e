//! A machine on which nothing is real: a kernel of the target's making, a connection table of its making, a clock that runs
//! while one waits.

use ipvsadm::ipvs::client::{Client, Transport};
use ipvsadm::ipvs::connections;
use ipvsadm::ipvs::error::KernelError;
use ipvsadm::ipvs::model::{Errno, Protocol};
use ipvsadm::program::applet::Applet;
use ipvsadm::program::commands;
use ipvsadm::program::context::{Context, Host, Stream};
use ipvsadm::program::kernel::ConnectError;
use ipvsadm::program::names::NameService;
use ipvsadm::program::output_file::Replacement;
use std::cell::{Cell, RefCell};
use std::io::{self, Read};
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// Connects to a kernel.
type Connect = Box<dyn FnOnce() -> Result<Client, KernelError>>;

/// The machine.
#[derive(Default)]
pub struct Machine {
    /// The way to the kernel, taken once; without one there is no ip_vs.
    kernel: RefCell<Option<Connect>>,
    connections: Vec<u8>,
    now: Cell<Duration>,
}

impl Machine {
    /// A machine with this kernel.
    pub fn of(kernel: impl Transport + 'static) -> Self {
        Self { kernel: RefCell::new(Some(Box::new(|| Client::over(kernel)))), ..Self::default() }
    }

    /// A machine with this connection table.
    pub fn with_connections(table: &[u8]) -> Self {
        Self { connections: table.to_vec(), ..Self::of(super::Kernel::new(b"")) }
    }

    /// Runs a command; its status and output.
    pub fn run(&self, applet: Applet, words: &[&str], mut input: &[u8]) -> (u8, Vec<u8>) {
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let mut context = Context {
            program: "ipvsadm",
            stdin: &mut input,
            stdout: &mut stdout,
            stderr: &mut stderr,
            names: &NoNames,
            host: self,
        };
        let status = commands::run(&mut context, applet, words).unwrap_or_else(|failure| context.report(&failure));
        assert!(status == 0 || status == 1 || !stderr.is_empty(), "status {status} without a word: {words:?}");
        (status, stdout)
    }
}

impl Host for Machine {
    fn connect(&self) -> Result<Client, ConnectError> {
        let absent = || Err(KernelError::Refused(Errno::ENOENT));
        self.kernel.take().map_or_else(absent, |connect| connect()).map_err(ConnectError)
    }

    fn is_terminal(&self, _: Stream) -> bool {
        false
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Read>> {
        match path == Path::new(connections::PATH) {
            true => Ok(Box::new(io::Cursor::new(self.connections.clone()))),
            false => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn replace(&self, _: &Path) -> io::Result<Box<dyn Replacement>> {
        Err(io::ErrorKind::NotFound.into())
    }

    fn folder(&self, _: &Path) -> io::Result<Vec<String>> {
        Ok(Vec::new())
    }

    fn now(&self) -> Duration {
        self.now.get()
    }

    fn wait(&self, time: Duration) {
        self.now.set(self.now.get() + time);
    }

    fn interruption(&self) -> io::Result<Arc<AtomicBool>> {
        Ok(Arc::default())
    }

    fn signal(&self) -> Option<i32> {
        None
    }
}

/// Knows no names.
pub struct NoNames;

impl NameService for NoNames {
    fn host_address(&self, _: &str) -> Option<Ipv4Addr> {
        None
    }

    fn service_port(&self, _: &str, _: Protocol) -> Option<u16> {
        None
    }

    fn host_name(&self, _: IpAddr) -> Option<String> {
        None
    }

    fn service_name(&self, _: u16, _: Protocol) -> Option<String> {
        None
    }
}
