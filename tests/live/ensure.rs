//! `--ensure` and `--keep`: whatever is there, the table is afterwards as the reference makes it of an empty one, and
//! what is untouched keeps its connections.

use anyhow::{Context, Result, ensure};

use crate::Test;
use crate::busy::Busy;
use crate::namespace::Namespace;
use crate::network::shell;
use crate::peers;
use crate::programs::{Programs, Role};
use crate::views;

pub const TESTS: &[Test] = &[
    ("ensure/services", services),
    ("ensure/servers", servers),
    ("ensure/daemons", daemons),
    ("ensure/gone", gone),
    ("ensure/refused", refused),
    ("ensure/connections", connections),
    ("keep/services", kept_services),
    ("keep/servers", kept_servers),
    ("keep/refused", kept_refused),
];

/// What a service may be; the last ones are for UDP.
const SETTINGS: [&str; 7] = [
    "-s rr",
    "-s wlc -p",
    "-s sh -b sh-port",
    "-s mh -b mh-fallback,mh-port -p 60",
    "-s wrr -p 60 MASK",
    "-s rr -o",
    "-s sh -b sh-port,flag-3 -p 60 MASK --pe sip -o",
];

/// What a server may be.
const SERVERS: [&str; 9] = [
    "-g",
    "-g -w 0 -x 9 -y 3",
    "-m -w 5",
    "-m -w 5 -x 9",
    "-i",
    "-i -w 2147483647 --tun-type gue --tun-port 6080",
    "-i --tun-type gue --tun-port 6081 --tun-csum",
    "-i --tun-type gue --tun-port 6080 --tun-remcsum -x 1 -y 1",
    "-i --tun-type gre --tun-csum",
];

/// All that the table of services is, as the reference shows it.
pub fn table(programs: &Programs) -> Result<[String; 2]> {
    let saved = programs.run(Role::Reference, "-Sn")?.stdout;
    let thresholds = programs.run(Role::Reference, "-Ln --thresholds")?.stdout;
    // Its first line has the size of the table of connections.
    Ok([saved, thresholds.lines().skip(1).collect()])
}

/// The table that the reference makes of lines.
fn made(programs: &Programs, lines: &str) -> Result<[String; 2]> {
    set_up(programs, lines)?;
    table(programs)
}

/// Has the reference make a table of lines and of nothing else.
fn set_up(programs: &Programs, lines: &str) -> Result<()> {
    let outcome = programs.run_with_input(Role::Reference, "ipvsadm -R", &format!("-C\n{lines}\n"))?;
    ensure!(outcome.status == 0 && outcome.stderr.is_empty(), "{lines}: {outcome}");
    Ok(())
}

/// Has a table of the reference's as this command of ours makes it of another one; of an empty one, the second time too.
fn becomes(programs: &Programs, before: &str, line: &str, wanted: &[String; 2]) -> Result<()> {
    set_up(programs, before)?;
    for time in ["first", "second"].iter().take(if before.is_empty() { 2 } else { 1 }) {
        programs.ours(line)?;
        let found = table(programs)?;
        ensure!(
            found == *wanted,
            "of\n{before}\nipvsadm {line} made, the {time} time,\n{found:?}\nand not\n{wanted:?}"
        );
    }
    Ok(())
}

fn services(programs: &Programs) -> Result<()> {
    let _namespace = Namespace::new()?;
    for (key, mask) in [
        ("-t 192.0.2.1:80", "-M 255.255.0.0"),
        ("-u 192.0.2.1:53", "-M 255.255.0.0"),
        ("--sctp-service 192.0.2.1:80", "-M 255.255.0.0"),
        ("-f 7", "-M 255.255.0.0"),
        ("-t [2001:db8::1]:80", "-M 64"),
        ("-u [2001:db8::1]:53", "-M 64"),
        ("-f 7 -6", "-M 64"),
    ] {
        let all: Vec<_> = SETTINGS.iter().map(|settings| settings.replace("MASK", mask)).collect();
        let fit = &all[..if key.starts_with("-u") { all.len() } else { all.len() - 2 }];
        for settings in fit {
            let line = format!("-A {key} {settings}");
            let wanted = made(programs, &line)?;
            let others = fit.iter().map(|other| format!("-A {key} {other}"));
            // Each of one service becomes each other; of the others, some do.
            let some = others.step_by(if key == "-t 192.0.2.1:80" { 1 } else { 3 });
            for before in some.chain([String::new()]) {
                becomes(programs, &before, &format!("{line} --ensure"), &wanted)?;
            }
        }
        // What is not given has its default, and servers stay.
        let server = if mask == "-M 64" { "-r [2001:db8::99]:80 -m" } else { "-r 10.0.0.1:80 -m" };
        let wanted = made(programs, &format!("-A {key}\n-a {key} {server}"))?;
        let before = format!("-A {key} {}\n-a {key} {server}", fit[4]);
        becomes(programs, &before, &format!("-A {key} --ensure"), &wanted)?;
    }
    Ok(())
}

