//! What nft and iptables are told to do with packets, as far as it matters to ip_vs: marks, masked clients, clients that are shut
//! out, and answers that are dropped because netfilter does not know their connection.

mod firewall;
mod iptables;
mod nft;
mod packets;
#[cfg(test)]
mod tests;

pub use firewall::{Fate, Firewall};
pub use packets::First;

use crate::ipvs::model::Family;
use packets::{Condition, Elsewhere, Kind};
use std::collections::BTreeSet;

/// The rules of both.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rules {
    chains: Vec<Chain>,
    rules: Vec<Rule>,
    /// The tables of nft with rules that iptables has made, of which nft does not say what they do.
    foreign: BTreeSet<String>,
    elsewhere: Elsewhere,
}

/// Where a chain begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hook {
    /// All that comes in.
    Prerouting,
    /// What is for this host, before ip_vs sees it.
    Input,
    /// What passes through.
    Forward,
    /// Elsewhere.
    Other,
}

impl Hook {
    /// Whether answers of servers come through.
    fn has_answers(self) -> bool {
        matches!(self, Self::Prerouting | Self::Forward)
    }
}

#[derive(Clone, Debug, PartialEq)]
struct Chain {
    /// A name that no other table has.
    table: String,
    name: String,
    /// Where the kernel enters it; `None` for one that others jump to.
    hook: Option<Hook>,
    /// What no rule has decided is dropped.
    drops: bool,
}

/// What a rule does with a packet.
#[derive(Clone, Debug, Default, PartialEq)]
enum Action {
    /// Nothing that matters here.
    #[default]
    Other,
    Accept,
    Drop,
    /// It goes on where the chain was jumped from.
    Return,
    /// It goes on in a chain of this table, and comes back; or what this does is not known.
    Jump(String),
    /// The same, but does not come back.
    Goto(String),
    /// It gets a mark; `None` for one that is worked out.
    Mark(Option<u32>),
    /// The client's address becomes one of this host's.
    Mask,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Rule {
    table: String,
    chain: String,
    /// As people know it.
    text: String,
    action: Action,
    /// What packets have that it is for.
    conditions: Vec<Condition>,
}

impl Rule {
    /// The states of connection tracking that it is for; none for all.
    fn states(&self) -> &[String] {
        let states = self.conditions.iter().find_map(|condition| match &condition.kind {
            Kind::State(states) if !condition.not => Some(states.as_slice()),
            _ => None,
        });
        states.unwrap_or_default()
    }

    /// Whether all packets of a state or link are meant, of a protocol or family perhaps.
    fn is_wide(&self) -> bool {
        self.conditions.iter().all(|condition| match condition.kind {
            Kind::Family(_) | Kind::Protocol(_) | Kind::State(_) | Kind::In(_) | Kind::Ipvs => !condition.not,
            // What is for one way out is not for answers, which leave by the clients' link; who knows which that is.
            Kind::Out(_) => !condition.not && self.action == Action::Mask,
            Kind::To(_) | Kind::Port(_) | Kind::Translated | Kind::Other => false,
        })
    }

    /// Whether it may be for packets that leave by a link.
    fn leaves_by(&self, link: &str) -> bool {
        self.conditions.iter().all(|condition| match &condition.kind {
            Kind::Out(out) => packets::is_link(out, link),
            _ => true,
        })
    }
}

/// Whether a table's rules are for packets of a family.
fn is_of(table: &str, family: Family) -> bool {
    let begins = match family {
        Family::Inet => ["iptables ", "ip ", "inet "],
        Family::Inet6 => ["ip6tables ", "ip6 ", "inet "],
    };
    begins.iter().any(|begin| table.starts_with(begin))
}

impl Rules {
    /// Whether some rule gives packets of a family a mark, or may.
    pub fn sets_mark(&self, mark: u32, family: Family) -> bool {
        let of_other = match family {
            Family::Inet => ["ip6tables ", "ip6 "],
            Family::Inet6 => ["iptables ", "ip "],
        };
        let mut rules = self.rules.iter().filter(|rule| !of_other.iter().any(|begin| rule.table.starts_with(begin)));
        rules.any(|rule| matches!(rule.action, Action::Mark(set) if set.is_none_or(|set| set == mark)))
    }

    /// A chain that drops whatever is to be forwarded: no rule that it comes to lets anything pass.
    pub fn forwards_nothing(&self, family: Family) -> Option<String> {
        let mut chains = self.bases(Hook::has_answers).filter(|chain| is_of(&chain.table, family));
        let shut = chains.find(|chain| {
            let lets_pass = |rule: &&Rule| match &rule.action {
                Action::Accept => true,
                Action::Jump(target) | Action::Goto(target) => !self.has_chain(&rule.table, target),
                _ => false,
            };
            chain.drops && !self.reached(chain).iter().any(lets_pass)
        });
        shut.map(|chain| format!("{} {}", chain.table, chain.name))
    }

    /// A rule that masks all clients whose packets leave by a link.
    pub fn masks(&self, link: &str) -> Option<&str> {
        let masks = |rule: &&Rule| rule.action == Action::Mask && rule.is_wide() && rule.leaves_by(link);
        self.rules.iter().find(masks).map(|rule| rule.text.as_str())
    }

    /// A rule that drops packets of which connection tracking does not know the connection, or only lets those pass of
    /// which it does.
    pub fn drops_unknown(&self) -> Option<&str> {
        let drops = |rule: &Rule| rule.action == Action::Drop && rule.states() == ["invalid"];
        let lets_pass =
            |rule: &Rule| rule.action == Action::Accept && rule.states().iter().any(|state| state == "established");
        for base in self.bases(Hook::has_answers) {
            let reached = self.reached(base);
            let wide = |rule: &&&Rule| rule.is_wide();
            if let Some(rule) = reached.iter().filter(wide).find(|rule| drops(rule)) {
                return Some(&rule.text);
            }
            let others_pass = reached.iter().any(|rule| rule.action == Action::Accept && rule.states().is_empty());
            let known = reached.iter().filter(wide).find(|rule| lets_pass(rule));
            if let Some(rule) = known.filter(|_| base.drops && !others_pass) {
                return Some(&rule.text);
            }
        }
        None
    }

    /// Whether nft lists rules that iptables has made, and does not say what they do.
    pub fn has_foreign(&self) -> bool {
        !self.foreign.is_empty()
    }

    /// The chains that the kernel enters at some hooks.
    fn bases(&self, at: fn(Hook) -> bool) -> impl Iterator<Item = &Chain> {
        self.chains.iter().filter(move |chain| chain.hook.is_some_and(at))
    }

    fn has_chain(&self, table: &str, name: &str) -> bool {
        self.chains.iter().any(|chain| chain.table == table && chain.name == name)
    }

    /// The rules of a chain and of those that it jumps to.
    fn reached(&self, base: &Chain) -> Vec<&Rule> {
        let mut names = vec![base.name.as_str()];
        let mut reached = Vec::new();
        let mut at = 0;
        while let Some(name) = names.get(at).copied() {
            at += 1;
            for rule in self.rules.iter().filter(|rule| rule.table == base.table && rule.chain == name) {
                reached.push(rule);
                match &rule.action {
                    Action::Jump(target) | Action::Goto(target) if !names.contains(&target.as_str()) => {
                        names.push(target)
                    }
                    _ => {}
                }
            }
        }
        reached
    }
}
