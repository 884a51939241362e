//! `--diff --json`: the changes that would be made, and what would fail, as a document.

use super::messages::refusal;
use crate::ipvs::estimation;
use crate::ipvs::model::Info;
use crate::ipvs::restore::{Findings, Line, Plan, Script};
use crate::program::context::Context;
use crate::program::failure::Failure;
use crate::program::render::json::{Array, ChangeView, Elements, FailedView, Head, Origin, document, write};
use serde::ser::SerializeSeq;

/// Prints the document. The plan has to know what undoes its changes.
pub fn print(
    context: &mut Context<'_>,
    info: Info,
    script: &Script<'_>,
    plan: &Plan,
    findings: &Findings,
) -> Result<(), Failure> {
    let head = Head::new(info, estimation::runs(|path| context.host.open(path)));
    let changes = Array::new(Changes { script, plan });
    write(context.stdout, &document::Difference { head, changes, failed: failed(script, findings) })
        .map_err(Failure::Output)
}

struct Changes<'p, 's> {
    script: &'p Script<'s>,
    plan: &'p Plan,
}

impl Elements for Changes<'_, '_> {
    fn write<S: SerializeSeq>(self, sequence: &mut S) -> Result<(), S::Error> {
        let Self { script, plan } = self;
        plan.changes.iter().try_for_each(|planned| {
            let origin = origin(script, planned.line);
            sequence.serialize_element(&ChangeView::new(&planned.change, plan.undo(planned).first(), origin))
        })
    }
}

/// What fails, with the lines whose names do not resolve.
fn failed<'s>(script: &Script<'s>, findings: &Findings) -> Vec<FailedView<'s>> {
    let refused = findings.failed.iter().map(|failed| {
        let view = FailedView::new(Some(&failed.change), &refusal(failed, true), origin(script, failed.line));
        (failed.line, view)
    });
    let unresolved = script.unresolved.iter().map(|unresolved| {
        let line = Some(unresolved.line);
        (line, FailedView::new(None, &unresolved.what, origin(script, line)))
    });
    let mut all: Vec<_> = refused.chain(unresolved).collect();
    all.sort_by_key(|(line, _)| *line);
    all.into_iter().map(|(_, view)| view).collect()
}

fn origin<'s>(script: &Script<'s>, line: Option<Line>) -> Origin<'s> {
    match script.has_lines {
        true => Origin { line, path: None },
        false => Origin { line: None, path: line.map(|line| script.line(line)) },
    }
}
