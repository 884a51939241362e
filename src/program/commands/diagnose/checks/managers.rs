//! A keepalived beside changes that others have made.

use super::super::facts::Facts;
use super::super::finding::{About, Findings};
use super::super::keepalived::Configured;
use crate::ipvs::model::ServiceEntry;

/// The table is what keepalived has set up, in the services that are its own.
pub fn keepalived(facts: &Facts, findings: &mut Findings) {
    let configuration = match &facts.keepalived {
        None => return,
        Some(Ok(configuration)) => configuration,
        Some(Err(why)) => {
            return findings
                .unknown(About::Host, format!("keepalived runs, whose configuration cannot be read: {why}"));
        }
    };
    let is_asked = |service: &&Configured| facts.asked.service.is_none_or(|asked| asked == service.key);
    let mut services = configuration.services.iter().filter(is_asked).peekable();
    if services.peek().is_none() {
        findings.good(About::Host, "keepalived runs, and its configuration has none of these services");
    }
    for service in services {
        let Some(entry) = facts.table.service(&service.key) else {
            findings.warning(
                About::Service(service.key),
                "keepalived has it in its configuration, but it is not in the table",
                "Somebody has removed it: reload keepalived, or take it out of its configuration.",
            );
            continue;
        };
        let before = findings.len();
        compare(service, entry, configuration.sets_weights, findings);
        if findings.len() == before {
            findings.good(About::service(entry), "it is as keepalived has set it up");
        }
    }
}

fn compare(service: &Configured, entry: &ServiceEntry, sets_weights: bool, findings: &mut Findings) {
    let advice =
        "Change keepalived's configuration: it sets this again when it is reloaded, or when its checks say so.";
    for listed in &entry.servers {
        let (key, weight) = (listed.server.key, i64::from(listed.server.weight));
        let about = About::Server(service.key, key);
        match service.servers.iter().find(|(configured, _)| *configured == key) {
            Some((_, configured)) if *configured != weight && !sets_weights => {
                findings.warning(about, format!("its weight is {weight}, but keepalived has {configured}"), advice);
            }
            None if service.sorry_server != Some(key) => {
                findings.warning(about, "it is in the table, but not in keepalived's configuration", advice);
            }
            _ => {}
        }
    }
    for (key, _) in service.servers.iter().filter(|(key, _)| entry.server(key).is_none()) {
        findings.warning(
            About::Server(service.key, *key),
            "keepalived has it in its configuration, but it is not in the table",
            "Its check fails, see keepalived's log; or somebody has removed it.",
        );
    }
}
