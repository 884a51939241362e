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
use crate::program::context::Context;
use crate::program::failure::Failure;
use crate::program::watching::Watching;
use look::Table;

/// Watches until a signal comes, and returns the exit status.
#[inline(never)]
pub fn run(context: &mut Context<'_>, client: &mut Client, watching: &Watching) -> Result<u8, Failure> {
    watch(context, client, watching)
}

fn watch(context: &mut Context<'_>, table: &mut impl Table, watching: &Watching) -> Result<u8, Failure> {
    match screen::is_possible(context.host, watching) {
        true => screen::run(context, table, watching),
        false => blocks::run(context, table, watching),
    }
}

/// The status of a watch that a signal ended, as shells say it.
fn ended_by(signal: i32) -> u8 {
    128 + signal.clamp(0, 127) as u8
}
