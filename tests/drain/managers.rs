//! A real keepalived beside a drain: the drain says so, and stops when keepalived sets the weight.

use anyhow::{Result, ensure};

use crate::Test;
use crate::clients::Leaving;
use crate::director::Director;
use crate::keepalived_process::Keepalived;
use crate::programs::{Programs, until};

pub const TESTS: &[Test] =
    &[("managers/keepalived", keepalived), ("managers/keepalived of another network namespace", elsewhere)];

const FOLDER: &str = "/mnt/keepalived";

fn configuration(weight: u32) -> String {
    format!(
        "virtual_server 192.0.2.1 80 {{
             lb_algo rr
             lb_kind NAT
             protocol TCP
             real_server 10.0.1.2 8080 {{ weight {weight} }}
             real_server 10.0.1.3 8080 {{ weight 1 }}
         }}\n"
    )
}

fn keepalived(programs: &Programs) -> Result<()> {
    let director = Director::new(programs, "")?;
    let keepalived = Keepalived::start(FOLDER, &configuration(3))?;
    let has_weight = |weight| matches!(programs.server("-t 192.0.2.1:80", "10.0.1.2:8080"), Ok(Some([found, ..])) if found == weight);
    until("keepalived has made its service", || Ok(has_weight(3)))?;
    let downloads = director.downloads_until("192.0.2.100:0", "192.0.2.1:80", "10.0.1.2:8080")?;
    let drain = programs.start("-e -t 192.0.2.1:80 -r 10.0.1.2:8080 --drain")?;
    programs.wait_for_weight_0("-t 192.0.2.1:80", "10.0.1.2:8080")?;
    keepalived.reload(&configuration(5))?;
    let outcome = drain.end()?;
    outcome.expect(4, &[], &["Warning: keepalived runs here", "somebody else set its weight to 5. It is left so."])?;
    ensure!(has_weight(5), "the drain changed what keepalived made");
    downloads.into_iter().try_for_each(|download| download.leave(Leaving::Reset))
}

/// It has a table of its own.
fn elsewhere(programs: &Programs) -> Result<()> {
    let table = "
        -A -t 192.0.2.1:80 -s rr
        -a -t 192.0.2.1:80 -r 10.0.1.2:8080 -m
        -a -t 192.0.2.1:80 -r 10.0.1.3:8080 -m";
    let director = Director::new(programs, table)?;
    let _keepalived = director.network.client(|| Keepalived::start(FOLDER, &configuration(3)))?;
    let outcome = programs.run("-e -t 192.0.2.1:80 -r 10.0.1.2:8080 --drain")?;
    outcome.expect(0, &["it stays at weight 0."], &[])?;
    ensure!(outcome.stderr.is_empty(), "{outcome}");
    let inside = director.network.client(|| programs.run("--diagnose"))?;
    ensure!(inside.stdout.contains("keepalived"), "the one inside is not noticed: {inside}");
    Ok(())
}
