//! The programs that call ipvsadm and read what it prints: each one's rule, in our words, on what both programs say of
//! a live table. The reference is there to show that the rule is right.

use anyhow::{Context, Result, bail, ensure};

use crate::Test;
use crate::busy::Busy;
use crate::network::Network;
use crate::programs::{Outcome, Programs, Role};

pub const TESTS: &[Test] = &[
    ("consumers/ldirectord", ldirectord),
    ("consumers/Octavia", octavia),
    ("consumers/Salt lvs", salt),
    ("consumers/PyBal", pybal),
    ("consumers/munin cps_", munin),
    ("consumers/Zabbix and Nagios plugins", awk_plugins),
    ("consumers/kernel selftest ipvs.sh", selftest),
    ("consumers/keepalived notify scripts", notify_scripts),
    ("consumers/networking-ipvs", networking_ipvs),
    ("consumers/service files", service_files),
    ("consumers/f1shl3gs exporter", exporter),
    ("consumers/Neutron", neutron),
    ("consumers/check_lvs", check_lvs),
];

const ROLES: [Role; 2] = [Role::Reference, Role::Ours];

/// Reads a command's output by a rule, of each program.
fn each(programs: &Programs, arguments: &str, rule: impl Fn(&Outcome) -> Result<()>) -> Result<()> {
    ROLES.iter().try_for_each(|role| {
        let outcome = programs.run(*role, arguments)?;
        rule(&outcome).with_context(|| format!("{role:?}: ipvsadm {arguments}: {outcome}"))
    })
}

/// Stdout and stderr as one, as a shell's `2>&1` gives them.
fn merged(outcome: &Outcome) -> String {
    format!("{}{}", outcome.stderr, outcome.stdout)
}

/// Three title lines, then `PROTOCOL ADDRESS SCHEDULER [persistent N [mask M]]` and `  -> ADDRESS METHOD WEIGHT ...`.
fn ldirectord(programs: &Programs) -> Result<()> {
    let _busy = Busy::new(programs)?;
    each(programs, "-L -n", |outcome| {
        let output = merged(outcome);
        let (mut services, mut methods) = (Vec::new(), Vec::new());
        for line in output.lines().skip(3) {
            let words: Vec<_> = line.split_whitespace().collect();
            match line.strip_prefix("  -> ") {
                Some(_) => {
                    ensure!(["Route", "Tunnel", "Masq"].contains(&words[2]), "another method: {line}");
                    words[3].parse::<i32>()?;
                    methods.push((words[1], words[2]));
                }
                None => services.push(words),
            }
        }
        let persistent = ["TCP", "192.0.2.3:80", "sh", "persistent", "300", "mask", "255.255.255.0"];
        ensure!(services.len() == 16 && services.iter().any(|words| *words == persistent), "services {services:?}");
        for server in [("10.0.1.2:8080", "Masq"), ("10.0.1.4:80", "Route"), ("10.0.1.4:99", "Tunnel")] {
            ensure!(methods.contains(&server), "no server {server:?}");
        }
        Ok(())
    })?;
    each(programs, "-L -n --thresholds", |outcome| {
        let output = merged(outcome);
        let server = output.lines().skip(3).find(|line| line.starts_with("  -> 10.0.1.3:8080")).context("no server")?;
        let words: Vec<_> = server.split_whitespace().collect();
        ensure!(words[2..4] == ["100", "10"], "thresholds {words:?}");
        Ok(())
    })
}

