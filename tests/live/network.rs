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

/// Everything but the director's `lo`, which is up already. Marks are set where packets come in.
const SET_UP: &str = "
for name in client server; do
    ip netns del $name 2>/dev/null || true
    ip netns add $name
    ip -n $name link set lo up
    # An idle association says nothing, so that its counters stand still.
    ip netns exec $name sh -c 'echo 86400000 >/proc/sys/net/sctp/hb_interval'
    ip link add to-$name type veth peer name eth0 netns $name
    ip link set to-$name up
    ip -n $name link set eth0 up
done
echo 1 >/proc/sys/net/ipv4/ip_forward
echo 1 >/proc/sys/net/ipv6/conf/all/forwarding

ip -n client addr add 192.0.2.100/24 dev eth0
ip -n client addr add 192.0.2.101/24 dev eth0
ip -n client addr add 2001:db8::100/64 dev eth0 nodad
for n in 1 2 3 4 5 6 7 8 9; do
    ip addr add 192.0.2.$n/24 dev to-client
    ip addr add 2001:db8::$n/64 dev to-client nodad
done

for n in 2 3 4 5; do
    ip -n server addr add 10.0.1.$n/24 dev eth0
    ip -n server addr add fd00:1::$n/64 dev eth0 nodad
done
ip addr add 10.0.1.1/24 dev to-server
ip addr add fd00:1::1/64 dev to-server nodad
ip -n server route add default via 10.0.1.1
ip -n server route add default via fd00:1::1

# A server that is routed to directly has the virtual address itself and answers past the director.
ip -n server addr add 192.0.2.2/32 dev lo
ip -n server link add direct type veth peer name direct netns client
ip -n server link set direct up
ip -n client link set direct up
ip -n server route add 192.0.2.101 dev direct
ip netns exec client sh -c 'echo 0 >/proc/sys/net/ipv4/conf/all/rp_filter; echo 0 >/proc/sys/net/ipv4/conf/direct/rp_filter'

ip link add swallow type dummy
ip addr add 10.9.9.1/24 dev swallow
ip link set swallow up

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

    fn inside<T>(&self, name: &str, action: impl FnOnce() -> Result<T>) -> Result<T> {
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
