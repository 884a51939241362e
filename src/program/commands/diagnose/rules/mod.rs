//! What nft and iptables are told to do with packets, as far as it matters to ip_vs: marks, masked clients, and answers that
//! are dropped because netfilter does not know their connection.

mod iptables;
mod nft;

use crate::ipvs::model::Family;

/// The rules of both.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rules {
    chains: Vec<Chain>,
    rules: Vec<Rule>,
    /// Whether nft lists rules that iptables has made, and does not say what they do.
    pub has_foreign: bool,
}

/// Where a chain begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hook {
    /// What comes in, or passes through: answers of servers do both.
    Through,
    /// Elsewhere.
    Other,
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
    /// It goes on in a chain of this table.
    Jump(String),
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
    /// The states of connection tracking that it is for; none for all.
    states: Vec<String>,
    /// The link that packets leave by.
    out: Option<String>,
    /// Whether it is for packets with something else in common that is not known here.
    limited: bool,
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
        let [program, of_nft] = match family {
            Family::Inet => ["iptables ", "ip "],
            Family::Inet6 => ["ip6tables ", "ip6 "],
        };
        let is_of = |table: &str| [program, of_nft, "inet "].iter().any(|begin| table.starts_with(begin));
        let mut chains = self.chains.iter().filter(|chain| chain.hook == Some(Hook::Through) && is_of(&chain.table));
        let shut = chains.find(|chain| {
            let lets_pass = |rule: &&Rule| match &rule.action {
                Action::Accept => true,
                Action::Jump(target) => {
                    !self.chains.iter().any(|chain| chain.table == rule.table && chain.name == *target)
                }
                _ => false,
            };
            chain.drops && !self.reached(chain).iter().any(lets_pass)
        });
        shut.map(|chain| format!("{} {}", chain.table, chain.name))
    }

    /// A rule that masks all clients whose packets leave by a link.
    pub fn masks(&self, link: &str) -> Option<&str> {
        let leaves_by = |rule: &&Rule| match &rule.out {
            None => true,
            Some(out) => out == link || out.strip_suffix(['+', '*']).is_some_and(|begin| link.starts_with(begin)),
        };
        let masks = |rule: &&Rule| rule.action == Action::Mask && !rule.limited && leaves_by(rule);
        self.rules.iter().find(masks).map(|rule| rule.text.as_str())
    }

    /// A rule that drops packets of which connection tracking does not know the connection, or only lets those pass of
    /// which it does.
    pub fn drops_unknown(&self) -> Option<&str> {
        let drops = |rule: &Rule| rule.action == Action::Drop && rule.states == ["invalid"];
        let lets_pass =
            |rule: &Rule| rule.action == Action::Accept && rule.states.iter().any(|state| state == "established");
        for base in self.chains.iter().filter(|chain| chain.hook == Some(Hook::Through)) {
            let reached = self.reached(base);
            let wide = |rule: &&&Rule| !rule.limited;
            if let Some(rule) = reached.iter().filter(wide).find(|rule| drops(rule)) {
                return Some(&rule.text);
            }
            let others_pass = reached.iter().any(|rule| rule.action == Action::Accept && rule.states.is_empty());
            let known = reached.iter().filter(wide).find(|rule| lets_pass(rule));
            if let Some(rule) = known.filter(|_| base.drops && !others_pass) {
                return Some(&rule.text);
            }
        }
        None
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
                    Action::Jump(target) if !names.contains(&target.as_str()) => names.push(target),
                    _ => {}
                }
            }
        }
        reached
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn iptables(text: &str) -> Rules {
        let mut rules = Rules::default();
        rules.add_iptables("iptables", text);
        rules
    }

    /// As `iptables-save` of 1.8.9 prints it.
    const SAVED: &str = r#"
