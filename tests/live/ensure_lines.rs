//! `--ensure` and `--keep` in lines of `-R`: as single commands, and many together.

use std::time::Instant;

use anyhow::{Result, ensure};

use crate::Test;
use crate::ensure::table;
use crate::namespace::Namespace;
use crate::programs::{Programs, Role};

pub const TESTS: &[Test] =
    &[("ensure/lines", lines), ("ensure/lines as single commands", as_commands), ("ensure/many lines", many)];

/// What `-R` says of lines: a status, and standard error.
fn load(programs: &Programs, lines: &str) -> Result<(i32, String)> {
    let outcome = programs.run_with_input(Role::Ours, "ipvsadm -R", lines)?;
    ensure!(outcome.stdout.is_empty(), "{outcome}");
    Ok((outcome.status, outcome.stderr))
}

/// Errors have the right lines, in their order, and the status is the last line's.
fn lines(programs: &Programs) -> Result<()> {
    let _namespace = Namespace::new()?;
    let lines = "\
-A -t 192.0.2.1:80 -s wrr --ensure
-a -t 192.0.2.9:80 -r 10.0.0.1 --ensure
-a -t 192.0.2.1:80 -r 10.0.0.1 -m -w 3 --ensure
-e -t 192.0.2.1:80 -r 10.0.0.1 -w 5 --keep
-e -t 192.0.2.1:80 -r 10.0.0.2 -w 5 --keep
-e -t 192.0.2.1:80 -r 10.0.0.1 --tun-port 5 --keep
-d -t 192.0.2.1:80 -r 10.0.0.9 --ensure
-D -t 192.0.2.7:80 --ensure
-E -t 192.0.2.1:80 -p 60 --keep
-A -t 192.0.2.2:80 -s rr --ensure
-A -t 192.0.2.2:80 -s bogus --ensure
";
    let said = "\
line 2: Service not defined: TCP 192.0.2.9:80
line 5: No such destination
line 6: Tunnel options conflict with forward method
line 11: Scheduler or persistence engine not found
";
    for _ in 0..2 {
        let outcome = load(programs, lines)?;
        ensure!(outcome == (255, said.to_owned()), "{outcome:?}");
        let saved = programs.run(Role::Reference, "-Sn")?.stdout;
        let (one, two) = ("-A -t 192.0.2.1:80 -s wrr -p 60\n", "-A -t 192.0.2.2:80 -s rr\n");
        let server = "-a -t 192.0.2.1:80 -r 10.0.0.1:80 -m -w 5\n";
        ensure!(saved.contains(one) && saved.contains(two) && saved.contains(server), "{saved}");
        ensure!(saved.lines().count() == 3, "{saved}");
    }
    let outcome = load(programs, &format!("{lines}-D -t 192.0.2.7:80 --ensure\n\n"))?;
    ensure!(outcome == (0, said.to_owned()), "{outcome:?}");
    let outcome = load(programs, "-E -t 192.0.2.1:80 --ensure\n-D -t 192.0.2.1:80\n")?;
    let message = "line 1: Illegal 'ensure' option with the 'edit-service' command\n";
    ensure!(outcome == (2, message.to_owned()), "{outcome:?}");
    Ok(())
}

