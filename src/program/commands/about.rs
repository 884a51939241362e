//! `-h` and `-v`, and what the other two programs say of themselves.

use crate::program::cli::reply::Reply;
use crate::program::cli::usage;
use crate::program::context::Context;
use crate::program::failure::Failure;

/// Prints the help.
#[inline(never)]
pub fn help(context: &mut Context<'_>) -> Result<(), Failure> {
    context.write(usage::help().as_bytes())
}

/// Prints the version.
#[inline(never)]
pub fn version(context: &mut Context<'_>) -> Result<(), Failure> {
    context.write(usage::version().as_bytes())
}

/// Prints what clap has to say, and returns the exit status.
pub fn reply(context: &mut Context<'_>, reply: &Reply) -> Result<u8, Failure> {
    if reply.is_error {
        context.print_error(reply.text.trim_end());
        context.hint(|_| reply.hint.clone());
    } else {
        context.write(reply.text.as_bytes())?;
    }
    Ok(reply.status)
}
