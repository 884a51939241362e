//! The connection table, as /proc/net/ip_vs_conn shows it: one line for each connection.
//!
//! The kernel walks its table from the beginning for each read, and gives a page of text at the most.
//!
//! ```no_run
//! use ipvsadm::ipvs::connections;
//!
//! let table = std::fs::File::open(connections::PATH)?;
//! connections::read_lines(table, |line| {
//!     if let Some(connection) = connections::parse(line) {
//!         println!("{} is at {}", connection.client.0, connection.server.0);
//!     }
//!     Ok::<_, std::io::Error>(())
//! })??;
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```

use super::error::KernelError;
use crate::ipvs::model::connection::Connection;
use crate::ipvs::text::{self, WholeLines};
use std::io::Read;
use std::net::{IpAddr, Ipv4Addr};

/// Where the kernel shows the table of the network namespace.
pub const PATH: &str = "/proc/net/ip_vs_conn";

/// Gives each line after the title to `each`, without its end, as [`WholeLines`] reads it.
///
/// # Errors
/// Those of reading; within, those of `each`, which end it.
pub fn read_lines<E>(
    mut table: impl Read,
    mut each: impl FnMut(&str) -> Result<(), E>,
) -> Result<Result<(), E>, KernelError> {
    let mut whole = WholeLines::default();
    let mut title = true;
    while let Some(text) = whole.read(&mut table)? {
        for line in text::lines(&text) {
            if std::mem::take(&mut title) {
                continue;
            }
            if let Err(error) = each(line) {
                return Ok(Err(error));
            }
        }
    }
    Ok(Ok(()))
}

/// Reads one line; `None` for one that is not a connection's.
///
/// Addresses are eight hexadecimal digits for IPv4 and eight groups of four for IPv6, ports are hexadecimal, the expiry
/// is decimal.
pub fn parse(line: &str) -> Option<Connection<'_>> {
    let mut words = line.split_ascii_whitespace();
    Some(Connection {
        protocol: words.next()?,
        client: endpoint(&mut words)?,
        virtual_address: endpoint(&mut words)?,
        server: endpoint(&mut words)?,
        state: words.next()?,
        expires: words.next()?.parse().ok()?,
        engine: words.next(),
        engine_data: words.next(),
    })
}

fn endpoint<'a>(words: &mut impl Iterator<Item = &'a str>) -> Option<(IpAddr, u16)> {
    let address = words.next()?;
    let address = match u32::from_str_radix(address, 16) {
        Ok(bits) => IpAddr::V4(Ipv4Addr::from_bits(bits)),
        Err(_) => IpAddr::V6(address.parse().ok()?),
    };
    Some((address, u16::from_str_radix(words.next()?, 16).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ipvs::fixtures::Random;

    // /proc/net/ip_vs_conn of Linux 6.1 with traffic; `ipvsadm -Lnc` lists the same six.
    const TABLE: &str = "\
Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData
UDP 0A090001 1E61 0A090001 0063 2001:0db8:0000:0000:0000:0000:0000:0002 0063 UDP             299
UDP 0A090001 1E61 0A090001 13C4 0A090002 13C4 UDP             299
TCP 2001:0db8:0000:0000:0000:0000:0000:0001 966C 2001:0db8:0000:0000:0000:0000:0000:0001 0050 2001:0db8:0000:0000:0000:0000:0000:0002 1F90 ESTABLISHED     899
TCP 0A090001 8320 0A090001 0050 0A090002 1F90 ESTABLISHED     899
UDP 0A090001 0000 0A090001 13C4 0A090002 13C4 NONE             59 sip abcdef@10.9.0.1
TCP 2001:0db8:0000:0000:0000:0000:0000:0001 0000 2001:0db8:0000:0000:0000:0000:0000:0001 0050 2001:0db8:0000:0000:0000:0000:0000:0002 1F90 ASSURED          99
";

    /// Gives its bytes in pieces of a few.
    struct Slow<'a>(&'a [u8], usize);

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let most = self.1.min(buffer.len());
            self.0.read(&mut buffer[..most])
        }
    }

    fn lines(table: impl Read) -> Vec<String> {
        let mut lines = Vec::new();
        read_lines(table, |line| {
            lines.push(line.to_owned());
            Ok::<_, KernelError>(())
        })
        .unwrap()
        .unwrap();
        lines
    }

    #[test]
    fn lines_come_whole_whatever_the_reads() {
        let expected: Vec<&str> = TABLE.lines().skip(1).collect();
        assert_eq!(lines(TABLE.as_bytes()), expected);
        for size in [1, 7, 80, 4096] {
            assert_eq!(lines(Slow(TABLE.as_bytes(), size)), expected);
        }
        assert_eq!(lines(TABLE.trim_end().as_bytes()), expected);
        assert!(lines(&b""[..]).is_empty());
        assert!(lines(&b"Pro FromIP"[..]).is_empty());
    }

    #[test]
    fn a_line_may_be_longer_than_the_buffer() {
        let long = "x".repeat(160 << 10);
        let table = format!("title\n{long}\nshort\n{long}");
        assert_eq!(lines(table.as_bytes()), [&long, "short", &long]);
        assert_eq!(lines(Slow(table.as_bytes(), 4000)), [&long, "short", &long]);
    }

    #[test]
    fn connections_of_both_families() {
        let lines = lines(TABLE.as_bytes());
        let v4 = |last| IpAddr::from([10, 9, 0, last]);
        let v6 = |text: &str| text.parse::<IpAddr>().unwrap();
        let mixed = parse(&lines[0]).unwrap();
        assert_eq!((mixed.client, mixed.server), ((v4(1), 7777), (v6("2001:db8::2"), 99)));
        let tcp = Connection {
            protocol: "TCP",
            client: (v6("2001:db8::1"), 38508),
            virtual_address: (v6("2001:db8::1"), 80),
            server: (v6("2001:db8::2"), 8080),
            state: "ESTABLISHED",
            expires: 899,
            engine: None,
            engine_data: None,
        };
        assert_eq!(parse(&lines[2]), Some(tcp));
        let sip = Connection {
            protocol: "UDP",
            client: (v4(1), 0),
            virtual_address: (v4(1), 5060),
            server: (v4(2), 5060),
            state: "NONE",
            expires: 59,
            engine: Some("sip"),
            engine_data: Some("abcdef@10.9.0.1"),
        };
        assert_eq!(parse(&lines[4]), Some(sip));
    }

    #[test]
    fn what_is_not_a_connection_is_none() {
        for line in
            ["", "TCP", "TCP 0A090001 8320 0A090001 0050 0A090002 1F90 ESTABLISHED", "TCP 0A09000100 1 0 1 0 1 X 1"]
        {
            assert_eq!(parse(line), None, "{line}");
        }
    }

    /// The line of a connection as the kernel writes it (`ip_vs_conn_seq_show`).
    fn kernels(connection: &Connection<'_>) -> String {
        let end = |(address, port)| match address {
            IpAddr::V4(address) => format!("{:08X} {port:04X}", address.to_bits()),
            IpAddr::V6(address) => {
                format!("{} {port:04X}", address.segments().map(|word| format!("{word:04x}")).join(":"))
            }
        };
        let Connection { protocol, client, virtual_address, server, state, expires, engine, engine_data } = connection;
        let ends = [*client, *virtual_address, *server].map(end).join(" ");
        let engine = [engine, engine_data].map(|text| text.map(|text| format!(" {text}")).unwrap_or_default()).concat();
        format!("{protocol:<3} {ends} {state:<11} {expires:7}{engine}")
    }

    fn random_connection(random: &mut Random) -> Connection<'static> {
        let mut end = || (random.address(), random.number() as u16);
        let (client, virtual_address, server) = (end(), end(), end());
        let engine = random.one_in(4).then_some("sip");
        Connection {
            protocol: random.pick(&["TCP", "UDP", "SCTP", "IP"]),
            client,
            virtual_address,
            server,
            state: random.pick(&["ESTABLISHED", "NONE", "SHUTDOWN_RECEIVED"]),
            expires: random.number() as u32,
            engine,
            engine_data: engine.and(random.pick(&[None, Some("a"), Some("abcdef@10.9.0.1")])),
        }
    }

    #[test]
    fn any_table_is_read_as_it_was_written() {
        let mut random = Random(7);
        for _ in 0..200 {
            let written: Vec<_> = (0..random.below(50)).map(|_| random_connection(&mut random)).collect();
            let table: String = written.iter().map(|connection| format!("\n{}", kernels(connection))).collect();
            let lines = lines(Slow(format!("title{table}\n").as_bytes(), 1 + random.below(300)));
            assert_eq!(lines.iter().map(|line| parse(line).unwrap()).collect::<Vec<_>>(), written);
        }
    }

    #[test]
    fn what_is_read_of_a_broken_line_is_what_a_whole_one_says() {
        let mut random = Random(8);
        let mut read = 0;
        for _ in 0..20_000 {
            let mut line = kernels(&random_connection(&mut random)).into_bytes();
            while random.one_in(2) && !line.is_empty() {
                let at = random.below(line.len());
                match random.below(3) {
                    0 => drop(line.remove(at)),
                    1 => line.insert(at, random.pick(b" 0Fg:+-")),
                    _ => line[at] = random.below(256) as u8,
                }
            }
            let line = text::decode(&line);
            if let Some(connection) = parse(&line) {
                assert_eq!(parse(&kernels(&connection)), Some(connection), "{line:?}");
                read += 1;
            }
        }
        assert!((10_000..20_000).contains(&read), "{read}");
    }
}
