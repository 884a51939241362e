//! Changes, things to be ensured and edits, many together, with the effects that they have one after the other. What is
//! there is asked for only where it has to be known, and not again for each.
//!
//! What is to be ensured is added on trial, for most of it is not there: then it costs a message in a batch. Where the
//! kernel says that it is there, its service is looked at, and known to all that comes after.

use super::known::Known;
use super::{TRIES, is_otherwise, is_so_already};
use crate::ipvs::client::{Batch, Client};
use crate::ipvs::equality::{same_server, same_service, server_change, service_change};
use crate::ipvs::error::{ChangeError, KernelError};
use crate::ipvs::model::{Change, Errno, RealServer, ServerKey, ServiceKey, VirtualService};

/// Many things to do in order, each with a `C` that comes back when it is refused. What is not sent with
/// [`Pipeline::finish`] may never be done.
///
/// ```no_run
/// use ipvsadm::ipvs::client::Client;
/// use ipvsadm::ipvs::ensure::Pipeline;
/// use ipvsadm::ipvs::model::{Change, RealServer, ServiceKey};
///
/// let mut client = Client::connect()?;
/// let key = ServiceKey::tcp([192, 0, 2, 1], 80);
/// let mut pipeline = Pipeline::default();
/// for last in 1..=100 {
///     pipeline.ensure(&mut client, &Change::AddServer(key, RealServer::new([198, 51, 100, last], 80)), last)?;
/// }
/// for refused in pipeline.finish(&mut client)? {
///     println!("198.51.100.{}: {}", refused.context, refused.error);
/// }
/// # Ok::<_, ipvsadm::ipvs::error::KernelError>(())
/// ```
#[derive(Debug)]
pub struct Pipeline<C> {
    batch: Batch<Task<C>>,
    /// How many of the batch are to be ensured.
    ensured: usize,
    known: Known,
    refused: Vec<Refused<C>>,
    /// How many things came before.
    place: u32,
    /// How many batches came before, and one.
    round: u32,
}

/// Something that was refused.
#[derive(Debug)]
pub struct Refused<C> {
    /// What it came with.
    pub context: C,
    /// What was to be done, and why it was not.
    pub error: ChangeError,
    /// Whether it was to be ensured.
    pub ensured: bool,
    place: u32,
}

/// What is sent.
#[derive(Debug)]
struct Task<C> {
    change: Change,
    context: C,
    place: u32,
    /// How often to look again; `None` where the change itself is what is asked for.
    tries: Option<usize>,
}

impl<C> Default for Pipeline<C> {
    fn default() -> Self {
        let (batch, known, refused) = (Batch::default(), Known::default(), Vec::new());
        Self { batch, ensured: 0, known, refused, place: 0, round: 1 }
    }
}

impl<C> Pipeline<C> {
    /// What the first one came with that is still to be sent.
    pub fn first(&self) -> Option<&C> {
        self.batch.contexts().first().map(|task| &task.context)
    }

    /// Adds a change.
    ///
    /// # Errors
    /// As [`Client::send`].
    pub fn push(&mut self, client: &mut Client, change: &Change, context: C) -> Result<(), KernelError> {
        let task = self.task(change, context, None);
        self.add(client, task)
    }

    /// Adds something to be made so, see [`super::ensure`].
    ///
    /// # Errors
    /// As [`Client::send`]; a refusal is told by [`Pipeline::finish`].
    pub fn ensure(&mut self, client: &mut Client, change: &Change, context: C) -> Result<(), KernelError> {
        let mut task = self.task(change, context, Some(TRIES));
        match change {
            Change::StartDaemon(_) => {
                self.send(client)?;
                return match super::ensure(client, change) {
                    Ok(_) => Ok(()),
                    Err(ChangeError { error: KernelError::Refused(errno), change }) => {
                        self.refuse(Task { change, ..task }, errno);
                        Ok(())
                    }
                    Err(failed) => Err(failed.error),
                };
            }
            Change::AddService(_) | Change::AddServer(..) => {
                if self.is_foreseen(change) {
                    self.send(client)?;
                }
                match self.next(change) {
                    Some(None) => return Ok(()),
                    Some(Some(next)) => task.change = next,
                    None => {}
                }
            }
            _ => {}
        }
        self.add(client, task)
    }

