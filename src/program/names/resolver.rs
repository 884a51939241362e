//! A name service before another one: every lookup is made once, and addresses known beforehand are looked up side by
//! side. The reference asks again for every line, one after the other.

use crate::ipvs::model::Protocol;
use crate::program::names::NameService;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

/// The most lookups under way at a time: enough that 200 slow ones take one round.
const SIDE_BY_SIDE: usize = 256;
/// The bound on all of them together; an address without an answer by then is printed as a number. The C library
/// gives up on one lookup after ten seconds, so this cuts off only name servers that do not answer.
const BOUND: Duration = Duration::from_secs(15);
/// A lookup's stack: the C library's resolver keeps its buffers there.
const STACK: usize = 256 * 1024;

/// A cache, filled side by side. Hash tables would ask the kernel for random numbers, in commands without names too.
pub struct Resolver<N> {
    system: N,
    addresses: RefCell<BTreeMap<String, Option<Ipv4Addr>>>,
    hosts: RefCell<BTreeMap<IpAddr, Option<String>>>,
    ports: RefCell<BTreeMap<(String, u16), Option<u16>>>,
    services: RefCell<BTreeMap<(u16, u16), Option<String>>>,
    /// Where names come from that were not waited for.
    late: RefCell<Vec<Receiver<Answer>>>,
}

/// The name of an address.
type Answer = (IpAddr, Option<String>);

impl<N: NameService + Clone + Send + 'static> Resolver<N> {
    /// An empty cache before `system`.
    pub fn new(system: N) -> Self {
        Self {
            system,
            addresses: RefCell::default(),
            hosts: RefCell::default(),
            ports: RefCell::default(),
            services: RefCell::default(),
            late: RefCell::default(),
        }
    }
}

fn once<K: Ord, V: Clone>(cache: &RefCell<BTreeMap<K, V>>, key: K, look_up: impl FnOnce(&K) -> V) -> V {
    if let Some(known) = cache.borrow().get(&key) {
        return known.clone();
    }
    let answer = look_up(&key);
    cache.borrow_mut().insert(key, answer.clone());
    answer
}

impl<N: NameService + Clone + Send + 'static> NameService for Resolver<N> {
    fn host_address(&self, name: &str) -> Option<Ipv4Addr> {
        once(&self.addresses, name.to_owned(), |name| self.system.host_address(name))
    }

    fn service_port(&self, name: &str, protocol: Protocol) -> Option<u16> {
        once(&self.ports, (name.to_owned(), protocol.number()), |(name, _)| self.system.service_port(name, protocol))
    }

    fn host_name(&self, address: IpAddr) -> Option<String> {
        once(&self.hosts, address, |address| self.system.host_name(*address))
    }

    fn service_name(&self, port: u16, protocol: Protocol) -> Option<String> {
        once(&self.services, (port, protocol.number()), |_| self.system.service_name(port, protocol))
    }

    fn prefetch(&self, addresses: &mut dyn Iterator<Item = IpAddr>) {
        self.prefetch_within(BOUND, addresses);
        // What the bound cut off is not waited for.
        self.late.borrow_mut().clear();
    }

    fn prefetch_within(&self, time: Duration, addresses: &mut dyn Iterator<Item = IpAddr>) {
        let (mut hosts, mut late) = (self.hosts.borrow_mut(), self.late.borrow_mut());
        late.retain(|answers| take_in(&mut hosts, answers, Duration::ZERO));
        let distinct: BTreeSet<IpAddr> = addresses.filter(|address| !hosts.contains_key(address)).collect();
        let wanted: Arc<Vec<IpAddr>> = Arc::new(distinct.into_iter().collect());
        let (sender, answers) = mpsc::channel();
        let next = Arc::new(AtomicUsize::new(0));
        for _ in 0..wanted.len().min(SIDE_BY_SIDE) {
            let (wanted, next, sender, system) = (wanted.clone(), next.clone(), sender.clone(), self.system.clone());
            // Not joined: one that waits for a dead name server must not hold up the listing.
            let started = thread::Builder::new().stack_size(STACK).spawn(move || {
                while let Some(address) = wanted.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if sender.send((*address, system.host_name(*address))).is_err() {
                        break;
                    }
                }
            });
            if started.is_err() {
                break;
            }
        }
        drop(sender);
        let more = take_in(&mut hosts, &answers, time);
        // What is not known by now is not asked again. Without any thread nothing is kept, and each is asked in turn.
        if next.load(Ordering::Relaxed) > 0 || more {
            for address in wanted.iter() {
                hosts.entry(*address).or_insert(None);
            }
        }
        if more {
            late.push(answers);
        }
    }
}

