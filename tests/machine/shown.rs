//! Every command of ours in the documents does on this kernel what they say, and what they show as output is what comes.

use crate::blocks::{Block, blocks, is_ours};
use crate::elsewhere::BLOCKS;
use crate::namespace::Namespace;
use crate::program::{Outcome, Programs, finish, shell};
use anyhow::{Context, Result, bail, ensure};
use socket2::{Domain, Socket, Type};
use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};

/// What the documents speak of. A block that begins with `ipvsadm -A` makes a table of its own; each command of another
/// one finds this.
const TABLE: &str = "\
-A -t 192.0.2.1:80 -s wrr
-a -t 192.0.2.1:80 -r 10.0.0.1:8080 -m
-a -t 192.0.2.1:80 -r 10.0.1.2:80 -m -w 3
-a -t 192.0.2.1:80 -r 10.0.1.2:8080 -m -w 3
-a -t 192.0.2.1:80 -r 192.0.2.7 -g
-A -f 7 -s rr
-a -f 7 -r 10.0.1.2 -g
-a -f 7 -r 10.0.1.3 -g
";
/// Where commands are given.
const FOLDER: &str = "/run/shown";
/// The interface that the documents name.
const MACHINE: &str = "
ip -batch - <<END
link add eth0 type dummy
address add 192.0.2.11/24 dev eth0
address add 192.0.2.1/32 dev eth0
link set eth0 up multicast on
route add default dev eth0
END
";
/// In place of docker: the process of every container is the first one.
const DOCKER: &str = "#!/bin/sh\necho 1\n";

pub fn commands(programs: &Programs) -> Result<String> {
    fs::create_dir_all(FOLDER)?;
    for name in ["ipvsadm", "ipvsadm-save", "ipvsadm-restore"] {
        symlink(&programs.ours, format!("{FOLDER}/{name}"))?;
    }
    fs::write(format!("{FOLDER}/docker"), DOCKER)?;
    // The network namespace that the documents name, and a folder that a unit writes into.
    shell(&format!("chmod +x {FOLDER}/docker; ip netns add blue; mkdir -p /var/lib/prometheus/node-exporter"))?;
    let (mut count, mut outputs) = (0, 0);
    for block in blocks()? {
        let place = block.place();
        if BLOCKS.iter().any(|(document, begin, ..)| is_at(&block, document, begin)) {
            continue;
        }
        let makes_table = block.commands().first().is_some_and(|command| command.starts_with("ipvsadm -A "));
        let mut home = None;
        for command in block.commands().iter().filter(|command| is_ours(command)) {
            if home.is_none() || !makes_table {
                home = Some(prepared(programs, if makes_table { "" } else { TABLE })?);
            }
            play(command).with_context(|| format!("{place}: {command}"))?;
            count += 1;
        }
    }
    for (document, begin, output) in [
        ("README.md", "  -> RemoteAddress:Port", listing as fn(&Programs) -> Result<String>),
        ("docs/diagnose.md", "fault    TCP", findings),
        ("docs/json.md", "services[0].servers[2].weight:", wrong_document),
    ] {
        let is_it = |block: &Block| is_at(block, document, begin);
        let block = blocks()?.into_iter().find(is_it).with_context(|| format!("{document} shows no '{begin}'"))?;
        let found = output(programs)?;
        shows(&block, &found).with_context(|| format!("{document} shows otherwise:\n{found}"))?;
        outputs += 1;
    }
    ensure!(count > 40, "only {count} commands");
    Ok(format!("{count} commands, {outputs} outputs"))
}

fn is_at(block: &Block, document: &str, begin: &str) -> bool {
    block.document == document && block.lines.join("\n").starts_with(begin)
}

/// A network namespace with what the documents name, and this table, which is also in the file `rules`.
fn prepared(programs: &Programs, table: &str) -> Result<Namespace> {
    let home = Namespace::new()?;
    shell(MACHINE)?;
    programs.reference(&["-R"], table)?;
    fs::write(format!("{FOLDER}/rules"), programs.full()?)?;
    Ok(home)
}

/// Gives a shell the command, in a folder with the file `rules`.
fn given(command: &str) -> Result<Outcome> {
    let mut shell = Command::new("sh");
    shell.args(["-c", command]).current_dir(FOLDER).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    shell.env("PATH", format!("{FOLDER}:/usr/sbin:/usr/bin:/sbin:/bin"));
    finish(shell.spawn().context("starting sh")?, "")
}

