//! The error of a text that stands for nothing of the model.

use thiserror::Error;

/// A text that cannot be read as what it was taken for.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{text}` is no {what}")]
pub struct ParseError {
    what: &'static str,
    text: String,
}

impl ParseError {
    pub(super) fn new(what: &'static str, text: &str) -> Self {
        Self { what, text: text.to_owned() }
    }
}
