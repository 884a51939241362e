//! Long downloads through a server that is drained end whole, while new connections go elsewhere: by every way to forward.

use anyhow::{Context, Result, ensure};

use crate::Test;
use crate::clients::{Download, Leaving};
use crate::director::Director;
use crate::programs::{Outcome, Programs, Running};

pub const TESTS: &[Test] = &[("downloads/every forwarding method", every_forwarding_method)];

const TABLE: &str = "
--set 0 1 1
-A -t 192.0.2.1:80 -s wrr
-a -t 192.0.2.1:80 -r 10.0.1.2:8080 -m -w 3
-a -t 192.0.2.1:80 -r 10.0.1.3:8080 -m
-A -t [2001:db8::1]:80 -s rr
-a -t [2001:db8::1]:80 -r [fd00:1::2]:8080 -m
-a -t [2001:db8::1]:80 -r [fd00:1::3]:8080 -m
-A -t 192.0.2.2:80 -s wlc
-a -t 192.0.2.2:80 -r 10.0.1.4 -g
-a -t 192.0.2.2:80 -r 10.0.1.5 -g
-A -t 192.0.2.4:80 -s rr
-a -t 192.0.2.4:80 -r 10.0.1.2 -i
-a -t 192.0.2.4:80 -r 10.0.1.3 -i --tun-type gue --tun-port 5555 --tun-nocsum
-a -t 192.0.2.4:80 -r 10.0.1.4 -i --tun-type gre
-a -t 192.0.2.4:80 -r 10.0.1.5 -i
";

/// A server to be drained: service, client, virtual address, server, and how its clients leave. Only to a masqueraded one
/// does the director see both directions.
type Case = (&'static str, &'static str, &'static str, &'static str, Leaving);

const CASES: [Case; 6] = [
    ("-t 192.0.2.1:80", "192.0.2.100:0", "192.0.2.1:80", "10.0.1.2:8080", Leaving::Reset),
    ("-t [2001:db8::1]:80", "[2001:db8::100]:0", "[2001:db8::1]:80", "[fd00:1::2]:8080", Leaving::Reset),
    ("-t 192.0.2.2:80", "192.0.2.101:0", "192.0.2.2:80", "10.0.1.4:80", Leaving::Close),
    ("-t 192.0.2.4:80", "192.0.2.101:0", "192.0.2.4:80", "10.0.1.2:80", Leaving::Close),
    ("-t 192.0.2.4:80", "192.0.2.101:0", "192.0.2.4:80", "10.0.1.3:80", Leaving::Close),
    ("-t 192.0.2.4:80", "192.0.2.101:0", "192.0.2.4:80", "10.0.1.4:80", Leaving::Close),
];

/// All side by side, since each takes the time that the kernel remembers a connection after its end.
fn every_forwarding_method(programs: &Programs) -> Result<()> {
    let director = Director::new(programs, TABLE)?;
    director.end_tunnels()?;
    let begun: Vec<_> = CASES.iter().map(|case| begin(&director, case)).collect::<Result<_>>()?;
    let mut drains: Vec<_> = CASES.iter().map(|case| start(programs, case)).collect::<Result<_>>()?;
    for case in &CASES {
        new_clients_go_elsewhere(&director, case).with_context(|| format!("{case:?}"))?;
    }
    for (drain, (service, _, _, server, _)) in drains.iter_mut().zip(CASES) {
        let there = programs.server(service, server)?;
        ensure!(
            matches!(there, Some([0, active, _]) if active > 0),
            "{server}, whose downloads are in the middle: {there:?}"
        );
        ensure!(drain.is_running()?, "the drain of {server} does not wait");
    }
    for (downloads, case) in begun.into_iter().zip(CASES) {
        downloads.into_iter().try_for_each(|download| download.finish(case.4)).with_context(|| format!("{case:?}"))?;
    }
    for (drain, (service, _, _, server, _)) in drains.into_iter().zip(CASES) {
        drained(&drain.end()?, server)?;
        ensure!(programs.server(service, server)?.is_none(), "{server} is still there");
    }
    let left = programs.list("-Sn")?;
    ensure!(left.lines().filter(|line| line.starts_with("-a")).count() == 4, "other servers have gone too:\n{left}");
    Ok(())
}

fn begin(director: &Director<'_>, (_, client, virtual_address, server, _): &Case) -> Result<Vec<Download>> {
    director.downloads_until(client, virtual_address, server)
}

fn start(programs: &Programs, (service, _, _, server, _): &Case) -> Result<Running> {
    let running = programs.start(&format!("-d {service} -r {server} --drain"))?;
    programs.wait_for_weight_0(service, server)?;
    Ok(running)
}

fn new_clients_go_elsewhere(director: &Director<'_>, case: &Case) -> Result<()> {
    let (_, client, virtual_address, server, leaving) = case;
    for _ in 0..6 {
        let download = director.network.client(|| Download::begin(client, virtual_address))?;
        let found = director.programs.server_of(&download.client)?;
        ensure!(found != *server, "a new client gets {found}");
        download.leave(*leaving)?;
    }
    Ok(())
}

fn drained(outcome: &Outcome, server: &str) -> Result<()> {
    outcome.expect(
        0,
        &[" is 0 now.\nTo put it back: ipvsadm -e", "it is removed.", "To add it again: ipvsadm -a"],
        &[],
    )?;
    ensure!(outcome.stderr.is_empty() && outcome.stdout.contains(server), "{outcome}");
    Ok(())
}