/// Each of one service becomes each other; of the others, one becomes the next.
fn servers(programs: &Programs) -> Result<()> {
    let _namespace = Namespace::new()?;
    for (service, server, first, most) in [
        ("-t 192.0.2.1:80", "-r 10.0.0.1:80", 0, SERVERS.len()),
        ("-u [2001:db8::1]:53", "-r [2001:db8::99]:53", 0, 1),
        ("-f 7", "-r 10.0.0.1:80", 0, 1),
        // Another family needs a tunnel.
        ("-f 7 -6", "-r 10.0.0.1:80", 4, 1),
    ] {
        let add = format!("-A {service} -s rr");
        let fit = &SERVERS[first..];
        for (place, settings) in fit.iter().enumerate() {
            let line = format!("-a {service} {server} {settings}");
            let wanted = made(programs, &format!("{add}\n{line}"))?;
            becomes(programs, &add, &format!("{line} --ensure"), &wanted)?;
            for other in fit.iter().cycle().skip(place + 1).take(most) {
                becomes(
                    programs,
                    &format!("{add}\n-a {service} {server} {other}"),
                    &format!("{line} --ensure"),
                    &wanted,
                )?;
            }
        }
    }
    Ok(())
}

/// Both daemons stand still while the other one is changed.
fn daemons(programs: &Programs) -> Result<()> {
    let _namespace = Namespace::new()?;
    for name in ["d0", "d1"] {
        shell(&format!("ip link add {name} type dummy; ip addr add 10.0.0.1/8 dev {name}; ip link set {name} up"))?;
    }
    let all = [
        "--mcast-interface d0",
        "--mcast-interface d0 --syncid 7",
        "--mcast-interface d1 --syncid 7",
        "--mcast-interface d0 --syncid 7 --sync-maxlen 1400",
        "--mcast-interface d0 --syncid 7 --mcast-group 224.0.0.82 --mcast-port 8849 --mcast-ttl 3",
    ];
    let set_up = |lines: &str| {
        for state in ["master", "backup"] {
            programs.run(Role::Reference, &format!("--stop-daemon {state}"))?;
        }
        programs.reference(lines)?;
        programs.run(Role::Reference, "-L --daemon").map(|outcome| outcome.stdout)
    };
    for (state, other) in [("master", "backup"), ("backup", "master")] {
        let beside = format!("--start-daemon {other} --mcast-interface d1 --syncid 9");
        for daemon in all {
            let start = format!("--start-daemon {state} {daemon}");
            let wanted = set_up(&format!("{beside}\n{start}"))?;
            let others = all.iter().map(|other| format!("{beside}\n--start-daemon {state} {other}"));
            for before in others.chain([beside.clone()]) {
                set_up(&before)?;
                for _ in 0..2 {
                    programs.ours(&format!("{start} --ensure"))?;
                    let found = programs.run(Role::Reference, "-L --daemon")?.stdout;
                    ensure!(found == wanted, "of\n{before}\n{start} --ensure made\n{found}and not\n{wanted}");
                }
            }
        }
        let wanted = set_up(&beside)?;
        for before in [beside.clone(), format!("{beside}\n--start-daemon {state} {}", all[1])] {
            set_up(&before)?;
            for _ in 0..2 {
                programs.ours(&format!("--stop-daemon {state} --ensure"))?;
                let found = programs.run(Role::Reference, "-L --daemon")?.stdout;
                ensure!(found == wanted, "of\n{before}\n--stop-daemon {state} --ensure made\n{found}");
            }
        }
        // One that cannot be started leaves the one that runs.
        let wanted = set_up(&format!("{beside}\n--start-daemon {state} {}", all[4]))?;
        let outcome = programs.run(Role::Ours, &format!("--start-daemon {state} --mcast-interface nix --ensure"))?;
        ensure!((outcome.status, &*outcome.stderr) == (255, "No such device\n"), "{outcome}");
        let found = programs.run(Role::Reference, "-L --daemon")?.stdout;
        ensure!(found == wanted, "a daemon that cannot be started left\n{found}of\n{wanted}");
    }
    Ok(())
}

