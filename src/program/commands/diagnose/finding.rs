//! What a check has found.

use crate::ipvs::model::{ServerKey, ServiceEntry, ServiceKey};
use std::fmt;

/// How it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// It keeps clients from being served.
    Fault,
    /// It harms some, or will.
    Warning,
    /// It cannot be known from here.
    Unknown,
    /// It is as it should be.
    Good,
}

impl Status {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Fault => "fault",
            Self::Warning => "warning",
            Self::Unknown => "unknown",
            Self::Good => "good",
        }
    }
}

/// What it was found of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// This host, or the network namespace.
    Host,
    /// A service.
    Service(ServiceKey),
    /// A server of a service.
    Server(ServiceKey, ServerKey),
}

impl About {
    /// A service of the table.
    pub fn service(entry: &ServiceEntry) -> Self {
        Self::Service(entry.service.service.key)
    }

    /// The service, if it is of one.
    pub fn key(&self) -> Option<&ServiceKey> {
        match self {
            Self::Host => None,
            Self::Service(service) | Self::Server(service, _) => Some(service),
        }
    }

    /// The server, if it is of one.
    pub fn server(&self) -> Option<&ServerKey> {
        match self {
            Self::Server(_, server) => Some(server),
            _ => None,
        }
    }
}

impl fmt::Display for About {
    /// `TCP 192.0.2.1:80 -> 10.0.1.2:8080`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host => f.pad("this host"),
            Self::Service(service) => f.pad(&service.to_string()),
            Self::Server(service, server) => f.pad(&format!("{service} -> {server}")),
        }
    }
}

/// A line of a diagnosis.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// How it is.
    pub status: Status,
    /// The check's name.
    pub check: &'static str,
    /// What it was found of.
    pub about: About,
    /// What was seen, or why nothing could be; without a full stop.
    pub seen: String,
    /// What to do: sentences.
    pub advice: Option<String>,
}

/// What one check finds.
pub struct Findings {
    /// The check's name.
    check: &'static str,
    found: Vec<Finding>,
}

impl Findings {
    /// None yet, of a check of this name.
    pub fn of(check: &'static str) -> Self {
        Self { check, found: Vec::new() }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.found.len()
    }

    /// All of them.
    pub fn into_vec(self) -> Vec<Finding> {
        self.found
    }

    /// It keeps clients from being served.
    pub fn fault(&mut self, about: About, seen: impl Into<String>, advice: impl Into<String>) {
        self.push(Status::Fault, about, seen.into(), Some(advice.into()));
    }

    /// It harms some, or will.
    pub fn warning(&mut self, about: About, seen: impl Into<String>, advice: impl Into<String>) {
        self.push(Status::Warning, about, seen.into(), Some(advice.into()));
    }

    /// It cannot be known, and why.
    pub fn unknown(&mut self, about: About, why: impl Into<String>) {
        self.push(Status::Unknown, about, why.into(), None);
    }

    /// It is as it should be.
    pub fn good(&mut self, about: About, seen: impl Into<String>) {
        self.push(Status::Good, about, seen.into(), None);
    }

    fn push(&mut self, status: Status, about: About, seen: String, advice: Option<String>) {
        self.found.push(Finding { status, check: self.check, about, seen, advice });
    }
}
