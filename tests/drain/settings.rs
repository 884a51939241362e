//! Only the weight changes, and the commands that are printed bring everything back.

use anyhow::{Result, ensure};

use crate::Test;
use crate::director::Director;
use crate::programs::Programs;

pub const TESTS: &[Test] = &[("settings/only the weight changes", only_the_weight_changes)];

const TABLE: &str = "
-A -t 192.0.2.1:80 -s wrr
-a -t 192.0.2.1:80 -r 10.0.1.2:8080 -m -w 30 -x 100 -y 10
-a -t 192.0.2.1:80 -r 10.0.1.3:8080 -m
-A -t 192.0.2.4:80 -s wlc -p 60 -M 255.255.255.0
-a -t 192.0.2.4:80 -r 10.0.1.2 -i -w 7 --tun-type gue --tun-port 5555 --tun-remcsum -x 5
-a -t 192.0.2.4:80 -r 10.0.1.3 -i -w 2147483647 --tun-type gre --tun-csum
-a -t 192.0.2.4:80 -r fd00:1::2 -i -w 2
-A -u [2001:db8::1]:53 -s rr -o
-a -u [2001:db8::1]:53 -r [fd00:1::2]:5353 -m -w 3
-a -u [2001:db8::1]:53 -r [fd00:1::3]:5353 -m
-A -f 8 -6 -s mh -b mh-fallback
-a -f 8 -6 -r fd00:1::2 -g -w 9
-a -f 8 -6 -r fd00:1::3 -g
-A --sctp-service 192.0.2.1:90 -s lc
-a --sctp-service 192.0.2.1:90 -r 10.0.1.1 -g -w 4
-a --sctp-service 192.0.2.1:90 -r 10.0.1.2 -g";

/// Service, server, its weight as it is saved.
const CASES: [(&str, &str, &str); 7] = [
    ("-t 192.0.2.1:80", "10.0.1.2:8080", " -w 30 "),
    ("-t 192.0.2.4:80", "10.0.1.2:80", " -w 7 "),
    ("-t 192.0.2.4:80", "10.0.1.3:80", " -w 2147483647 "),
    ("-t 192.0.2.4:80", "[fd00:1::2]:80", " -w 2 "),
    ("-u [2001:db8::1]:53", "[fd00:1::2]:5353", " -w 3\n"),
    ("-f 8 -6", "[fd00:1::2]:0", " -w 9\n"),
    ("--sctp-service 192.0.2.1:90", "10.0.1.1:90", " -w 4\n"),
];

fn only_the_weight_changes(programs: &Programs) -> Result<()> {
    let _director = Director::new(programs, TABLE)?;
    let before = programs.saved()?;
    for (service, server, weight) in CASES {
        let rule = format!("-a {service} -r {server} ");
        let found = before.split_inclusive('\n').find(|line| line.starts_with(&rule)).unwrap_or_default();
        let drained = before.replace(
            found,
            &found.replace(weight, &weight.replace(|c: char| c.is_ascii_digit(), "").replace("-w ", "-w 0")),
        );
        ensure!(drained != before, "no '{rule}' with '{weight}' in\n{before}");

        let outcome = programs.run(&format!("-e {service} -r {server} --drain"))?;
        outcome.expect(0, &["it stays at weight 0."], &[])?;
        let after = programs.saved()?;
        ensure!(after == drained, "drained:\n{after}expected:\n{drained}");
        programs.ours(&outcome.command("To put it back: ipvsadm ")?)?;
        ensure!(programs.saved()? == before, "put back by the command of: {outcome}");

        let outcome = programs.run(&format!("-d {service} -r {server} --drain"))?;
        outcome.expect(0, &["it is removed."], &[])?;
        let after = programs.saved()?;
        ensure!(after == before.replace(found, ""), "removed:\n{after}");
        programs.ours(&outcome.command("To add it again: ipvsadm ")?)?;
        ensure!(programs.saved()? == before, "added by the command of: {outcome}");
    }
    Ok(())
}
