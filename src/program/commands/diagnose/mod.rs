//! `--diagnose`: why a service does not work. Everything is gathered first, and nothing is changed by it; the checks are pure
//! functions of what was gathered.
//!
//! ```text
//! gather      the table, connections and settings → facts
//! facts       what was gathered, states of connections among it
//! checks/     facts → findings, a file for a kind of them
//! finding     good, warning, fault or unknown: what was seen, and what to do
//! text, json  findings as the user and programs read them
//! ```

mod checks;
mod facts;
mod finding;
mod gather;
mod json;
mod keepalived;
mod rules;
mod sockets;
mod states;
#[cfg(test)]
mod tests;
mod text;

use crate::ipvs::client::Client;
use crate::program::context::Context;
use crate::program::diagnosis::Diagnosis;
use crate::program::failure::Failure;
use crate::program::render::json::write;
use finding::{Finding, Status};

/// Prints the findings. The status is 0 when nothing is wrong, 1 otherwise; what cannot be known is not wrong.
#[inline(never)]
pub fn run(context: &mut Context<'_>, client: &mut Client, diagnosis: &Diagnosis) -> Result<u8, Failure> {
    let facts = gather::gather(context.host, client, diagnosis)?;
    let findings = checks::judge(&facts);
    let status = status(&findings);
    if diagnosis.json {
        let document = json::document(client.info(), facts.estimation, &findings, status);
        write(context.stdout, &document).map_err(Failure::Output)?;
    } else {
        context.write(text::lines(&findings).as_bytes())?;
    }
    Ok(status)
}

fn status(findings: &[Finding]) -> u8 {
    let is_wrong = |finding: &Finding| matches!(finding.status, Status::Fault | Status::Warning);
    u8::from(findings.iter().any(is_wrong))
}
