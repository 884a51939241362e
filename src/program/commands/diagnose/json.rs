//! Findings as a document.

use super::finding::Finding;
use crate::ipvs::model::Info;
use crate::program::render::json::document::Findings;
use crate::program::render::json::{FindingView, Head, ServerKeyView, ServiceKeyView};

/// The document of these findings.
pub fn document(info: Info, estimation: bool, findings: &[Finding], exit_status: u8) -> Findings<'_> {
    Findings { head: Head::new(info, estimation), exit_status, findings: findings.iter().map(view).collect() }
}

fn view(finding: &Finding) -> FindingView<'_> {
    let service = finding.about.key();
    FindingView {
        status: finding.status.word(),
        check: finding.check,
        service: service.map(|key| ServiceKeyView::new(key, None)),
        server: service.zip(finding.about.server()).map(|(service, key)| ServerKeyView::new(service, key, None)),
        seen: &finding.seen,
        advice: finding.advice.as_deref(),
    }
}