/// The title's words say where a value is.
fn octavia(programs: &Programs) -> Result<()> {
    let _busy = Busy::new(programs)?;
    programs.same_with("-Ln --stats --exact", &["UDP 192.0.2.1:54 3 3 0 114 0"])?;
    each(programs, "-Ln", |outcome| {
        let lines: Vec<_> = outcome.stdout.lines().collect();
        ensure!(lines[1].ends_with("Flags"), "the second line is '{}'", lines[1]);
        // Servers follow their service up to the next one.
        let at = lines.iter().position(|line| line.starts_with("TCP  192.0.2.1:80 ")).context("no service")?;
        let servers = lines[at + 1..].iter().take_while(|line| line.trim_start().starts_with("->"));
        let weights: Vec<_> = servers.filter_map(|line| line.split_whitespace().nth(3)).collect();
        ensure!(weights == ["1", "2"], "weights {weights:?}");
        Ok(())
    })?;
    each(programs, "-Ln --stats --exact", |outcome| {
        let lines: Vec<Vec<_>> = outcome.stdout.lines().map(|line| line.split_whitespace().collect()).collect();
        let titles = &lines[1];
        let service = lines.iter().find(|words| words.get(1) == Some(&"192.0.2.1:54")).context("no service")?;
        for (title, expected) in
            [("Conns", "3"), ("InPkts", "3"), ("OutPkts", "0"), ("InBytes", "114"), ("OutBytes", "0")]
        {
            let place = titles.iter().position(|word| *word == title).context("no such title")?;
            ensure!(service[place] == expected, "{title} is {}", service[place]);
        }
        Ok(())
    })
}

/// Finds its rule in the save as words in this order; an error's text is on stderr.
fn salt(programs: &Programs) -> Result<()> {
    let _network = Network::new()?;
    for role in ROLES {
        let run = |arguments: &str| programs.run(role, arguments);
        for arguments in [
            "-A -t 192.0.2.1:80 -s wlc",
            "-E -t 192.0.2.1:80 -s rr",
            "-a -t 192.0.2.1:80 -r 10.0.1.2:80 -m -w 1",
            "-e -t 192.0.2.1:80 -r 10.0.1.2:80 -m -w 1",
            "-Z",
        ] {
            let outcome = run(arguments)?;
            ensure!(outcome.status == 0 && outcome.stderr.is_empty(), "{role:?}: {arguments}: {outcome}");
        }
        let saved = run("-S -n")?;
        ensure!(saved.stdout.contains(" -t 192.0.2.1:80 -s rr"), "{role:?}: {saved}");
        ensure!(saved.stdout.contains(" -t 192.0.2.1:80 -r 10.0.1.2:80 -m -w 1"), "{role:?}: {saved}");
        ensure!(run("-L -t 192.0.2.1:80 -n")?.status == 0, "{role:?}: its own service is there");
        for arguments in ["-L -t 192.0.2.9:80 -n", "-d -t 192.0.2.1:80 -r 10.0.1.9:80", "-D -t 192.0.2.9:80"] {
            let outcome = run(arguments)?;
            ensure!(outcome.status != 0 && !outcome.stderr.trim().is_empty(), "{role:?}: {arguments}: {outcome}");
        }
        for arguments in ["-d -t 192.0.2.1:80 -r 10.0.1.2:80", "-D -t 192.0.2.1:80", "-C"] {
            ensure!(run(arguments)?.status == 0, "{role:?}: {arguments}");
        }
    }
    Ok(())
}

/// The first line deletes what is normally not there; the others have to be applied.
fn pybal(programs: &Programs) -> Result<()> {
    let _network = Network::new()?;
    let lines = "-D -t 192.0.2.1:80\n-A -t 192.0.2.1:80 -s wrr\n-a -t 192.0.2.1:80 -r 10.0.1.2 -w 10\n\
                 -a -t 192.0.2.1:80 -r 10.0.1.3 -w 0\n-e -t 192.0.2.1:80 -r 10.0.1.3 -w 5\n-d -t 192.0.2.1:80 -r 10.0.1.2\n";
    for role in ROLES {
        programs.run_with_input(role, "ipvsadm -R", lines)?;
        let saved = programs.same("-Sn")?;
        ensure!(
            saved == "-A -t 192.0.2.1:80 -s wrr\n-a -t 192.0.2.1:80 -r 10.0.1.3:80 -g -w 5\n",
            "{role:?}:\n{saved}"
        );
        // A second time the delete works.
        let again = programs.run_with_input(role, "ipvsadm -R", lines)?;
        ensure!(again.status == 0 && merged(&again).is_empty(), "{role:?}: {again}");
        ensure!(programs.same("-Sn")? == saved, "{role:?}: another table the second time");
        programs.reference("-C")?;
    }
    Ok(())
}

