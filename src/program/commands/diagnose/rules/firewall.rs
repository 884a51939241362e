//! What becomes of the first packet of a client before ip_vs sees it: of each chain that it comes through, all rules are followed.
//! A condition that is not understood may hold or not, so that "dropped" is said of what no client passes.

use super::packets::First;
use super::{Action, Chain, Hook, Rule, Rules};
use crate::ipvs::model::Family;
use std::collections::HashMap;

/// What becomes of what clients send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// No rule drops it for all of them.
    Passes,
    /// It passes for some only: by this rule.
    OfSome(String),
    /// It is dropped.
    Dropped {
        /// The chain that it would have to pass: its program and table, and its name.
        chain: (String, String),
        /// The rule, or the policy.
        by: String,
    },
}

/// The rules by their chains.
pub struct Firewall<'r> {
    rules: &'r Rules,
    by_chain: HashMap<(&'r str, &'r str), Vec<&'r Rule>>,
}

/// How a walk through a chain ends, for the packets of which that is certain.
#[derive(Clone, Copy, Debug, PartialEq)]
enum End<'r> {
    Accepted,
    Dropped(&'r str),
    /// It goes on where the chain was jumped from, or the policy decides.
    Left,
}

/// A walk, and the first rule that accepts packets of which it is not certain who sends them.
#[derive(Clone, Copy, Debug)]
struct Walk<'r> {
    end: End<'r>,
    some: Option<&'r str>,
}

/// The walks through the chains of a table that others jump to.
type Walked<'r> = HashMap<&'r str, Walk<'r>>;

impl<'r> Firewall<'r> {
    /// Of these rules.
    pub fn of(rules: &'r Rules) -> Self {
        let mut by_chain: HashMap<_, Vec<_>> = HashMap::new();
        for chain in &rules.chains {
            by_chain.insert((chain.table.as_str(), chain.name.as_str()), Vec::new());
        }
        for rule in &rules.rules {
            by_chain.entry((rule.table.as_str(), rule.chain.as_str())).or_default().push(rule);
        }
        Self { rules, by_chain }
    }

    /// What becomes of a packet.
    pub fn fate(&self, packet: &First<'_>) -> Fate {
        let mut fate = Fate::Passes;
        for chain in self.rules.chains.iter().filter(|chain| self.is_passed(chain, packet.family)) {
            let walk = self.walk(&chain.table, &chain.name, packet, &mut Walked::new());
            let policy = "its policy";
            let by = match walk.end {
                End::Dropped(rule) => rule,
                End::Left if chain.drops => policy,
                _ => continue,
            };
            match walk.some {
                Some(rule) => fate = Fate::OfSome(rule.to_owned()),
                None => {
                    return Fate::Dropped { chain: (chain.table.clone(), chain.name.clone()), by: by.to_owned() };
                }
            }
        }
        fate
    }

    /// Whether packets of a family come through a chain before ip_vs sees them. What nft says of rules of iptables is not all;
    /// iptables says it too.
    fn is_passed(&self, chain: &Chain, family: Family) -> bool {
        matches!(chain.hook, Some(Hook::Prerouting | Hook::Input))
            && super::is_of(&chain.table, family)
            && !self.rules.foreign.contains(&chain.table)
    }

    fn walk(&self, table: &'r str, chain: &'r str, packet: &First<'_>, walked: &mut Walked<'r>) -> Walk<'r> {
        if let Some(known) = walked.get(chain) {
            return *known;
        }
        // The kernel takes no rules that go round; should some be listed, this ends.
        walked.insert(chain, Walk { end: End::Left, some: None });
        let mut walk = Walk { end: End::Left, some: None };
        let mut some_left = false;
        for rule in self.by_chain.get(&(table, chain)).into_iter().flatten() {
            let Some(certain) = self.is_for(rule, packet) else { continue };
            let (end, leaves) = match &rule.action {
                Action::Accept => (End::Accepted, false),
                Action::Drop => (End::Dropped(&rule.text), false),
                Action::Return => (End::Left, true),
                Action::Jump(target) | Action::Goto(target) => {
                    let inner = if self.by_chain.contains_key(&(table, target.as_str())) {
                        self.walk(table, target, packet, walked)
                    } else {
                        // Whatever it does, a packet may pass by it.
                        Walk { end: End::Left, some: Some(&rule.text) }
                    };
                    walk.some = walk.some.or(inner.some);
                    (inner.end, matches!(rule.action, Action::Goto(_)))
                }
                Action::Other | Action::Mark(_) | Action::Mask => continue,
            };
            match end {
                End::Accepted if !certain => walk.some = walk.some.or(Some(&rule.text)),
                End::Left if !leaves => {}
                End::Left if !certain => some_left = true,
                End::Dropped(_) if !certain => {}
                end => {
                    walk.end = end;
                    break;
                }
            }
        }
        // Of those that some rule has sent back, nothing is decided here.
        if some_left && walk.end != End::Left {
            if walk.end == End::Accepted {
                walk.some = walk.some.or(Some(chain));
            }
            walk.end = End::Left;
        }
        walked.insert(chain, walk);
        walk
    }

    /// Whether a rule is for a packet for certain; `None` if it is not for it.
    fn is_for(&self, rule: &Rule, packet: &First<'_>) -> Option<bool> {
        let mut certain = true;
        for condition in &rule.conditions {
            match condition.holds(packet, self.rules.elsewhere) {
                Some(true) => {}
                Some(false) => return None,
                None => certain = false,
            }
        }
        Some(certain)
    }
}