    /// Makes of a service what `edit` makes of it, see [`super::edit_service`].
    ///
    /// # Errors
    /// As [`Client::send`]; that of `edit` inside.
    pub fn edit_service<E>(
        &mut self,
        client: &mut Client,
        key: &ServiceKey,
        context: C,
        edit: impl FnOnce(VirtualService) -> Result<VirtualService, E>,
    ) -> Result<Result<(), E>, KernelError> {
        let live = loop {
            match self.known.service(key) {
                Some((live, round)) if round != self.round => break live,
                Some(_) => self.send(client)?,
                None => self.look_for_service(client, key)?,
            }
        };
        let Some(live) = live else {
            let change = Change::EditService(VirtualService::new(*key, Default::default()));
            let task = self.task(&change, context, None);
            self.refuse(task, Errno::ESRCH);
            return Ok(Ok(()));
        };
        match edit(live) {
            Ok(wanted) if same_service(&live, &wanted) => Ok(Ok(())),
            Ok(wanted) => self.push(client, &Change::EditService(wanted), context).map(Ok),
            Err(error) => Ok(Err(error)),
        }
    }

    /// Makes of a server what `edit` makes of it, see [`super::edit_server`].
    ///
    /// # Errors
    /// As [`Client::send`]; that of `edit` inside.
    pub fn edit_server<E>(
        &mut self,
        client: &mut Client,
        service: &ServiceKey,
        key: &ServerKey,
        context: C,
        edit: impl FnOnce(RealServer) -> Result<RealServer, E>,
    ) -> Result<Result<(), E>, KernelError> {
        let live = loop {
            match self.known.server(service, key) {
                Some((live, round)) if round != self.round => break live,
                Some(_) => self.send(client)?,
                None => self.look_for_servers(client, service)?,
            }
        };
        let Some(live) = live else {
            let change = Change::EditServer(*service, RealServer::new(key.address, key.port));
            // The kernel lists no servers, without an error, of a service that is not there.
            self.send(client)?;
            let errno = super::service(client, service)?.map_or(Errno::ESRCH, |_| Errno::ENOENT);
            let task = self.task(&change, context, None);
            self.refuse(task, errno);
            return Ok(Ok(()));
        };
        match edit(live) {
            Ok(wanted) if same_server(&live, &wanted) => Ok(Ok(())),
            Ok(wanted) => self.push(client, &Change::EditServer(*service, wanted), context).map(Ok),
            Err(error) => Ok(Err(error)),
        }
    }

    /// What was refused so far, in order: nothing as long as something waits, which may be refused too and came before.
    pub fn refused(&mut self) -> Vec<Refused<C>> {
        if !self.batch.is_empty() {
            return Vec::new();
        }
        let mut refused = std::mem::take(&mut self.refused);
        refused.sort_by_key(|refused| refused.place);
        refused
    }

    /// Sends what is left, and returns what was refused, in order. What is known is forgotten, for others change the
    /// table too.
    ///
    /// # Errors
    /// As [`Client::send`].
    pub fn finish(&mut self, client: &mut Client) -> Result<Vec<Refused<C>>, KernelError> {
        self.send(client)?;
        self.known = Known::default();
        Ok(self.refused())
    }

    fn task(&mut self, change: &Change, context: C, tries: Option<usize>) -> Task<C> {
        self.place += 1;
        Task { change: *change, context, place: self.place, tries }
    }

    fn add(&mut self, client: &mut Client, task: Task<C>) -> Result<(), KernelError> {
        if self.ensured > 0 && self.undoes_what_waits(&task) {
            self.send(client)?;
        }
        self.put(task);
        if self.batch.is_full() {
            self.send(client)?;
        }
        Ok(())
    }

    fn put(&mut self, task: Task<C>) {
        if !self.known.is_empty() {
            self.known.foresee(&task.change, self.round);
        }
        self.ensured += usize::from(task.tries.is_some());
        let change = task.change;
        self.batch.push(&change, task);
    }

    /// Whether a change is to something that waits to be ensured: that may take another message, which would come too
    /// late then.
    fn undoes_what_waits(&self, task: &Task<C>) -> bool {
        let mut ensured = self.batch.contexts().iter().filter(|waiting| waiting.tries.is_some());
        ensured.any(|waiting| is_undone(&waiting.change, &task.change, task.tries.is_some()))
    }

    fn refuse(&mut self, task: Task<C>, errno: Errno) {
        let Task { change, context, place, tries } = task;
        let error = ChangeError { change, error: KernelError::Refused(errno) };
        self.refused.push(Refused { context, error, ensured: tries.is_some(), place });
    }

    /// Sends the batch, and what comes after where something to be ensured was there, or gone.
    fn send(&mut self, client: &mut Client) -> Result<(), KernelError> {
        let mut again = Vec::new();
        while !self.batch.is_empty() {
            (self.round, self.ensured) = (self.round + 1, 0);
            for (mut task, errno) in client.send(&mut self.batch)? {
                self.known.forget(&task.change);
                match &mut task.tries {
                    Some(_) if is_so_already(&task.change, Some(errno)) => {}
                    Some(tries) if *tries > 1 && is_otherwise(&task.change, Some(errno)) => {
                        *tries -= 1;
                        again.push(task);
                    }
                    _ => self.refuse(task, errno),
                }
            }
            again.sort_by_key(|task| task.place);
            for task in std::mem::take(&mut again) {
                again.extend(self.try_again(client, task)?);
            }
        }
        Ok(())
    }