/// Without permission: status 2. Numbers may end in K, M, G or T.
fn munin(programs: &Programs) -> Result<()> {
    let _busy = Busy::new(programs)?;
    programs.same_with("-L -n --stats", &["UDP 192.0.2.1:53 1 1 1 38 38"])?;
    each(programs, "-L -n --stats", |outcome| {
        for line in outcome.stdout.lines().skip(3) {
            for number in line.split_whitespace().rev().take(5) {
                number.trim_end_matches(['K', 'M', 'G', 'T']).parse::<u64>().with_context(|| line.to_owned())?;
            }
        }
        Ok(())
    })?;
    let [reference, ours] = ROLES.map(|role| programs.run_as_nobody(role, "-L -n --stats"));
    let (reference, ours) = (reference?, ours?);
    ensure!(ours.status == 2 && ours == reference, "nobody's: reference {reference}, ours {ours}");
    Ok(())
}

/// A server's line in awk's words: `$4` weight, `$5` active, `$6` inactive connections; in the rate view five numbers.
fn awk_plugins(programs: &Programs) -> Result<()> {
    let _busy = Busy::new(programs)?;
    each(programs, "-l -n", |outcome| {
        let sums = outcome.stdout.lines().filter(|line| line.trim_start().starts_with("-> ")).skip(1);
        let mut sum = [0; 3];
        for line in sums {
            let words: Vec<_> = line.split_whitespace().collect();
            let [_, _, _, numbers @ ..] = &words[..] else { bail!("a short line: {line}") };
            ensure!(numbers.len() == 3, "not six words: {line}");
            for (sum, number) in sum.iter_mut().zip(numbers) {
                *sum += number.parse::<u64>()?;
            }
        }
        // Thirteen live connections at least; some that have ended may be gone already.
        ensure!(sum[0] == 22 && sum[1] >= 9 && sum[2] >= 1, "sums {sum:?}");
        Ok(())
    })?;
    each(programs, "-l -n --rate", |outcome| {
        let servers = outcome.stdout.lines().skip(3).filter(|line| line.trim_start().starts_with("-> "));
        for line in servers {
            let numbers = line.split_whitespace().skip(2).map(str::parse::<u64>).collect::<Result<Vec<_>, _>>()?;
            ensure!(numbers.len() == 5, "not five rates: {line}");
        }
        Ok(())
    })
}

/// Options in any order behind the command; a server without a forwarding method is Route.
fn selftest(programs: &Programs) -> Result<()> {
    let _network = Network::new()?;
    for role in ROLES {
        let version = programs.run(role, "-v")?;
        ensure!(version.status == 0 && version.stdout.starts_with("ipvsadm v1.31 "), "{role:?}: {version}");
        for arguments in [
            "-A -t 192.0.2.1:8080 -s rr",
            "-a -m -t 192.0.2.1:8080 -r 10.0.1.2:8080",
            "-a -i -t 192.0.2.1:8080 -r 10.0.1.3:8080",
            "-a -t 192.0.2.1:8080 -r 10.0.1.4:8080",
            "-a -r 10.0.1.5:8080 -w 2 -t 192.0.2.1:8080 -g",
        ] {
            let outcome = programs.run(role, arguments)?;
            ensure!(outcome.status == 0, "{role:?}: {arguments}: {outcome}");
        }
        programs.same_with(
            "-Ln",
            &["10.0.1.2:8080 Masq 1", "10.0.1.3:8080 Tunnel 1", "10.0.1.4:8080 Route 1", "10.0.1.5:8080 Route 2"],
        )?;
        programs.reference("-C")?;
    }
    Ok(())
}

