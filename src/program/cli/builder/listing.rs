//! What `-L` lists: the reference's rules first, then those of the options that are ours.

use super::{Command, Opt, RequestBuilder, UsageError};
use crate::ipvs::filter::{ConnectionFilter, ServerFilter, TableFilter};
use crate::ipvs::model::ServiceKey;
use crate::program::listing::{Form, Format, Listed, Listing, View};
use crate::program::watching::Watching;
use std::time::Duration;

/// What narrows a listing besides the services.
const FILTERS: [Opt; 5] = [Opt::RealServer, Opt::Scheduler, Opt::Weight, Opt::Client, Opt::State];
/// What has no connections.
const SETTINGS: [Opt; 2] = [Opt::Timeout, Opt::Daemon];
/// Each of these with any of those beside it means nothing.
const CONFLICTS: [(Opt, &[Opt]); 7] = [
    (Opt::Connection, &[Opt::Scheduler, Opt::Weight]),
    (Opt::Timeout, &FILTERS),
    (Opt::Daemon, &FILTERS),
    (Opt::Quiet, &SETTINGS),
    (Opt::Quiet, &[Opt::Json, Opt::Count]),
    (Opt::Count, &SETTINGS),
    (Opt::Prometheus, &[Opt::Connection, Opt::Timeout, Opt::Daemon, Opt::Json, Opt::Quiet]),
];

impl RequestBuilder<'_, '_> {
    /// What is listed, and how.
    pub(super) fn listing(&self) -> Result<Listing, UsageError> {
        let has = |option| self.given.has(option);
        self.check_listing()?;
        let format = Format { numeric: has(Opt::Numeric), exact: has(Opt::Exact) };
        let listed = if has(Opt::Connection) {
            let filter = self.connection_filter();
            match has(Opt::Count) {
                true => Listed::Counts { filter },
                false => Listed::Connections { persistence_engine: has(Opt::PersistentConn), filter },
            }
        } else if has(Opt::Timeout) {
            Listed::Timeouts
        } else if has(Opt::Daemon) {
            Listed::Daemons
        } else {
            Listed::Table { view: self.view(), nosort: has(Opt::Nosort), filter: self.table_filter() }
        };
        let forms = [(Opt::Json, Form::Json), (Opt::Prometheus, Form::Prometheus), (Opt::Quiet, Form::Quiet)];
        let form = forms.into_iter().find(|(option, _)| has(*option)).map_or(Form::Text, |(_, form)| form);
        Ok(Listing { listed, form, format })
    }

    /// What is watched.
    pub(super) fn watching(&self) -> Watching {
        Watching {
            filter: self.table_filter(),
            every: Duration::from_secs(self.watch_every.into()),
            numeric: self.given.has(Opt::Numeric),
            json: self.given.has(Opt::Json),
        }
    }

    fn check_listing(&self) -> Result<(), UsageError> {
        let has = |option| self.given.has(option);
        let special = self.given.any(&[Opt::Connection, Opt::Timeout, Opt::Daemon]);
        let figures = self.given.any(&[Opt::Stats, Opt::Rate, Opt::Thresholds]);
        let engine = self.given.any(&SETTINGS) && has(Opt::PersistentConn);
        if special && figures || engine {
            return Err(UsageError::ListConflict);
        }
        for (option, others) in CONFLICTS {
            let other = others.iter().find(|other| has(option) && has(**other));
            if let Some(other) = other {
                return Err(UsageError::Conflict(*other, option, Command::List));
            }
        }
        if !has(Opt::Connection) && self.given.any(&[Opt::Client, Opt::State, Opt::Count]) {
            return Err(UsageError::CrossField("--client, --state and --count are for connections: give -c too"));
        }
        Ok(())
    }

    fn view(&self) -> View {
        let views = [
            (Opt::Stats, View::Stats),
            (Opt::Rate, View::Rate),
            (Opt::Thresholds, View::Thresholds),
            (Opt::PersistentConn, View::PersistentConnections),
            (Opt::TunInfo, View::TunnelInfo),
        ];
        views.iter().find(|(option, _)| self.given.has(*option)).map_or(View::Plain, |(_, view)| *view)
    }

    /// The services in the order given, each once.
    fn services(&self) -> Vec<ServiceKey> {
        let mut services: Vec<ServiceKey> = Vec::new();
        for service in self.earlier_services.iter().chain(&self.service) {
            if !services.contains(service) {
                services.push(*service);
            }
        }
        services
    }

    fn server_filter(&self) -> Option<ServerFilter> {
        let server = self.server?;
        Some(ServerFilter { address: server.address, port: self.port_given.then_some(server.port) })
    }

    fn table_filter(&self) -> TableFilter {
        TableFilter {
            services: self.services(),
            scheduler: self.given.has(Opt::Scheduler).then_some(self.scheduler),
            server: self.server_filter(),
            weight: self.given.has(Opt::Weight).then(|| i32::try_from(self.weight).unwrap_or(i32::MAX)),
        }
    }

    fn connection_filter(&self) -> ConnectionFilter {
        ConnectionFilter {
            services: self.services(),
            server: self.server_filter(),
            client: self.client,
            state: self.state.map(str::to_owned),
        }
    }
}
