//! Finds what was there before. Most of a table stays where it is, so the place after the last one found is looked at first.

use rustc_hash::FxHashMap;
use std::hash::Hash;

/// Finds items of one list by their keys, mostly in the list's order.
pub struct Finder<'t, T, K> {
    items: &'t [T],
    key: fn(&T) -> K,
    next: usize,
    found: usize,
    /// The places of all, once one was not where it was looked for.
    places: Option<FxHashMap<K, usize>>,
}

impl<'t, T, K: Copy + Eq + Hash> Finder<'t, T, K> {
    /// A finder of items, each of which has a key of its own.
    pub fn new(items: &'t [T], key: fn(&T) -> K) -> Self {
        Self { items, key, next: 0, found: 0, places: None }
    }

    /// The place of the item with this key.
    pub fn find(&mut self, key: &K) -> Option<usize> {
        let is_next = self.items.get(self.next).is_some_and(|item| (self.key)(item) == *key);
        let place = if is_next { self.next } else { self.look_up(key)? };
        self.next = place + 1;
        self.found += 1;
        Some(place)
    }

    fn look_up(&mut self, key: &K) -> Option<usize> {
        let (items, key_of) = (self.items, self.key);
        let places = || items.iter().enumerate().map(|(place, item)| (key_of(item), place)).collect();
        self.places.get_or_insert_with(places).get(key).copied()
    }

    /// How many have been found.
    pub fn found(&self) -> usize {
        self.found
    }
}