fn gone(programs: &Programs) -> Result<()> {
    let _namespace = Namespace::new()?;
    for (service, server) in [
        ("-t 192.0.2.1:80", "-r 10.0.0.1:8080"),
        ("-u [2001:db8::1]:53", "-r [2001:db8::99]:53"),
        ("-f 7", "-r 10.0.0.1:80"),
        ("-f 7 -6", "-r [2001:db8::99]:80"),
    ] {
        let (add, with_server) = (format!("-A {service}"), format!("-A {service}\n-a {service} {server} -m"));
        let (delete, delete_server) = (format!("-D {service} --ensure"), format!("-d {service} {server} --ensure"));
        let (empty, alone) = (made(programs, "")?, made(programs, &add)?);
        becomes(programs, &with_server, &delete_server, &alone)?;
        becomes(programs, &add, &delete_server, &alone)?;
        becomes(programs, "", &delete_server, &empty)?;
        becomes(programs, &with_server, &delete, &empty)?;
        becomes(programs, "", &delete, &empty)?;
    }
    Ok(())
}

/// A line of ours that fails, with its status and its message, and leaves the table alone.
fn fails(programs: &Programs, line: &str, status: i32, message: &str) -> Result<()> {
    let before = table(programs)?;
    let outcome = programs.run(Role::Ours, line)?;
    ensure!((outcome.status, outcome.stderr.trim_end()) == (status, message), "ipvsadm {line}: {outcome}");
    ensure!(outcome.stdout.is_empty() && table(programs)? == before, "ipvsadm {line} changed something");
    Ok(())
}

fn refused(programs: &Programs) -> Result<()> {
    let _namespace = Namespace::new()?;
    fails(programs, "-a -t 192.0.2.1:80 -r 10.0.0.1 --ensure", 255, "Service not defined: TCP 192.0.2.1:80")?;
    fails(programs, "-A -t 192.0.2.1:80 -s bogus --ensure", 255, "Scheduler or persistence engine not found")?;
    programs.ours("-A -t 192.0.2.1:80 -s wrr\n-a -t 192.0.2.1:80 -r 10.0.0.1 -m -w 3")?;
    fails(programs, "-A -t 192.0.2.1:80 -s bogus --ensure", 255, "Scheduler or persistence engine not found")?;
    fails(programs, "-a -t 192.0.2.1:80 -r 10.0.0.1 -y 5 --ensure", 255, "Numerical result out of range")?;
    let unknown = programs.run(Role::Reference, "-A -t 192.0.2.1:80 --ensure")?;
    ensure!(unknown.stderr == "--ensure: unknown option\n", "{unknown}");
    Ok(())
}

/// Connections and counters outlive what is repeated and what is edited.
fn connections(programs: &Programs) -> Result<()> {
    let mut busy = Busy::new(programs)?;
    let counted = ["TCP 192.0.2.1:80 5", "UDP 192.0.2.1:53 1 1 1 38 38"];
    programs.same_with("-Ln --stats", &counted)?;
    let saved = programs.same("-Sn")?;
    // Thresholds are not saved: what is equal but for them is edited.
    for line in saved.lines() {
        programs.ours(&format!("{line} --ensure"))?;
    }
    ensure!(programs.same("-Sn")? == saved, "a table that was ensured as it was saved is another one");
    programs.same_with("-Ln --stats", &counted)?;
    programs.ours(
        "-A -t 192.0.2.1:80 -s rr -p 60 --ensure
         -a -t 192.0.2.1:80 -r 10.0.1.3:8080 -m -w 7 --ensure
         -E -u 192.0.2.1:53 -s wlc --keep
         -e -u 192.0.2.1:53 -r 10.0.1.2:5353 -w 9 --keep",
    )?;
    let listing = ["TCP 192.0.2.1:80 rr persistent 60", "10.0.1.3:8080 Masq 7", "UDP 192.0.2.1:53 wlc", "5353 Masq 9"];
    programs.same_with("-Ln", &listing)?;
    programs.same_with("-Ln --stats", &counted)?;
    programs.same_with("-Lnc", &["ESTABLISHED 192.0.2.100:40001 192.0.2.1:80 10.0.1.3:8080"])?;
    for stream in &mut busy.open {
        peers::exchange(stream).context("a connection through what was ensured")?;
    }
    programs.same_views(views::SHORT)
}

