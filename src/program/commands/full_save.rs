//! `-S --full`: everything that a restore can bring back, in numbers; and the look at a file that is just that.

use super::App;
use super::listing::services;
use crate::ipvs::client::{Client, Transport};
use crate::ipvs::error::KernelError;
use crate::ipvs::model::{Change, Figures, ListedServer, ListedService};
use crate::ipvs::order::sort_servers;
use crate::program::failure::Failure;
use crate::program::render::rules;

impl<T: Transport> App<'_, T> {
    pub(super) fn save_everything(&mut self, client: &mut Client<T>) -> Result<(), Failure> {
        let mut out = Vec::new();
        each_rule(client, |rule| {
            out.extend_from_slice(rule);
            self.write_pieces(&mut out).map(|()| true)
        })?;
        self.write(&out)
    }
}

/// Whether a restore file is, to the letter, what a save of the live table would print, with or without the settings
/// at its end. Then it changes nothing, which costs no more to see than a save: a line need not be read to be equal.
pub(super) fn is_saved<T: Transport>(client: &mut Client<T>, mut file: &[u8]) -> Result<bool, Failure> {
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
fn each_rule<T: Transport>(
    client: &mut Client<T>,
    mut each: impl FnMut(&[u8]) -> Result<bool, Failure>,
) -> Result<bool, Failure> {
    let (mut rules, mut servers, mut scratch) = (Vec::new(), Vec::new(), Vec::new());
    for service in services(client, Figures::Unwanted, true)? {
        client.servers(&service.service.key, Figures::Unwanted, &mut servers)?;
        sort_servers(&mut servers, &mut scratch);
        rules.clear();
        service_rules(&mut rules, &service, &servers);
        if !each(&rules)? {
            return Ok(false);
        }
    }
    rules.clear();
    settings(&mut rules, client)?;
    each(&rules)
}

fn service_rules(rules: &mut Vec<u8>, service: &ListedService, servers: &[ListedServer]) {
    rules::change(rules, &Change::AddService(service.service));
    for server in servers {
        rules::change(rules, &Change::AddServer(service.service.key, server.server));
    }
}

/// Timeouts and sync daemons.
fn settings<T: Transport>(rules: &mut Vec<u8>, client: &mut Client<T>) -> Result<(), KernelError> {
    rules::change(rules, &Change::SetTimeouts(client.timeouts()?));
    for daemon in client.daemons()? {
        rules::change(rules, &Change::StartDaemon(daemon));
    }
    Ok(())
}
