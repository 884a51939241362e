//! The order in which services and servers are listed.
//!
//! The reference compares by 32-bit differences read as signed numbers, so addresses 2^31 or more apart compare the
//! other way round and three far-apart addresses have no consistent order. The result is then that of the C library's
//! merge sort, which this module repeats; a sort that relies on a consistent order would differ, or panic.
//!
//! ```
//! use ipvsadm::ipvs::model::{ListedServer, RealServer};
//! use ipvsadm::ipvs::order::sort_servers;
//!
//! let mut servers = [2, 0, 1].map(|last| ListedServer::from(RealServer::new([10, 0, 0, last], 80)));
//! sort_servers(&mut servers, &mut Vec::new());
//! assert_eq!(servers.map(|listed| listed.server.key.to_string()), ["10.0.0.0:80", "10.0.0.1:80", "10.0.0.2:80"]);
//! ```

use super::model::{ListedServer, ListedService, ServerKey, ServiceKey};
use std::net::IpAddr;

/// Sorts services as the reference lists them.
pub fn sort_services(services: &mut [ListedService]) {
    // Places are sorted first and the large services moved once, without a second table in memory.
    let mut order: Vec<u32> = (0..services.len() as u32).collect();
    let key = |place: &u32| &services[*place as usize].service.key;
    merge_sort(&mut order, &mut Vec::new(), &|a, b| compare_services(key(a), key(b)));
    for start in 0..order.len() {
        let mut place = start;
        while order[place] as usize != start {
            let from = std::mem::replace(&mut order[place], place as u32) as usize;
            services.swap(place, from);
            place = from;
        }
        order[place] = place as u32;
    }
}

/// Sorts the real servers of one service as the reference lists them. `scratch` is working space, kept by the caller
/// between sorts.
pub fn sort_servers(servers: &mut [ListedServer], scratch: &mut Vec<ListedServer>) {
    if consistent(servers) {
        // The standard library is quick with what kernels send: the newest first.
        servers.sort_unstable_by_key(|listed| (listed.server.key.address, listed.server.key.port));
    } else {
        merge_sort(servers, scratch, &|a, b| compare_servers(&a.server.key, &b.server.key));
    }
}

/// Whether the order of servers is that of numbers: among IPv4 addresses less than 2^31 apart.
fn consistent(servers: &[ListedServer]) -> bool {
    let (mut least, mut most) = (u32::MAX, 0);
    for listed in servers {
        let IpAddr::V4(address) = listed.server.key.address else { return false };
        (least, most) = (least.min(address.to_bits()), most.max(address.to_bits()));
    }
    most.wrapping_sub(least) < 1 << 31
}

/// By firewall mark, family and protocol, the words of the address, port; negative when `a` comes first.
fn compare_services(a: &ServiceKey, b: &ServiceKey) -> i32 {
    let (a, b) = (rank(a), rank(b));
    first_difference(std::array::from_fn::<_, 7, _>(|n| difference(a[n], b[n]))).unwrap_or(0)
}

fn rank(key: &ServiceKey) -> [u32; 7] {
    match *key {
        ServiceKey::Address { protocol, address, port } => {
            let [a, b, c, d] = words(address);
            [0, u32::from(key.family().number()) << 16 | u32::from(protocol.number()), a, b, c, d, port.into()]
        }
        ServiceKey::FirewallMark { mark, family } => [mark, u32::from(family.number()) << 16, 0, 0, 0, 0, 0],
    }
}

/// By address and port; negative when `a` comes first. Among servers of both families, the reference compares as many
/// words as the first one's family has, and those of an IPv4 address are itself and three zeros.
fn compare_servers(a: &ServerKey, b: &ServerKey) -> i32 {
    first_difference([compare_addresses(a.address, b.address), difference(a.port.into(), b.port.into())]).unwrap_or(0)
}

fn compare_addresses(a: IpAddr, b: IpAddr) -> i32 {
    match (a, b) {
        (IpAddr::V4(a), IpAddr::V4(b)) => difference(a.to_bits(), b.to_bits()),
        (IpAddr::V4(a), b) => difference(a.to_bits(), words(b)[0]),
        (a, b) => {
            let (a, b) = (words(a), words(b));
            first_difference([0, 1, 2, 3].map(|n| difference(a[n], b[n]))).unwrap_or(0)
        }
    }
}

/// An address as four words in host byte order.
fn words(address: IpAddr) -> [u32; 4] {
    match address {
        IpAddr::V4(address) => [address.to_bits(), 0, 0, 0],
        IpAddr::V6(address) => [96, 64, 32, 0].map(|shift| (address.to_bits() >> shift) as u32),
    }
}

fn difference(a: u32, b: u32) -> i32 {
    a.wrapping_sub(b) as i32
}

fn first_difference<const N: usize>(differences: [i32; N]) -> Option<i32> {
    differences.into_iter().find(|difference| *difference != 0)
}

