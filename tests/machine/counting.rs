//! A million connections are counted and printed within 64 MiB. The kernel's list is replaced by a file for one process.

use crate::program::Programs;
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::Command;

const CONNECTIONS: u32 = 1_000_000;
const SERVERS: u32 = 50;
const STATES: [&str; 4] = ["ESTABLISHED", "TIME_WAIT", "FIN_WAIT", "SYN_RECV"];

pub fn a_million(programs: &Programs) -> Result<String> {
    let path = std::env::temp_dir().join("a-million-connections");
    std::fs::create_dir_all(&path)?;
    write(&path.join("ip_vs_conn"))?;
    let counts: Value = serde_json::from_str(&limited(programs, &path, "-Lnc --count --json", "cat")?)?;
    ensure!(counts["connections"] == CONNECTIONS, "{counts}");
    let count = &counts["counts"][0];
    ensure!(count["virtual"] == json!({"address": "10.0.0.1", "port": 80, "names": null}), "{counts}");
    // Each number is known: connection N goes to server N % 50, and is in state N / 7 % 4.
    for (place, state) in STATES.iter().enumerate() {
        let number = (0..CONNECTIONS).filter(|n| n / 7 % 4 == place as u32).count();
        let states = count["states"].as_array().context("no states")?;
        ensure!(states.contains(&json!({"state": state, "connections": number})), "{state}: {counts}");
    }
    let servers = count["servers"].as_array().context("no servers")?;
    let each = CONNECTIONS / SERVERS;
    ensure!(servers.len() as u32 == SERVERS && servers.iter().all(|server| server["connections"] == each), "{counts}");
    let text = limited(programs, &path, "-Lnc --count --client 10.128.0.0/17", "head -n 4")?;
    let total = (0..CONNECTIONS).filter(|n| n / 50_000 < 1).count();
    ensure!(text.lines().nth(3).is_some_and(|line| line.contains(&format!(" {total} "))), "{text}");
    // Every connection comes out, too.
    let objects = limited(programs, &path, "-Lnc --json", "tr -cd '}' | wc -c")?;
    ensure!(objects.trim() == (4 * CONNECTIONS + 1).to_string(), "{objects} braces");
    let lines = limited(programs, &path, "-Lnc", "wc -l")?;
    ensure!(lines.trim() == (CONNECTIONS + 2).to_string(), "{lines} lines");
    std::fs::remove_dir_all(path)?;
    Ok(format!("{CONNECTIONS} connections, 64 MiB of address space"))
}

/// Lines as the kernel writes them.
fn write(path: &Path) -> Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    writeln!(file, "Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData")?;
    for n in 0..CONNECTIONS {
        let (client, port, server) =
            (0x0a80_0000 + n / 50_000 * 0x8000, 10_000 + n % 50_000, 0xac10_0001 + n % SERVERS);
        let state = STATES[(n / 7 % 4) as usize];
        writeln!(file, "TCP {client:08X} {port:04X} 0A000001 0050 {server:08X} 1F90 {state:<11} {:7}", n % 900)?;
    }
    file.flush().map_err(Into::into)
}

/// What a pipe makes of ours, which has so much memory and the folder in place of /proc/net.
fn limited(programs: &Programs, path: &Path, words: &str, pipe: &str) -> Result<String> {
    let program = programs.ours.display();
    let path = path.display();
    // The shell's place in /proc is that of the program that it becomes.
    let inside = format!("mount --bind {path} /proc/$$/net && ulimit -v 65536 && exec -a ipvsadm {program} {words}");
    let script = format!("set -o pipefail; unshare -m bash -c '{inside}' | {pipe}");
    let output = Command::new("bash").args(["-c", &script]).output().context("starting bash")?;
    let said = String::from_utf8_lossy(&output.stderr);
    // `head` may end before its input.
    let ended = output.status.success() || pipe.starts_with("head");
    ensure!(ended && said.is_empty(), "ipvsadm {words}: {}, {said}", output.status);
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
