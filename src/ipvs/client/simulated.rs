//! A scripted kernel that has a table, for tests of what looks before it changes.

use super::Client;
use super::scripted::{Message, Peer, family, info};
use crate::ipvs::fixtures::tables::Tables;
use crate::ipvs::model::*;
use crate::ipvs::wire::attributes::{CommandAttribute, DaemonAttribute, ServerAttribute, ServiceAttribute};
use crate::ipvs::wire::captured::emitted;
use crate::ipvs::wire::{Command, IpvsMessage};
use netlink_packet_core::{NLM_F_ACK, NLM_F_DUMP, NLM_F_MULTIPART, ParseableParametrized};
use netlink_packet_generic::GenlHeader;
use std::cell::RefCell;
use std::rc::Rc;

/// Called before each message; it may change the table as another program would.
type Hook = Box<dyn FnMut(&mut Tables, Command)>;

/// What the kernel has, and what it was asked for.
#[derive(Default)]
pub(crate) struct Kernel {
    pub(crate) tables: Tables,
    /// The changes, those that were refused too.
    pub(crate) changes: Vec<Command>,
    /// How often it was asked for a service, for the servers of one, for daemons.
    pub(crate) looks: usize,
    /// How often something was sent.
    pub(crate) sends: usize,
    pub(crate) hook: Option<Hook>,
}

/// A kernel that tests and its clients share.
#[derive(Clone, Default)]
pub(crate) struct Shared(pub(crate) Rc<RefCell<Kernel>>);

impl Shared {
    pub(crate) fn client(&self) -> Client {
        let kernel = self.clone();
        Client::over(Peer::new(move |messages| {
            let mut kernel = kernel.0.borrow_mut();
            kernel.sends += 1;
            messages.iter().flat_map(|message| kernel.answer(message)).collect()
        }))
        .unwrap()
    }

    /// Makes changes that have to succeed, by another program.
    pub(crate) fn make(&self, changes: &[Change]) {
        changes.iter().for_each(|change| self.0.borrow_mut().tables.make(change).unwrap());
    }

    pub(crate) fn tables(&self) -> Tables {
        self.0.borrow().tables.clone().sorted()
    }

    /// What it was asked to change since this was last called.
    pub(crate) fn changes(&self) -> Vec<Command> {
        std::mem::take(&mut self.0.borrow_mut().changes)
    }
}

impl Kernel {
    fn answer(&mut self, message: &Message) -> Vec<Vec<u8>> {
        if message.family == 0x10 {
            return vec![message.reply(0, &family())];
        }
        let command = Command::from_number(message.command);
        if command == Command::GetInfo {
            return vec![message.reply(0, &info())];
        }
        if let Some(hook) = &mut self.hook {
            hook(&mut self.tables, command);
        }
        let header = GenlHeader { cmd: message.command, version: 1 };
        let Ok(IpvsMessage::Command(_, mut attributes)) = IpvsMessage::parse_with_param(&message.attributes, header)
        else {
            panic!("{message:?}");
        };
        fill(&mut attributes);
        let asked = IpvsMessage::Command(command, attributes);
        let service = asked.service().map(|listed| listed.service);
        self.looks += usize::from(matches!(command, Command::GetService | Command::GetServer | Command::GetDaemon));
        match command {
            Command::GetService if message.flags & NLM_F_DUMP == NLM_F_DUMP => {
                let replies =
                    (0..self.tables.services.len()).map(|at| message.reply(NLM_F_MULTIPART, &self.service(at)));
                replies.chain([message.done()]).collect()
            }
            Command::GetService => match self.tables.find(&service.unwrap().key) {
                Ok(at) => vec![message.reply(0, &self.service(at))],
                Err(errno) => vec![message.answer(errno.0)],
            },
            Command::GetServer => {
                let servers = self.tables.servers_of(&service.unwrap().key).iter();
                let replies = servers.map(|server| message.reply(NLM_F_MULTIPART, &reply(server)));
                replies.chain([message.done()]).collect()
            }
            Command::GetDaemon => {
                let daemons = self.tables.daemons.iter().map(|daemon| IpvsMessage::from(&Change::StartDaemon(*daemon)));
                let replies = daemons.map(|daemon| message.reply(NLM_F_MULTIPART, &attributes_of(&daemon, 0)));
                replies.chain([message.done()]).collect()
            }
            _ => {
                self.changes.push(command);
                let outcome = self.tables.make(&change(&asked));
                let acknowledged = message.flags & NLM_F_ACK != 0;
                match outcome {
                    Err(errno) => vec![message.answer(errno.0)],
                    Ok(()) if acknowledged => vec![message.answer(0)],
                    Ok(()) => Vec::new(),
                }
            }
        }
    }

