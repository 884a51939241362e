//! A line of a diagnosis.

use super::key::object;
use super::server::ServerKeyView;
use super::service::ServiceKeyView;

/// What a check has found.
pub struct FindingView<'a> {
    /// `good`, `warning`, `fault` or `unknown`.
    pub status: &'static str,
    /// The check's name.
    pub check: &'static str,
    /// What it was found of; none for the host as a whole.
    pub service: Option<ServiceKeyView>,
    /// The server of that service.
    pub server: Option<ServerKeyView>,
    /// What was seen, or why nothing could be.
    pub seen: &'a str,
    /// What to do.
    pub advice: Option<&'a str>,
}

object!(FindingView<'_> { status, check, service, server, seen, advice });
