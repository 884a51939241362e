//! A simulated table and a machine with a clock of the test's making, and drains on them.

use super::super::{Table, drain};
use super::target;
use crate::ipvs::client::Client;
use crate::ipvs::error::KernelError;
use crate::ipvs::model::{
    Change, Errno, Info, ListedServer, RealServer, ServerKey, ServiceEntry, ServiceKey, Snapshot,
};
use crate::program::context::{Context, Host, Stream};
use crate::program::draining::Draining;
use crate::program::kernel::ConnectError;
use crate::program::names::System;
use crate::program::output_file::Replacement;
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// What happens to a table before a look.
pub type Happening = (usize, fn(&mut Simulated));

/// A table with one service, 192.0.2.1:80, and what happens to it.
pub struct Simulated {
    pub entry: ServiceEntry,
    /// How often it was read.
    pub reads: usize,
    /// Whether it was read as a whole the last time.
    pub whole: bool,
    pub happenings: Vec<Happening>,
    pub changes: Vec<Change>,
    pub gone: bool,
}

impl Simulated {
    pub fn new(happenings: &[Happening]) -> Self {
        let servers = [1, 2].map(|last| {
            ListedServer::from(RealServer { key: ServerKey::new([10, 0, 0, last], 80), ..target(80).server })
        });
        let entry = ServiceEntry { service: target(80).service.into(), servers: servers.to_vec() };
        Self { entry, reads: 0, whole: false, happenings: happenings.to_vec(), changes: Vec::new(), gone: false }
    }

    /// The server that is drained.
    pub fn server(&mut self) -> &mut ListedServer {
        &mut self.entry.servers[0]
    }
}

impl Table for Simulated {
    fn read(&mut self, service: Option<ServiceKey>) -> Result<Snapshot, KernelError> {
        self.reads += 1;
        self.whole = service.is_none();
        let reads = self.reads;
        for (_, happening) in self.happenings.clone().iter().filter(|(before, _)| *before == reads) {
            happening(self);
        }
        if self.gone {
            return Err(KernelError::Refused(Errno::ESRCH));
        }
        let info = Info { version: 0, connection_table_size: 0 };
        Ok(Snapshot { info, services: vec![self.entry.clone()], timeouts: None, daemons: None })
    }

    fn make(&mut self, change: &Change) -> Result<(), KernelError> {
        self.changes.push(*change);
        match change {
            Change::EditServer(_, server) => self.server().server = *server,
            Change::DeleteServer(_, key) => self.entry.servers.retain(|listed| listed.server.key != *key),
            other => panic!("{other:?}"),
        }
        Ok(())
    }
}

/// What is in a file at a time.
pub type Content = fn(Duration) -> &'static str;

/// A machine whose clock goes on when it waits.
#[derive(Default)]
pub struct Clockwork {
    pub now: Cell<Duration>,
    pub terminal: bool,
    /// When a signal comes, and which.
    pub signal: Option<(Duration, i32)>,
    /// The files that were looked for.
    pub opened: RefCell<BTreeSet<PathBuf>>,
    /// By their paths.
    pub files: Vec<(&'static str, Content)>,
    /// Where symbolic links lead.
    pub links: Vec<(&'static str, &'static str)>,
}

impl Host for Clockwork {
    fn connect(&self) -> Result<Client, ConnectError> {
        panic!("the table is there")
    }

    fn is_terminal(&self, _: Stream) -> bool {
        self.terminal
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Read>> {
        self.opened.borrow_mut().insert(path.to_owned());
        let file = self.files.iter().find(|(name, _)| Path::new(name) == path);
        file.map(|(_, text)| Box::new(text(self.now.get()).as_bytes()) as Box<dyn Read>)
            .ok_or(io::ErrorKind::NotFound.into())
    }

    fn replace(&self, _: &Path) -> io::Result<Box<dyn Replacement>> {
        panic!("a drain writes no file")
    }

    fn folder(&self, _: &Path) -> io::Result<Vec<String>> {
        Ok(vec!["1".to_owned(), "self".to_owned(), "23".to_owned()])
    }

    fn link(&self, path: &Path) -> io::Result<PathBuf> {
        let link = self.links.iter().find(|(name, _)| Path::new(name) == path);
        link.map(|(_, target)| PathBuf::from(target)).ok_or(io::ErrorKind::PermissionDenied.into())
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
        self.signal.filter(|(when, _)| *when <= self.now.get()).map(|(_, signal)| signal)
    }
}

/// Status or failure, output and errors of a drain.
pub fn run(table: &mut Simulated, host: &Clockwork, draining: &Draining) -> (Result<u8, String>, String, String) {
    let mut out = Vec::new();
    let (status, err) = run_into(&mut out, table, host, draining);
    (status, String::from_utf8(out).unwrap(), err)
}

pub fn run_into(
    stdout: &mut dyn Write,
    table: &mut Simulated,
    host: &Clockwork,
    draining: &Draining,
) -> (Result<u8, String>, String) {
    let mut err = Vec::new();
    let mut context =
        Context { program: "ipvsadm", stdin: &mut io::empty(), stdout, stderr: &mut err, names: &System, host };
    let status = drain(&mut context, table, draining).map_err(|failure| failure.to_string());
    (status, String::from_utf8(err).unwrap())
}
