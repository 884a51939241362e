//! `-L --quiet`: nothing is printed, the status says whether there is anything to list.

use super::connections;
use crate::ipvs::client::{Client, Query};
use crate::ipvs::error::KernelError;
use crate::ipvs::filter::TableFilter;
use crate::ipvs::model::Errno;
use crate::program::context::Context;
use crate::program::failure::Failure;
use crate::program::listing::Listed;

/// Whether a listing would have any service or connection. Each service that is named must be there.
#[inline(never)]
pub fn is_any(context: &Context<'_>, client: &mut Client, listed: &Listed) -> Result<bool, Failure> {
    match listed {
        Listed::Table { filter, .. } => in_table(client, filter).map_err(Failure::List),
        Listed::Connections { filter, .. } | Listed::Counts { filter } => connections::is_any(context, filter),
        Listed::Timeouts | Listed::Daemons => Ok(true),
    }
}

fn in_table(client: &mut Client, filter: &TableFilter) -> Result<bool, KernelError> {
    let mut entries = match client.entries(Query { filter: Some(filter), ..Query::default() }) {
        Err(error) if error.errno() == Some(Errno::ESRCH) => return Ok(false),
        entries => entries?,
    };
    if filter.chooses_servers() { Ok(entries.next_entry()?.is_some()) } else { Ok(!entries.services().is_empty()) }
}
