//! What each line does to the table that is wanted.

use super::{Desired, NONE, Others, Standing, WantedDaemon, WantedServer, WantedService, is_mixed, overlay, slot};
use crate::ipvs::model::{Change, Errno, RealServer, ServerKey, ServiceKey, SyncDaemon, VirtualService};
use crate::ipvs::restore::lines::{Line, Meant};

/// Why a line has done nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It fails, with the error of the kernel.
    Fails(Errno),
    /// It says exactly what this earlier line has said.
    Repeats(Line),
}

impl From<Errno> for Trouble {
    fn from(errno: Errno) -> Self {
        Self::Fails(errno)
    }
}

impl Desired<'_> {
    /// Plays one change. `refused` is the error with which the kernel has refused it; an error of the table comes
    /// before it, such as the lack of a service that the kernel has refused too.
    ///
    /// # Errors
    /// When it fails, or there is nothing to do for it.
    pub fn play(&mut self, line: Line, change: &Change, refused: Option<Errno>) -> Result<(), Trouble> {
        let outcome = self.try_to(line, change, refused);
        if let Err(Trouble::Fails(errno)) = outcome {
            self.spare(line, change, errno);
        }
        outcome
    }

    /// Plays a line with names that do not resolve.
    pub fn play_unresolved(&mut self, line: Line, meant: &Meant) {
        match meant {
            Meant::Servers(key) => match self.find(key) {
                Ok(service) => {
                    let others = &mut self.services[service as usize].others;
                    if *others == Others::Remove {
                        *others = Others::Spare;
                    }
                }
                Err(_) => self.spare_service(key, line, Standing::Missed),
            },
            Meant::Services(pattern) => drop(self.may_be_meant.insert(*pattern)),
            Meant::Nothing => {}
        }
    }

    fn try_to(&mut self, line: Line, change: &Change, refused: Option<Errno>) -> Result<(), Trouble> {
        match change {
            Change::AddService(service) => self.add_service(line, service, refused),
            Change::AddServer(key, server) => self.add_server(line, key, server, refused),
            Change::EditService(service) => {
                let place = self.find(&service.key)?;
                judged(refused)?;
                self.services[place as usize].standing = Standing::Wanted { settings: *service, line };
                Ok(())
            }
            Change::EditServer(key, server) => self.edit_server(line, key, server, refused),
            Change::DeleteService(key) => self.delete_service(key, refused),
            Change::DeleteServer(key, server) => self.delete_server(key, server, refused),
            Change::Flush => {
                judged(refused)?;
                (self.cleared, self.others, self.mixed) = (self.services.len() as u32, Others::Remove, 0);
                self.may_be_meant.clear();
                Ok(())
            }
            Change::Zero(Some(key)) => {
                let place = self.find(key)?;
                judged(refused)?;
                self.services[place as usize].zeroed = Some(line);
                Ok(())
            }
            Change::Zero(None) => {
                judged(refused)?;
                self.zeroed = Some(line);
                Ok(())
            }
            Change::SetTimeouts(new) => {
                judged(refused)?;
                let old = self.timeouts.map(|(old, _)| old).unwrap_or_default();
                self.timeouts = Some((overlay(old, *new), line));
                Ok(())
            }
            Change::StartDaemon(daemon) => self.start_daemon(line, daemon, refused),
            Change::StopDaemon(stop) => {
                let wanted = &mut self.daemons[slot(stop.state)];
                wanted.daemon.ok_or(Errno::ESRCH)?;
                judged(refused)?;
                *wanted = WantedDaemon { daemon: None, line: Some(line) };
                Ok(())
            }
        }
    }

    fn start_daemon(&mut self, line: Line, daemon: &SyncDaemon, refused: Option<Errno>) -> Result<(), Trouble> {
        let wanted = &mut self.daemons[slot(daemon.state)];
        if self.mixed > 0 {
            return Err(Errno::EINVAL.into());
        }
        // One that runs already, before any line of ours, is made to run as the line says.
        if wanted.daemon.is_some() && wanted.line.is_some() {
            return Err(Errno::EEXIST.into());
        }
        judged(refused)?;
        *wanted = WantedDaemon { daemon: Some(*daemon), line: Some(line) };
        Ok(())
    }

    fn add_service(&mut self, line: Line, service: &VirtualService, refused: Option<Errno>) -> Result<(), Trouble> {
        let standing = self.service(&service.key).map(|(_, wanted)| &wanted.standing);
        match standing.unwrap_or(&unnamed(self.others)) {
            Standing::Wanted { settings, line } if settings == service => return Err(Trouble::Repeats(*line)),
            Standing::Wanted { .. } => return Err(Errno::EEXIST.into()),
            Standing::Untouched if self.lives(&service.key, false) => {
                return self.add_what_lives(line, Change::EditService(*service), refused);
            }
            _ => {}
        }
        judged(refused)?;
        // A place of its own: no server is left of one that was there before.
        self.push_service(&service.key, Standing::Wanted { settings: *service, line }, Some(line), Others::Remove);
        Ok(())
    }

    /// Adds what lives and no line has named: a line that does so fails, an object of a document says how it is to be.
    fn add_what_lives(&mut self, line: Line, edit: Change, refused: Option<Errno>) -> Result<(), Trouble> {
        if self.of_document { self.try_to(line, &edit, refused) } else { Err(Errno::EEXIST.into()) }
    }

    fn delete_service(&mut self, key: &ServiceKey, refused: Option<Errno>) -> Result<(), Trouble> {
        let service = self.find(key)?;
        judged(refused)?;
        if self.mixed > 0 {
            let wanted = self.wanted_servers(service).filter(|(_, server, _)| is_mixed(key, &server.key)).count();
            let live = self.live.and_then(|live| live.service(key)).map_or(&[][..], |live| &live.servers);
            let untouched = live.iter().filter(|server| {
                is_mixed(key, &server.key) && matches!(self.standing(service, &server.key), Standing::Untouched)
            });
            self.mixed -= wanted + untouched.count();
        }
        self.services[service as usize].standing = Standing::Gone;
        Ok(())
    }

    fn add_server(
        &mut self,
        line: Line,
        key: &ServiceKey,
        server: &RealServer,
        refused: Option<Errno>,
    ) -> Result<(), Trouble> {
        let service = self.find_for(key, server)?;
        match self.standing(service, &server.key) {
            Standing::Wanted { settings, line } if settings == *server => return Err(Trouble::Repeats(line)),
            Standing::Wanted { .. } => return Err(Errno::EEXIST.into()),
            Standing::Untouched if self.server_lives(key, &server.key, false) => {
                return self.add_what_lives(line, Change::EditServer(*key, *server), refused);
            }
            _ => {}
        }
        judged(refused)?;
        self.mixed += usize::from(is_mixed(key, &server.key));
        self.put_server(service, &server.key, Standing::Wanted { settings: *server, line }, Some(line));
        Ok(())
    }

    fn edit_server(
        &mut self,
        line: Line,
        key: &ServiceKey,
        server: &RealServer,
        refused: Option<Errno>,
    ) -> Result<(), Trouble> {
        let service = self.find_for(key, server)?;
        let before = self.find_server(service, key, &server.key)?;
        judged(refused)?;
        if matches!(before, Standing::Refused) {
            self.mixed += usize::from(is_mixed(key, &server.key));
        }
        let since = self.server(service, &server.key).and_then(|(_, wanted)| wanted.since);
        self.put_server(service, &server.key, Standing::Wanted { settings: *server, line }, since);
        Ok(())
    }

    fn delete_server(&mut self, key: &ServiceKey, server: &ServerKey, refused: Option<Errno>) -> Result<(), Trouble> {
        let service = self.find(key)?;
        let before = self.find_server(service, key, server)?;
        judged(refused)?;
        if !matches!(before, Standing::Refused) {
            self.mixed -= usize::from(is_mixed(key, server) && self.mixed > 0);
        }
        self.put_server(service, server, Standing::Gone, None);
        Ok(())
    }

    /// What a line that failed wanted to be there, and is not by another line, stays as it lives.
    fn spare(&mut self, line: Line, change: &Change, errno: Errno) {
        match change {
            Change::AddService(service) | Change::EditService(service) => {
                let missed = errno == Errno::ESRCH;
                self.spare_service(&service.key, line, if missed { Standing::Missed } else { Standing::Refused });
            }
            Change::AddServer(key, server) | Change::EditServer(key, server) => match self.find(key) {
                Ok(service) => {
                    let missed = errno == Errno::ENOENT;
                    let standing = if missed { Standing::Missed } else { Standing::Refused };
                    let named = self.server(service, &server.key).map(|(_, wanted)| &wanted.standing);
                    if is_spared(named, self.services[service as usize].others, missed) {
                        self.put_server(service, &server.key, standing, Some(line));
                    }
                }
                Err(_) => self.spare_service(key, line, Standing::Missed),
            },
            _ => {}
        }
    }

    fn spare_service(&mut self, key: &ServiceKey, line: Line, standing: Standing<VirtualService>) {
        let named = self.service(key).map(|(_, wanted)| &wanted.standing);
        if is_spared(named, self.others, matches!(standing, Standing::Missed)) {
            self.push_service(key, standing, Some(line), Others::Spare);
        }
    }

    /// The place of a service that is there.
    fn find(&mut self, key: &ServiceKey) -> Result<u32, Errno> {
        match self.service(key) {
            Some((place, wanted)) => match wanted.standing {
                Standing::Wanted { .. } | Standing::Untouched => Ok(place),
                Standing::Refused if self.lives(key, true) => Ok(place),
                _ => Err(Errno::ESRCH),
            },
            None if self.others == Others::Keep && self.lives(key, true) => {
                Ok(self.push_service(key, Standing::Untouched, None, Others::Keep))
            }
            None => Err(Errno::ESRCH),
        }
    }

    /// Judges the settings of a server as the kernel does before it looks for the server, and finds its service.
    fn find_for(&mut self, key: &ServiceKey, server: &RealServer) -> Result<u32, Errno> {
        let service = self.find(key)?;
        if is_mixed(key, &server.key) && self.daemons.iter().any(|wanted| wanted.daemon.is_some()) {
            return Err(Errno::EINVAL);
        }
        if server.lower_threshold > server.upper_threshold {
            return Err(Errno::ERANGE);
        }
        Ok(service)
    }

    /// How a server stands that is there.
    fn find_server(&self, service: u32, key: &ServiceKey, server: &ServerKey) -> Result<Standing<RealServer>, Errno> {
        match self.standing(service, server) {
            standing @ Standing::Wanted { .. } => Ok(standing),
            standing @ (Standing::Untouched | Standing::Refused) if self.server_lives(key, server, true) => {
                Ok(standing)
            }
            _ => Err(Errno::ENOENT),
        }
    }

    fn standing(&self, service: u32, server: &ServerKey) -> Standing<RealServer> {
        let named = self.server(service, server).map(|(_, wanted)| wanted.standing);
        named.unwrap_or_else(|| unnamed(self.services[service as usize].others))
    }

    /// Whether a service lives; `guess` where that is not known.
    fn lives(&self, key: &ServiceKey, guess: bool) -> bool {
        self.live.map_or(guess, |live| live.service(key).is_some())
    }

    fn server_lives(&self, key: &ServiceKey, server: &ServerKey, guess: bool) -> bool {
        self.live.map_or(guess, |live| live.server(key, server).is_some())
    }

    fn push_service(
        &mut self,
        key: &ServiceKey,
        standing: Standing<VirtualService>,
        since: Option<Line>,
        others: Others,
    ) -> u32 {
        let place = self.services.len() as u32;
        self.services.push(WantedService { key: *key, standing, since, others, zeroed: None, first: NONE, last: NONE });
        if let Some(before) = self.by_service.insert(*key, place) {
            self.services[before as usize].standing = Standing::Gone;
        }
        place
    }

    fn put_server(&mut self, service: u32, key: &ServerKey, standing: Standing<RealServer>, since: Option<Line>) {
        let place = *self.by_server.entry((service, *key)).or_insert(self.servers.len() as u32);
        if let Some(wanted) = self.servers.get_mut(place as usize) {
            (wanted.standing, wanted.since) = (standing, since);
            return;
        }
        self.servers.push(WantedServer { standing, since, next: NONE });
        let wanted = &mut self.services[service as usize];
        match wanted.last {
            NONE => wanted.first = place,
            last => self.servers[last as usize].next = place,
        }
        wanted.last = place;
    }
}

/// The verdict of the kernel, where it is known.
fn judged(refused: Option<Errno>) -> Result<(), Errno> {
    refused.map_or(Ok(()), Err)
}

/// Whether a failed line spares what it names. It does where no line says anything of it, and where lines have removed
/// it to make room for one that the kernel then refused; a line that just missed it does not bring it back.
fn is_spared<S>(named: Option<&Standing<S>>, others: Others, missed: bool) -> bool {
    match named {
        None => others == Others::Remove,
        Some(Standing::Gone | Standing::Missed) => !missed,
        Some(_) => false,
    }
}

/// How one stands of which no line says anything.
fn unnamed<S>(others: Others) -> Standing<S> {
    match others {
        Others::Remove => Standing::Gone,
        Others::Keep => Standing::Untouched,
        Others::Spare => Standing::Refused,
    }
}
