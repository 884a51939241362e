//! The checks. A new one is a function of [`Facts`] in a file of its kind, and a row of [`ALL`].

mod answers;
mod arrival;
mod daemons;
mod direct;
mod kernel;
mod managers;
mod masquerading;
mod persistence;
mod route;
mod schedulers;
mod table;
mod tunnel;

pub use arrival::FAR_AWAY;

use super::facts::Facts;
use super::finding::{Finding, Findings};

/// A check's name, and what finds.
type Check = (&'static str, fn(&Facts, &mut Findings));

/// In the order in which a client meets what they look at.
const ALL: &[Check] = &[
    ("service", table::service),
    ("servers", table::servers),
    ("weights", table::weights),
    ("thresholds", table::thresholds),
    ("scheduler", schedulers::scheduler),
    ("templates", persistence::templates),
    ("virtual-address", arrival::virtual_address),
    ("mark", arrival::mark),
    ("reverse-path", arrival::reverse_path),
    ("route", route::route),
    ("neighbour", route::neighbour),
    ("local-server", route::local_server),
    ("forwarding", masquerading::forwarding),
    ("same-network", masquerading::same_network),
    ("conntrack", masquerading::conntrack),
    ("port", direct::port),
    ("direct-link", direct::link),
    ("tunnel-mtu", tunnel::mtu),
    ("answers", answers::answers),
    ("sync-daemon", daemons::daemons),
    ("backup-only", daemons::backup_only),
    ("keepalived", managers::keepalived),
    ("drop-modes", kernel::drop_modes),
    ("connection-table", kernel::connection_table),
    ("estimation", kernel::estimation),
];

/// What all of them find.
pub fn judge(facts: &Facts) -> Vec<Finding> {
    let all = ALL.iter().flat_map(|(name, check)| {
        let mut findings = Findings::of(name);
        check(facts, &mut findings);
        findings.into_vec()
    });
    all.collect()
}
