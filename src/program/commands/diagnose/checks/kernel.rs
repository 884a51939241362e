//! Settings of ip_vs as a whole.

use super::super::facts::Facts;
use super::super::finding::{About, Findings};

/// So many connections in each bucket make a table slow that cannot grow.
const LONG_CHAIN: u64 = 16;

/// The defences that drop packets, connections or time are off, or wait for memory to become short.
pub fn drop_modes(facts: &Facts, findings: &mut Findings) {
    for (setting, harm) in [
        ("drop_packet", "some packets are dropped before they are scheduled"),
        ("drop_entry", "half-open connections are dropped at random"),
        ("secure_tcp", "states of TCP follow other rules, with shorter timeouts"),
    ] {
        let name = format!("net.ipv4.vs.{setting}");
        match facts.settings.ip_vs(setting) {
            Some(Ok(mode @ (0 | 1))) => findings.good(About::Host, format!("{name} is {mode}")),
            Some(Ok(3)) => {
                findings.warning(
                    About::Host,
                    format!("{name} is 3: {harm}"),
                    format!("To end that: sysctl -w {name}=0"),
                );
            }
            Some(Ok(mode)) => findings.warning(
                About::Host,
                format!("{name} is {mode}: memory is short, and {harm}"),
                "Free memory, or see net.ipv4.vs.amemthresh.",
            ),
            Some(Err(why)) => findings.unknown(About::Host, why),
            None => {}
        }
    }
}

/// There is room for connections. Since Linux 7.1 their table grows, up to a limit; before, it has the size that it was
/// loaded with.
pub fn connection_table(facts: &Facts, findings: &mut Findings) {
    let connections = match (facts.connection_count, &facts.connections) {
        (Some(count), _) => count,
        (None, Ok(connections)) => connections.total,
        (None, Err(why)) => return findings.unknown(About::Host, why.as_str()),
    };
    if let Some(limit) = facts.settings.ip_vs("conn_max") {
        return match limit.map(u64::try_from) {
            Ok(Ok(limit)) => of_limit(connections, limit, findings),
            Ok(Err(_)) => {}
            Err(why) => findings.unknown(About::Host, why),
        };
    }
    let buckets = u64::from(facts.table.info.connection_table_size);
    let seen = format!("{connections} connections, in {buckets} buckets");
    if buckets > 0 && connections / buckets >= LONG_CHAIN {
        let advice = "Load ip_vs with a larger conn_tab_bits, see modinfo ip_vs.";
        findings.warning(About::Host, format!("{seen}: each packet is looked up in a long list"), advice);
    } else {
        findings.good(About::Host, seen);
    }
}

fn of_limit(connections: u64, limit: u64, findings: &mut Findings) {
    let seen = format!("{connections} connections, of {limit} that net.ipv4.vs.conn_max allows");
    let advice = "Raise net.ipv4.vs.conn_max, or shorten timeouts with --set.";
    if connections >= limit {
        findings.fault(About::Host, format!("{seen}: new ones are refused"), advice);
    } else if connections >= limit - limit / 10 {
        findings.warning(About::Host, seen, advice);
    } else {
        findings.good(About::Host, seen);
    }
}

/// Counters and rates are brought up to date.
pub fn estimation(facts: &Facts, findings: &mut Findings) {
    match facts.estimation {
        true => findings.good(About::Host, "counters and rates are brought up to date"),
        false => findings.warning(
            About::Host,
            "counters and rates stand still (net.ipv4.vs.run_estimation is 0, or net.ipv4.vs.est_cpulist is empty)",
            "To let them move: sysctl -w net.ipv4.vs.run_estimation=1, and list a processor in est_cpulist.",
        ),
    }
}
