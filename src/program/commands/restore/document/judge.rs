//! Judges values one by one, with the path at which each stands: everything that is wrong is found in one run.

use super::node::Node;
use crate::program::hints::similar;
use std::borrow::Cow;
use std::fmt::Write;

/// A value that is wrong.
#[derive(Debug, PartialEq, Eq)]
pub struct Wrong {
    /// Where it stands, such as `services[3].servers[0].weight`; empty for the document itself.
    pub path: String,
    /// What is wrong with it.
    pub what: String,
}

/// What has been judged so far.
#[derive(Default)]
pub struct Judge {
    path: String,
    /// What was wrong, in the order of the document.
    pub wrong: Vec<Wrong>,
}

/// An object whose members have still to be read.
pub struct Object<'t>(Vec<(Cow<'t, str>, Node<'t>)>);

impl Object<'_> {
    /// Whether it has a member of this key.
    pub fn has(&self, key: &str) -> bool {
        self.0.iter().any(|(name, _)| name == key)
    }
}

impl Judge {
    /// The path of what is being read.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Notes that what stands here is wrong.
    pub fn wrong(&mut self, what: impl Into<String>) {
        self.wrong.push(Wrong { path: self.path.clone(), what: what.into() });
    }

    /// Goes on below a key.
    pub fn at<T>(&mut self, key: &str, read: impl FnOnce(&mut Self) -> T) -> T {
        let length = self.enter(key);
        let read = read(self);
        self.leave(length);
        read
    }

    /// Goes down to a key, and returns what leads back.
    pub fn enter(&mut self, key: &str) -> usize {
        let length = self.path.len();
        if length > 0 {
            self.path.push('.');
        }
        self.path.push_str(key);
        length
    }

    /// Goes back to where the path had this length.
    pub fn leave(&mut self, length: usize) {
        self.path.truncate(length);
    }

    /// Goes on at an element of an array.
    pub fn at_element<T>(&mut self, index: usize, read: impl FnOnce(&mut Self) -> T) -> T {
        let length = self.path.len();
        let _ = write!(self.path, "[{index}]");
        let read = read(self);
        self.path.truncate(length);
        read
    }

    /// An object that may have these keys, at most 32, each once.
    pub fn object<'t>(&mut self, node: Node<'t>, keys: &[&str]) -> Option<Object<'t>> {
        let Node::Object(members) = node else {
            self.wrong(format!("must be an object, is {node}"));
            return None;
        };
        let mut seen = 0_u32;
        for (key, _) in &members {
            self.key(key, keys, &mut seen);
        }
        Some(Object(members))
    }

    /// Judges a key among those that an object may have; `seen` has a bit for each.
    pub fn key(&mut self, key: &str, keys: &[&str], seen: &mut u32) {
        let Some(place) = keys.iter().position(|known| *known == key) else {
            let meant = similar(key, keys.iter().copied()).map(|meant| format!(", is {meant} meant?"));
            self.at(key, |judge| judge.wrong(format!("is no key that is known here{}", meant.unwrap_or_default())));
            return;
        };
        if *seen & 1 << place != 0 {
            self.at(key, |judge| judge.wrong("is there twice"));
        }
        *seen |= 1 << place;
    }

    /// A member; `None` when it is left out. What `read` returns is `None` where it has found anything wrong.
    pub fn member<'t, T>(
        &mut self,
        object: &mut Object<'t>,
        key: &str,
        read: impl FnOnce(&mut Self, Node<'t>) -> Option<T>,
    ) -> Option<Option<T>> {
        let place = object.0.iter().position(|(name, _)| name == key)?;
        let (_, node) = object.0.swap_remove(place);
        Some(self.at(key, |judge| read(judge, node)))
    }

    /// A member's value, or the default where it is left out; `None` when it is wrong.
    pub fn value<T>(
        &mut self,
        object: &mut Object<'_>,
        key: &str,
        default: T,
        read: impl FnOnce(&Node<'_>) -> Result<T, String>,
    ) -> Option<T> {
        self.member(object, key, |judge, node| judge.read(&node, read)).unwrap_or(Some(default))
    }

    /// The value that stands here.
    pub fn read<T>(&mut self, node: &Node<'_>, read: impl FnOnce(&Node<'_>) -> Result<T, String>) -> Option<T> {
        read(node).map_err(|expected| self.wrong(format!("must be {expected}, is {node}"))).ok()
    }
}

/// `null`, or a value.
pub fn or_null<T>(read: impl Fn(&Node<'_>) -> Result<T, String>) -> impl Fn(&Node<'_>) -> Result<Option<T>, String> {
    move |node| match node {
        Node::Null => Ok(None),
        _ => read(node).map(Some),
    }
}

/// A number of this range.
pub fn number(least: u32, most: u32) -> impl Fn(&Node<'_>) -> Result<u32, String> {
    move |node| match node {
        Node::Integer(number) if (least.into()..=most.into()).contains(number) => Ok(*number as u32),
        _ => Err(format!("a whole number from {least} to {most}")),
    }
}

/// One of these words, with what it stands for.
pub fn word<T: Copy + 'static>(words: &'static [(&'static str, T)]) -> impl Fn(&Node<'_>) -> Result<T, String> {
    move |node| {
        let found = words.iter().find(|(word, _)| matches!(node, Node::Text(text) if text == word));
        found.map(|(_, value)| *value).ok_or_else(|| {
            let words: Vec<_> = words.iter().map(|(word, _)| format!("\"{word}\"")).collect();
            format!("one of {}", words.join(", "))
        })
    }
}

/// True or false.
pub fn boolean(node: &Node<'_>) -> Result<bool, String> {
    match node {
        Node::Bool(value) => Ok(*value),
        _ => Err("true or false".to_owned()),
    }
}
