//! The rule of a restore once more, plainly and slowly: what the lines make of an empty table, or with `--noflush` of the
//! live one, where a line that fails changes nothing that is live.

use crate::ipvs::fixtures::tables::{Tables, judged};
use crate::ipvs::model::*;
use std::collections::{HashMap, HashSet};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Object {
    Service(ServiceKey),
    Server(ServiceKey, ServerKey),
}

/// What becomes of a file.
#[derive(Debug, Default, PartialEq)]
pub struct Expected {
    pub tables: Tables,
    /// The lines that fail, with the errors.
    pub failed: Vec<(u32, Errno)>,
    /// The lines that repeat others.
    pub repeated: Vec<u32>,
}

#[derive(Clone)]
struct Model<'t> {
    live: &'t Tables,
    made: Tables,
    /// What is in `made` because it lives and a line that wanted it was refused.
    borrowed: HashSet<Object>,
    /// What a line wanted that the file has not.
    missed: HashSet<Object>,
    /// What a line has removed.
    removed: HashSet<Object>,
    /// The lines that gave the settings of what is there.
    given: HashMap<Object, u32>,
}

/// Plays the lines until the kernel has refused all that it is asked for and does not take.
pub fn expected(live: &Tables, lines: &[Change], noflush: bool) -> Expected {
    let mut refused = HashMap::new();
    loop {
        let (model, expected) = play(live, lines, noflush, &refused);
        let known = refused.len();
        refused.extend(model.refused_now());
        // Of several lines that set timeouts the kernel is asked for all together, and then for each.
        if judged(&Change::SetTimeouts(expected.tables.timeouts)).is_err() {
            let each = (1..).zip(lines).filter(|(_, change)| matches!(change, Change::SetTimeouts(_)));
            refused.extend(each.filter_map(|(line, change)| Some((line, judged(change).err()?))));
        }
        if refused.len() == known {
            return expected;
        }
    }
}

fn play<'t>(live: &'t Tables, lines: &[Change], noflush: bool, refused: &HashMap<u32, Errno>) -> (Model<'t>, Expected) {
    let made = if noflush { live.clone() } else { Tables { services: Vec::new(), ..live.clone() } };
    let (borrowed, missed, removed) = Default::default();
    let mut model = Model { live, made, borrowed, missed, removed, given: HashMap::new() };
    let mut expected = Expected::default();
    for (line, change) in (1..).zip(lines) {
        if model.repeats(change) {
            expected.repeated.push(line);
        } else if let Err(errno) = model.play(line, change, refused.get(&line).copied()) {
            expected.failed.push((line, errno));
        }
    }
    expected.tables = model.clone().end();
    (model, expected)
}

