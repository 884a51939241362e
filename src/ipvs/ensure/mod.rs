//! Making it so, whatever is there: what is added becomes as it is given, what is deleted is gone, and what is so already
//! is left alone. Whoever repeats what he wants need neither look before nor forgive errors after.
//!
//! ```text
//! ensure         one change                    edit_service, edit_server   what is not set stays
//! daemon         one that runs otherwise is stopped and started
//! pipeline       all of it, many together, by what is known
//! ```
//!
//! ```no_run
//! use ipvsadm::ipvs::client::Client;
//! use ipvsadm::ipvs::ensure::{edit_server, ensure};
//! use ipvsadm::ipvs::error::ChangeError;
//! use ipvsadm::ipvs::model::{Change, RealServer, ServiceKey, VirtualService};
//!
//! let mut client = Client::connect()?;
//! let key = ServiceKey::tcp([192, 0, 2, 1], 80);
//! let server = RealServer::new([198, 51, 100, 7], 80);
//! ensure(&mut client, &Change::AddService(VirtualService::new(key, "wlc".parse()?)))?;
//! if ensure(&mut client, &Change::AddServer(key, server))? {
//!     println!("{} is new, or was another one", server.key);
//! }
//! // A health checker's word: nothing but the weight.
//! edit_server(&mut client, &key, &server.key, |mut live| {
//!     live.weight = 0;
//!     Ok::<_, ChangeError>(live)
//! })?;
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```

mod daemon;
mod edit;
mod known;
mod pipeline;
#[cfg(test)]
mod tests;

pub use edit::{edit_server, edit_service};
pub use pipeline::{Pipeline, Refused};

use super::client::Client;
use super::equality::{server_change, service_change};
use super::error::{ChangeError, KernelError};
use super::model::{Change, Errno, RealServer, ServerKey, ServiceKey, VirtualService};

/// A table that changes between each look and the change is looked at so many times.
const TRIES: usize = 5;

/// Makes it so that what a change leads to is there, and returns whether anything had to be changed.
///
/// - A service or server that is to be added is added, or edited where it is another one. One that is so already gets no
///   message but the question for it: connections, counters and the scheduler's state are untouched.
/// - What is to be deleted or stopped is gone, also where it never was.
/// - A daemon that is to be started and runs otherwise is stopped and started.
/// - Other changes are made as by [`Client::apply`].
///
/// # Errors
/// As [`Client::apply`]: with `ESRCH` for a server whose service is not there, for one.
pub fn ensure(client: &mut Client, change: &Change) -> Result<bool, ChangeError> {
    match change {
        Change::StartDaemon(daemon) => daemon::ensure(client, daemon),
        _ => ensure_in_table(client, change),
    }
}

fn ensure_in_table(client: &mut Client, change: &Change) -> Result<bool, ChangeError> {
    let mut tries = TRIES;
    loop {
        tries -= 1;
        let next = next(client, change).map_err(|error| ChangeError { change: *change, error })?;
        let Some(next) = next else { return Ok(false) };
        match client.apply(&next) {
            Ok(()) => return Ok(true),
            Err(refused) if is_so_already(&next, refused.errno()) => return Ok(false),
            Err(refused) if tries > 0 && is_otherwise(&next, refused.errno()) => {}
            Err(refused) => return Err(refused),
        }
    }
}

/// What is to be done as the table is now; `None` where nothing is.
fn next(client: &mut Client, change: &Change) -> Result<Option<Change>, KernelError> {
    Ok(match change {
        Change::AddService(wanted) => service_change(service(client, &wanted.key)?.as_ref(), wanted),
        Change::AddServer(key, wanted) => server_change(key, server(client, key, &wanted.key)?.as_ref(), wanted),
        other => Some(*other),
    })
}

/// A service as it lives.
fn service(client: &mut Client, key: &ServiceKey) -> Result<Option<VirtualService>, KernelError> {
    match client.service(key, false) {
        Err(KernelError::Refused(Errno::ESRCH)) => Ok(None),
        listed => listed.map(|listed| Some(listed.service)),
    }
}

/// A server as it lives; the kernel tells of all or none.
fn server(client: &mut Client, service: &ServiceKey, key: &ServerKey) -> Result<Option<RealServer>, KernelError> {
    let mut servers = Vec::new();
    client.servers(service, &mut servers)?;
    Ok(servers.iter().find(|listed| listed.server.key == *key).map(|listed| listed.server))
}

/// Whether a refusal says that what was to go is not there.
fn is_so_already(change: &Change, errno: Option<Errno>) -> bool {
    match change {
        Change::DeleteService(_) | Change::StopDaemon(_) => errno == Some(Errno::ESRCH),
        Change::DeleteServer(..) => matches!(errno, Some(Errno::ENOENT | Errno::ESRCH)),
        _ => false,
    }
}

/// Whether a refusal says that what it is about came or went since it was looked for.
fn is_otherwise(change: &Change, errno: Option<Errno>) -> bool {
    match change {
        Change::AddService(_) | Change::AddServer(..) | Change::StartDaemon(_) => errno == Some(Errno::EEXIST),
        Change::EditService(_) => errno == Some(Errno::ESRCH),
        Change::EditServer(..) => matches!(errno, Some(Errno::ENOENT | Errno::ESRCH)),
        _ => false,
    }
}
