//! ipvsadm in Rust: administers the Linux Virtual Server table of the kernel's ip_vs module.
//!
//! ```text
//!             words                     table                        bytes out
//!  argv,  →   cli/      → Request  →    kernel/   → table, replies →  output/    → stdout
//!  stdin      (pure)                    (the only I/O with the kernel) (pure)
//!                          model/: plain data that all of them speak
//!                          restore/: text → desired table → plan → changes
//!                          names/: host and service names
//! ```
//!
//! Dependencies point one way, `main → app → {cli, restore, kernel, output, names} → model`; the test
//! `layers_point_one_way` reads every `use crate::` line and fails when an arrow turns round.

pub mod app;
pub mod applet;
pub mod cli;
pub mod error;
pub mod kernel;
pub mod model;
pub mod names;
pub mod output;
pub mod restore;