/// Takes in the answers that come within this time, and says whether more may come.
fn take_in(hosts: &mut BTreeMap<IpAddr, Option<String>>, answers: &Receiver<Answer>, time: Duration) -> bool {
    let deadline = Instant::now() + time;
    loop {
        match answers.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok((address, name)) => drop(hosts.insert(address, name)),
            Err(ended) => return ended == RecvTimeoutError::Timeout,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    /// Counts its lookups; each of a host takes a moment.
    #[derive(Clone, Default)]
    struct Slow(Arc<AtomicUsize>);

    impl NameService for Slow {
        fn host_address(&self, _: &str) -> Option<Ipv4Addr> {
            self.0.fetch_add(1, Ordering::Relaxed);
            None
        }
        fn service_port(&self, _: &str, _: Protocol) -> Option<u16> {
            Some(80)
        }
        fn host_name(&self, address: IpAddr) -> Option<String> {
            self.0.fetch_add(1, Ordering::Relaxed);
            thread::sleep(Duration::from_millis(20));
            Some(format!("host-{address}"))
        }
        fn service_name(&self, port: u16, _: Protocol) -> Option<String> {
            self.0.fetch_add(1, Ordering::Relaxed);
            Some(format!("port-{port}"))
        }
    }

    #[test]
    fn each_address_is_looked_up_once() {
        let slow = Slow::default();
        let resolver = Resolver::new(slow.clone());
        let addresses: Vec<IpAddr> = (0..=255).map(|n| Ipv4Addr::new(10, 0, 0, n).into()).collect();
        resolver.prefetch(&mut addresses.iter().chain(&addresses).copied());
        assert_eq!(slow.0.load(Ordering::Relaxed), 256);
        for address in &addresses {
            assert_eq!(resolver.host_name(*address), Some(format!("host-{address}")));
        }
        assert_eq!(slow.0.load(Ordering::Relaxed), 256);
        resolver.host_name(Ipv4Addr::LOCALHOST.into());
        resolver.host_name(Ipv4Addr::LOCALHOST.into());
        resolver.host_address("nosuch");
        resolver.host_address("nosuch");
        resolver.service_name(80, Protocol::Tcp);
        resolver.service_name(80, Protocol::Tcp);
        resolver.service_name(80, Protocol::Udp);
        assert_eq!(slow.0.load(Ordering::Relaxed), 260);
    }

    /// Answers once its gate is open.
    #[derive(Clone, Default)]
    struct Gated(Arc<Mutex<()>>);

    impl NameService for Gated {
        fn host_address(&self, _: &str) -> Option<Ipv4Addr> {
            None
        }
        fn service_port(&self, _: &str, _: Protocol) -> Option<u16> {
            None
        }
        fn host_name(&self, address: IpAddr) -> Option<String> {
            drop(self.0.lock().unwrap());
            Some(format!("host-{address}"))
        }
        fn service_name(&self, _: u16, _: Protocol) -> Option<String> {
            None
        }
    }

    #[test]
    fn late_names_come_without_being_waited_for() {
        let gated = Gated::default();
        let gate = gated.0.lock().unwrap();
        let resolver = Resolver::new(gated.clone());
        let address: IpAddr = Ipv4Addr::LOCALHOST.into();
        resolver.prefetch_within(Duration::ZERO, &mut [address].into_iter());
        assert_eq!(resolver.host_name(address), None);
        drop(gate);
        let started = Instant::now();
        while resolver.host_name(address).is_none() && started.elapsed() < BOUND {
            resolver.prefetch_within(Duration::from_millis(1), &mut [address].into_iter());
            thread::yield_now();
        }
        assert_eq!(resolver.host_name(address), Some("host-127.0.0.1".to_owned()));
        assert!(resolver.late.borrow().is_empty());
    }
}
