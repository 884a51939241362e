//! Hints where there is no ip_vs, or no right to administer it.

use super::read;
use crate::ipvs::model::Errno;
use crate::program::context::Host;

/// `CAP_NET_ADMIN` of linux/capability.h.
const CAP_NET_ADMIN: u32 = 12;
/// The files by which container managers mark what runs inside.
const CONTAINER: [&str; 3] = ["/.dockerenv", "/run/.containerenv", "/run/systemd/container"];
/// The user namespace that is no container's: all users are who they are.
const INITIAL: [&str; 3] = ["0", "0", "4294967295"];

/// What to do about a connection that was refused.
pub fn hint(host: &dyn Host, errno: Option<Errno>) -> Option<String> {
    if without_rights(host).is_some() {
        // It has been said, before modprobe's own words.
        return None;
    }
    if errno == Some(Errno::EPERM) && is_container(host) {
        return Some("this container may not administer IPVS: give it CAP_NET_ADMIN".to_owned());
    }
    Some(no_module(host))
}

/// What a caller without the rights to administer IPVS is to do; `None` for one who has them.
pub fn without_rights(host: &dyn Host) -> Option<String> {
    let status = read(host, "/proc/self/status")?;
    let field = |name| status.lines().find_map(|line| line.strip_prefix(name));
    let capabilities = u64::from_str_radix(field("CapEff:")?.trim(), 16).ok()?;
    let effective_user = field("Uid:")?.split_whitespace().nth(1)?;
    if capabilities >> CAP_NET_ADMIN & 1 == 0 {
        return Some(match effective_user {
            "0" => "root may not administer the network here: a container needs CAP_NET_ADMIN for it".to_owned(),
            _ => "only root may administer IPVS: put sudo before the command".to_owned(),
        });
    }
    let users = read(host, "/proc/self/uid_map")?;
    let is_initial = users.split_whitespace().eq(INITIAL);
    let hint = "the kernel lets nobody administer IPVS from a user namespace, such as a rootless container's";
    (!is_initial).then(|| hint.to_owned())
}

fn no_module(host: &dyn Host) -> String {
    if is_container(host) {
        return "a container cannot load the module: run `modprobe ip_vs' on its host".to_owned();
    }
    if read(host, "/sbin/modprobe").is_none() {
        return "there is no /sbin/modprobe, which loads the module ip_vs: install kmod".to_owned();
    }
    let release = read(host, "/proc/sys/kernel/osrelease").unwrap_or_default();
    let release = release.trim_end();
    match read(host, &format!("/lib/modules/{release}/modules.dep")) {
        None => format!("the modules of the running kernel, {release}, are gone, as after an upgrade: reboot"),
        Some(modules) if modules.contains("/ip_vs.ko") => {
            "the module ip_vs is there and could not be loaded: dmesg may say why".to_owned()
        }
        Some(_) => format!(
            "the running kernel, {release}, comes without the module ip_vs: a package may have the rest of its modules"
        ),
    }
}

fn is_container(host: &dyn Host) -> bool {
    CONTAINER.iter().any(|path| read(host, path).is_some())
}
