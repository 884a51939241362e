//! `-L --watch`: what happens to the table, interval after interval.
//!
//! ```text
//! look     reads the table, and works out what happened since the look before
//! blocks   a block of lines or a document for each interval
//! screen   a screen with keys, on a terminal
//! ```

mod blocks;
mod look;
mod screen;
#[cfg(test)]
mod tests;

use crate::ipvs::client::Client;
use crate::program::commands::list::addresses;
use crate::program::context::Context;
use crate::program::failure::Failure;
use crate::program::names::NameService;
use crate::program::render::Names;
use crate::program::watching::Watching;
use look::{Look, Table};

/// Watches until a signal comes, and returns the exit status.
#[inline(never)]
pub fn run(context: &mut Context<'_>, client: &mut Client, watching: &Watching) -> Result<u8, Failure> {
    watch(context, client, watching)
}

fn watch(context: &mut Context<'_>, table: &mut impl Table, watching: &Watching) -> Result<u8, Failure> {
    context.host.interruption().map_err(|error| Failure::Kernel(error.into()))?;
    match screen::is_possible(context.host, watching) {
        true => screen::run(context, table, watching),
        false => blocks::run(context, table, watching),
    }
}

/// Where names come from, if they are wanted. Those of this look are looked up side by side.
fn names_of<'a>(names: &'a dyn NameService, look: &Look, watching: &Watching) -> Names<'a> {
    let names = (!watching.numeric).then_some(names)?;
    names.prefetch(&mut addresses(&look.snapshot.services));
    Some(names)
}

/// The status of a watch that a signal ended, as shells say it.
fn ended_by(signal: i32) -> u8 {
    128 + signal.clamp(0, 127) as u8
}