/// Lists of lines that look random, all about two services and three servers.
fn as_commands(programs: &Programs) -> Result<()> {
    let _namespace = Namespace::new()?;
    let mut seed = 1_u64;
    let mut pick = |from: &[&'static str]| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        from[(seed >> 33) as usize % from.len()]
    };
    for _ in 0..12 {
        let lines: Vec<String> = (0..40)
            .map(|_| {
                let service = pick(&["-t 192.0.2.1:80", "-f 7"]);
                let server = pick(&["-r 10.0.0.1:80", "-r 10.0.0.2:80", "-r 224.0.0.1:80"]);
                let scheduler = pick(&["-s rr", "-s sh", "-s bogus"]);
                let settings = pick(&["-m", "-m -w 3", "-i -x 5 -y 2", "-g -y 9", "-i --tun-type gre"]);
                let kept = pick(&["-w 7", "-x 1", "-m", "--tun-type gre", ""]);
                let ensured = pick(&["", " --ensure", " --ensure"]);
                match pick(&["A", "A", "a", "a", "a", "a", "D", "d", "E", "e", "e", "keep", "keep", "keep", "C"]) {
                    "A" => format!("-A {service} {scheduler}{ensured}"),
                    "a" => format!("-a {service} {server} {settings}{ensured}"),
                    "D" => format!("-D {service}{ensured}"),
                    "d" => format!("-d {service} {server}{ensured}"),
                    "E" => format!("-E {service} {scheduler} --keep"),
                    "e" => format!("-e {service} {server} {settings}"),
                    "keep" => format!("-e {service} {server} {kept} --keep"),
                    _ => "-C".to_owned(),
                }
            })
            .collect();
        programs.reference("-C")?;
        let (mut status, mut said) = (0, String::new());
        for (number, line) in (1..).zip(&lines) {
            let outcome = programs.run(Role::Ours, line)?;
            status = outcome.status;
            said += &outcome.stderr.lines().map(|text| format!("line {number}: {text}\n")).collect::<String>();
        }
        let single = (status, said, table(programs)?);
        programs.reference("-C")?;
        let (status, said) = load(programs, &(lines.join("\n") + "\n"))?;
        let together = (status, said, table(programs)?);
        ensure!(together == single, "{}\nsingle: {single:#?}\ntogether: {together:#?}", lines.join("\n"));
    }
    Ok(())
}

/// Ten thousand servers of one service, and two thousand of a thousand; twice, and then other ones.
fn many(programs: &Programs) -> Result<()> {
    let _namespace = Namespace::new()?;
    for (services, all) in [(1, 10_000), (1000, 2000)] {
        let key = |number: u32| format!("-t 10.1.{}.{}:80", number % services / 250, number % services % 250 + 1);
        let add: String = (0..services).map(|number| format!("-A {} -s rr --ensure\n", key(number))).collect();
        let servers = |settings: &str| -> String {
            let server = |number: u32| format!("-r 10.2.{}.{}:80", number / 250, number % 250 + 1);
            (0..all).map(|number| format!("-a {} {} {settings} --ensure\n", key(number), server(number))).collect()
        };
        for (settings, weight) in [("-m -w 3", " -m -w 3"), ("-m -w 3", " -m -w 3"), ("-m -w 4", " -m -w 4")] {
            let started = Instant::now();
            let outcome = load(programs, &(add.clone() + &servers(settings)))?;
            println!("live: {services} services, {settings}: {} ms", started.elapsed().as_millis());
            ensure!(outcome == (0, String::new()), "{outcome:?}");
            let saved = programs.run(Role::Ours, "-Sn")?.stdout;
            let right = saved.lines().filter(|line| line.starts_with("-a") && line.ends_with(weight)).count();
            ensure!(right == all as usize && saved.lines().count() == (all + services) as usize, "{right} servers");
        }
        let started = Instant::now();
        let weights = servers("-w 5").replace("-a", "-e").replace("--ensure", "--keep");
        ensure!(load(programs, &weights)? == (0, String::new()), "weights of {all} servers");
        println!("live: {services} services, weights kept otherwise: {} ms", started.elapsed().as_millis());
        let saved = programs.run(Role::Ours, "-Sn")?.stdout;
        ensure!(saved.lines().filter(|line| line.ends_with(" -m -w 5")).count() == all as usize, "other weights");
        let gone = servers("").replace("-a", "-d");
        ensure!(load(programs, &(gone.clone() + &gone))? == (0, String::new()), "servers that are to be gone");
        let saved = programs.run(Role::Ours, "-Sn")?.stdout;
        ensure!(saved.lines().count() == services as usize, "{saved}");
        programs.reference("-C")?;
    }
    Ok(())
}
