//! Messages of the IPVS family: the only part that knows numbers of attributes and byte order.
//!
//! ```text
//! ipvs_message            a message with typed attributes, for others too
//!   attributes, command   their numbers and types
//!   form                  how values travel
//!   request, reply        model ↔ typed messages
//! encode, decode          the same for what there is much of, services and real servers
//!   writer, in_order      messages on their way out; attributes where they are expected
//! message                 answers as they are received
//! ```

pub mod attributes;
#[cfg(test)]
pub(crate) mod captured;
mod command;
pub(crate) mod decode;
pub(crate) mod decode_state;
pub(crate) mod encode;
mod form;
mod in_order;
mod ipvs_message;
pub(crate) mod message;
mod reply;
#[cfg(test)]
mod reply_random;
#[cfg(test)]
mod reply_tests;
mod request;
#[cfg(test)]
mod request_tests;
pub(crate) mod writer;

pub use command::Command;
pub use ipvs_message::IpvsMessage;