/// Starts and stops daemons of both kinds; stopping what does not run is an error, and no more than that.
fn notify_scripts(programs: &Programs) -> Result<()> {
    let _network = Network::new()?;
    let commands = [
        "--stop-daemon master",
        "--start-daemon backup --syncid 7 --mcast-interface=to-client",
        "-L --daemon",
        "--start-daemon backup --syncid 7 --mcast-interface=to-client",
        "--stop-daemon backup",
        "--stop-daemon backup",
        "--start-daemon master --syncid 7 --mcast-interface=to-client",
        "-L --daemon",
        "--stop-daemon master",
        "-L --daemon",
    ];
    let [reference, ours] =
        ROLES.map(|role| commands.iter().map(|command| programs.run(role, command)).collect::<Result<Vec<_>>>());
    for ((command, reference), ours) in commands.iter().zip(reference?).zip(ours?) {
        ensure!(reference == ours, "ipvsadm {command}\n  reference: {reference}\n  ours: {ours}");
    }
    let outcome = programs.run(Role::Ours, "--stop-daemon backup")?;
    ensure!(outcome.status == 255 && outcome.stderr == "No daemon is running\n", "{outcome}");
    Ok(())
}

/// Looks for an option's name in the help, which is on stdout.
fn networking_ipvs(programs: &Programs) -> Result<()> {
    each(programs, "--help", |outcome| {
        ensure!(outcome.status == 0 && outcome.stderr.is_empty());
        for option in
            ["--add-service", "--sctp-service", "--sched-flags", "--pe", "--ops", "--tun-type", "--thresholds"]
        {
            ensure!(outcome.stdout.lines().any(|line| line.contains(option)), "no {option}");
        }
        Ok(())
    })
}

/// Saves at the stop, restores at the start: only stdin, stdout and the statuses.
fn service_files(programs: &Programs) -> Result<()> {
    let _busy = Busy::new(programs)?;
    let expected = programs.same("-Sn")?;
    for role in ROLES {
        let saved = programs.run_with_input(role, "ipvsadm-save -n", "")?;
        ensure!(saved.status == 0 && saved.stderr.is_empty() && saved.stdout == expected, "{role:?}: {saved}");
        let cleared = programs.run(role, "-C")?;
        ensure!(cleared.status == 0 && merged(&cleared).is_empty(), "{role:?}: {cleared}");
        let file = format!("# written by a person\n{}", saved.stdout);
        let restored = programs.run_with_input(role, "ipvsadm-restore", &file)?;
        ensure!(restored.status == 0 && merged(&restored).is_empty(), "{role:?}: {restored}");
        ensure!(programs.same("-Sn")? == expected, "{role:?}: another table");
    }
    Ok(())
}

/// Three title lines whatever stream they come on, services at column 0, servers indented.
fn exporter(programs: &Programs) -> Result<()> {
    let _busy = Busy::new(programs)?;
    each(programs, "-l --stats -n", |outcome| {
        let output = merged(outcome);
        let mut services = 0;
        for line in output.lines().skip(3) {
            let service = ["TCP", "UDP", "SCTP", "FWM"].iter().any(|protocol| line.starts_with(protocol));
            ensure!(service || line.starts_with("  -> "), "neither service nor server: {line}");
            services += usize::from(service);
        }
        ensure!(services == 16, "{services} services");
        Ok(())
    })
}

/// The protocol is padded to four, and one blank comes after it.
fn neutron(programs: &Programs) -> Result<()> {
    let _busy = Busy::new(programs)?;
    each(programs, "-Ln", |outcome| {
        for service in
            ["TCP  192.0.2.1:80", "UDP  192.0.2.1:53", "SCTP 192.0.2.1:90", "TCP  [2001:db8::1]:80", "FWM  7"]
        {
            ensure!(outcome.stdout.contains(&format!("\n{service} ")), "no '{service}'");
        }
        Ok(())
    })
}

/// A single service has two title lines, and then itself.
fn check_lvs(programs: &Programs) -> Result<()> {
    let _busy = Busy::new(programs)?;
    each(programs, "-L -n -t 192.0.2.1:80", |outcome| {
        let lines: Vec<_> = outcome.stdout.lines().collect();
        ensure!(outcome.status == 0 && outcome.stderr.is_empty() && lines.len() == 5);
        ensure!(lines[0].starts_with("Prot ") && lines[1].starts_with("  -> RemoteAddress:Port"));
        ensure!(lines[2].starts_with("TCP  192.0.2.1:80 "));
        let active: Vec<_> = lines[3..].iter().filter_map(|line| line.split_whitespace().nth(4)).collect();
        ensure!(active == ["1", "2"], "active connections {active:?}");
        Ok(())
    })
}
