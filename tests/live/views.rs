//! The views of a live table, and what of them cannot be compared.

/// Every view of the table and of its connections.
pub const ALL: &[&str] = &[
    "",
    "-L",
    "-Ln",
    "-Ln --exact",
    "-Ln --nosort",
    "-Ln --stats",
    "-L --stats",
    "-Ln --stats --exact",
    "-Ln --rate",
    "-L --rate",
    "-Ln --rate --exact",
    "-Ln --thresholds",
    "-L --thresholds",
    "-Ln --thresholds --exact",
    "-Ln --persistent-conn",
    "-L --persistent-conn",
    "-Ln --persistent-conn --exact",
    "-Ln --tun-info",
    "-L --tun-info",
    "-Ln --tun-info --exact",
    "-Lnc",
    "-Lc",
    "-Lnc --persistent-conn",
    "-Lc --persistent-conn",
    "-Lnc --exact",
    "-Sn",
    "-S",
    "-Ln --timeout",
    "-Ln --daemon",
];

/// The views that show between them what a change may touch.
pub const SHORT: &[&str] =
    &["-Ln", "-Ln --stats", "-Ln --thresholds", "-Ln --persistent-conn", "-Lnc --persistent-conn", "-Sn"];

/// A listing with the digits of a connection's expiry (`MM:SS`, the second word) as `#`.
pub fn masked(listing: &str) -> String {
    listing.split_inclusive('\n').map(masked_line).collect()
}

fn masked_line(line: &str) -> String {
    let Some(place) = expiry(line) else { return line.to_owned() };
    let digits: String = line[place.clone()].chars().map(|c| if c == ':' { ':' } else { '#' }).collect();
    let mut line = line.to_owned();
    line.replace_range(place, &digits);
    line
}

/// The place of the expiry in a connection's line.
fn expiry(line: &str) -> Option<std::ops::Range<usize>> {
    let start = line.find(' ')? + line[line.find(' ')?..].find(|c| c != ' ')?;
    let end = start + line[start..].find(' ')?;
    let (minutes, seconds) = line[start..end].split_once(':')?;
    let number = |text: &str| text.len() >= 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    (number(minutes) && number(seconds)).then_some(start..end)
}
