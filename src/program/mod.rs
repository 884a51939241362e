//! The program: what a user types, sees and gets as an exit status. It stands on the library, [`crate::ipvs`].

pub mod applet;
pub mod cli;
pub mod commands;
pub mod failure;
pub mod kernel;
pub mod listing;
pub mod names;
pub mod render;