    fn service(&self, at: usize) -> Vec<u8> {
        attributes_of(&IpvsMessage::from(&Change::AddService(self.tables.services[at].0)), 0)
    }
}

/// The attributes of a server as it is listed.
fn reply(server: &RealServer) -> Vec<u8> {
    // The service's family makes no difference here but that the server's is told.
    let other = ServiceKey::mark(1, if server.key.family() == Family::Inet { Family::Inet6 } else { Family::Inet });
    let IpvsMessage::Command(_, mut attributes) = IpvsMessage::from(&Change::AddServer(other, *server)) else {
        panic!("{server:?}");
    };
    fill(&mut attributes);
    emitted(&attributes[1..])
}

/// The attribute of a message that stands at this place, as it is sent.
fn attributes_of(message: &IpvsMessage, at: usize) -> Vec<u8> {
    match message {
        IpvsMessage::Command(_, attributes) => emitted(&attributes[at..=at]),
        _ => panic!("{message:?}"),
    }
}

/// Adds what a listing has and a request may lack; what comes first counts.
fn fill(attributes: &mut [CommandAttribute]) {
    for attribute in attributes {
        match attribute {
            CommandAttribute::Service(service) => service.extend([
                ServiceAttribute::Scheduler(Name::default()),
                ServiceAttribute::Flags([0, 0]),
                ServiceAttribute::Timeout(0),
                ServiceAttribute::Netmask([0; 4]),
            ]),
            CommandAttribute::Server(server) => server.extend([
                ServerAttribute::ForwardingMethod(0),
                ServerAttribute::Weight(0),
                ServerAttribute::UpperThreshold(0),
                ServerAttribute::LowerThreshold(0),
                ServerAttribute::ActiveConnections(0),
                ServerAttribute::InactiveConnections(0),
                ServerAttribute::PersistentConnections(0),
            ]),
            CommandAttribute::Daemon(daemon) => {
                daemon.extend([DaemonAttribute::Interface(Name::default()), DaemonAttribute::SyncId(0)]);
            }
            _ => {}
        }
    }
}

/// What a message asks for.
fn change(asked: &IpvsMessage) -> Change {
    let IpvsMessage::Command(command, _) = asked else { panic!("{asked:?}") };
    let service = || asked.service().unwrap().service;
    let server = || asked.server(service().key.family()).unwrap().server;
    let daemon = || asked.daemon().unwrap();
    match command {
        Command::NewService => Change::AddService(service()),
        Command::SetService => Change::EditService(service()),
        Command::DelService => Change::DeleteService(service().key),
        Command::NewServer => Change::AddServer(service().key, server()),
        Command::SetServer => Change::EditServer(service().key, server()),
        Command::DelServer => Change::DeleteServer(service().key, server().key),
        Command::NewDaemon => Change::StartDaemon(daemon()),
        Command::DelDaemon => Change::StopDaemon(StopDaemon { state: daemon().state, syncid: daemon().syncid }),
        Command::Zero => Change::Zero(asked.service().ok().map(|listed| listed.service.key)),
        Command::Flush => Change::Flush,
        other => panic!("{other:?}"),
    }
}
