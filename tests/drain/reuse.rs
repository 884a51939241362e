//! A client that uses a port again: the kernel may take it for the connection that it has just ended.

use anyhow::{Result, ensure};

use crate::Test;
use crate::clients::ask;
use crate::director::Director;
use crate::network::shell;
use crate::programs::Programs;

pub const TESTS: &[Test] = &[("ports/used again", used_again)];

const TABLE: &str = "
-A -t 192.0.2.1:80 -s rr
-a -t 192.0.2.1:80 -r 10.0.1.2:8080 -m
-a -t 192.0.2.1:80 -r 10.0.1.3:8080 -m";
const WARNING: &str = "Warning: Clients who use a port again still get their old server.";

fn used_again(programs: &Programs) -> Result<()> {
    for (reuse_mode, nodest, stays) in [(1, 0, false), (0, 1, false), (0, 0, true)] {
        let director = Director::new(programs, TABLE)?;
        shell(&format!(
            "cd /proc/sys/net/ipv4/vs; echo {reuse_mode} >conn_reuse_mode; echo {nodest} >expire_nodest_conn"
        ))?;
        let ask = || director.network.client(|| ask("192.0.2.100:40001", "192.0.2.1:80"));
        let server = ask()?;
        let outcome = programs.run(&format!("-e -t 192.0.2.1:80 -r {server} --drain=1"))?;
        let again = ask()?;
        let case = format!("conn_reuse_mode {reuse_mode}, expire_nodest_conn {nodest}");
        ensure!(outcome.status == 3, "{case}: {outcome}");
        ensure!((again == server) == stays, "{case}: {server}, then {again}");
        ensure!(outcome.stderr.contains(WARNING) == stays, "{case}: {outcome}");
    }
    Ok(())
}