/// Each option replaces what it sets, and nothing else stands in its way.
fn kept_services(programs: &Programs) -> Result<()> {
    let _namespace = Namespace::new()?;
    let key = "-u 192.0.2.1:5060";
    let all = "-s sh -b sh-port -p 60 -M 255.255.0.0 --pe sip -o";
    for (before, edit, after) in [
        (all, "", all),
        (all, "-s rr", "-s rr -b flag-2 -p 60 -M 255.255.0.0 --pe sip -o"),
        (all, "-s mh", "-s mh -b mh-port -p 60 -M 255.255.0.0 --pe sip -o"),
        (all, "-b sh-fallback", "-s sh -b sh-fallback -p 60 -M 255.255.0.0 --pe sip -o"),
        (all, "-p 70", "-s sh -b sh-port -p 70 -M 255.255.0.0 --pe sip -o"),
        (all, "-p", "-s sh -b sh-port -p 360 -M 255.255.0.0 --pe sip -o"),
        (all, "-M 255.0.0.0", "-s sh -b sh-port -p 60 -M 255.0.0.0 --pe sip -o"),
        (all, "--pe=", "-s sh -b sh-port -p 60 -M 255.255.0.0 -o"),
        (all, "--sched-flags=", "-s sh -p 60 -M 255.255.0.0 --pe sip -o"),
        ("-s wrr", "-o", "-s wrr -o"),
        ("-s wrr -o", "-p 9", "-s wrr -o -p 9"),
        ("-s wrr -p 9", "--pe sip", "-s wrr -p 9 --pe sip"),
    ] {
        let wanted = made(programs, &format!("-A {key} {after}"))?;
        becomes(programs, &format!("-A {key} {before}"), &format!("-E {key} {edit} --keep"), &wanted)?;
    }
    for (key, mask, other) in [("-t [2001:db8::1]:80", "-M 64", "-M 96"), ("-f 7 -6", "-M 64", "-M 96")] {
        let wanted = made(programs, &format!("-A {key} -s lc -p 60 {other}"))?;
        becomes(programs, &format!("-A {key} -s lc -p 60 {mask}"), &format!("-E {key} {other} --keep"), &wanted)?;
    }
    let wanted = made(programs, "-A -t 192.0.2.1 -s lc -p 60")?;
    becomes(programs, "-A -t 192.0.2.1 -s rr -p 60", "-E -t 192.0.2.1 -s lc --keep", &wanted)
}