# Generated by iptables-save v1.8.9 on Mon Nov 30 06:43:23 2026
*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:CHECKS - [0:0]
-A INPUT -m conntrack --ctstate INVALID -j DROP
-A FORWARD -j CHECKS
-A CHECKS -m conntrack --ctstate INVALID -m comment --comment "no -j ACCEPT here" -j DROP
COMMIT
*nat
:POSTROUTING ACCEPT [0:0]
-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
-A POSTROUTING -o eth1 -m ipvs --vaddr 192.0.2.1/32 -j MASQUERADE
COMMIT
*mangle
:PREROUTING ACCEPT [0:0]
-A PREROUTING -d 192.0.2.1/32 -p tcp -m tcp --dport 80 -j MARK --set-xmark 0x9/0xffffffff
COMMIT
"#;

    #[test]
    fn rules_of_iptables() {
        let rules = iptables(SAVED);
        assert!(
            rules.sets_mark(9, Family::Inet) && !rules.sets_mark(9, Family::Inet6) && !rules.sets_mark(7, Family::Inet)
        );
        assert!(rules.drops_unknown().unwrap().starts_with("iptables -A CHECKS -m conntrack"));
        assert!(rules.masks("eth1").unwrap().contains("--vaddr") && rules.masks("eth0").is_none());
        let harmless = SAVED.replace("-A FORWARD -j CHECKS\n", "");
        assert_eq!(iptables(&harmless).drops_unknown(), None);
    }

    #[test]
    fn a_policy_that_lets_the_known_pass() {
        let text = "*filter\n:FORWARD DROP [0:0]\n-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n";
        assert!(iptables(text).drops_unknown().is_some());
        assert_eq!(iptables(&text.replace("DROP", "ACCEPT")).drops_unknown(), None);
        assert_eq!(iptables(&format!("{text}-A FORWARD -i eth1 -j ACCEPT\n")).drops_unknown(), None);
        assert_eq!(iptables(&text.replace("-m", "-o docker0 -m state -m")).drops_unknown(), None);
    }

    #[test]
    fn a_chain_that_forwards_nothing() {
        let of = |text: &str| iptables(text).forwards_nothing(Family::Inet);
        let policy = "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:C - [0:0]\n";
        assert_eq!(of(policy).as_deref(), Some("iptables filter FORWARD"));
        assert_eq!(iptables(policy).forwards_nothing(Family::Inet6), None);
        let shut = format!("{policy}-A FORWARD -p icmp -j DROP\n-A FORWARD -j C\n-A FORWARD -i eth1 -j LOG\n");
        assert!(of(&shut).is_some());
        assert_eq!(of(&shut.replace("LOG", "NFQUEUE")), None, "a program may let it pass");
        assert_eq!(of(&format!("{policy}-A FORWARD -j C\n-A C -s 10.0.0.1 -j ACCEPT\n")), None);
        assert_eq!(of(&policy.replace("FORWARD DROP", "FORWARD ACCEPT")), None);
    }

    /// As `nft -j list ruleset` of 1.0.6 prints it.
    fn nft(rules: &str) -> Rules {
        let text = format!(
            r#"{{"nftables": [{{"metainfo": {{"version": "1.0.6", "json_schema_version": 1}}}},
            {{"table": {{"family": "inet", "name": "t", "handle": 1}}}},
            {{"chain": {{"family": "inet", "table": "t", "name": "f", "handle": 1, "type": "filter", "hook": "forward",
              "prio": 0, "policy": "accept"}}}},
            {{"chain": {{"family": "inet", "table": "t", "name": "i", "handle": 2, "type": "filter", "hook": "input",
              "prio": 0, "policy": "accept"}}}},
            {{"chain": {{"family": "inet", "table": "t", "name": "c", "handle": 3}}}}, {rules}]}}"#
        );
        let mut found = Rules::default();
        assert!(found.add_nft(&text), "{text}");
        found
    }

    fn rule(chain: &str, expressions: &str) -> String {
        format!(
            r#"{{"rule": {{"family": "inet", "table": "t", "chain": "{chain}", "handle": 5, "expr": [{expressions}]}}}}"#
        )
    }

    const INVALID: &str =
        r#"{"match": {"op": "in", "left": {"ct": {"key": "state"}}, "right": "invalid"}}, {"drop": null}"#;

    #[test]
    fn rules_of_nft() {
        let mark = r#"{"mangle": {"key": {"meta": {"key": "mark"}}, "value": 7}}"#;
        let rules = nft(&rule("f", mark));
        assert!(
            [Family::Inet, Family::Inet6].iter().all(|family| rules.sets_mark(7, *family))
                && !rules.sets_mark(8, Family::Inet)
                && !rules.has_foreign
        );
        let saved = r#"{"mangle": {"key": {"meta": {"key": "mark"}}, "value": {"ct": {"key": "mark"}}}}"#;
        assert!(nft(&rule("f", saved)).sets_mark(8, Family::Inet));
        assert_eq!(nft(&rule("f", INVALID)).drops_unknown(), Some("nft inet t f, handle 5"));
        assert_eq!(nft(&rule("i", INVALID)).drops_unknown(), None);
        assert_eq!(nft(&rule("c", INVALID)).drops_unknown(), None);
        let jumped = format!("{}, {}", rule("c", INVALID), rule("f", r#"{"jump": {"target": "c"}}"#));
        assert!(nft(&jumped).drops_unknown().is_some());
        let map = r#"{"vmap": {"key": {"ct": {"key": "state"}}, "data": {"set": [["invalid", {"drop": null}],
            ["established", {"accept": null}]]}}}"#;
        assert!(nft(&rule("f", map)).drops_unknown().is_some());
        let out =
            r#"{"match": {"op": "==", "left": {"meta": {"key": "oifname"}}, "right": "eth1"}}, {"masquerade": null}"#;
        let rules = nft(&rule("c", out));
        assert!(rules.masks("eth1").is_some() && rules.masks("eth0").is_none());
        let from = r#"{"match": {"op": "==", "left": {"payload": {"protocol": "ip", "field": "saddr"}}, "right": "10.0.0.1"}},
            {"masquerade": null}"#;
        assert_eq!(nft(&rule("c", from)).masks("eth1"), None);
        assert!(nft(&rule("c", r#"{"xt": {"type": "target", "name": "MARK"}}"#)).has_foreign);
    }

    #[test]
    fn what_is_no_ruleset() {
        let mut rules = Rules::default();
        for text in ["", "{}", "[]", "{\"nftables\": 3}"] {
            assert!(!rules.add_nft(text), "{text}");
        }
        rules.add_iptables("iptables", "-A\n*\n:\n: x\n-A x -j\n\u{0}");
        assert!(!rules.sets_mark(0, Family::Inet) && rules.drops_unknown().is_none() && rules.masks("eth0").is_none());
    }
}
