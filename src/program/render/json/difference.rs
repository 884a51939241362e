//! What a restore would change: each change with what is there before and after it, and what fails.

use super::key::object;
use super::server::{ServerKeyView, ServerSettingsView};
use super::service::{ServiceKeyView, ServiceSettingsView};
use super::setting::{DaemonView, TimeoutsView};
use super::text::readable;
use crate::ipvs::model::{Change, Timeouts};
use serde::{Serialize, Serializer};
use std::num::NonZeroU32;

/// What a change is about; null where it is not about one service or server.
#[derive(Default)]
struct Subject {
    command: Option<&'static str>,
    service: Option<ServiceKeyView>,
    server: Option<ServerKeyView>,
}

object!(Subject { command, service, server });

/// Where it is asked for: a line of the rules, or the path of an object of a document.
#[derive(Clone, Copy, Default)]
pub struct Origin<'a> {
    /// The number of the line.
    pub line: Option<NonZeroU32>,
    /// The path.
    pub path: Option<&'a str>,
}

object!(Origin<'_> { line, path });

/// A change.
pub struct ChangeView<'a> {
    subject: Subject,
    before: Option<Settings<'a>>,
    after: Option<Settings<'a>>,
    origin: Origin<'a>,
}

object!(ChangeView<'_> { ..subject, before, after, ..origin });

impl<'a> ChangeView<'a> {
    /// `undo` is what would make again what the change alters or removes.
    pub fn new(change: &'a Change, undo: Option<&'a Change>, origin: Origin<'a>) -> Self {
        let (before, after) = match (undo, change) {
            // What was removed with all the others stands nowhere else.
            (_, Change::Flush) => (None, None),
            (Some(Change::SetTimeouts(old)), Change::SetTimeouts(new)) => {
                let all = Timeouts {
                    tcp: new.tcp.or(old.tcp),
                    tcp_fin: new.tcp_fin.or(old.tcp_fin),
                    udp: new.udp.or(old.udp),
                };
                (Some(Settings::Timeouts(old.into())), Some(Settings::Timeouts((&all).into())))
            }
            _ => (undo.and_then(Settings::of), Settings::of(change)),
        };
        Self { subject: Subject::of(change), before, after, origin }
    }
}

/// What fails.
pub struct FailedView<'a> {
    subject: Subject,
    message: String,
    origin: Origin<'a>,
}

object!(FailedView<'_> { ..subject, message, ..origin });

impl<'a> FailedView<'a> {
    /// With what the user is told. A line whose names do not resolve is no change.
    pub fn new(change: Option<&Change>, message: &str, origin: Origin<'a>) -> Self {
        let subject = change.map(Subject::of).unwrap_or_default();
        Self { subject, message: readable(message).into_owned(), origin }
    }
}

impl Subject {
    fn of(change: &Change) -> Self {
        let (service, server) = match change {
            Change::AddService(service) | Change::EditService(service) => (Some(service.key), None),
            Change::AddServer(key, server) | Change::EditServer(key, server) => (Some(*key), Some(server.key)),
            Change::DeleteServer(key, server) => (Some(*key), Some(*server)),
            Change::DeleteService(key) | Change::Zero(Some(key)) => (Some(*key), None),
            _ => (None, None),
        };
        Self {
            command: Some(command(change)),
            service: service.map(|key| ServiceKeyView::new(&key, None)),
            server: service.zip(server).map(|(service, server)| ServerKeyView::new(&service, &server, None)),
        }
    }
}

/// The long option that is the change.
fn command(change: &Change) -> &'static str {
    match change {
        Change::AddService(_) => "add-service",
        Change::EditService(_) => "edit-service",
        Change::DeleteService(_) => "delete-service",
        Change::AddServer(..) => "add-server",
        Change::EditServer(..) => "edit-server",
        Change::DeleteServer(..) => "delete-server",
        Change::Flush => "clear",
        Change::Zero(_) => "zero",
        Change::SetTimeouts(_) => "set",
        Change::StartDaemon(_) => "start-daemon",
        Change::StopDaemon(_) => "stop-daemon",
    }
}

/// How something is set, as a listing has it.
enum Settings<'a> {
    Service(ServiceOnly<'a>),
    Server(ServerOnly),
    Timeouts(TimeoutsView),
    Daemon(DaemonView<'a>),
}

/// A service without its servers, and without what the kernel counts.
struct ServiceOnly<'a> {
    key: ServiceKeyView,
    settings: ServiceSettingsView<'a>,
}

object!(ServiceOnly<'_> { ..key, ..settings });

/// A server without what the kernel counts.
struct ServerOnly {
    key: ServerKeyView,
    settings: ServerSettingsView,
}

object!(ServerOnly { ..key, ..settings });

impl<'a> Settings<'a> {
    /// What is there once the change is made.
    fn of(change: &'a Change) -> Option<Self> {
        Some(match change {
            Change::AddService(service) | Change::EditService(service) => Self::Service(ServiceOnly {
                key: ServiceKeyView::new(&service.key, None),
                settings: ServiceSettingsView::new(service),
            }),
            Change::AddServer(key, server) | Change::EditServer(key, server) => Self::Server(ServerOnly {
                key: ServerKeyView::new(key, &server.key, None),
                settings: ServerSettingsView::from(server),
            }),
            Change::SetTimeouts(timeouts) => Self::Timeouts(timeouts.into()),
            Change::StartDaemon(daemon) => Self::Daemon(daemon.into()),
            _ => return None,
        })
    }
}

impl Serialize for Settings<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Service(service) => service.serialize(serializer),
            Self::Server(server) => server.serialize(serializer),
            Self::Timeouts(timeouts) => timeouts.serialize(serializer),
            Self::Daemon(daemon) => daemon.serialize(serializer),
        }
    }
}
