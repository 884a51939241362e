//! Persistent clients that stay at a server which takes no new ones.

use super::super::facts::Facts;
use super::super::finding::{About, Findings};
use crate::ipvs::model::ServiceFlags;

/// No template holds clients at a server of weight 0.
pub fn templates(facts: &Facts, findings: &mut Findings) {
    let setting = "expire_quiescent_template";
    for (entry, listed) in facts.servers() {
        let persistent = entry.service.service.flags.contains(ServiceFlags::PERSISTENT);
        if !persistent || listed.server.weight > 0 || listed.persistent == 0 {
            continue;
        }
        let about = About::Server(entry.service.service.key, listed.server.key);
        let seen = format!("{} clients are held here, at weight 0", listed.persistent);
        match facts.settings.ip_vs(setting) {
            Some(Ok(0)) => findings.warning(
                about,
                format!("{seen}, and come back to it (net.ipv4.vs.{setting} is 0)"),
                format!("To send them elsewhere: sysctl -w net.ipv4.vs.{setting}=1"),
            ),
            Some(Ok(_)) => findings.good(about, format!("{seen}, but go elsewhere when they come back")),
            Some(Err(why)) => findings.unknown(about, format!("{seen}; {why}")),
            None => findings.unknown(about, format!("{seen}; this kernel has no {setting}")),
        }
    }
}
