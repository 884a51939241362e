//! The page of keys, columns and marks.

use super::paint::{Painter, strong};
use super::view::Screen;
use ratatui::style::Style;

/// Lines with a colon at their end are headings.
const LINES: [&str; 42] = [
    "Keys:",
    "  up down PgUp PgDn Home End   move (j k g G)",
    "  < >  left right              sort by the column to the left or right",
    "  r                            reverse the order",
    "  /                            filter: names, addresses, schedulers, marks",
    "  Space                        fold or unfold the service, F all of them",
    "  Enter                        the service in full, with its connections by state",
    "  p                            pause: no further look is taken",
    "  b                            bits or bytes",
    "  Ctrl-L                       draw the screen anew",
    "  ? h                          this page",
    "  Esc                          back, end the filter, or quit; q and Ctrl-C quit",
    "",
    "Columns:",
    "  CPS                          new connections a second",
    "  InPPS OutPPS InBPS OutBPS    packets and bytes a second, from and to clients",
    "  Active InAct Persist         connections, and templates of persistent clients",
    "  Conn%                        its part of the new connections of the service's servers",
    "  Weight%                      its part of their weights",
    "  -                            means nothing here, or is not known",
    "",
    "The row of a service has the service's own counters. Its servers are counted at",
    "other moments, so they do not add up within one interval.",
    "",
    "Marks:",
    "  silent                       has a weight, others get connections, it gets nothing",
    "  no_replies                   TCP or SCTP, masqueraded: not one packet comes back",
    "  over_threshold               at its upper threshold, or not yet below the lower one",
    "  fewer more                   connections than its weight's part, clearly",
    "  weight_0                     takes no new connections",
    "",
    "silent, no_replies, fewer and more show when two intervals in a row have them,",
    "and three connections prove nothing. None is an alarm: persistent clients, hashing",
    "and least-connection schedulers part from weights for good reasons.",
    "",
    "In red above the table:",
    "  the estimator is off: counters stand still, there are no rates",
    "  counters were reset: -Z, or something was removed and made anew",
    "  the table changed: by how much",
    "",
    "The kernel brings counters up to date every two seconds. At that interval a row may",
    "now and then have nothing, and twice as much in the next one; a longer one evens it out.",
];

pub fn draw(screen: &mut Screen, painter: &mut Painter<'_>) {
    let (width, height) = (painter.width(), painter.height());
    screen.height = height.into();
    screen.scrolled = screen.scrolled.min(LINES.len().saturating_sub(height.into()));
    for (line, y) in LINES[screen.scrolled..].iter().zip(0..height) {
        let is_heading = line.ends_with(':');
        painter.text((0, y), line, width, if is_heading { strong() } else { Style::new() });
    }
}
