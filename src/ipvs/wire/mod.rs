//! Netlink messages of the IPVS family: the only part that knows numbers of attributes and byte order.
//!
//! ```text
//! encode, decode*    model ↔ attributes
//! received           values of received attributes
//! attributes         IPVS_*_ATTR_* numbers and a received attribute
//! writer             messages on their way out
//! message            IPVS_CMD_* numbers and received messages
//! ```

mod attributes;
pub(crate) mod decode;
pub(crate) mod decode_state;
pub(crate) mod encode;
pub(crate) mod message;
mod received;
pub(crate) mod writer;
