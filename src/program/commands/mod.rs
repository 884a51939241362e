//! From a command line to the kernel and back to bytes: a file for each command, which has the [`Context`] to work with.
//!
//! A command is not inlined here: its stack would be that of all others too, and each page of it costs a short command.

mod about;
mod change;
mod connections;
mod diagnose;
mod drain;
mod json;
mod list;
mod load;
#[cfg(test)]
mod old_kernel;
mod output;
mod prometheus;
mod quiet;
mod restore;
mod save;
#[cfg(test)]
mod tests;
mod watch;
#[cfg(test)]
mod wrong_answers;

use super::applet::Applet;
use super::cli::{self, Request};
use super::context::Context;
use super::failure::Failure;
use super::listing::{Form, Listed, Listing};
use crate::ipvs::client::Client;
use crate::ipvs::model::Change;

/// Runs one command line (without `argv[0]`) and returns the exit status.
///
/// # Errors
/// What ended the command, and is still to be printed. Of lines that fail one by one, each has been.
pub fn run(context: &mut Context<'_>, applet: Applet, arguments: &[&str]) -> Result<u8, Failure> {
    match applet {
        Applet::Ipvsadm => {
            let (namespace, arguments) = cli::without_namespace(arguments)?;
            if let Some(namespace) = namespace {
                context.host.enter(namespace)?;
            }
            ipvsadm(context, &arguments)
        }
        Applet::Save => save::run(context, arguments),
        Applet::Restore => restore::run(context, arguments),
    }
}

fn ipvsadm(context: &mut Context<'_>, arguments: &[&str]) -> Result<u8, Failure> {
    let request = cli::parse(arguments, context.names);
    match request {
        Ok(Request::Help) => return about::help(context).map(|()| 0),
        Ok(Request::Version) => return about::version(context).map(|()| 0),
        _ => {}
    }
    // Before it complains of the arguments, the reference complains of a kernel without ip_vs.
    let mut client = context.host.connect()?;
    match request? {
        Request::Restore => load::run(context, &mut client),
        Request::Drain(draining) => drain::run(context, &mut client, &draining),
        Request::Diagnose(diagnosis) => diagnose::run(context, &mut client, &diagnosis),
        Request::Watch(watching) => watch::run(context, &mut client, &watching),
        Request::Change(edit @ (Change::EditService(_) | Change::EditServer(..))) => {
            change::edit(context, &mut client, edit, arguments).map(|()| 0)
        }
        request => execute(context, &mut client, request),
    }
}

/// Executes any request but `-R`, and returns the status.
fn execute(context: &mut Context<'_>, client: &mut Client, request: Request) -> Result<u8, Failure> {
    match request {
        Request::Change(change) => change::make(client, change)?,
        Request::Ensure(change) => change::ensure(client, &change)?,
        Request::Keep(kept) => change::keep(client, &kept)?,
        Request::List { listing, output } => {
            return output::to(context, output.as_deref(), |context| list(context, client, &listing));
        }
        Request::Save(options) => save::print(context, client, &options).map(drop)?,
        Request::Help => about::help(context)?,
        Request::Version => about::version(context)?,
        Request::Drain(draining) => return drain::run(context, client, &draining),
        Request::Diagnose(diagnosis) => return diagnose::run(context, client, &diagnosis),
        Request::Watch(watching) => return watch::run(context, client, &watching),
        Request::Restore => return load::run(context, client),
    }
    Ok(0)
}

/// Prints what is listed, in the form that is asked for, and returns the status.
fn list(context: &mut Context<'_>, client: &mut Client, listing: &Listing) -> Result<u8, Failure> {
    let format = listing.format;
    match (listing.form, &listing.listed) {
        (Form::Quiet, _) => return quiet::is_any(context, client, &listing.listed).map(|any| u8::from(!any)),
        (Form::Json, _) => json::print(context, client, listing),
        (Form::Prometheus, _) => prometheus::print(context, client, &listing.listed),
        (Form::Text, Listed::Table { view, nosort, filter }) => {
            list::table(context, client, *view, *nosort, filter, format)
        }
        (Form::Text, Listed::Connections { persistence_engine, filter }) => {
            connections::list(context, format, *persistence_engine, filter)
        }
        (Form::Text, Listed::Counts { filter }) => connections::count(context, format, filter),
        (Form::Text, Listed::Timeouts) => list::timeouts(context, client),
        (Form::Text, Listed::Daemons) => list::daemons(context, client),
    }?;
    Ok(0)
}
