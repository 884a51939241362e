//! Listings and rules as text, JSON and metrics: data in, bytes appended to a `Vec<u8>` that the caller writes out in large pieces.
//!
//! Every byte is part of the interface: scripts match titles, count columns and cut at positions. The expected texts of
//! the tests below this module were recorded from ipvsadm 1.31 on a kernel with ip_vs.

pub mod figures;
pub mod json;
pub mod prometheus;
pub mod rules;
pub mod screen;
pub mod text;
mod words;

pub use text::address::Names;
pub use text::list::{TablePrinter, title};

#[cfg(test)]
mod recorded;
