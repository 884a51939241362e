//! A part of a document as it stands there: any JSON, with keys that come twice.

use crate::program::quoted::quoted;
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// Keys of what the kernel counts or others look up. They are most of a listing, and nobody looks at their values.
const IGNORED: [&str; 4] = ["counters", "rates", "connections", "names"];

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Node<'t> {
    Null,
    Bool(bool),
    Integer(i64),
    /// A number with a fraction or an exponent, or one that is too large.
    Real(f64),
    Text(Cow<'t, str>),
    Array(Vec<Node<'t>>),
    Object(Vec<(Cow<'t, str>, Node<'t>)>),
    /// The value of a key that is ignored.
    Ignored,
}

impl fmt::Display for Node<'_> {
    /// The value, or what kind of one it is.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => value.fmt(f),
            Self::Integer(value) => value.fmt(f),
            Self::Real(value) => write!(f, "{value:?}"),
            Self::Text(text) => write!(f, "\"{}\"", quoted(text)),
            Self::Array(_) => f.write_str("an array"),
            Self::Object(_) => f.write_str("an object"),
            Self::Ignored => f.write_str("anything"),
        }
    }
}

impl<'t> Deserialize<'t> for Node<'t> {
    fn deserialize<D: Deserializer<'t>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'t> Visitor<'t> for Reader {
    type Value = Node<'t>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Node<'t>, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Node<'t>, E> {
        Ok(Node::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Node<'t>, E> {
        Ok(Node::Integer(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Node<'t>, E> {
        Ok(i64::try_from(value).map_or(Node::Real(value as f64), Node::Integer))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Node<'t>, E> {
        Ok(Node::Real(value))
    }

    fn visit_borrowed_str<E: Error>(self, text: &'t str) -> Result<Node<'t>, E> {
        Ok(Node::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Node<'t>, E> {
        Ok(Node::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'t>>(self, mut sequence: A) -> Result<Node<'t>, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = sequence.next_element()? {
            elements.push(element);
        }
        Ok(Node::Array(elements))
    }

    fn visit_map<A: MapAccess<'t>>(self, mut map: A) -> Result<Node<'t>, A::Error> {
        let mut members = Vec::new();
        while let Some(Node::Text(key)) = map.next_key()? {
            let value = if IGNORED.contains(&&*key) {
                map.next_value::<IgnoredAny>()?;
                Node::Ignored
            } else {
                map.next_value()?
            };
            members.push((key, value));
        }
        Ok(Node::Object(members))
    }
}
