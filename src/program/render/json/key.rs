//! The keys of all objects, and the one way to make an object of them.
//!
//! serde_json looks at each letter of a key for one to escape, which is most of the work of writing a document of numbers.
//! So a key is given to it by its place in a list, and [`super::compact`] writes the text that stands there.

use serde::ser::{Serialize, SerializeMap, Serializer};

/// Declares the keys: their names, or where a name is a word of Rust's, a name for it and the name.
macro_rules! keys {
    ($($key:ident $(= $name:literal)?)*) => {
        /// A key.
        #[allow(non_camel_case_types, missing_docs)]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Key { $($key,)* }

        const TEXTS: &[&str] = &[$(keys!(@text $key $($name)?)),*];
    };
    (@text $key:ident) => { concat!("\"", stringify!($key), "\":") };
    (@text $key:ident $name:literal) => { concat!("\"", $name, "\":") };
}

keys! {
    schema_version tool_version ipvs_version connection_table_size estimation
    services protocol address port names host fwmark family
    scheduler scheduler_flags one_packet persistence timeout_seconds netmask engine
    counters connections packets_in packets_out bytes_in bytes_out
    rates connections_per_second packets_in_per_second packets_out_per_second bytes_in_per_second bytes_out_per_second
    servers forwarding tunnel kind = "type" checksum weight thresholds upper lower active inactive persistent
    client virtual_address = "virtual" server state expires_seconds persistence_engine name data counts states
    timeouts tcp_seconds tcp_fin_seconds udp_seconds
    event elapsed_seconds limit_seconds exit_status service weight_before put_back remove warnings message
    findings status check seen advice
    interval_seconds counters_reset changes added removed changed interval_rates connection_percent weight_percent marks
    command before after line path failed
    daemons interface sync_id sync_maxlen_bytes multicast_group multicast_port multicast_ttl
}

/// A key as it stands in an object, the colon behind it included, and its length. All have one size: a copy of known size
/// is a few instructions, one of unknown size a call.
pub type Text = ([u8; 32], usize);

/// All of them, in the order of [`Key`].
pub static KEYS: [Text; TEXTS.len()] = {
    let mut keys = [([0; 32], 0); TEXTS.len()];
    let mut place = 0;
    while place < keys.len() {
        let text = TEXTS[place].as_bytes();
        while keys[place].1 < text.len() {
            keys[place].0[keys[place].1] = text[keys[place].1];
            keys[place].1 += 1;
        }
        place += 1;
    }
    keys
};

impl Serialize for Key {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(*self as u8)
    }
}

/// What an object is made of.
pub trait Members {
    /// Adds its members to an object.
    ///
    /// # Errors
    /// The writer's.
    fn members<M: SerializeMap>(&self, object: &mut M) -> Result<(), M::Error>;
}

/// Makes an object of a type: each field is a member with a key of its name, but for one after `..`, whose own members
/// it has.
macro_rules! object {
    ($type:ty $(where $value:ident)? { $($part:tt)* }) => {
        impl $(<$value: serde::Serialize>)? $crate::program::render::json::key::Members for $type {
            #[inline]
            fn members<M: serde::ser::SerializeMap>(&self, object: &mut M) -> Result<(), M::Error> {
                object!(@part self object $($part)*);
                Ok(())
            }
        }

        impl $(<$value: serde::Serialize>)? serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut object = serde::Serializer::serialize_map(serializer, None)?;
                $crate::program::render::json::key::Members::members(self, &mut object)?;
                serde::ser::SerializeMap::end(object)
            }
        }
    };
    (@part $self:ident $object:ident) => {};
    (@part $self:ident $object:ident ..$field:ident $(, $($rest:tt)*)?) => {
        $crate::program::render::json::key::Members::members(&$self.$field, $object)?;
        object!(@part $self $object $($($rest)*)?);
    };
    (@part $self:ident $object:ident $field:ident $(, $($rest:tt)*)?) => {
        $object.serialize_entry(&$crate::program::render::json::key::Key::$field, &$self.$field)?;
        object!(@part $self $object $($($rest)*)?);
    };
}
pub(super) use object;
