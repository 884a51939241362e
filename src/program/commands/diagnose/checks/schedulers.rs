//! Schedulers that give no server to some clients.

use super::super::facts::Facts;
use super::super::finding::{About, Findings};
use crate::ipvs::model::{Change, ServiceFlags, VirtualService};
use crate::program::render::rules::command;

/// There is one, and it gives each client a server.
pub fn scheduler(facts: &Facts, findings: &mut Findings) {
    for entry in facts.services() {
        let (about, service) = (About::service(entry), &entry.service.service);
        let name = service.scheduler.as_bytes();
        let at_zero = entry.servers.iter().filter(|listed| listed.server.weight <= 0).count();
        let falls_back = service.flags.contains(ServiceFlags::SCHED1);
        let others = entry.servers.len() - at_zero;
        match name {
            b"none" | b"" => findings.fault(
                about,
                "it has no scheduler, and gives no client a server",
                format!("To give it one: {}", command(&Change::EditService(with_scheduler(service)))),
            ),
            b"sh" | b"mh" if at_zero > 0 && others > 0 && !falls_back => findings.fault(
                about,
                format!("{} refuses the clients that the hash gives to a server at weight 0", service.scheduler),
                format!("To send them elsewhere: {}", command(&Change::EditService(with_fallback(service)))),
            ),
            b"dh" if at_zero > 0 && others > 0 => findings.fault(
                about,
                "dh refuses the clients of addresses that the hash gives to a server at weight 0",
                "Remove that server: then they go elsewhere.",
            ),
            _ => findings.good(about, format!("{} gives each client a server", service.scheduler)),
        }
    }
}

fn with_scheduler(service: &VirtualService) -> VirtualService {
    VirtualService { scheduler: "wlc".parse().unwrap_or_default(), ..*service }
}

fn with_fallback(service: &VirtualService) -> VirtualService {
    VirtualService { flags: service.flags | ServiceFlags::SCHED1, ..*service }
}
