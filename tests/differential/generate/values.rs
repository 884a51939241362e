//! Values of every kind: good ones, the edges of what is good, and what is not.

use super::random::Random;

/// IPv4 addresses: near one another, and 2^31 or more apart, where the reference's order turns round.
pub const IPV4: &[&str] = &[
    "10.0.0.1",
    "10.0.0.2",
    "10.0.0.3",
    "10.0.0.4",
    "10.0.0.5",
    "10.1.0.1",
    "127.0.0.1",
    "128.0.0.1",
    "100.64.0.9",
    "172.16.0.1",
    "192.168.0.1",
    "192.168.0.2",
    "192.168.100.200",
    "198.51.100.1",
    "203.0.113.250",
    "1.2.3.4",
    "64.0.0.1",
    "223.255.255.254",
    "192.0.0.1",
];

pub const IPV6: &[&str] = &[
    "fd00::1",
    "fd00::2",
    "fd00::3",
    "2001:db8::1",
    "2001:db8::8000:0:0",
    "2001:db8:8000::",
    "2001:db8:0:0:1::1",
    "::1",
    "fe80::1",
    "8000::1",
    "7fff::1",
    "2001:db8:1111:2222:3333:4444:5555:6666",
    "::ffff:1.2.3.4",
    "abcd:ef01::",
];

/// Spellings that the C library reads as an address, or that it refuses.
pub const ODD_ADDRESSES: &[&str] = &[
    "10.1",
    "0x0a000001",
    "012.0.0.1",
    "10.0.0.256",
    "10.0.0.1.1",
    "0.0.0.0",
    "255.255.255.255",
    "224.0.0.1",
    "one",
    "two",
    "one.example",
    "multi.example",
    "both.example",
    "six.example",
    "no.such.host",
    "localhost",
    "12345",
    "",
    "[fd00::1]",
    "fd00::1%lo",
    "[10.0.0.1]",
    "fd00:::1",
    "::",
    "ff02::1",
    "10.0.0.1 ",
    "-",
    "a-host-name-that-is-longer-than-any-column.of.the.listings.example",
];

pub const PORTS: &[&str] = &["80", "81", "443", "53", "5060", "8080", "65535", "1", "2000", "3000"];

pub const ODD_PORTS: &[&str] = &[
    "0",
    "65536",
    "-1",
    "+80",
    " 80",
    "080",
    "0x50",
    "http",
    "https",
    "domain",
    "onlytcp",
    "onlyudp",
    "onlysctp",
    "www",
    "alias-of-spaced",
    "1-digit-first",
    "nosuchservice",
    "",
    "80x",
    "99999999999999999999",
    "8 0",
];

pub const MARKS: &[&str] = &["1", "2", "7", "100", "65536", "2147483647", "2147483648", "3000000000", "4294967295"];

pub const ODD_MARKS: &[&str] = &["0", "-1", "4294967296", "x", "", "0x10", "010", "+5", "1x", "99999999999999999999"];

pub const SCHEDULERS: &[&str] =
    &["rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh", "sh", "sed", "nq", "fo", "ovf", "mh"];

pub const ODD_SCHEDULERS: &[&str] = &["nosuch", "", "RR", "a-name-longer-than-fifteen", "rr ", "-n"];

/// Numbers for every field: seconds, weights, thresholds, ids, lengths.
pub const NUMBERS: &[&str] =
    &["0", "1", "5", "10", "100", "255", "300", "1472", "65507", "65535", "2678400", "2147483647"];

pub const ODD_NUMBERS: &[&str] = &[
    "-1",
    "256",
    "65508",
    "65536",
    "2678401",
    "2147483648",
    "4294967296",
    "99999999999999999999",
    "x",
    "",
    "1x",
    "0x10",
    "010",
    "+1",
    " 1",
    "1 ",
];

pub const MASKS: &[&str] = &["255.255.255.255", "255.255.255.0", "255.0.0.0", "255.255.0.0", "24", "64", "128", "1"];

pub const ODD_MASKS: &[&str] =
    &["0.0.0.0", "0", "129", "-1", "255.0.255.0", "255.255.255", "mask.example", "x", "", "32", "0xffffff00", "64x"];

pub const FLAGS: &[&str] = &[
    "flag-1",
    "flag-2",
    "flag-3",
    "flag-1,flag-3",
    "sh-fallback",
    "sh-port",
    "sh-fallback,sh-port",
    "mh-fallback",
    "mh-port",
    "mh-port,mh-fallback",
    "flag-1,mh-port",
];

pub const ODD_FLAGS: &[&str] =
    &["", "flag-4", "flag-1,,flag-2", "flag-1,", ",flag-2", "FLAG-1", "flag-1 ", "flag-1,flag-1", ","];

pub const STATES: &[&str] = &["master", "backup"];

pub const ODD_STATES: &[&str] = &["", "both", "masterx", "MASTER", "slave", "0"];

pub const GROUPS: &[&str] = &["224.0.0.81", "224.0.1.1", "239.1.2.3", "ff02::1:2", "ff05::7"];

pub const ODD_GROUPS: &[&str] = &["10.0.0.1", "fd00::1", "group.example", "x", "", "256.0.0.1"];

pub const INTERFACES: &[&str] = &["d0", "d0", "d0", "lo"];

pub const ODD_INTERFACES: &[&str] = &["eth0", "", "no-such-interface-and-long", "d0x"];

pub const TUNNELS: &[&str] = &["ipip", "gue", "gre"];

pub const ODD_TUNNELS: &[&str] = &["", "GUE", "vxlan", "ipipx"];

/// A good value most of the time.
pub fn mostly<'a>(random: &mut Random, good: &[&'a str], odd: &[&'a str]) -> &'a str {
    if random.percent(93) { random.pick(good) } else { random.pick(odd) }
}
