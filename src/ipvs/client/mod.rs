//! The kernel's ip_vs over Generic Netlink: requests and their answers.
//!
//! ```text
//! connection, pipeline   typed commands
//! channel                requests and answers, matched
//! socket                 datagrams
//! ```

mod channel;
mod connection;
mod pipeline;
mod receive_many;
#[cfg(test)]
pub(crate) mod scripted;
mod socket;

pub use connection::Client;
pub use pipeline::Pipeline;
pub use receive_many::Datagrams;
pub use socket::{Socket, Transport};