impl Model<'_> {
    fn repeats(&self, change: &Change) -> bool {
        match change {
            Change::AddService(service) => {
                self.given.contains_key(&Object::Service(service.key))
                    && self.made.services.iter().any(|(made, _)| made == service)
            }
            Change::AddServer(key, server) => {
                self.given.contains_key(&Object::Server(*key, server.key))
                    && self.made.servers_of(key).contains(server)
                    && server.lower_threshold <= server.upper_threshold
                    && (key.family() == server.key.family() || self.made.daemons.is_empty())
            }
            _ => false,
        }
    }

    fn play(&mut self, line: u32, change: &Change, refused: Option<Errno>) -> Result<(), Errno> {
        let before = self.clone();
        match change {
            // What is there as it lives may be added as the file has it.
            Change::AddService(service) if self.borrowed.contains(&Object::Service(service.key)) => {
                self.made.services.retain(|(made, _)| made.key != service.key);
            }
            Change::AddServer(key, server) if self.borrowed.contains(&Object::Server(*key, server.key)) => {
                let at = self.made.find(key)?;
                self.made.services[at].1.retain(|made| made.key != server.key);
            }
            _ => {}
        }
        let outcome = self.made.play(change, refused.map_or(Ok(()), Err));
        match outcome {
            Ok(()) => self.succeeded(line, change),
            Err(errno) => {
                *self = before;
                self.failed(change, errno);
            }
        }
        outcome
    }

    fn succeeded(&mut self, line: u32, change: &Change) {
        match change {
            Change::AddService(service) => {
                self.forget(&service.key);
                self.given.insert(Object::Service(service.key), line);
            }
            Change::EditService(service) => {
                self.borrowed.remove(&Object::Service(service.key));
                self.given.insert(Object::Service(service.key), line);
            }
            Change::DeleteService(key) => {
                self.forget(key);
                self.removed.insert(Object::Service(*key));
            }
            Change::AddServer(key, server) | Change::EditServer(key, server) => {
                let object = Object::Server(*key, server.key);
                self.borrowed.remove(&object);
                self.missed.remove(&object);
                self.removed.remove(&object);
                self.given.insert(object, line);
            }
            Change::DeleteServer(key, server) => {
                let object = Object::Server(*key, *server);
                self.borrowed.remove(&object);
                self.missed.remove(&object);
                self.given.remove(&object);
                self.removed.insert(object);
            }
            Change::Flush => {
                let (borrowed, missed, removed, given) = Default::default();
                (self.borrowed, self.missed, self.removed, self.given) = (borrowed, missed, removed, given);
            }
            _ => {}
        }
    }

    /// Forgets all that was of a service and its servers.
    fn forget(&mut self, key: &ServiceKey) {
        let other = |object: &Object| match object {
            Object::Service(of) | Object::Server(of, _) => of != key,
        };
        self.borrowed.retain(other);
        self.missed.retain(other);
        self.removed.retain(other);
        self.given.retain(|object, _| other(object));
    }

    fn failed(&mut self, change: &Change, errno: Errno) {
        match change {
            Change::AddService(service) | Change::EditService(service) => {
                self.service_failed(&service.key, errno == Errno::ESRCH);
            }
            Change::AddServer(key, server) | Change::EditServer(key, server) => match self.made.find(key) {
                Ok(at) if self.made.services[at].1.iter().all(|made| made.key != server.key) => {
                    self.server_failed(at, key, &server.key, errno == Errno::ENOENT);
                }
                Ok(_) => {}
                Err(_) => self.service_failed(key, true),
            },
            _ => {}
        }
    }

    fn service_failed(&mut self, key: &ServiceKey, missed: bool) {
        let object = Object::Service(*key);
        if self.made.find(key).is_ok() {
        } else if missed {
            if !self.removed.contains(&object) {
                self.missed.insert(object);
            }
        } else if let Ok(at) = self.live.find(key) {
            let (service, servers) = self.live.services[at].clone();
            self.forget(key);
            self.borrowed.insert(object);
            self.borrowed.extend(servers.iter().map(|server| Object::Server(*key, server.key)));
            self.made.services.push((service, servers));
        }
    }

    fn server_failed(&mut self, at: usize, service: &ServiceKey, key: &ServerKey, missed: bool) {
        let object = Object::Server(*service, *key);
        let Some(live) = self.live.servers_of(service).iter().find(|server| server.key == *key) else { return };
        if !missed {
            self.borrowed.insert(object);
            self.made.services[at].1.push(*live);
        } else if !self.removed.contains(&object) {
            self.missed.insert(object);
        }
    }

    /// The table when all is done.
    fn end(mut self) -> Tables {
        for object in &self.missed {
            match object {
                Object::Service(key) => {
                    let live = self.live.services.iter().find(|(live, _)| live.key == *key);
                    self.made.services.extend(live.filter(|_| self.made.find(key).is_err()).cloned());
                }
                Object::Server(service, key) => {
                    let Ok(at) = self.made.find(service) else { continue };
                    let live = self.live.servers_of(service).iter().find(|server| server.key == *key);
                    let there = self.made.services[at].1.iter().any(|made| made.key == *key);
                    self.made.services[at].1.extend(live.filter(|_| !there));
                }
            }
        }
        self.made
    }

    /// The lines that the kernel refuses when it is asked for what is made now.
    fn refused_now(&self) -> Vec<(u32, Errno)> {
        let mut refused = Vec::new();
        for (service, servers) in &self.made.services {
            let live = self.live.find(&service.key).ok().map(|at| &self.live.services[at]);
            if let Some(line) = self.given.get(&Object::Service(service.key)) {
                let asked = if live.is_some() { Change::EditService(*service) } else { Change::AddService(*service) };
                if live.is_none_or(|(live, _)| live != service) {
                    if let Err(errno) = judged(&asked) {
                        refused.push((*line, errno));
                        continue;
                    }
                }
            }
            for server in servers {
                let Some(line) = self.given.get(&Object::Server(service.key, server.key)) else { continue };
                let live = live.and_then(|(_, live)| live.iter().find(|live| live.key == server.key));
                let asked = match live {
                    Some(live) if live == server => continue,
                    Some(_) => Change::EditServer(service.key, *server),
                    None => Change::AddServer(service.key, *server),
                };
                refused.extend(judged(&asked).err().map(|errno| (*line, errno)));
            }
        }
        refused
    }
}
