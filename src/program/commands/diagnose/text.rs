//! Findings as lines, the worst first.

use super::finding::{Finding, Status};
use crate::program::quoted::quoted;
use std::fmt::Write;

/// The lines, and how many there are of each kind. The order of what is equally bad is that of the checks and the table.
pub fn lines(findings: &[Finding]) -> String {
    let mut sorted: Vec<_> = findings.iter().collect();
    sorted.sort_by_key(|finding| finding.status);
    let width = |text: fn(&Finding) -> usize| sorted.iter().map(|finding| text(finding)).max().unwrap_or(0);
    let about = width(|finding| finding.about.to_string().len());
    let check = width(|finding| finding.check.len());
    let mut out = String::new();
    for finding in &sorted {
        let (status, name) = (finding.status.word(), finding.check);
        let _ = write!(out, "{status:7}  {:about$}  {name:check$}  {}", finding.about, quoted_all(&finding.seen));
        if let Some(advice) = &finding.advice {
            let _ = write!(out, ". {}", quoted_all(advice));
        }
        out.push('\n');
    }
    let _ = writeln!(out, "{}", summary(findings));
    out
}

/// Names in them may come from the kernel or from files.
fn quoted_all(text: &str) -> String {
    text.split(' ').map(quoted).collect::<Vec<_>>().join(" ")
}

fn summary(findings: &[Finding]) -> String {
    let number = |status| findings.iter().filter(|finding| finding.status == status).count();
    let plural = |status, word: &str| match number(status) {
        1 => format!("1 {word}"),
        other => format!("{other} {word}s"),
    };
    format!(
        "{}, {}, {} unknown, {} good",
        plural(Status::Fault, "fault"),
        plural(Status::Warning, "warning"),
        number(Status::Unknown),
        number(Status::Good)
    )
}
