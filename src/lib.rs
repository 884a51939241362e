//! ipvsadm in Rust: administers the Linux Virtual Server table of the kernel's ip_vs module.
//!
//! ```text
//!  main.rs      C's main
//!  program/     what a user types and sees: cli → commands → render, names
//!  ipvs/        the library: kernel and table. wire → client, connections, restore; model is what all of them speak
//! ```
//!
//! Dependencies point one way, `main → program → ipvs`, and inside a folder as the test `layers_point_one_way` says: it
//! reads every `crate::` and `super::` path and fails when an arrow turns round.

pub mod ipvs;
#[cfg(feature = "program")]
pub mod program;
