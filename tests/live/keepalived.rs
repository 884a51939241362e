//! A real keepalived programs the table; both programs list it, ours changes it, and keepalived goes on working.

use std::net::TcpListener;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use crate::Test;
use crate::keepalived_process::{Keepalived, log};
use crate::network::Network;
use crate::programs::{Programs, Role};
use crate::views;

pub const TESTS: &[Test] = &[("keepalived/its table in every view", listed), ("keepalived/its table changed", changed)];

const FOLDER: &str = "/run/keepalived-live";
/// Its checker takes a second to see a server fail or come back, and to read its configuration again.
const PATIENCE: Duration = Duration::from_secs(120);

const PROTOCOLS: &str = "
virtual_server 192.0.2.1 80 {
    lb_algo wrr
    lb_kind NAT
    protocol TCP
    persistence_timeout 300
    persistence_granularity 255.255.255.0
    real_server 10.0.1.2 8080 { weight 3 }
    real_server 10.0.1.3 8080 {
        weight 40
        uthreshold 100
        lthreshold 10
    }
}
virtual_server 192.0.2.1 53 {
    lb_algo rr
    lb_kind NAT
    protocol UDP
    ops
    real_server 10.0.1.2 5353 { weight 1 }
}
virtual_server 192.0.2.2 443 {
    lb_algo sh
    lb_kind DR
    protocol TCP
    sh-port
    real_server 10.0.1.4 443 { weight 65535 }
    real_server 10.0.1.5 443 { weight 0 }
}
virtual_server 192.0.2.3 99 {
    lb_algo wlc
    lb_kind TUN
    protocol UDP
    real_server 10.0.1.4 99 {
        weight 1
        lvs_method TUN type gue port 5555 nocsum
    }
    real_server 10.0.1.5 99 { weight 1 }
}
virtual_server 2001:db8::1 80 {
    lb_algo lc
    lb_kind NAT
    protocol TCP
    persistence_timeout 60
    real_server fd00:1::2 8080 { weight 2 }
}
virtual_server 192.0.2.1 90 {
    lb_algo mh
    lb_kind NAT
    protocol SCTP
    real_server 10.0.1.2 9090 { weight 1 }
}
virtual_server fwmark 7 {
    lb_algo rr
    lb_kind DR
    persistence_timeout 600
    real_server 10.0.1.4 0 { weight 1 }
}
virtual_server fwmark 8 {
    ip_family inet6
    lb_algo rr
    lb_kind NAT
    real_server fd00:1::3 0 { weight 1 }
}
";

/// A service whose first server is watched.
const WATCHED: &str = "
virtual_server 192.0.2.1 80 {
    delay_loop 1
    lb_algo wrr
    lb_kind NAT
    protocol TCP
    real_server 127.0.0.1 8081 {
        weight 3
        TCP_CHECK {
            connect_timeout 10
            retry 0
        }
    }
    real_server 10.0.1.3 8080 { weight 4 }
}
virtual_server 192.0.2.1 81 {
    lb_algo rr
    lb_kind DR
    protocol TCP
    real_server 10.0.1.4 81 { weight 1 }
}
";

/// What a reload adds.
const ADDED: &str = "
virtual_server 192.0.2.1 82 {
    lb_algo rr
    lb_kind DR
    protocol TCP
    real_server 10.0.1.4 82 { weight 1 }
}
";

/// Waits until the reference's save has this line, or has it no more.
fn wait_for(programs: &Programs, line: &str, there: bool) -> Result<()> {
    let end = Instant::now() + PATIENCE;
    loop {
        let saved = programs.run(Role::Reference, "-Sn")?.stdout;
        if saved.lines().any(|found| found == line) == there {
            return Ok(());
        }
        let what = if there { "has made no" } else { "has left" };
        ensure!(Instant::now() < end, "keepalived {what} '{line}' in\n{saved}its log:\n{}", log(FOLDER));
        thread::sleep(Duration::from_millis(200));
    }
}

fn listed(programs: &Programs) -> Result<()> {
    let _network = Network::new()?;
    let keepalived = Keepalived::start(FOLDER, PROTOCOLS)?;
    wait_for(programs, "-a -f 8 -6 -r [fd00:1::3]:0 -m -w 1", true)?;
    programs.same_views(views::ALL)?;
    keepalived.stop()?;
    wait_for(programs, "-A -f 7 -s rr -p 600", false)?;
    programs.same_views(views::SHORT)
}

fn changed(programs: &Programs) -> Result<()> {
    let _network = Network::new()?;
    let server = TcpListener::bind("127.0.0.1:8081")?;
    let watched = "-a -t 192.0.2.1:80 -r 127.0.0.1:8081 -m -w 3";
    let keepalived = Keepalived::start(FOLDER, WATCHED)?;
    wait_for(programs, watched, true)?;
    wait_for(programs, "-a -t 192.0.2.1:81 -r 10.0.1.4:81 -g -w 1", true)?;
    programs.same_views(views::ALL)?;

    // Weight, added and removed servers, other services, a service's own options.
    programs.ours(
        "-e -t 192.0.2.1:80 -r 10.0.1.3:8080 -m -w 77 -x 9 -y 3
         -a -t 192.0.2.1:80 -r 10.0.1.5:8080 -m -w 5
         -A -u 192.0.2.9:53 -s sh -b sh-port
         -a -u 192.0.2.9:53 -r 10.0.1.5:53 -i
         -E -t 192.0.2.1:81 -s wlc -p 60",
    )?;
    programs.same_with("-Ln", &["-> 10.0.1.3:8080 Masq 77 0 0", "-> 10.0.1.5:8080 Masq 5 0 0", "persistent 60"])?;
    programs.same_views(views::SHORT)?;

    // Its checker takes the server out that fails and puts it back, beside what we made.
    drop(server);
    wait_for(programs, watched, false)?;
    programs.same_with("-Sn", &["-r 10.0.1.3:8080 -m -w 77", "-r 10.0.1.5:8080 -m -w 5"])?;
    let _server = TcpListener::bind("127.0.0.1:8081")?;
    wait_for(programs, watched, true)?;
    programs.same_views(views::SHORT)?;

    // What it made, removed by us.
    programs.ours("-d -t 192.0.2.1:80 -r 10.0.1.3:8080")?;
    programs.same_views(views::SHORT)?;

    // A new configuration.
    keepalived.reload(&[WATCHED, ADDED].concat())?;
    wait_for(programs, "-a -t 192.0.2.1:82 -r 10.0.1.4:82 -g -w 1", true)?;
    programs.same_views(views::SHORT)?;
    programs.ours("-D -t 192.0.2.1:82")?;
    programs.same_views(views::SHORT)?;

    keepalived.stop()?;
    wait_for(programs, "-A -t 192.0.2.1:80 -s wrr", false)?;
    programs.same_with("-Sn", &["-a -u 192.0.2.9:53 -r 10.0.1.5:53 -i -w 1 --tun-type ipip"])?;
    programs.same_views(views::ALL)?;
    programs.ours("-C")?;
    programs.same_views(views::SHORT)
}
