//! The kernel's ip_vs, over Generic Netlink: the only part of the program that talks to the kernel.
//!
//! ```text
//! client, pipeline   typed commands
//! encode, decode*    model ↔ attributes; all byte order
//! received           values of received attributes
//! attributes         IPVS_*_ATTR_* numbers and a received attribute
//! writer             messages on their way out
//! message            IPVS_CMD_* numbers and received messages
//! channel            requests and answers, matched
//! socket             datagrams
//! ```
//!
//! `connections` reads the connection table, which has no place in the netlink interface, from /proc.

mod attributes;
mod channel;
mod client;
mod connect;
pub mod connections;
mod decode;
mod decode_state;
mod encode;
mod error;
mod message;
mod pipeline;
mod receive_many;
mod received;
#[cfg(test)]
pub(crate) mod scripted;
mod socket;
mod writer;

pub use client::Client;
pub use error::{ConnectError, Errno, KernelError};
pub use pipeline::Pipeline;
pub use receive_many::Datagrams;
pub use socket::{Socket, Transport};
