//! `-L -c`: the connection table.

use super::address::{Names, endpoint};
use super::{columns, numbers};
use crate::ipvs::model::connection::Connection;
use crate::ipvs::text;

/// Appends the title lines; `with_engine` adds the columns of the persistence engine (`--persistent-conn`).
pub fn title(out: &mut Vec<u8>, with_engine: bool) {
    out.extend_from_slice(b"IPVS connection entries\n");
    out.extend_from_slice(b"pro expire state       source             virtual            destination");
    if with_engine {
        out.extend_from_slice(b"        pe name          pe_data");
    }
    out.push(b'\n');
}

/// Appends the line of a connection. The engine's columns stand only where it has both a name and data.
pub fn line(out: &mut Vec<u8>, connection: &Connection<'_>, names: Names<'_>, with_engine: bool) {
    columns::text(out, connection.protocol.as_bytes(), 3);
    out.push(b' ');
    let start = out.len();
    numbers::two_digits(out, connection.expires / 60);
    out.push(b':');
    numbers::two_digits(out, connection.expires % 60);
    columns::pad(out, start, 6);
    out.push(b' ');
    columns::text(out, connection.state.as_bytes(), 11);

    let protocol = connection.transport();
    for (address, port) in [connection.client, connection.virtual_address] {
        out.push(b' ');
        let start = out.len();
        endpoint(out, address, port, protocol, names);
        columns::pad(out, start, 18);
    }
    out.push(b' ');
    let start = out.len();
    endpoint(out, connection.server.0, connection.server.1, protocol, names);
    if let (true, Some(engine), Some(data)) = (with_engine, connection.engine, connection.engine_data) {
        columns::pad(out, start, 16);
        out.push(b' ');
        columns::text(out, &text::encode(engine), 18);
        out.push(b' ');
        out.extend_from_slice(&text::encode(data));
    }
    out.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::render::recorded::RecordedNames;
    use std::net::IpAddr;

    /// A connection from the line that the kernel wrote, with addresses and ports as the reference shows them.
    fn connection(line: &'static str) -> Connection<'static> {
        let words: Vec<&'static str> = line.split(' ').collect();
        let end = |n: usize| -> (IpAddr, u16) { (words[n].parse().unwrap(), words[n + 1].parse().unwrap()) };
        Connection {
            protocol: words[0],
            client: end(1),
            virtual_address: end(3),
            server: end(5),
            state: words[7],
            expires: words[8].parse().unwrap(),
            engine: words.get(9).copied(),
            engine_data: words.get(10).copied(),
        }
    }

    fn listed(lines: &[&'static str], names: Names<'_>, with_engine: bool) -> String {
        let mut out = Vec::new();
        title(&mut out, with_engine);
        for text in lines {
            line(&mut out, &connection(text), names, with_engine);
        }
        String::from_utf8(out).unwrap()
    }

    const LINES: &[&str] = &[
        "TCP 10.1.0.1 80 10.1.0.2 443 10.1.0.12 8080 ASSURED 7199",
        "TCP 10.1.0.2 80 10.1.0.1 443 10.1.0.11 8080 ESTABLISHED 0",
        "IP 10.1.0.2 0 0.0.0.9 0 10.1.0.11 0 NONE 59",
        "IP 10.1.0.2 80 0.0.0.9 80 10.1.0.11 80 NONE 60 sip",
        "UDP 10.1.0.2 53 0.0.0.9 80 10.1.0.11 80 UDP 61 sip abc",
        "TCP 2001:db8::12 0 2001:db8::1 81 2001:db8::11 8080 ASSURED 599999 sip x",
        "IP 2001:db8::12 0 ::9 0 10.1.0.11 8080 NONE 4294967295",
        "TCP 10.1.0.1 80 10.1.0.2 443 2001:db8::12 8080 TIME_WAIT 6000000 engine-of-15-ch data",
        "SCTP 10.1.0.1 5672 10.1.0.2 5672 10.1.0.3 5672 SHUTDOWN_RECEIVED 65",
        "ICMP 10.1.0.1 5672 10.1.0.2 5672 10.1.0.3 5672 X 65",
    ];

    #[test]
    fn numbers() {
        // `-Lnc`, reading these lines in place of the kernel's.
        let expected = "\
IPVS connection entries
pro expire state       source             virtual            destination
TCP 119:59 ASSURED     10.1.0.1:80        10.1.0.2:443       10.1.0.12:8080
TCP 00:00  ESTABLISHED 10.1.0.2:80        10.1.0.1:443       10.1.0.11:8080
IP  00:59  NONE        10.1.0.2:0         0.0.0.9:0          10.1.0.11:0
IP  01:00  NONE        10.1.0.2:80        0.0.0.9:80         10.1.0.11:80
UDP 01:01  UDP         10.1.0.2:53        0.0.0.9:80         10.1.0.11:80
TCP 9999:59 ASSURED     [2001:db8::12]:0   [2001:db8::1]:81   [2001:db8::11]:8080
IP  71582788:15 NONE        [2001:db8::12]:0   [::9]:0            10.1.0.11:8080
TCP 100000:00 TIME_WAIT   10.1.0.1:80        10.1.0.2:443       [2001:db8::12]:8080
SCTP 01:05  SHUTDOWN_RECEIVED 10.1.0.1:5672      10.1.0.2:5672      10.1.0.3:5672
ICMP 01:05  X           10.1.0.1:5672      10.1.0.2:5672      10.1.0.3:5672
";
        assert_eq!(listed(LINES, None, false), expected);
    }

    #[test]
    fn names_and_the_persistence_engine() {
        // `-Lc --persistent-conn`, reading these lines in place of the kernel's.
        let expected = "\
IPVS connection entries
pro expire state       source             virtual            destination        pe name          pe_data
IP  00:59  NONE        a-very-long-host-name-of-a-virtual-service.with-a-domain.ex 0.0.0.9:0          \
real1.example.org:0
IP  01:00  NONE        a-very-long-host-name-of-a-virtual-service.with-a-domain.ex 0.0.0.9:80         \
real1.example.org:80
UDP 01:01  UDP         a-very-long-host-name-of-a-virtual-service.with-a-domain.ex 0.0.0.9:80         \
real1.example.org:80 sip                abc
TCP 9999:59 ASSURED     [another-quite-long-ipv6-host-name.with-a-long-domain.examp [vip6.example.org]:81 \
[2001:db8::11]:http-alt sip                x
IP  71582788:15 NONE        [another-quite-long-ipv6-host-name.with-a-long-domain.examp [::9]:0            \
real1.example.org:8080
TCP 100000:00 TIME_WAIT   vip.example.org:http a-very-long-host-name-of-a-virtual-service.with-a-domain.ex \
[another-quite-long-ipv6-host-name.with-a-long-domain.examp engine-of-15-ch    data
SCTP 01:05  SHUTDOWN_RECEIVED vip.example.org:amqp a-very-long-host-name-of-a-virtual-service.with-a-domain.ex \
10.1.0.3:amqp
ICMP 01:05  X           vip.example.org:5672 a-very-long-host-name-of-a-virtual-service.with-a-domain.ex \
10.1.0.3:5672
";
        assert_eq!(listed(&LINES[2..], Some(&RecordedNames), true), expected);
    }

    #[test]
    fn lines_of_a_live_kernel() {
        // `-Lnc --persistent-conn`, reading lines that a kernel wrote.
        let lines = [
            "UDP 10.9.0.1 0 10.9.0.1 5060 10.9.0.2 5060 NONE 599 sip abcdef-1234@10.9.0.3",
            "TCP 10.9.0.1 38948 10.9.0.1 80 10.9.0.2 8080 ESTABLISHED 899",
            "IP 10.9.0.0 0 255.255.255.255 0 10.9.0.2 0 NONE 400",
            "IP 2001:db8:9::1 0 0:9:: 0 2001:db8:9::2 0 NONE 400",
        ];
        let expected = "\
IPVS connection entries
pro expire state       source             virtual            destination        pe name          pe_data
UDP 09:59  NONE        10.9.0.1:0         10.9.0.1:5060      10.9.0.2:5060    sip                abcdef-1234@10.9.0.3
TCP 14:59  ESTABLISHED 10.9.0.1:38948     10.9.0.1:80        10.9.0.2:8080
IP  06:40  NONE        10.9.0.0:0         255.255.255.255:0  10.9.0.2:0
IP  06:40  NONE        [2001:db8:9::1]:0  [0:9::]:0          [2001:db8:9::2]:0
";
        assert_eq!(listed(&lines, None, true), expected);
    }
}
