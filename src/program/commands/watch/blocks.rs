//! The watch of programs and files: a block of lines or a document for each interval.

use super::look::{Look, Table, servers};
use crate::program::commands::list::addresses;
use crate::program::context::Context;
use crate::program::failure::Failure;
use crate::program::render::json::{Array, Elements, Head, IntervalView, WatchedServiceView, write};
use crate::program::render::{Names, text};
use crate::program::watching::Watching;
use serde::ser::SerializeSeq;
use std::time::Duration;

/// Prints interval after interval until a signal comes, and returns the status.
pub fn run(context: &mut Context<'_>, table: &mut impl Table, watching: &Watching) -> Result<u8, Failure> {
    let host = context.host;
    host.interruption().map_err(|error| Failure::Kernel(error.into()))?;
    let mut look = Look::first(host, table, &watching.filter).map_err(Failure::List)?;
    let started = look.taken;
    for number in 0_u64.. {
        while let Some(left) = look.left(host, watching.every) {
            host.wait(left);
            if let Some(signal) = host.signal() {
                return Ok(super::ended_by(signal));
            }
        }
        look = look.next(host, table, &watching.filter).map_err(Failure::List)?;
        let names: Names<'_> = (!watching.numeric).then_some(context.names);
        names.inspect(|names| names.prefetch(&mut addresses(&look.snapshot.services)));
        let since = look.taken.saturating_sub(started);
        match watching.json {
            true => {
                let services = Array::new(Services { look: &look, watching, names });
                let head = Head::new(look.snapshot.info, look.estimation);
                let document = IntervalView::new(head, &look.interval, since, services);
                write(context.stdout, &document).map_err(Failure::Output)?;
            }
            false => block(context, &look, since, watching, names, number > 0)?,
        }
    }
    Ok(0)
}

fn block(
    context: &mut Context<'_>,
    look: &Look,
    since: Duration,
    watching: &Watching,
    names: Names<'_>,
    is_later: bool,
) -> Result<(), Failure> {
    let mut out = Vec::new();
    if is_later {
        out.push(b'\n');
    }
    text::watch::head(&mut out, &look.interval, since, look.estimation);
    for (entry, figures) in look.services(&watching.filter) {
        text::watch::service(&mut out, &entry.service, figures, names);
        for (listed, figures) in servers(entry, figures, &watching.filter) {
            text::watch::server(&mut out, &entry.service.service.key, listed, figures, names);
        }
        context.write_pieces(&mut out)?;
    }
    context.write(&out)
}

/// The services of a document.
struct Services<'a> {
    look: &'a Look,
    watching: &'a Watching,
    names: Names<'a>,
}

impl Elements for Services<'_> {
    fn write<S: SerializeSeq>(self, sequence: &mut S) -> Result<(), S::Error> {
        let filter = &self.watching.filter;
        self.look.services(filter).try_for_each(|(entry, figures)| {
            let servers = servers(entry, figures, filter);
            sequence.serialize_element(&WatchedServiceView::new(&entry.service, figures, servers, self.names))
        })
    }
}
