//! The library: the kernel's IPVS table, read and changed over Generic Netlink. It knows nothing of the user's words.
//!
//! ```text
//! client/       connect, read the table, make changes; one or many at a time
//! restore/      rules → the table they make → the changes that lead there → made, or undone
//! connections   the connection table, line by line, from /proc; connection_counts  how many of what kind
//! filter        which part of the table or of the connections is wanted
//! ensure/       what is asked for is so afterwards, whatever was there
//! equality      when what lives is what is wanted
//! estimation    whether the kernel brings counters up to date
//! interval/     what has happened between two looks: rates, shares, marks
//! wire/         model ↔ netlink messages and attributes; all byte order
//! model/        services, servers, changes, daemons: plain typed data that all of them speak
//! ```
//!
//! ```no_run
//! use ipvsadm::ipvs::client::{Client, Query};
//! use ipvsadm::ipvs::model::{Change, Errno, RealServer, ServiceKey, VirtualService};
//!
//! let mut client = Client::connect()?;
//! let key = ServiceKey::tcp([192, 0, 2, 1], 80);
//! match client.apply(&Change::AddService(VirtualService::new(key, "wlc".parse()?))) {
//!     Err(error) if error.errno() == Some(Errno::EEXIST) => println!("{key} is there already"),
//!     outcome => outcome?,
//! }
//! client.apply(&Change::AddServer(key, RealServer::new([198, 51, 100, 7], 80)))?;
//! let mut entries = client.entries(Query { counters: true, ..Query::default() })?;
//! while let Some((service, servers)) = entries.next_entry()? {
//!     println!("{}: {} servers, {} connections", service.service.key, servers.len(), service.stats.connections);
//! }
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! Two whole programs are under `docs/examples`: a health checker that sets weights, and an exporter of counters.

pub mod client;
pub mod connection_counts;
pub mod connections;
pub mod ensure;
pub mod equality;
pub mod error;
pub mod estimation;
pub mod filter;
#[cfg(test)]
pub(crate) mod fixtures;
pub mod interval;
pub mod model;
pub mod order;
pub mod restore;
pub mod text;
pub mod wire;