/// The C library's `qsort`: halves at n/2, and the left one first on a tie or less.
fn merge_sort<T: Copy>(items: &mut [T], scratch: &mut Vec<T>, compare: &impl Fn(&T, &T) -> i32) {
    let middle = items.len() / 2;
    match items {
        [] | [_] => return,
        [a, b] if compare(a, b) <= 0 => return,
        [a, b] => return std::mem::swap(a, b),
        _ => {}
    }
    let (left, right) = items.split_at_mut(middle);
    merge_sort(left, scratch, compare);
    merge_sort(right, scratch, compare);
    scratch.clear();
    scratch.extend_from_slice(left);
    let (mut l, mut r, mut out) = (0, middle, 0);
    while l < scratch.len() && r < items.len() {
        if compare(&scratch[l], &items[r]) <= 0 {
            items[out] = scratch[l];
            l += 1;
        } else {
            items[out] = items[r];
            r += 1;
        }
        out += 1;
    }
    let rest = &scratch[l..];
    items[out..out + rest.len()].copy_from_slice(rest);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ipvs::fixtures::Random;
    use crate::ipvs::model::{Family, ListedServer, ListedService, RealServer, ServerKey, ServiceKey, VirtualService};

    fn tcp(address: &str, port: u16) -> ServiceKey {
        ServiceKey::tcp(address.parse::<IpAddr>().unwrap(), port)
    }

    #[test]
    fn addresses_far_apart_compare_the_other_way_round() {
        let compare = |a, b| compare_services(&a, &b);
        assert!(compare(tcp("192.168.0.1", 80), tcp("10.0.0.1", 80)) < 0);
        assert!(compare(tcp("10.0.0.1", 80), tcp("10.0.0.2", 80)) < 0);
        assert!(compare(tcp("10.0.0.1", 80), tcp("10.0.0.1", 443)) < 0);
        assert!(compare(tcp("10.0.0.1", 80), tcp("fd00::1", 80)) < 0);
        assert!(compare(tcp("fd00::2:0:0", 80), tcp("fd00::1:0:1", 80)) > 0);
        let mark = |mark| ServiceKey::mark(mark, Family::Inet);
        assert!(compare(tcp("fd00::1", 80), mark(1)) < 0);
        assert!(compare(tcp("10.0.0.1", 80), mark(u32::MAX)) > 0);
    }

    #[test]
    fn servers_are_sorted_as_the_c_library_does_it() {
        let mut random = Random(3);
        let mut consistent_ones = 0;
        for _ in 0..500 {
            let far = random.one_in(2);
            let mut servers: Vec<ListedServer> = (0..random.below(40) as u16)
                .map(|port| {
                    let near = IpAddr::from([10, 0, 0, random.below(8) as u8]);
                    RealServer::new(if far { random.address() } else { near }, port).into()
                })
                .collect();
            if random.one_in(2) {
                servers.reverse();
            }
            consistent_ones += usize::from(consistent(&servers));
            let mut merged = servers.clone();
            merge_sort(&mut merged, &mut Vec::new(), &|a, b| compare_servers(&a.server.key, &b.server.key));
            sort_servers(&mut servers, &mut Vec::new());
            assert_eq!(servers, merged);
        }
        assert!((100..400).contains(&consistent_ones), "{consistent_ones}");
        let pair = |a: [u8; 4], b: [u8; 4]| [a, b].map(|address| ListedServer::from(RealServer::new(address, 80)));
        assert!(consistent(&pair([128, 0, 0, 0], [0, 0, 0, 1])));
        assert!(!consistent(&pair([128, 0, 0, 1], [0, 0, 0, 1])));
        assert!(!consistent(&[RealServer::new([0; 16], 80).into()]));
    }

    #[test]
    fn services_are_moved_to_their_places() {
        let service = |address: [u8; 4], port| {
            ListedService::from(VirtualService::new(ServiceKey::tcp(address, port), "rr".parse().unwrap()))
        };
        // 7 and 100 have no common divisor: every place is taken once.
        let mut services: Vec<_> =
            (0..100_u16).map(|n| service([10, 0, 0, (n * 7 % 100) as u8], n * 7 % 100)).collect();
        sort_services(&mut services);
        assert!(services.iter().zip(0..).all(|(listed, port)| listed.service.key.port() == port));
    }

    #[test]
    fn servers_of_both_families_compare_by_their_first_words() {
        let server = |address: &str| ServerKey { address: address.parse().unwrap(), port: 80 };
        assert!(compare_servers(&server("fd00::1"), &server("10.0.0.9")) < 0);
        assert!(compare_servers(&server("10.0.0.9"), &server("fd00::1")) > 0);
        assert!(compare_servers(&server("192.168.0.1"), &server("fd00::1")) < 0);
    }

    #[test]
    fn an_inconsistent_order_is_sorted_like_the_c_library_does() {
        // 10.0.0.1 < 100.0.0.1 < 200.0.0.1 < 10.0.0.1: no order is right; the merge's is repeated.
        let by_bits = |a: &u32, b: &u32| difference(*a, *b);
        let mut items = [0x0a00_0001_u32, 0xc800_0001, 0x6400_0001];
        merge_sort(&mut items, &mut Vec::new(), &by_bits);
        assert_eq!(items, [0x0a00_0001, 0x6400_0001, 0xc800_0001]);
        let mut items = [0xc800_0001_u32, 0x6400_0001, 0x0a00_0001];
        merge_sort(&mut items, &mut Vec::new(), &by_bits);
        assert_eq!(items, [0xc800_0001, 0x0a00_0001, 0x6400_0001]);
    }
}
