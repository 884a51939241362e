//! A document of `ipvsadm -L --json` as the changes that make its table: those of a file of rules, so that both are
//! restored one way.
//!
//! ```text
//! node      any JSON, as it was read
//! judge     what stands where, and what is wrong with it
//! service   a service, and
//! server    a real server: what each member means
//! ```
//!
//! A service is read and judged before the next one is, so that memory does not grow with all that a listing counts.

mod judge;
mod node;
mod server;
mod service;
#[cfg(test)]
mod tests;

pub use judge::Wrong;

use super::messages::{MOST, count};
use super::seems;
use crate::ipvs::model::{Change, Name};
use crate::program::quoted::quoted;
use crate::program::render::json::SCHEMA_VERSION;
use judge::Judge;
use node::Node;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt::{self, Write};
use std::net::IpAddr;

/// What a document of the table has. The first two are looked at.
const KEYS: [&str; 6] =
    ["schema_version", "services", "tool_version", "ipvs_version", "connection_table_size", "estimation"];
/// What other documents have.
const OF_OTHERS: [&str; 9] =
    ["connections", "counts", "timeouts", "daemons", "changes", "failed", "findings", "interval_seconds", "event"];

/// What a document asks for.
#[derive(Debug, Default)]
pub struct Read {
    schema_version: Option<i64>,
    /// The paths of its services and servers, a line each.
    paths: String,
    changes: Vec<Change>,
}

impl Read {
    /// Adds what stands at the judge's path.
    fn add(&mut self, judge: &Judge, change: Change) {
        self.paths.push_str(judge.path());
        self.paths.push('\n');
        self.changes.push(change);
    }

    /// The paths, and the changes that stand there.
    pub fn into_parts(self) -> (String, Vec<Change>) {
        (self.paths, self.changes)
    }
}

/// Why a document cannot be restored.
#[derive(Debug, PartialEq, Eq)]
pub enum Unfit {
    /// It is no JSON; this is what is wrong.
    Syntax(String),
    /// These values are wrong.
    Values(Vec<Wrong>),
}

impl Unfit {
    /// What is told of it: of the values the first ones, or `all`. It ends in a sentence of its own.
    pub fn text(&self, input: &[u8], all: bool) -> String {
        let wrong = match self {
            Self::Syntax(what) => {
                let guess = seems::guess_without_json(input).map(|guess| format!(" It {guess}.")).unwrap_or_default();
                return format!("The input is no JSON document: {}.{guess}", quoted(what));
            }
            Self::Values(wrong) => wrong,
        };
        let mut text = String::new();
        let told = if all { wrong.len() } else { wrong.len().min(MOST) };
        for Wrong { path, what } in &wrong[..told] {
            let path = if path.is_empty() { "the document" } else { path };
            let _ = writeln!(text, "{}: {what}", quoted(path));
        }
        if told < wrong.len() {
            let _ = writeln!(text, "... and {} more: --verbose names all.", wrong.len() - told);
        }
        let is = if wrong.len() == 1 { "is" } else { "are" };
        text + &format!("{} of the document {is} wrong.", count(wrong.len(), "value"))
    }
}

/// Reads a document.
///
/// # Errors
/// What is wrong with it, all of it.
pub fn read(input: &[u8]) -> Result<Read, Unfit> {
    let (mut judge, mut read) = (Judge::default(), Read::default());
    let mut json = serde_json::Deserializer::from_slice(input);
    let outcome = json.deserialize_any(Table { judge: &mut judge, read: &mut read }).and_then(|()| json.end());
    match outcome {
        Err(error) if error.is_data() => judge.wrong(quoted(&error.to_string())),
        Err(_) if input.trim_ascii().is_empty() => return Err(Unfit::Syntax("it is empty".to_owned())),
        Err(error) => return Err(Unfit::Syntax(error.to_string())),
        Ok(()) => {}
    }
    if let Some(other) = read.schema_version.filter(|version| *version != i64::from(SCHEMA_VERSION)) {
        // What else is wrong may be right in that version.
        let what = format!("is {other}, and this program restores documents of version {SCHEMA_VERSION}");
        return Err(Unfit::Values(vec![Wrong { path: KEYS[0].to_owned(), what }]));
    }
    if judge.wrong.is_empty() { Ok(read) } else { Err(Unfit::Values(judge.wrong)) }
}

/// The object at the top.
struct Table<'j> {
    judge: &'j mut Judge,
    read: &'j mut Read,
}

impl<'t> Visitor<'t> for Table<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object, as `ipvsadm -L --json` prints it")
    }

    fn visit_map<A: MapAccess<'t>>(self, mut map: A) -> Result<(), A::Error> {
        let Self { judge, read } = self;
        let (mut seen, mut of_another) = (0, false);
        while let Some(Node::Text(key)) = map.next_key()? {
            if OF_OTHERS.contains(&&*key) {
                of_another = true;
                judge.at(&key, |judge| {
                    judge.wrong("is of another document than `ipvsadm -L --json` prints of the table")
                });
            } else {
                judge.key(&key, &KEYS, &mut seen);
            }
            match &*key {
                "schema_version" => {
                    let version = map.next_value()?;
                    judge.at(&key, |judge| read.schema_version = judge.read(&version, schema_version));
                }
                "services" => {
                    let length = judge.enter(&key);
                    map.next_value_seed(Services { judge, read })?;
                    judge.leave(length);
                }
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        for (place, key) in KEYS[..2].iter().enumerate() {
            if seen & 1 << place == 0 && !of_another {
                judge.at(key, |judge| judge.wrong("is missing"));
            }
        }
        Ok(())
    }
}

fn schema_version(node: &Node<'_>) -> Result<i64, String> {
    match node {
        Node::Integer(version) => Ok(*version),
        _ => Err("a whole number".to_owned()),
    }
}

/// The array of services.
struct Services<'j> {
    judge: &'j mut Judge,
    read: &'j mut Read,
}

impl<'t> DeserializeSeed<'t> for Services<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'t>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'t> Visitor<'t> for Services<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of services")
    }

    fn visit_seq<A: SeqAccess<'t>>(self, mut sequence: A) -> Result<(), A::Error> {
        let Self { judge, read } = self;
        let mut index = 0;
        while let Some(node) = sequence.next_element()? {
            judge.at_element(index, |judge| service::service(judge, node, read));
            index += 1;
        }
        Ok(())
    }
}

/// An address, IPv4 or IPv6.
fn address(node: &Node<'_>) -> Result<IpAddr, String> {
    let address = if let Node::Text(text) = node { text.parse().ok() } else { None };
    address.ok_or_else(|| "an IPv4 or IPv6 address".to_owned())
}

/// A name of at most so many bytes. No kernel has one with blanks, and in a rule it would be two words.
fn name(node: &Node<'_>, most: usize) -> Result<Name, String> {
    match node {
        Node::Text(text)
            if (1..=most).contains(&text.len()) && !text.contains(|c: char| c <= ' ' || c.is_control()) =>
        {
            Ok(Name::cut(text.as_bytes(), most))
        }
        _ => Err(format!("a name of 1 to {most} bytes without blanks")),
    }
}
