//! What `tests/lab/quickstart --ha` shows: a failover, step by step, with the commands to look at it.

use anyhow::{Context, Result};

use crate::clients::Clients;
use crate::director::Director;
use crate::pair::Pair;
use crate::scenarios::{cut, plug, takeback, takeover};

pub fn show(pair: &mut Pair) -> Result<()> {
    println!(
        "Two directors on one link with three servers and a client. keepalived gives director1 the virtual addresses;"
    );
    println!("its script has let director1 tell of its connections and director2 listen:\n");
    daemons(pair)?;

    let mut clients = Clients::open(0)?;
    println!(
        "A client opens 24 TCP connections and keeps talking, through direct routing and masquerading, IPv4 and IPv6;"
    );
    println!(
        "so do 12 clients of UDP, and 12 persistent clients come now and then. Both directors know one of them:\n"
    );
    pair.wait_for_same_connections(&clients)?;
    let one = clients.talkers.iter().find(|talker| talker.from.to_string().starts_with("198.51.100."));
    let one = one.context("a client of masquerading")?.from.to_string();
    for director in [&pair.first, &pair.second] {
        let list = director.ipvsadm("-Lnc")?;
        let line = list.lines().find(|line| line.contains(&one)).context("a connection that both know")?;
        println!("{}# ipvsadm -Lnc | grep {one}\n{line}", director.name);
    }
    println!("\nMay director2 take over? The check of docs/high-availability.md says:\n");
    let check = pair.first.run("failover-check", &[pair.second.name], "")?;
    println!("{}# failover-check {}\n{check}", pair.first.name, pair.second.name);

    println!("Now director1's cable is pulled. director2 misses its messages, takes the addresses and goes on:");
    figures(&takeover(pair, &clients, cut)?);
    daemons(pair)?;
    println!("The client opens 8 more connections there, and 4 of UDP.\n");
    clients.open_more(2)?;

    println!("The cable is plugged in. director1 listens until it knows all, then takes the addresses back:");
    figures(&takeback(pair, &clients, plug)?);
    daemons(pair)
}

fn figures(found: &str) {
    println!("  {}\n", found.replace("; ", "\n  "));
}

fn daemons(pair: &Pair) -> Result<()> {
    for director in [&pair.first, &pair.second] {
        let Director { name, .. } = director;
        print!("{name}# ipvsadm -L --daemon\n{}", director.daemons()?);
    }
    println!();
    Ok(())
}
