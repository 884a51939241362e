//! The known name that an unknown one is likely to mean.

use strsim::damerau_levenshtein;

/// Longer words are no misspelt names, and would take long to compare.
const LONGEST: usize = 30;

/// The name that begins with `word`, if there is only one, or else that from which it differs least: by a third of its
/// letters at most.
pub fn similar<'n>(word: &str, names: impl Iterator<Item = &'n str> + Clone) -> Option<&'n str> {
    if word.len() > LONGEST {
        return None;
    }
    let mut begin = names.clone().filter(|name| word.len() >= 3 && name.starts_with(word));
    if let (Some(only), None) = (begin.next(), begin.next()) {
        return Some(only);
    }
    let distances = names.map(|name| (damerau_levenshtein(word, name), name));
    distances.filter(|(distance, name)| *distance <= word.len().max(name.len()) / 3).min().map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_found_and_far_ones_are_not() {
        let names = ["list", "scheduler", "persistent", "persistent-conn", "numeric", "rr", "wrr", "wlc"];
        for (word, expected) in [
            ("lst", Some("list")),
            ("lsit", Some("list")),
            ("sched", Some("scheduler")),
            ("shceduler", Some("scheduler")),
            ("numer", Some("numeric")),
            ("persist", Some("persistent")),
            ("wwr", Some("wrr")),
            ("wlcc", Some("wlc")),
            ("x", None),
            ("", None),
            ("bogus", None),
            ("persistent-connections-of-clients-", None),
        ] {
            assert_eq!(similar(word, names.into_iter()), expected, "{word}");
        }
    }
}
