//! `-S` and `ipvsadm-save`: the table as the rules that make it.

use super::list::each_service;
use super::{about, output};
use crate::ipvs::client::{Client, Order, Query};
use crate::ipvs::error::KernelError;
use crate::ipvs::model::{Change, ListedServer, ListedService};
use crate::ipvs::text;
use crate::program::cli::SaveOptions;
use crate::program::context::Context;
use crate::program::failure::Failure;
use crate::program::render::{Names, rules};
use std::cell::RefCell;
use std::collections::HashSet;
use std::net::Ipv6Addr;

const SORTED: Query<'_> = Query { filter: None, counters: false, order: Order::Sorted, settings: false };

/// `ipvsadm-save`, which is `-S`.
#[inline(never)]
pub fn run(context: &mut Context<'_>, words: &[&str]) -> Result<u8, Failure> {
    let options = match SaveOptions::parse(words) {
        Ok(options) => options,
        Err(reply) => return about::reply(context, &reply),
    };
    if let Some(namespace) = &options.namespace {
        context.host.enter(namespace)?;
    }
    let mut client = context.host.connect()?;
    if let Some(warning) = print(context, &mut client, &options)?.warning() {
        context.print_error(&warning);
    }
    Ok(0)
}

/// Prints what the options say, where they say.
#[inline(never)]
pub fn print(context: &mut Context<'_>, client: &mut Client, options: &SaveOptions) -> Result<Twice, Failure> {
    output::to(context, options.output.as_deref(), |context| match options.full {
        true => everything(context, client).map(|()| Twice::default()),
        false => rules(context, client, options.numeric),
    })
}

/// The rules as the reference saves them. Names may hide what tells two services or servers apart: that is returned.
fn rules(context: &mut Context<'_>, client: &mut Client, numeric: bool) -> Result<Twice, Failure> {
    let names: Names<'_> = (!numeric).then_some(context.names);
    let twice = RefCell::new(Twice::default());
    let print = |out: &mut Vec<u8>, service: &ListedService, servers: &[ListedServer]| {
        let start = out.len();
        rules::service(out, &service.service, servers.iter().map(|listed| &listed.server), names);
        if !numeric {
            twice.borrow_mut().look(&out[start..]);
        }
    };
    each_service(context, client, SORTED, numeric, |_| (), print)?;
    Ok(twice.into_inner())
}

/// Rules that name what an earlier one has named, or an IPv6 address by what no program reads back.
#[derive(Default)]
pub struct Twice {
    known: HashSet<Vec<u8>>,
    first: Option<Vec<u8>>,
    count: usize,
    named_ipv6: Option<Vec<u8>>,
}

impl Twice {
    fn look(&mut self, rules: &[u8]) {
        for line in rules.split(|byte| *byte == b'\n') {
            // `-A -t SERVICE` or `-a -t SERVICE -r SERVER`, and a firewall mark's `-6`.
            let words: Vec<&[u8]> = line.split(|byte| *byte == b' ').collect();
            let Some(end) = words.iter().position(|word| matches!(*word, b"-s" | b"-g" | b"-m" | b"-i")) else {
                continue;
            };
            let named = words[..end].join(&b' ');
            if words[..end].iter().any(|word| is_named_ipv6(word)) {
                self.named_ipv6.get_or_insert_with(|| named.clone());
            }
            if !self.known.insert(named.clone()) {
                self.count += 1;
                self.first.get_or_insert(named);
            }
        }
    }

    fn warning(&self) -> Option<String> {
        if let Some(first) = &self.named_ipv6 {
            let first = text::decode(first).into_owned();
            return Some(format!(
                "warning: this will not restore: no program reads the name of an IPv6 address, the first one is in `{first}'; \
                 save with -n"
            ));
        }
        let first = text::decode(self.first.as_ref()?).into_owned();
        Some(format!(
            "warning: this will not restore: {} {} by the name of another, the first one is `{first}'; save with -n",
            self.count,
            if self.count == 1 { "rule goes" } else { "rules go" },
        ))
    }
}

/// Whether a word is `[NAME]` with or without a port.
fn is_named_ipv6(word: &[u8]) -> bool {
    let inside = word.strip_prefix(b"[").and_then(|rest| rest.split(|byte| *byte == b']').next());
    inside.is_some_and(|inside| text::decode(inside).parse::<Ipv6Addr>().is_err())
}

/// `--full`: everything that a restore can bring back, in numbers.
fn everything(context: &mut Context<'_>, client: &mut Client) -> Result<(), Failure> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_that_name_the_same_are_told() {
        let mut twice = Twice::default();
        twice.look(b"-A -t www:http -s wlc\n-a -t www:http -r one:http -g -w 1\n-A -f 7 -s wlc\n-A -f 7 -6 -s wlc\n");
        assert_eq!(twice.warning(), None);
        twice.look(b"-a -t www:http -r one:http -m -w 9\n-A -t www:http -s rr\n");
        let mut named = Twice::default();
        named.look(b"-A -t [2001:db8::1]:http -s wlc\n-a -t [2001:db8::1]:http -r [2001:db8::2]:http -m -w 1\n");
        assert_eq!(named.warning(), None);
        named.look(b"-A -t [six.example]:http -s wlc\n");
        assert!(named.warning().unwrap().ends_with(" is in `-A -t [six.example]:http'; save with -n"));
        assert_eq!(
            twice.warning().unwrap(),
            "warning: this will not restore: 2 rules go by the name of another, the first one is \
             `-a -t www:http -r one:http'; save with -n"
        );
    }
}
