//! The manual names every option of the option table, and the table every option of the manual.

use ipvsadm::program::cli::options::OPTIONS;
use std::collections::BTreeSet;

const MANUAL: &str = include_str!("../docs/ipvsadm.8");

/// Long options as the manual's macros write them: `Fl -name`.
fn long_options(manual: &str) -> BTreeSet<&str> {
    let items = manual.lines().filter(|line| line.starts_with(".It"));
    items
        .flat_map(|line| line.split("Fl -").skip(1))
        .map(|rest| rest.split([' ', ',']).next().unwrap_or_default())
        .filter(|name| !name.is_empty())
        .collect()
}

#[test]
fn the_manual_has_every_option_and_no_other() {
    let declared: BTreeSet<&str> = OPTIONS.iter().map(|spec| spec.long).collect();
    assert_eq!(long_options(MANUAL), declared);
}

#[test]
fn short_options_stand_beside_their_long_ones() {
    for spec in &OPTIONS {
        let item = MANUAL
            .lines()
            .find(|line| {
                line.starts_with(".It") && line.split([' ', ',']).any(|word| word == format!("-{}", spec.long))
            })
            .unwrap_or_else(|| panic!("--{} has no item", spec.long));
        for short in spec.short.chars() {
            assert!(item.contains(&format!("Fl {short} ")), "-{short}, --{}: {item}", spec.long);
        }
    }
}
