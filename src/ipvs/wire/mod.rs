//! Messages of the IPVS family: the only part that knows numbers of attributes and byte order.
//!
//! ```text
//! message                 a message with typed attributes, for others too
//!   attributes, command   their numbers and types
//!   form                  how values travel
//!   request, reply        model ↔ typed messages
//! encode, decode          the same for what there is much of, services and real servers
//!   writer, in_order      messages on their way out; attributes where they are expected
//! settings                the other replies
//! answer                  answers as they are received
//! ```

pub(crate) mod answer;
pub mod attributes;
#[cfg(test)]
pub(crate) mod captured;
pub(crate) mod command;
pub(crate) mod decode;
pub(crate) mod encode;
mod form;
mod in_order;
pub(crate) mod message;
mod reply;
#[cfg(test)]
mod reply_random;
#[cfg(test)]
mod reply_tests;
mod request;
#[cfg(test)]
mod request_tests;
pub(crate) mod settings;
pub(crate) mod writer;

pub use command::Command;
pub use message::IpvsMessage;
