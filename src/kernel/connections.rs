//! The connection table, as /proc/net/ip_vs_conn shows it: one line for each connection.
//!
//! The kernel walks its table from the beginning for each read, and gives a page of text at the most.

use super::error::KernelError;
use crate::model::connection::Connection;
use crate::model::text;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

const PATH: &str = "/proc/net/ip_vs_conn";
/// Bytes for a read: a page of any architecture.
const READ: usize = 64 << 10;

/// Opens the connection table.
///
/// # Errors
/// `ENOENT` when the kernel has no ip_vs.
pub fn open() -> Result<File, KernelError> {
    Ok(File::open(PATH)?)
}

/// Gives each line after the title to `each`, without its end. Memory is constant, but for a line that is longer than
/// the buffer. Bytes that are not UTF-8 are escaped as in [`crate::model::text`].
///
/// # Errors
/// Those of reading, and those of `each`, which end it.
pub fn read_lines<E: From<KernelError>>(
    mut table: impl Read,
    mut each: impl FnMut(&str) -> Result<(), E>,
) -> Result<(), E> {
    let mut buffer = vec![0; READ];
    let (mut filled, mut title) = (0, true);
    loop {
        if filled == buffer.len() {
            buffer.resize(2 * filled, 0);
        }
        let count = match table.read(&mut buffer[filled..]) {
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(KernelError::from(error).into()),
        };
        filled += count;
        // At the end, what is left is a line too.
        let mut rest = &buffer[..filled];
        while let Some(end) =
            rest.iter().position(|byte| *byte == b'\n').or((count == 0 && !rest.is_empty()).then_some(rest.len()))
        {
            if !std::mem::take(&mut title) {
                each(&text::decode(&rest[..end]))?;
            }
            rest = rest.get(end + 1..).unwrap_or_default();
        }
        if count == 0 {
            return Ok(());
        }
        let left = rest.len();
        buffer.copy_within(filled - left..filled, 0);
        filled = left;
    }
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
    let address = match address.contains(':') {
        true => IpAddr::V6(address.parse::<Ipv6Addr>().ok()?),
        false => IpAddr::V4(Ipv4Addr::from_bits(u32::from_str_radix(address, 16).ok()?)),
    };
    Some((address, u16::from_str_radix(words.next()?, 16).ok()?))
}
