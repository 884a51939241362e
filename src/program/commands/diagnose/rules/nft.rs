//! What `nft -j list ruleset` prints, see libnftables-json(5).

use super::{Action, Chain, Hook, Rule, Rules};
use serde_json::Value;

impl Rules {
    /// Adds the rules of nft; false when the text is no ruleset.
    pub fn add_nft(&mut self, text: &str) -> bool {
        let Ok(ruleset) = serde_json::from_str::<Value>(text) else { return false };
        let Some(objects) = ruleset.get("nftables").and_then(Value::as_array) else { return false };
        for object in objects {
            if let Some(found) = object.get("chain") {
                self.chains.extend(chain(found));
            } else if let Some(found) = object.get("rule") {
                self.add_rule(found);
            }
        }
        true
    }

    fn add_rule(&mut self, object: &Value) {
        let Some(expressions) = object.get("expr").and_then(Value::as_array) else { return };
        let (Some(table), Some(chain)) = (table(object), text(object, "chain")) else { return };
        let handle = object.get("handle").map(ToString::to_string).unwrap_or_default();
        let mut rule = Rule { text: format!("nft {table} {chain}, handle {handle}"), table, chain, ..Rule::default() };
        for expression in expressions {
            self.has_foreign |= expression.get("xt").is_some();
            if let Some(found) = expression.get("match") {
                narrow(&mut rule, found);
            } else if let Some(map) = expression.get("vmap") {
                self.rules.extend(of_map(&rule, map));
            } else if let Some(action) = action(expression) {
                // A rule may do several things.
                self.rules.push(Rule { action, ..rule.clone() });
            }
        }
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
    let through =
        |family: &str, hook: &str| matches!(family, "ip" | "ip6" | "inet") && matches!(hook, "prerouting" | "forward");
    let hook = text(object, "hook").map(|hook| match text(object, "family") {
        Some(family) if through(&family, &hook) => Hook::Through,
        _ => Hook::Other,
    });
    let drops = text(object, "policy").as_deref() == Some("drop");
    Some(Chain { table: table(object)?, name: text(object, "name")?, hook, drops })
}

/// What a rule's match says of the packets that it is for.
fn narrow(rule: &mut Rule, found: &Value) {
    let (left, right) = (&found["left"], &found["right"]);
    match left["meta"]["key"].as_str() {
        _ if left["ct"]["key"] == "state" => rule.states = names(right),
        Some("oifname" | "oif") => rule.out = right.as_str().map(str::to_owned),
        Some("iifname" | "iif" | "l4proto" | "nfproto" | "protocol") => {}
        _ => rule.limited = true,
    }
    // A list of links, or one that is excluded.
    rule.limited |= rule.out.is_none() && left["meta"]["key"] == "oifname" || found["op"] == "!=";
}

/// A name, or a list of names as an array or a set.
fn names(value: &Value) -> Vec<String> {
    let list = value.as_array().or_else(|| value["set"].as_array());
    let one = |value: &Value| value.as_str().map(str::to_owned);
    list.map_or_else(|| one(value).into_iter().collect(), |list| list.iter().filter_map(one).collect())
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
    if let Some(target) = ["jump", "goto"].iter().find_map(|key| text(expression.get(key)?, "target")) {
        return Some(Action::Jump(target));
    }
    let set = expression.get("mangle").filter(|set| set["key"]["meta"]["key"] == "mark")?;
    Some(Action::Mark(set["value"].as_u64().and_then(|mark| u32::try_from(mark).ok())))
}

/// `ct state vmap { invalid : drop, established : accept }` as a rule for each of them.
fn of_map(rule: &Rule, map: &Value) -> Vec<Rule> {
    if map["key"]["ct"]["key"] != "state" {
        return Vec::new();
    }
    let pairs = map["data"]["set"].as_array().into_iter().flatten();
    let of_pair = |pair: &Value| Some(Rule { states: names(&pair[0]), action: action(&pair[1])?, ..rule.clone() });
    pairs.filter_map(of_pair).collect()
}
