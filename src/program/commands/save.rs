//! `-S` and `ipvsadm-save`: the table as the rules that make it.

use super::list::each_service;
use crate::ipvs::client::{Client, Order, Query};
use crate::ipvs::error::KernelError;
use crate::ipvs::model::{Change, ListedServer, ListedService};
use crate::program::context::Context;
use crate::program::failure::Failure;
use crate::program::render::{Names, rules};

const SORTED: Query = Query { service: None, counters: false, order: Order::Sorted, settings: false };

/// `ipvsadm-save [-n] [--full]`: any other option is answered with the usage, other words are ignored.
pub fn run(context: &mut Context<'_>, arguments: &[&str]) -> Result<u8, Failure> {
    let options = || arguments.iter().filter(|word| word.starts_with('-'));
    if options().any(|word| !matches!(*word, "-n" | "--full")) {
        context.print_error(
            "ipvsadm-save: Script to save the IPVS table to stdout.\n   \
             With the -n option, prints out the table in numeric format.",
        );
        return Ok(1);
    }
    let has = |option| options().any(|word| *word == option);
    let mut client = context.host.connect()?;
    match has("--full") {
        true => everything(context, &mut client)?,
        false => rules(context, &mut client, has("-n"))?,
    }
    Ok(0)
}

/// The rules as the reference saves them.
pub fn rules(context: &mut Context<'_>, client: &mut Client, numeric: bool) -> Result<(), Failure> {
    let names: Names<'_> = (!numeric).then_some(context.names);
    each_service(
        context,
        client,
        SORTED,
        numeric,
        |_| (),
        |out, service, servers| {
            rules::service(out, &service.service, servers.iter().map(|listed| &listed.server), names);
        },
    )
}

/// `--full`: everything that a restore can bring back, in numbers.
pub fn everything(context: &mut Context<'_>, client: &mut Client) -> Result<(), Failure> {
    let mut out = Vec::new();
    each_rule(client, |rule| {
        out.extend_from_slice(rule);
        context.write_pieces(&mut out).map(|()| true)
    })?;
    context.write(&out)
}

/// Whether a restore file is, to the letter, what a full save of the live table would print, with or without the settings
/// at its end. Then it changes nothing, which costs no more to see than a save: a line need not be read to be equal.
pub fn is_saved(client: &mut Client, mut file: &[u8]) -> Result<bool, Failure> {
    let all = each_rule(client, |rule| match file.strip_prefix(rule) {
        Some(rest) => {
            file = rest;
            Ok(true)
        }
        // The settings come last.
        None => Ok(file.is_empty() && rule.starts_with(b"--")),
    })?;
    Ok(all && file.is_empty())
}

/// Gives the rules of the whole table to `each`, those of a service together, until it has had enough; true when it
/// has not.
fn each_rule(client: &mut Client, mut each: impl FnMut(&[u8]) -> Result<bool, Failure>) -> Result<bool, Failure> {
    let mut rules = Vec::new();
    let mut entries = client.entries(SORTED).map_err(Failure::List)?;
    while let Some((service, servers)) = entries.next_entry().map_err(Failure::List)? {
        rules.clear();
        service_rules(&mut rules, service, servers);
        if !each(&rules)? {
            return Ok(false);
        }
    }
    rules.clear();
    settings(&mut rules, client).map_err(Failure::List)?;
    each(&rules)
}

fn service_rules(rules: &mut Vec<u8>, service: &ListedService, servers: &[ListedServer]) {
    rules::change(rules, &Change::AddService(service.service));
    for server in servers {
        rules::change(rules, &Change::AddServer(service.service.key, server.server));
    }
}

/// Timeouts and sync daemons.
fn settings(rules: &mut Vec<u8>, client: &mut Client) -> Result<(), KernelError> {
    rules::change(rules, &Change::SetTimeouts(client.timeouts()?));
    for daemon in client.daemons()? {
        rules::change(rules, &Change::StartDaemon(daemon));
    }
    Ok(())
}