    /// Puts into the batch what makes it so as the table is now. It comes back where what waits may make it so.
    fn try_again(&mut self, client: &mut Client, mut task: Task<C>) -> Result<Option<Task<C>>, KernelError> {
        let next = loop {
            match self.next(&task.change) {
                Some(next) => break next,
                None => match &task.change {
                    Change::AddServer(key, _) | Change::EditServer(key, _) => self.look_for_servers(client, key)?,
                    Change::AddService(service) | Change::EditService(service) => {
                        self.look_for_service(client, &service.key)?;
                    }
                    _ => return Ok(None),
                },
            }
        };
        let Some(next) = next else {
            return Ok(Some(task).filter(|task| self.is_foreseen(&task.change)));
        };
        task.change = next;
        self.put(task);
        Ok(None)
    }

    /// What is to be done, if anything, that something is there as an addition or an edit says; `None` where it has to
    /// be looked for.
    fn next(&self, change: &Change) -> Option<Option<Change>> {
        match change {
            Change::AddService(wanted) | Change::EditService(wanted) => {
                let (live, _) = self.known.service(&wanted.key)?;
                Some(service_change(live.as_ref(), wanted))
            }
            Change::AddServer(key, wanted) | Change::EditServer(key, wanted) => {
                let (live, _) = self.known.server(key, &wanted.key)?;
                Some(server_change(key, live.as_ref(), wanted))
            }
            other => Some(Some(*other)),
        }
    }

    /// Whether what is known of something that is to be added comes of what waits, and may not come true.
    fn is_foreseen(&self, change: &Change) -> bool {
        let round = match change {
            Change::AddService(wanted) | Change::EditService(wanted) => {
                self.known.service(&wanted.key).map(|(_, round)| round)
            }
            Change::AddServer(key, wanted) | Change::EditServer(key, wanted) => {
                self.known.server(key, &wanted.key).map(|(_, round)| round)
            }
            _ => None,
        };
        round == Some(self.round)
    }

    fn look_for_service(&mut self, client: &mut Client, key: &ServiceKey) -> Result<(), KernelError> {
        self.send_removals(client)?;
        self.known.look_for_service(client, key)?;
        self.foresee_batch();
        Ok(())
    }

    fn look_for_servers(&mut self, client: &mut Client, service: &ServiceKey) -> Result<(), KernelError> {
        self.send_removals(client)?;
        self.known.look_for_servers(client, service)?;
        self.foresee_batch();
        Ok(())
    }

    /// Of a service that goes, nothing could be known before it has gone.
    fn send_removals(&mut self, client: &mut Client) -> Result<(), KernelError> {
        let goes = |task: &Task<C>| matches!(task.change, Change::DeleteService(_) | Change::Flush);
        if self.batch.contexts().iter().any(goes) { self.send(client) } else { Ok(()) }
    }

    /// What waits comes after what was seen.
    fn foresee_batch(&mut self) {
        for task in self.batch.contexts() {
            self.known.foresee(&task.change, self.round);
        }
    }
}

/// Whether something that is to be ensured has to be settled before a change is made: one to the same service or server,
/// or one that makes or takes away its service. Two that are to be ensured are settled in their order.
fn is_undone(ensured: &Change, by: &Change, by_ensured: bool) -> bool {
    match (ensured, by) {
        (
            Change::AddService(_) | Change::EditService(_) | Change::AddServer(..) | Change::EditServer(..),
            Change::Flush,
        ) => true,
        (Change::AddService(service) | Change::EditService(service), Change::AddService(other)) => {
            service.key == other.key && !by_ensured
        }
        (Change::AddService(service) | Change::EditService(service), Change::EditService(other)) => {
            service.key == other.key
        }
        (Change::AddService(service) | Change::EditService(service), Change::DeleteService(key)) => service.key == *key,
        (Change::AddServer(key, _) | Change::EditServer(key, _), Change::AddService(service)) => *key == service.key,
        (Change::AddServer(key, _) | Change::EditServer(key, _), Change::DeleteService(other)) => key == other,
        (
            Change::AddServer(key, server) | Change::EditServer(key, server),
            Change::AddServer(service, other) | Change::EditServer(service, other),
        ) => key == service && server.key == other.key && !by_ensured,
        (Change::AddServer(key, server) | Change::EditServer(key, server), Change::DeleteServer(service, other)) => {
            key == service && server.key == *other
        }
        _ => false,
    }
}
