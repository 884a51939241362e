//! Labels as they stand between the braces.

use crate::program::render::text::address::ipv4;
use std::borrow::Cow;
use std::io::Write;
use std::net::IpAddr;

/// A name and a value.
pub type Label<'a> = (&'static str, Cow<'a, str>);

/// Appends a label: `name="value"`, with the escapes of the format.
pub fn label(out: &mut Vec<u8>, name: &str, value: &str) {
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"=\"");
    for byte in value.bytes() {
        match byte {
            b'\\' | b'"' => out.extend_from_slice(&[b'\\', byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            byte => out.push(byte),
        }
    }
    out.push(b'"');
}

/// Appends an address, in which nothing is to be escaped.
pub fn address(out: &mut Vec<u8>, address: IpAddr) {
    match address {
        IpAddr::V4(address) => ipv4(out, address),
        // Writing to a `Vec` cannot fail.
        IpAddr::V6(address) => drop(write!(out, "{address}")),
    }
}
