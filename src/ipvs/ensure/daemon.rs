//! A sync daemon that runs as it is wanted. The kernel cannot edit one.

use super::{TRIES, is_otherwise, is_so_already};
use crate::ipvs::client::Client;
use crate::ipvs::equality::same_daemon;
use crate::ipvs::error::ChangeError;
use crate::ipvs::model::{Change, StopDaemon, SyncDaemon};

/// Has a daemon run as wanted, and returns whether anything had to be done. Where it cannot be started, the one that was
/// stopped for it is started again.
pub fn ensure(client: &mut Client, wanted: &SyncDaemon) -> Result<bool, ChangeError> {
    let start = Change::StartDaemon(*wanted);
    let mut stopped = None;
    let mut tries = TRIES;
    loop {
        tries -= 1;
        let running = client.daemons().map_err(|error| ChangeError { change: start, error })?;
        if let Some(running) = running.into_iter().find(|running| running.state == wanted.state) {
            if same_daemon(&running, wanted) {
                return Ok(stopped.is_some());
            }
            stop(client, &running)?;
            stopped = Some(running);
        }
        match client.apply(&start) {
            Ok(()) => return Ok(true),
            Err(refused) if tries > 0 && is_otherwise(&start, refused.errno()) => {}
            Err(refused) => {
                // What is told is why the wanted one does not run.
                let _ = stopped.map(|stopped| client.apply(&Change::StartDaemon(stopped)));
                return Err(refused);
            }
        }
    }
}

fn stop(client: &mut Client, running: &SyncDaemon) -> Result<(), ChangeError> {
    let stop = Change::StopDaemon(StopDaemon { state: running.state, syncid: running.syncid });
    match client.apply(&stop) {
        Err(refused) if is_so_already(&stop, refused.errno()) => Ok(()),
        made => made,
    }
}
