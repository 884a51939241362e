//! Network namespaces, each with an IPVS table of its own, and the names (hosts, services) that programs inside see.

use std::fs::File;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use netlink_sys::{Socket, protocols::NETLINK_ROUTE};
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, setns, unshare};

/// A network namespace with `lo` up. It lives as long as this value or a process inside.
pub struct Namespace(File);

impl Namespace {
    /// Makes a new one and moves the calling thread into it.
    pub fn new() -> Result<Self> {
        unshare(CloneFlags::CLONE_NEWNET).context("making a network namespace (needs root)")?;
        let namespace = File::open("/proc/thread-self/ns/net").context("opening the network namespace")?;
        set_loopback_up().context("setting lo up")?;
        Ok(Namespace(namespace))
    }

    /// Moves the calling thread, and what it starts from now on, into this namespace.
    pub fn enter(&self) -> Result<()> {
        setns(&self.0, CloneFlags::CLONE_NEWNET).context("entering a network namespace")
    }
}

/// An RTM_NEWLINK message (linux/rtnetlink.h) that sets IFF_UP on interface 1, which is `lo` in every namespace.
fn set_loopback_up() -> Result<()> {
    const RTM_NEWLINK: u16 = 16;
    const NLM_F_REQUEST_ACK: u16 = 5;
    const IFF_UP: u32 = 1;
    let mut message = Vec::new();
    message.extend(32u32.to_ne_bytes()); // nlmsghdr: length, type, flags, sequence, port
    message.extend(RTM_NEWLINK.to_ne_bytes());
    message.extend(NLM_F_REQUEST_ACK.to_ne_bytes());
    message.extend([0; 8]);
    message.extend([0; 4]); // ifinfomsg: family and type, index, flags, change
    message.extend(1i32.to_ne_bytes());
    message.extend(IFF_UP.to_ne_bytes());
    message.extend(IFF_UP.to_ne_bytes());
    let socket = Socket::new(NETLINK_ROUTE)?;
    socket.send(&message, 0)?;
    let mut answer = [0; 64];
    let length = socket.recv(&mut &mut answer[..], 0)?;
    ensure!(length >= 20 && answer[16..20] == [0; 4], "the kernel refused: {:?}", &answer[..length]);
    Ok(())
}

/// Gives this process and its children the suite's own `hosts`, `services` and `nsswitch.conf`, in a mount namespace
/// of their own, so that names have the same answers on every machine and nobody asks a name server.
pub fn use_own_names(folder: &Path) -> Result<()> {
    let none = None::<&Path>;
    unshare(CloneFlags::CLONE_NEWNS).context("making a mount namespace (needs root)")?;
    mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none).context("making mounts private")?;
    for name in ["hosts", "services", "nsswitch.conf"] {
        let source = folder.join(name);
        let target = Path::new("/etc").join(name);
        mount(Some(&source), &target, none, MsFlags::MS_BIND, none)
            .with_context(|| format!("mounting {} on {}", source.display(), target.display()))?;
    }
    Ok(())
}
