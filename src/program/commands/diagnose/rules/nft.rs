//! What `nft -j list ruleset` prints, see libnftables-json(5).

use super::packets::{Condition, Kind};
use super::{Action, Chain, Hook, Rule, Rules};
use crate::ipvs::model::Family;
use ipnetwork::IpNetwork;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::ops::RangeInclusive;

/// The priority at which ip_vs takes what is for this host: two before `NF_IP_PRI_NAT_SRC` of `linux/netfilter_ipv4.h`.
const IP_VS: i64 = 98;

impl Rules {
    /// Adds the rules of nft; false when the text is no ruleset.
    pub fn add_nft(&mut self, text: &str) -> bool {
        let Ok(ruleset) = serde_json::from_str::<Value>(text) else { return false };
        let Some(objects) = ruleset.get("nftables").and_then(Value::as_array) else { return false };
        // They are listed before the rules of their table.
        let mut sets = Sets::default();
        for object in objects {
            if let Some(found) = object.get("chain") {
                self.chains.extend(chain(found));
            } else if let Some(found) = object.get("set").or_else(|| object.get("map")) {
                sets.add(found);
            } else if let Some(found) = object.get("rule") {
                self.add_rule(found, &sets);
            }
        }
        true
    }

    fn add_rule(&mut self, object: &Value, sets: &Sets) {
        let Some(expressions) = object.get("expr").and_then(Value::as_array) else { return };
        let (Some(table), Some(chain)) = (table(object), text(object, "chain")) else { return };
        let handle = object.get("handle").map(ToString::to_string).unwrap_or_default();
        let mut rule = Rule { text: format!("nft {table} {chain}, handle {handle}"), table, chain, ..Rule::default() };
        for expression in expressions {
            if expression.get("xt").is_some() {
                self.foreign.insert(rule.table.clone());
            }
            self.elsewhere.translates |= ["dnat", "redirect"].iter().any(|key| expression.get(key).is_some());
            self.elsewhere.untracks |= expression.get("notrack").is_some();
            if let Some(found) = expression.get("match") {
                let (right, not) = (sets.elements(&rule.table, &found["right"]), found["op"] == "!=");
                rule.conditions.extend(conditions(&found["left"], right, not));
            } else if let Some(map) = expression.get("vmap") {
                self.rules.extend(of_map(&rule, &map["key"], sets.elements(&rule.table, &map["data"])));
            } else if let Some(action) = action(expression) {
                // A rule may do several things.
                self.rules.push(Rule { action, ..rule.clone() });
            } else if !["counter", "log", "notrack", "mangle"].iter().any(|key| expression.get(key).is_some()) {
                // As `limit`, with which the rest is for some packets only.
                rule.conditions.push(Condition { kind: Kind::Other, not: false });
            }
        }
    }
}

/// The elements of sets and maps that have a name, as `{"set": [..]}`.
#[derive(Default)]
struct Sets(HashMap<String, Value>);

impl Sets {
    /// Adds one whose elements stay as they are: rules add those of others, or time removes them.
    fn add(&mut self, object: &Value) {
        let (Some(table), Some(name)) = (table(object), text(object, "name")) else { return };
        let elements = object["elem"].as_array().into_iter().flatten();
        // One with a comment has it beside the value.
        let values = elements.map(|element| element["elem"].get("val").unwrap_or(element).clone());
        let changes = |flag: &Value| flag == "dynamic" || flag == "timeout";
        if !object["flags"].as_array().is_some_and(|flags| flags.iter().any(changes)) {
            self.0.insert(format!("{table} @{name}"), json!({ "set": values.collect::<Vec<_>>() }));
        }
    }

    /// Those of the set that a value names, or the value itself.
    fn elements<'v>(&'v self, table: &str, value: &'v Value) -> &'v Value {
        value.as_str().and_then(|name| self.0.get(&format!("{table} {name}"))).unwrap_or(value)
    }
}

fn text(object: &Value, key: &str) -> Option<String> {
    object.get(key).and_then(Value::as_str).map(str::to_owned)
}

/// The family and name of the table that something is of.
fn table(object: &Value) -> Option<String> {
    Some(format!("{} {}", text(object, "family")?, text(object, "table")?))
}

fn chain(object: &Value) -> Option<Chain> {
    let table = table(object)?;
    let is_of_ip = [Family::Inet, Family::Inet6].iter().any(|family| super::is_of(&table, *family));
    let hook = text(object, "hook").map(|hook| match hook.as_str() {
        _ if !is_of_ip => Hook::Other,
        "prerouting" => Hook::Prerouting,
        "forward" => Hook::Forward,
        "input" if object["prio"].as_i64().is_some_and(|priority| priority < IP_VS) => Hook::Input,
        _ => Hook::Other,
    });
    let drops = text(object, "policy").as_deref() == Some("drop");
    Some(Chain { table, name: text(object, "name")?, hook, drops })
}

