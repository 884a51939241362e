//! Threads that do one thing each again and again, until all end or one has failed.

use anyhow::{Error, Result};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// What they share.
#[derive(Default)]
pub struct Workers {
    over: AtomicBool,
    failure: Mutex<Option<Error>>,
}

/// How often something was done.
#[derive(Default)]
pub struct Count(AtomicUsize);

impl Count {
    pub fn add(&self, more: usize) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    pub fn get(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Workers {
    pub fn are_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    /// Has each end after what it is doing.
    pub fn end(&self) {
        self.over.store(true, Ordering::Relaxed);
    }

    /// Does something until the end, and counts it. Its first failure ends all.
    pub fn repeat(&self, what: &str, count: &Count, mut step: impl FnMut() -> Result<()>) {
        while !self.are_over() {
            match step() {
                Ok(()) => count.add(1),
                Err(error) => self.fail(error.context(format!("{what}, after {} times", count.get()))),
            }
        }
    }

    /// Ends all for this reason; the first one is kept.
    pub fn fail(&self, error: Error) {
        if let Ok(mut failure) = self.failure.lock() {
            failure.get_or_insert(error);
        }
        self.end();
    }

    /// What has failed first, if anything has.
    pub fn outcome(self) -> Result<()> {
        match self.failure.into_inner() {
            Ok(Some(error)) => Err(error),
            _ => Ok(()),
        }
    }
}
