//! Reads the rules of nft and iptables, where the kernel has any: to ask a kernel that has none would load its modules.

use super::super::facts::Known;
use super::super::rules::Rules;
use super::content;
use crate::ipvs::error::io_text;
use crate::program::context::Host;
use std::ffi::CStr;
use std::path::Path;

/// The rules, or why they are not known.
pub fn rules(host: &dyn Host) -> Known<Rules> {
    let mut rules = Rules::default();
    let has_nft = has_module(host, "nf_tables")?;
    if has_nft {
        let text = listing(host, c"nft", &[c"-j", c"list", c"ruleset"])?;
        if !rules.add_nft(&text) {
            return Err("nft -j list ruleset prints no ruleset".to_owned());
        }
    }
    for Saving { program, tables, legacy, of_nft, plain } in &SAVING {
        // Where iptables is nft's, the old one has another name.
        if content(host, tables).is_ok_and(|tables| !tables.is_empty()) {
            let saved = listing(host, legacy, &[]).or_else(|_| listing(host, plain, &[]))?;
            rules.add_iptables(program, &saved);
        }
        if rules.has_foreign {
            let saved = listing(host, of_nft, &[]).or_else(|_| listing(host, plain, &[]))?;
            rules.add_iptables(program, &saved);
        }
    }
    Ok(rules)
}

/// The programs that print the rules of iptables, in its two kinds.
struct Saving {
    program: &'static str,
    /// Where the kernel names the tables of the old kind.
    tables: &'static str,
    legacy: &'static CStr,
    of_nft: &'static CStr,
    plain: &'static CStr,
}

const SAVING: [Saving; 2] = [
    Saving {
        program: "iptables",
        tables: "/proc/net/ip_tables_names",
        legacy: c"iptables-legacy-save",
        of_nft: c"iptables-nft-save",
        plain: c"iptables-save",
    },
    Saving {
        program: "ip6tables",
        tables: "/proc/net/ip6_tables_names",
        legacy: c"ip6tables-legacy-save",
        of_nft: c"ip6tables-nft-save",
        plain: c"ip6tables-save",
    },
];

fn listing(host: &dyn Host, program: &CStr, arguments: &[&CStr]) -> Known<String> {
    let printed = host.listing_of(program, arguments);
    let printed = printed.map_err(|error| format!("cannot run {}: {}", program.to_string_lossy(), io_text(&error)))?;
    Ok(String::from_utf8_lossy(&printed).into_owned())
}

/// Whether a module is loaded, or built in.
fn has_module(host: &dyn Host, name: &str) -> Known<bool> {
    let loaded = host.folder(Path::new("/sys/module"));
    let loaded = loaded.map_err(|error| format!("cannot read /sys/module: {}", io_text(&error)))?;
    if loaded.iter().any(|module| module == name) {
        return Ok(true);
    }
    let release = content(host, "/proc/sys/kernel/osrelease").unwrap_or_default();
    let built_in = content(host, &format!("/lib/modules/{}/modules.builtin", release.trim()));
    Ok(built_in.is_ok_and(|list| list.contains(&format!("/{name}.ko"))))
}
