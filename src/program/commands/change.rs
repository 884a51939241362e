//! The commands that change the kernel's state, one by one.

use crate::ipvs::client::Client;
use crate::ipvs::model::Change;
use crate::program::failure::Failure;

/// Makes one change.
pub fn make(client: &mut Client, change: Change) -> Result<(), Failure> {
    client.apply(&change).map_err(|refused| Failure::Change(refused.change, refused.error))
}
