//! The watch of a person: a screen and keys.
//!
//! ```text
//! session   the terminal, which is restored whatever happens
//! keys      what each key does
//! ```

mod keys;
mod session;
#[cfg(test)]
mod tests;

use super::ended_by;
use super::look::{Look, Table};
use crate::ipvs::connection_counts::{self, ServiceCount};
use crate::ipvs::filter::ConnectionFilter;
use crate::ipvs::model::ServiceKey;
use crate::program::commands::connections;
use crate::program::commands::list::addresses;
use crate::program::context::{Context, Host, Stream};
use crate::program::failure::Failure;
use crate::program::names::NameService;
use crate::program::render::Names;
use crate::program::render::screen::{Scene, Screen};
use crate::program::watching::Watching;
use keys::{After, Keys, Terminal};
use ratatui::backend::Backend;
use session::Session;
use std::io;
use std::iter;
use std::time::Duration;

/// Nothing happens without a key for so long: the size of the terminal is looked at again.
const SLICE: Duration = Duration::from_secs(1);
/// So long the screen waits for names of what is new; those that come later are shown later.
const NAMES: Duration = Duration::from_millis(200);

/// Whether there is a terminal that can show a screen, and somebody to look at it.
pub fn is_possible(host: &dyn Host, watching: &Watching) -> bool {
    let terminal = || host.variable("TERM").filter(|terminal| !terminal.is_empty() && terminal != "dumb");
    !watching.json && host.is_terminal(Stream::Output) && host.is_terminal(Stream::Input) && terminal().is_some()
}

/// Shows interval after interval until a key or a signal ends it, and returns the status.
pub fn run(context: &mut Context<'_>, table: &mut impl Table, watching: &Watching) -> Result<u8, Failure> {
    let host = context.host;
    host.interruption_restoring(session::restore_terminal).map_err(|error| Failure::Kernel(error.into()))?;
    let first = Look::first(host, table, &watching.filter).map_err(Failure::List)?;
    let colour = host.variable("NO_COLOR").is_none_or(|value| value.is_empty());
    let mut session = Session::start(context.stdout).map_err(Failure::Output)?;
    let mut watch = Watch::new(host, context.names, watching, first, colour);
    watch.run(table, &mut session.terminal, &mut Terminal(host))
}

/// What is shown, and how.
struct Watch<'a> {
    host: &'a dyn Host,
    names: Names<'a>,
    watching: &'a Watching,
    look: Look,
    /// Those of the service whose page is shown.
    connections: Option<(ServiceKey, Vec<ServiceCount>)>,
    screen: Screen,
}

impl<'a> Watch<'a> {
    /// The first look, with names where they are wanted.
    fn new(host: &'a dyn Host, names: &'a dyn NameService, watching: &'a Watching, look: Look, colour: bool) -> Self {
        let names: Names<'a> = (!watching.numeric).then_some(names);
        Self { host, names, watching, look, connections: None, screen: Screen::new(colour) }
    }

    fn run<B: Backend>(
        &mut self,
        table: &mut impl Table,
        terminal: &mut ratatui::Terminal<B>,
        keys: &mut impl Keys,
    ) -> Result<u8, Failure> {
        self.looked()?;
        loop {
            self.draw(terminal).map_err(Failure::Output)?;
            let left = self.look.left(self.host, self.watching.every).filter(|_| !self.screen.paused);
            let time = if self.screen.paused { SLICE } else { left.unwrap_or_default().min(SLICE) };
            let pressed = keys.wait(time).map_err(Failure::Input);
            if let Some(signal) = self.host.signal() {
                return Ok(ended_by(signal));
            }
            for key in pressed? {
                let scene = scene(&self.look, self.watching, self.names, None);
                match keys::press(&mut self.screen, &scene, key) {
                    After::Quit => return Ok(0),
                    After::DrawAnew => terminal.clear().map_err(Failure::Output)?,
                    After::Draw => {}
                }
            }
            let is_due = self.look.left(self.host, self.watching.every).is_none();
            if is_due && !self.screen.paused {
                self.look = self.look.next(self.host, table, &self.watching.filter).map_err(Failure::List)?;
                self.looked()?;
            } else if self.screen.service() != self.connections.as_ref().map(|(service, _)| *service) {
                self.count_connections()?;
            }
        }
    }

    /// Takes in another look.
    fn looked(&mut self) -> Result<(), Failure> {
        self.names.inspect(|names| names.prefetch_within(NAMES, &mut addresses(&self.look.snapshot.services)));
        self.screen.arrange(&scene(&self.look, self.watching, self.names, None));
        self.count_connections()
    }

    /// Counts the connections of the service whose page is shown, and of no other one: there may be millions.
    fn count_connections(&mut self) -> Result<(), Failure> {
        self.connections = match self.screen.service() {
            None => None,
            Some(service) => {
                let filter = ConnectionFilter { services: vec![service], ..ConnectionFilter::default() };
                let counted = connection_counts::count(connections::open(self.host)?, &filter);
                Some((service, counted.map_err(Failure::List)?))
            }
        };
        Ok(())
    }

    fn draw<B: Backend>(&mut self, terminal: &mut ratatui::Terminal<B>) -> io::Result<()> {
        // Names that came meanwhile.
        self.names.inspect(|names| names.prefetch_within(Duration::ZERO, &mut iter::empty()));
        let connections = self.connections.as_ref().map(|(_, counts)| &counts[..]);
        let scene = scene(&self.look, self.watching, self.names, connections);
        terminal.draw(|frame| self.screen.draw(&scene, frame.buffer_mut())).map(drop)
    }
}

fn scene<'s>(
    look: &'s Look,
    watching: &'s Watching,
    names: Names<'s>,
    connections: Option<&'s [ServiceCount]>,
) -> Scene<'s> {
    let (every, filter) = (watching.every, &watching.filter);
    let Look { snapshot, interval, estimation, .. } = look;
    Scene { snapshot, interval, estimation: *estimation, every, filter, names, connections }
}
