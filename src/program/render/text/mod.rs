//! Listings as text, byte for byte the reference's.

pub(super) mod address;
mod columns;
pub mod connections;
pub mod counts;
pub mod daemon;
pub(super) mod list;
pub(super) mod numbers;
mod persistent;
mod plain;
mod rate;
mod stats;
mod thresholds;
pub mod timeouts;
mod tunnel;
pub mod watch;