fn kept_servers(programs: &Programs) -> Result<()> {
    let _namespace = Namespace::new()?;
    let gue = "-i -w 5 -x 9 -y 3 --tun-type gue --tun-port 6080 --tun-csum";
    for (service, server) in [
        ("-t 192.0.2.1:80", "-r 10.0.0.1:80"),
        ("-u [2001:db8::1]:53", "-r [2001:db8::99]:53"),
        ("-f 7", "-r 10.0.0.1"),
    ] {
        let add = format!("-A {service} -s rr");
        for (before, edit, after) in [
            (gue, "", gue),
            (gue, "-w 0", "-i -w 0 -x 9 -y 3 --tun-type gue --tun-port 6080 --tun-csum"),
            (gue, "-x 20", "-i -w 5 -x 20 -y 3 --tun-type gue --tun-port 6080 --tun-csum"),
            (gue, "-y 0", "-i -w 5 -x 9 -y 0 --tun-type gue --tun-port 6080 --tun-csum"),
            (gue, "--tun-port 6081", "-i -w 5 -x 9 -y 3 --tun-type gue --tun-port 6081 --tun-csum"),
            (gue, "--tun-nocsum", "-i -w 5 -x 9 -y 3 --tun-type gue --tun-port 6080 --tun-nocsum"),
            (gue, "--tun-remcsum", "-i -w 5 -x 9 -y 3 --tun-type gue --tun-port 6080 --tun-remcsum"),
            (gue, "--tun-type gre", "-i -w 5 -x 9 -y 3 --tun-type gre --tun-csum"),
            (gue, "--tun-type ipip", "-i -w 5 -x 9 -y 3"),
            (gue, "-m", "-m -w 5 -x 9 -y 3"),
            (gue, "-g", "-g -w 5 -x 9 -y 3"),
            ("-m -w 4", "-w 5", "-m -w 5"),
            ("-m -w 4", "-i", "-i -w 4"),
            ("-g -w 4", "-x 3", "-g -w 4 -x 3"),
            (
                "-i --tun-type gre --tun-csum",
                "--tun-type gue --tun-port 7",
                "-i --tun-type gue --tun-port 7 --tun-csum",
            ),
        ] {
            let wanted = made(programs, &format!("{add}\n-a {service} {server} {after}"))?;
            let before = format!("{add}\n-a {service} {server} {before}");
            becomes(programs, &before, &format!("-e {service} {server} {edit} --keep"), &wanted)?;
        }
    }
    // At a port of its own, and of another family.
    let wanted = made(programs, "-A -t 192.0.2.1:80\n-a -t 192.0.2.1:80 -r 10.0.0.1:8080 -m -w 0")?;
    let before = "-A -t 192.0.2.1:80\n-a -t 192.0.2.1:80 -r 10.0.0.1:8080 -m -w 3";
    becomes(programs, before, "-e -t 192.0.2.1:80 -r 10.0.0.1:8080 -w 0 --keep", &wanted)?;
    let wanted = made(programs, "-A -f 7 -6\n-a -f 7 -6 -r 10.0.0.1 -i -w 0")?;
    becomes(programs, "-A -f 7 -6\n-a -f 7 -6 -r 10.0.0.1 -i", "-e -f 7 -6 -r 10.0.0.1 -w 0 --keep", &wanted)
}

fn kept_refused(programs: &Programs) -> Result<()> {
    let _namespace = Namespace::new()?;
    fails(programs, "-E -t 192.0.2.1:80 -s rr --keep", 255, "No such service")?;
    fails(programs, "-e -t 192.0.2.1:80 -r 10.0.0.1 -w 0 --keep", 255, "Service not defined")?;
    programs.ours(
        "-A -t 192.0.2.1:80 -s wrr
         -a -t 192.0.2.1:80 -r 10.0.0.1 -m -w 3 -x 5 -y 5
         -a -t 192.0.2.1:80 -r 10.0.0.2 -i --tun-type gre
         -A -f 7 -6
         -a -f 7 -6 -r 10.0.0.1 -i",
    )?;
    let needs_port = "You need to supply the 'tun-port' option for the 'gue' tunnel type";
    for (line, status, message) in [
        ("-e -t 192.0.2.1:80 -r 10.0.0.9 -w 0 --keep", 255, "No such destination"),
        ("-e -t 192.0.2.1:80 -r 10.0.0.1 -x 4 --keep", 255, "Numerical result out of range"),
        ("-e -t 192.0.2.1:80 -r 10.0.0.1 --tun-port 7 --keep", 2, "Tunnel options conflict with forward method"),
        ("-e -t 192.0.2.1:80 -r 10.0.0.2 --tun-type gue --keep", 2, needs_port),
        ("-e -f 7 -6 -r 10.0.0.1 -m --keep", 2, "Different address family is allowed only for tunneling servers"),
        ("-E -t 192.0.2.1:80 -s bogus --keep", 255, "Scheduler or persistence engine not found"),
        ("-E -t 192.0.2.1:80 -b sh-port --keep", 2, "incompatible scheduler flag `sh-port'"),
        ("-E -t 192.0.2.1:80 --ensure", 2, "Illegal 'ensure' option with the 'edit-service' command"),
        ("-A -t 192.0.2.9:80 --keep", 2, "Illegal 'keep' option with the 'add-service' command"),
    ] {
        fails(programs, line, status, message)?;
    }
    Ok(())
}
