//! Edits of what lives, where the kernel's own replace all settings.

use super::{server, service};
use crate::ipvs::client::Client;
use crate::ipvs::equality::{same_server, same_service};
use crate::ipvs::error::{ChangeError, KernelError};
use crate::ipvs::model::{Change, Errno, RealServer, ServerKey, ServiceKey, VirtualService};

/// Makes of a service what `edit` makes of it, and returns whether that changes anything.
///
/// # Errors
/// That of `edit`; with `ESRCH` when there is no such service, and as [`Client::apply`].
pub fn edit_service<E: From<ChangeError>>(
    client: &mut Client,
    key: &ServiceKey,
    edit: impl FnOnce(VirtualService) -> Result<VirtualService, E>,
) -> Result<bool, E> {
    // Nothing that is asked for as long as it is not known what lives: only the key counts.
    let change = Change::EditService(VirtualService::new(*key, Default::default()));
    let live = service(client, key).map_err(|error| ChangeError { change, error })?;
    let live = live.ok_or(ChangeError { change, error: KernelError::Refused(Errno::ESRCH) })?;
    let wanted = edit(live)?;
    if same_service(&live, &wanted) {
        return Ok(false);
    }
    client.apply(&Change::EditService(wanted))?;
    Ok(true)
}

/// Makes of a server what `edit` makes of it, and returns whether that changes anything.
///
/// # Errors
/// That of `edit`; with `ESRCH` when there is no such service, with `ENOENT` when it has no such server, and as
/// [`Client::apply`].
pub fn edit_server<E: From<ChangeError>>(
    client: &mut Client,
    service: &ServiceKey,
    key: &ServerKey,
    edit: impl FnOnce(RealServer) -> Result<RealServer, E>,
) -> Result<bool, E> {
    let change = Change::EditServer(*service, RealServer::new(key.address, key.port));
    let live = live_server(client, service, key).map_err(|error| ChangeError { change, error })?;
    let wanted = edit(live)?;
    if same_server(&live, &wanted) {
        return Ok(false);
    }
    client.apply(&Change::EditServer(*service, wanted))?;
    Ok(true)
}

fn live_server(client: &mut Client, service: &ServiceKey, key: &ServerKey) -> Result<RealServer, KernelError> {
    match server(client, service, key)? {
        Some(live) => Ok(live),
        // The kernel lists no servers, without an error, of a service that is not there.
        None => client.service(service, false).and(Err(KernelError::Refused(Errno::ENOENT))),
    }
}
