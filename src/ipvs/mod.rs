//! The library: the kernel's IPVS table, read and changed over Generic Netlink. It knows nothing of the user's words.
//!
//! ```text
//! client/       connect, read the table, make changes; one or many at a time
//! restore/      rules → the table they make → the changes that lead there → made, or undone
//! connections   the connection table, line by line, from /proc
//! estimation    whether the kernel brings counters up to date
//! wire/         model ↔ netlink messages and attributes; all byte order
//! model/        services, servers, changes, daemons: plain typed data that all of them speak
//! ```

pub mod client;
pub mod connections;
pub mod error;
pub mod estimation;
#[cfg(test)]
pub(crate) mod fixtures;
pub mod model;
pub mod order;
pub mod restore;
pub mod text;
pub mod wire;