fn play(command: &str) -> Result<()> {
    // It goes on until it is interrupted.
    let is_endless = command.contains("--watch");
    let before = match command {
        _ if is_endless => "exec timeout --preserve-status --signal INT 0.3 ",
        // What is there already cannot be added.
        _ if command.contains("--noflush <") => "ipvsadm -C; ",
        _ => "",
    };
    let outcome = given(&format!("{before}{command}"))?;
    let expected: &[i32] = match command {
        _ if is_endless => &[130, -2],
        // Nobody answers at these servers.
        _ if command.contains("--diagnose") => &[1],
        _ => &[0],
    };
    ensure!(expected.contains(&outcome.status), "{outcome:?}");
    Ok(())
}

/// The lines of the block come in the output, in this order, whatever the numbers (of faults too) and the blanks; `…`
/// stands for what is left out at the end of a line.
fn shows(block: &Block, output: &str) -> Result<()> {
    let masked = |text: &str| {
        let words: Vec<_> = text.split_whitespace().map(|word| if is_number(word) { "#" } else { word }).collect();
        words.join(" ").replace("faults, ", "fault, ")
    };
    let mut lines = output.lines().map(masked);
    for shown in &block.lines {
        let wanted = masked(shown.trim_end_matches('…'));
        let is_it = |line: &String| if shown.ends_with('…') { line.starts_with(&wanted) } else { *line == wanted };
        if !lines.any(|line| is_it(&line)) {
            bail!("no line '{shown}'");
        }
    }
    Ok(())
}

fn is_number(word: &str) -> bool {
    word.trim_end_matches([',', ':']).bytes().all(|byte| byte.is_ascii_digit())
}

fn listing(programs: &Programs) -> Result<String> {
    let _home = prepared(programs, TABLE)?;
    Ok(given("ipvsadm -Ln")?.stdout)
}

/// A hash scheduler with a server at weight 0, and so many connections that another is between its thresholds.
fn findings(programs: &Programs) -> Result<String> {
    let table = "\
-A -t 192.0.2.1:80 -s sh -b sh-port
-a -t 192.0.2.1:80 -r 10.0.1.2:8080 -m -x 100
-a -t 192.0.2.1:80 -r 10.0.1.3:8080 -m -w 0
";
    let _home = prepared(programs, table)?;
    let virtual_address: SocketAddr = "192.0.2.1:80".parse()?;
    let mut clients = Vec::new();
    for port in 10_000..11_000 {
        // Whom the hash gives to the other server is refused, but may learn it late.
        if port % 10 == 0 && connections(programs)? >= 80 {
            break;
        }
        let client = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        client.set_nonblocking(true)?;
        client.bind(&SocketAddr::from(([192, 0, 2, 11], port)).into())?;
        let _ = client.connect(&virtual_address.into());
        clients.push(client);
    }
    Ok(given("ipvsadm --diagnose -t 192.0.2.1:80")?.stdout)
}

/// The connections, active or not, to the server of [`findings`] that has a weight: it never answers.
fn connections(programs: &Programs) -> Result<u32> {
    let listing = programs.reference(&["-Ln"], "")?.stdout;
    let line = listing.lines().find(|line| line.contains("10.0.1.2:8080")).context("no server")?;
    line.split_whitespace().rev().take(2).map(|number| Ok(number.parse::<u32>()?)).sum()
}

fn wrong_document(programs: &Programs) -> Result<String> {
    let _home = prepared(programs, "")?;
    let server = |weight: &str| format!(r#"{{"address":"10.0.1.2","weight":{weight}}}"#);
    let service = |mark: u32, more: &str| format!(r#"{{"fwmark":{mark}{more}}}"#);
    let servers = format!(r#","servers":[{},{},{}]"#, server("1"), server("2"), server("\"5\""));
    let more = [&*servers, "", "", "", r#","schedular":"rr""#];
    let services: Vec<_> = (1..).zip(more).map(|(mark, more)| service(mark, more)).collect();
    let document = format!(r#"{{"schema_version":1,"services":[{}]}}"#, services.join(","));
    let outcome = programs.restore(&["--json"], &document)?;
    ensure!(outcome.status == 2, "{outcome:?}");
    Ok(outcome.stderr)
}
