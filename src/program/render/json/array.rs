//! Arrays that are never in memory as a whole.

use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};
use std::cell::Cell;

/// What has elements to give, one by one.
pub trait Elements {
    /// Gives all of them to the sequence that is being written.
    ///
    /// # Errors
    /// The writer's, or one made of what keeps the elements from being had.
    fn write<S: SerializeSeq>(self, sequence: &mut S) -> Result<(), S::Error>;
}

/// An array of them. It can be written once; after that it is empty.
pub struct Array<E>(Cell<Option<E>>);

impl<E: Elements> Array<E> {
    /// An array of these elements.
    pub fn new(elements: E) -> Self {
        Self(Cell::new(Some(elements)))
    }
}

impl<E: Elements> Serialize for Array<E> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut sequence = serializer.serialize_seq(None)?;
        if let Some(elements) = self.0.take() {
            elements.write(&mut sequence)?;
        }
        sequence.end()
    }
}
