//! `--output FILE`: what a command prints, in a file in place of standard output.

use crate::program::context::Context;
use crate::program::failure::Failure;
use std::path::Path;

/// Has `print` print into the file at `path`, or on standard output where there is none. The file is written whole or not
/// at all.
pub fn to<T>(
    context: &mut Context<'_>,
    path: Option<&Path>,
    print: impl FnOnce(&mut Context<'_>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let Some(path) = path else { return print(context) };
    let unwritten = |error| Failure::of_file("write", path, &error, 1);
    let mut file = context.host.replace(path).map_err(unwritten)?;
    let mut inside = Context {
        program: context.program,
        stdin: context.stdin,
        stdout: &mut file,
        stderr: context.stderr,
        names: context.names,
        host: context.host,
    };
    let printed = print(&mut inside).map_err(|failure| match failure {
        Failure::Output(error) => unwritten(error),
        other => other,
    })?;
    file.complete().map_err(unwritten)?;
    Ok(printed)
}
