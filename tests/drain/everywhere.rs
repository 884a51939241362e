//! Without a service, a server is drained in every service that has it, side by side.

use anyhow::{Result, ensure};

use crate::Test;
use crate::clients::{Download, Leaving, ask_datagram, datagrams};
use crate::director::Director;
use crate::programs::Programs;

pub const TESTS: &[Test] = &[("everywhere/every service that has it", every_service)];

const TABLE: &str = "
--set 0 1 1
-A -t 192.0.2.1:80 -s rr
-a -t 192.0.2.1:80 -r 10.0.1.2:8080 -m -w 5
-a -t 192.0.2.1:80 -r 10.0.1.3:8080 -m
-A -u 192.0.2.1:53 -s rr
-a -u 192.0.2.1:53 -r 10.0.1.2:5353 -m
-a -u 192.0.2.1:53 -r 10.0.1.3:5353 -m
-A -f 7 -s rr
-a -f 7 -r 10.0.1.2 -m
-a -f 7 -r 10.0.1.3 -m
-A -t 192.0.2.1:81 -s rr
-a -t 192.0.2.1:81 -r 10.0.1.3:8080 -m";

fn every_service(programs: &Programs) -> Result<()> {
    let director = Director::new(programs, TABLE)?;
    director.serve_datagrams()?;
    for (line, server) in [("-r 10.0.1.9", "10.0.1.9"), ("-r 10.0.1.2:9", "10.0.1.2:9")] {
        let outcome = programs.run(&format!("-d {line} --drain"))?;
        outcome.expect(255, &[], &[&format!("No service has a real server {server}")])?;
    }
    let port = programs.run("-e -r 10.0.1.2:5353 --drain")?;
    port.expect(0, &["UDP 192.0.2.1:53 -> 10.0.1.2:5353: no connections"], &[])?;
    ensure!(!port.stdout.contains("TCP"), "{port}");
    programs.ours(&port.command("To put it back: ipvsadm ")?)?;

    let downloads = director.downloads_until("192.0.2.100:0", "192.0.2.1:80", "10.0.1.2:8080")?;
    for port in [40001, 40002] {
        let client = director.network.client(|| datagrams(&format!("192.0.2.100:{port}"), "192.0.2.1:53"))?;
        ask_datagram(&client)?;
    }
    let mut drain = programs.start("-d -r 10.0.1.2 --drain")?;
    programs.wait_for_weight_0("-t 192.0.2.1:80", "10.0.1.2:8080")?;
    programs.wait_for_weight_0("-u 192.0.2.1:53", "10.0.1.2:5353")?;
    programs.wait_for_weight_0("-f 7", "10.0.1.2:0")?;
    ensure!(drain.is_running()?, "the drain does not wait");
    downloads.into_iter().try_for_each(|download: Download| download.finish(Leaving::Reset))?;
    let outcome = drain.end()?;
    for target in ["TCP 192.0.2.1:80 -> 10.0.1.2:8080", "UDP 192.0.2.1:53 -> 10.0.1.2:5353", "FWM 7 -> 10.0.1.2:0"] {
        outcome.expect(0, &[&format!("{target}: no connections")], &[])?;
    }
    let left = programs.list("-Sn")?;
    ensure!(!left.contains("10.0.1.2") && left.matches("-r 10.0.1.3").count() == 4, "{left}");
    Ok(())
}
