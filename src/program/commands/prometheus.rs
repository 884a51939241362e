//! `-L --prometheus`: the table as metrics.

use crate::ipvs::client::{Client, Order, Query};
use crate::ipvs::estimation;
use crate::program::context::Context;
use crate::program::failure::Failure;
use crate::program::listing::Listed;
use crate::program::render;

/// Prints the metrics, or nothing if they cannot be had.
#[inline(never)]
pub fn print(context: &mut Context<'_>, client: &mut Client, listed: &Listed) -> Result<(), Failure> {
    // Nothing else has any; it is refused before.
    let Listed::Table { nosort, filter, .. } = listed else { return Ok(()) };
    let order = if *nosort { Order::Kernel } else { Order::Sorted };
    let query = Query { filter: Some(filter), counters: true, order, settings: true };
    let snapshot = client.snapshot(query).map_err(Failure::List)?;
    let estimation = estimation::runs(|path| context.host.open(path));
    render::prometheus::write(context.stdout, &snapshot, estimation).map_err(Failure::Output)
}
