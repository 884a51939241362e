//! What the documents say is so: options, commands, paths, links, crates.

// A test program, in which a panic is a failed test.
#![allow(clippy::unwrap_used, clippy::panic)]

mod blocks;
mod checks;
mod commands;
mod crates;
mod elsewhere;
mod links;
mod options;
mod schema;