/// What a match says of the packets that it is for.
fn conditions(left: &Value, right: &Value, not: bool) -> Vec<Condition> {
    let (field, protocol) = (left["payload"]["field"].as_str(), left["payload"]["protocol"].as_str());
    let kind = match (left["meta"]["key"].as_str(), protocol, field) {
        _ if left["ct"]["key"] == "state" => all(right, text_of).map(Kind::State),
        _ if left["ct"]["key"] == "status" && right == "dnat" => Some(Kind::Translated),
        (Some("l4proto"), ..) | (_, Some("ip"), Some("protocol")) | (_, Some("ip6"), Some("nexthdr")) => {
            all(right, text_of).map(Kind::Protocol)
        }
        (Some("nfproto" | "protocol"), ..) => match right.as_str() {
            Some("ipv4" | "ip") => Some(Kind::Family(Family::Inet)),
            Some("ipv6" | "ip6") => Some(Kind::Family(Family::Inet6)),
            _ => None,
        },
        (Some("iifname" | "iif"), ..) => all(right, text_of).map(Kind::In),
        (Some("oifname" | "oif"), ..) => right.as_str().map(|link| Kind::Out(link.to_owned())),
        (_, Some("ip" | "ip6"), Some("daddr")) => all(right, network).map(Kind::To),
        (_, Some(_), Some("dport")) => all(right, ports).map(Kind::Port),
        _ => None,
    };
    let implied = match protocol {
        Some("ip") => Some(Kind::Family(Family::Inet)),
        Some("ip6") => Some(Kind::Family(Family::Inet6)),
        Some(name @ ("tcp" | "udp" | "sctp" | "dccp" | "udplite" | "icmp" | "icmpv6" | "igmp")) => {
            Some(Kind::Protocol(vec![name.to_owned()]))
        }
        _ => None,
    };
    let implied = implied.map(|kind| Condition { kind, not: false });
    implied.into_iter().chain([Condition { kind: kind.unwrap_or(Kind::Other), not }]).collect()
}

/// A value, or those of an array or a set; `None` where one is not understood, as a set that changes.
fn all<T>(value: &Value, read: fn(&Value) -> Option<T>) -> Option<Vec<T>> {
    match value.as_array().or_else(|| value["set"].as_array()) {
        Some(list) => list.iter().map(read).collect(),
        None => read(value).map(|one| vec![one]),
    }
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::Number(number) => Some(number.to_string()),
        _ => value.as_str().filter(|text| !text.starts_with('@')).map(str::to_owned),
    }
}

/// `"192.0.2.1"`, or `{"prefix": {"addr": "192.0.2.0", "len": 24}}`.
fn network(value: &Value) -> Option<IpNetwork> {
    let prefix = &value["prefix"];
    match (value.as_str(), prefix["addr"].as_str(), prefix["len"].as_u64()) {
        (Some(address), ..) => address.parse().ok(),
        (_, Some(address), Some(length)) => IpNetwork::new(address.parse().ok()?, length.try_into().ok()?).ok(),
        _ => None,
    }
}

/// `80`, or `{"range": [8000, 8010]}`.
fn ports(value: &Value) -> Option<RangeInclusive<u16>> {
    let port = |value: &Value| value.as_u64()?.try_into().ok();
    match value["range"].as_array() {
        Some(ends) => Some(port(ends.first()?)?..=port(ends.get(1)?)?),
        None => port(value).map(|port| port..=port),
    }
}

fn action(expression: &Value) -> Option<Action> {
    let has = |key: &str| expression.get(key).is_some();
    if has("accept") || has("queue") {
        return Some(Action::Accept);
    }
    if has("drop") || has("reject") {
        return Some(Action::Drop);
    }
    if has("masquerade") || has("snat") {
        return Some(Action::Mask);
    }
    if has("return") {
        return Some(Action::Return);
    }
    let target = |key| text(expression.get(key)?, "target");
    if let Some(action) = target("jump").map(Action::Jump).or_else(|| target("goto").map(Action::Goto)) {
        return Some(action);
    }
    // What a rule of iptables does, or this host's answer in place of ip_vs's: it may let packets pass.
    if expression["xt"]["type"] == "target" || has("dnat") || has("redirect") || has("tproxy") || has("synproxy") {
        return Some(Action::Jump(String::new()));
    }
    let set = expression.get("mangle").filter(|set| set["key"]["meta"]["key"] == "mark")?;
    Some(Action::Mark(set["value"].as_u64().and_then(|mark| u32::try_from(mark).ok())))
}

/// `ct state vmap { invalid : drop, established : accept }` as a rule for each of them.
fn of_map(rule: &Rule, key: &Value, map: &Value) -> Vec<Rule> {
    let Some(pairs) = map["set"].as_array() else {
        // One that changes: what it does is not known.
        let mut unknown = Rule { action: Action::Jump(String::new()), ..rule.clone() };
        unknown.conditions.push(Condition { kind: Kind::Other, not: false });
        return vec![unknown];
    };
    let of_pair = |pair: &Value| {
        let mut rule = Rule { action: action(&pair[1])?, ..rule.clone() };
        rule.conditions.extend(conditions(key, &pair[0], false));
        Some(rule)
    };
    pairs.iter().filter_map(of_pair).collect()
}
