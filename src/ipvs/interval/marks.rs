//! What there is to see at a server.

use super::ServerFigures;
use super::rates::{Difference, replies_pass};
use crate::ipvs::model::{ListedServer, Protocol, ServiceEntry, ServiceKey};
use bitflags::bitflags;

/// Schedulers that do not mean to spread connections by weight: by the address of the virtual service or of the client's
/// destination, or to one server after the other has enough.
const WITHOUT_SHARES: [&[u8]; 5] = [b"dh", b"fo", b"lblc", b"lblcr", b"ovf"];
/// A share parts from the weight's when chance makes it so less than once in ten thousand intervals: so many standard
/// deviations from what is expected.
const DEVIATIONS: f64 = 4.0;
/// A share parts from the weight's by at least this part of what is expected. Less is of no use to know.
const PARTING: f64 = 0.25;
/// Where fewer connections are expected, nothing is said of a share.
const FEW: f64 = 5.0;
/// A server that gets none of so many connections that are expected does not get them for a reason.
const SILENCE: f64 = 9.0;
/// So many connections without a packet in reply are no chance.
const UNANSWERED: u64 = 5;

bitflags! {
    /// What there is to see at a server.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct Marks: u8 {
        /// Its weight is 0 (or less): it takes no new connections.
        const WEIGHT_0 = 1;
        /// It has reached its upper threshold and not fallen below the lower one since, as far as looks tell: the kernel
        /// does not say. It takes no new connections.
        const OVER_THRESHOLD = 1 << 1;
        /// It has a weight and other servers of the service get connections, but it gets none, nor any packet.
        const SILENT = 1 << 2;
        /// It gets connections of a protocol in which servers reply, through masquerading, and not one packet comes back.
        const NO_REPLIES = 1 << 3;
        /// It gets clearly fewer new connections than its share of the weight.
        const FEWER = 1 << 4;
        /// It gets clearly more new connections than its share of the weight.
        const MORE = 1 << 5;
    }
}

impl Marks {
    /// The word of each: `weight_0`, `over_threshold`, `silent`, `no_replies`, `fewer`, `more`.
    pub fn words(self) -> impl Iterator<Item = &'static str> {
        const WORDS: [(Marks, &str); 6] = [
            (Marks::WEIGHT_0, "weight_0"),
            (Marks::OVER_THRESHOLD, "over_threshold"),
            (Marks::SILENT, "silent"),
            (Marks::NO_REPLIES, "no_replies"),
            (Marks::FEWER, "fewer"),
            (Marks::MORE, "more"),
        ];
        WORDS.into_iter().filter(move |(mark, _)| self.contains(*mark)).map(|(_, word)| word)
    }

    /// Those of one look. Whether a server is over its threshold depends on what it was (`ip_vs_unbind_dest` of the
    /// kernel's ip_vs_conn.c).
    pub(super) fn at(listed: &ListedServer, last: Self) -> Self {
        let connections = u64::from(listed.active) + u64::from(listed.inactive);
        let (upper, lower) = (u64::from(listed.server.upper_threshold), u64::from(listed.server.lower_threshold));
        let below = if lower == 0 { connections * 4 < upper * 3 } else { connections < lower };
        let over = upper > 0 && (connections >= upper || last.contains(Self::OVER_THRESHOLD) && !below);
        let mut marks = Self::empty();
        marks.set(Self::WEIGHT_0, listed.server.weight <= 0);
        marks.set(Self::OVER_THRESHOLD, over);
        marks
    }
}

/// Sets the shares. Without differences there are those of the weight only.
pub fn share(entry: &ServiceEntry, servers: &mut [ServerFigures], differences: &[Option<Difference>]) {
    let connections = total(differences);
    if connections > 0.0 {
        for (figures, difference) in servers.iter_mut().zip(differences) {
            figures.connection_share = difference.map(|one| one.connections as f64 / connections);
        }
    }
    let weight = |listed: &ListedServer| f64::from(listed.server.weight.max(0));
    let weights: f64 = entry.servers.iter().map(weight).sum();
    if weights > 0.0 && !WITHOUT_SHARES.contains(&entry.service.service.scheduler.as_bytes()) {
        for (figures, listed) in servers.iter_mut().zip(&entry.servers) {
            figures.weight_share = Some(weight(listed) / weights);
        }
    }
}

/// Sets the marks that rest on differences, where the last interval had them too. `comparable` is whether the service had
/// the same servers and weights all the time.
pub fn judge(
    entry: &ServiceEntry,
    servers: &mut [ServerFigures],
    differences: &[Option<Difference>],
    comparable: bool,
) {
    let connections = total(differences);
    let nobody_is_over = !servers.iter().any(|figures| figures.marks.contains(Marks::OVER_THRESHOLD));
    let shares_count = comparable && nobody_is_over && differences.iter().all(Option::is_some);
    for ((figures, listed), difference) in servers.iter_mut().zip(&entry.servers).zip(differences) {
        let mut suspected = Marks::empty();
        if let Some(difference) = difference.filter(|_| comparable) {
            suspected.set(Marks::NO_REPLIES, is_unanswered(entry, listed, &difference));
            if let Some(share) = figures.weight_share.filter(|_| shares_count) {
                suspected |= compare(&difference, share, connections);
            }
        }
        figures.marks |= suspected & figures.suspected;
        figures.suspected = suspected;
    }
}

/// The new connections of all servers.
fn total(differences: &[Option<Difference>]) -> f64 {
    differences.iter().flatten().map(|difference| difference.connections as f64).sum()
}

/// UDP may go one way, and of a firewall mark the protocol is not known.
fn is_unanswered(entry: &ServiceEntry, listed: &ListedServer, difference: &Difference) -> bool {
    let ServiceKey::Address { protocol, .. } = entry.service.service.key else { return false };
    matches!(protocol, Protocol::Tcp | Protocol::Sctp)
        && replies_pass(&listed.server)
        && difference.connections >= UNANSWERED
        && difference.in_packets >= difference.connections
        && difference.out_packets == 0
}

/// What parts from a share of so many connections.
fn compare(difference: &Difference, share: f64, connections: f64) -> Marks {
    let (got, expected) = (difference.connections as f64, connections * share);
    let far = (got - expected).abs() >= DEVIATIONS * (expected * (1.0 - share)).sqrt();
    let clear = (got - expected).abs() >= PARTING * expected;
    if difference.connections == 0 && difference.in_packets == 0 && expected >= SILENCE {
        Marks::SILENT
    } else if expected < FEW || !far || !clear {
        Marks::empty()
    } else if got < expected {
        Marks::FEWER
    } else {
        Marks::MORE
    }
}
