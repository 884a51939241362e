//! `-h` and `-v`.

use crate::program::cli::{Request, usage};
use crate::program::context::Context;
use crate::program::failure::Failure;

/// Prints the help, or the version.
pub fn print(context: &mut Context<'_>, request: Request) -> Result<(), Failure> {
    let text = if request == Request::Help { usage::help() } else { usage::version() };
    context.write(text.as_bytes())
}
