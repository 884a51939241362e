//! A network of namespaces: a client, the director with the virtual addresses and the IPVS table, and the real servers
//! behind it.
//!
//! ```text
//! client 192.0.2.100 .101 -- 192.0.2.1 to .9, director, 10.0.1.1 -- 10.0.1.2 to .5 server
//!                            10.9.9.0/24 swallows every packet
//!    direct  -------------------------------------------------------- direct (answers to .101 only)
//! ```

use std::fs::File;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use nix::sched::{CloneFlags, setns};

use crate::namespace::Namespace;

/// The director's namespace, in which the calling thread is; the others have names.
pub struct Network(Namespace);

/// Everything but the director's `lo`, which is up already. Marks are set where packets come in. Starting a process takes its
/// time on the older kernels, so that ip gets many commands at once.
const SET_UP: &str = "
for name in client server; do
    ip netns del $name 2>/dev/null || true
    ip netns add $name
    ip link add to-$name type veth peer name eth0 netns $name
done
echo 1 >/proc/sys/net/ipv4/ip_forward
echo 1 >/proc/sys/net/ipv6/conf/all/forwarding

{
    for n in 1 2 3 4 5 6 7 8 9; do
        echo addr add 192.0.2.$n/24 dev to-client
        echo addr add 2001:db8::$n/64 dev to-client nodad
    done
    echo addr add 10.0.1.1/24 dev to-server
    echo addr add fd00:1::1/64 dev to-server nodad
    echo link set to-client up
    echo link set to-server up
    echo link add swallow type dummy
    echo addr add 10.9.9.1/24 dev swallow
    echo link set swallow up
} | ip -batch -

# A server that is routed to directly has the virtual address itself and answers past the director.
{
    for n in 2 3 4 5; do
        echo addr add 10.0.1.$n/24 dev eth0
        echo addr add fd00:1::$n/64 dev eth0 nodad
    done
    echo link set lo up
    echo link set eth0 up
    echo route add default via 10.0.1.1
    echo route add default via fd00:1::1
    echo addr add 192.0.2.2/32 dev lo
    echo link add direct type veth peer name direct netns client
    echo link set direct up
    echo route add 192.0.2.101 dev direct
} | ip -n server -batch -

{
    echo link set lo up
    echo link set eth0 up
    echo addr add 192.0.2.100/24 dev eth0
    echo addr add 192.0.2.101/24 dev eth0
    echo addr add 2001:db8::100/64 dev eth0 nodad
    echo link set direct up
} | ip -n client -batch -
ip netns exec client sh -c 'echo 0 >/proc/sys/net/ipv4/conf/all/rp_filter; echo 0 >/proc/sys/net/ipv4/conf/direct/rp_filter'

tc qdisc add dev to-client clsact
tc filter add dev to-client ingress protocol ip u32 match ip dport 8000 0xffff action skbedit mark 7
tc filter add dev to-client ingress protocol ipv6 u32 match ip6 dport 8000 0xffff action skbedit mark 8
";

impl Network {
    /// Makes the network; the calling thread is in the director then.
    pub fn new() -> Result<Self> {
        let director = Namespace::new()?;
        shell(SET_UP)?;
        Ok(Network(director))
    }

    /// Does something in the client's namespace; what it opens and the threads that it starts stay there.
    pub fn client<T>(&self, action: impl FnOnce() -> Result<T>) -> Result<T> {
        self.inside("client", action)
    }

    /// Does something in the server's namespace.
    pub fn server<T>(&self, action: impl FnOnce() -> Result<T>) -> Result<T> {
        self.inside("server", action)
    }

    /// Does something in the namespace of this name.
    pub fn inside<T>(&self, name: &str, action: impl FnOnce() -> Result<T>) -> Result<T> {
        let place = File::open(format!("/run/netns/{name}")).with_context(|| format!("opening namespace {name}"))?;
        setns(place, CloneFlags::CLONE_NEWNET).with_context(|| format!("entering namespace {name}"))?;
        let result = action();
        self.0.enter()?;
        result
    }
}

/// Runs a script in the namespace of the calling thread; its first failing command ends it.
pub fn shell(script: &str) -> Result<()> {
    let output = Command::new("sh").args(["-euc", script]).stdin(Stdio::null()).output().context("starting sh")?;
    ensure!(output.status.success(), "'{}' failed: {}", script.trim(), String::from_utf8_lossy(&output.stderr));
    Ok(())
}
