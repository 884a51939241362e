//! The programs of docs/examples, as users of the library write them, on a live table with traffic.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::Test;
use crate::network::Network;
use crate::peers::{self, AtEnd};
use crate::programs::{Programs, existing};

pub const TESTS: &[Test] = &[("examples/health-checker", health_checker), ("examples/exporter", exporter)];

/// How long it may take until a program does what it is to do.
const PATIENCE: Duration = Duration::from_secs(120);

const SERVICE: &str = "
    -A -t 192.0.2.1:80 -s rr
    -a -t 192.0.2.1:80 -r 10.0.1.2:8080 -m -w 3
    -a -t 192.0.2.1:80 -r 10.0.1.3:8080 -m -w 5
";

/// A program that ends with the test.
struct Running(Child);

impl Running {
    /// Starts an example; `cargo build --examples` puts them into a folder beside our program.
    fn start(programs: &Programs, name: &str, argument: &str) -> Result<Self> {
        let path = programs.ours.with_file_name("examples").join(name);
        let program = existing(&path.to_string_lossy()).context("build it with cargo build --examples")?;
        let mut command = Command::new(program);
        command.arg(argument).stdin(Stdio::null());
        Ok(Self(command.spawn().with_context(|| format!("starting {name}"))?))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn health_checker(programs: &Programs) -> Result<()> {
    let network = Network::new()?;
    programs.ours(SERVICE)?;
    network.server(|| peers::serve_tcp("10.0.1.2:8080", AtEnd::Close))?;
    let mut checker = Running::start(programs, "health-checker", "TCP 192.0.2.1:80")?;
    programs.same_with("-Ln", &["-> 10.0.1.2:8080 Masq 3 0 0", "-> 10.0.1.3:8080 Masq 0 0 0"])?;
    // No connection goes to the server that is down.
    for port in 40001..40005 {
        peers::exchange(&mut network.client(|| peers::connect_tcp(&format!("192.0.2.100:{port}"), "192.0.2.1:80"))?)?;
    }
    network.server(|| peers::serve_tcp("10.0.1.3:8080", AtEnd::Close))?;
    programs.same_with("-Ln", &["-> 10.0.1.2:8080 Masq 3", "-> 10.0.1.3:8080 Masq 5"])?;
    ensure!(checker.0.try_wait()?.is_none(), "the checker has ended");
    Ok(())
}

fn exporter(programs: &Programs) -> Result<()> {
    let network = Network::new()?;
    programs.ours(SERVICE)?;
    network
        .server(|| ["10.0.1.2:8080", "10.0.1.3:8080"].iter().try_for_each(|at| peers::serve_tcp(at, AtEnd::Close)))?;
    for port in 40001..40004 {
        peers::exchange(&mut network.client(|| peers::connect_tcp(&format!("192.0.2.100:{port}"), "192.0.2.1:80"))?)?;
    }
    let _exporter = Running::start(programs, "exporter", "127.0.0.1:9900")?;
    let expected = [
        "example_service_connections_total{service=\"TCP 192.0.2.1:80\"} 3\n",
        "example_server_connections_total{service=\"TCP 192.0.2.1:80\",server=\"10.0.1.3:8080\"} 2\n",
        "example_server_weight{service=\"TCP 192.0.2.1:80\",server=\"10.0.1.3:8080\"} 5\n",
    ];
    let end = Instant::now() + PATIENCE;
    loop {
        // The kernel brings its counters up to date every two seconds.
        let metrics = scrape().unwrap_or_else(|error| format!("{error:#}"));
        if expected.iter().all(|line| metrics.contains(line)) {
            return Ok(());
        }
        ensure!(Instant::now() < end, "not all of {expected:#?} in\n{metrics}");
        thread::sleep(Duration::from_millis(100));
    }
}

fn scrape() -> Result<String> {
    let mut connection = TcpStream::connect("127.0.0.1:9900").context("connecting to the exporter")?;
    connection.write_all(b"GET /metrics HTTP/1.0\r\n\r\n")?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer)?;
    let (head, metrics) = answer.split_once("\r\n\r\n").context("an answer without a head")?;
    ensure!(head.starts_with("HTTP/1.0 200 OK\r\n"), "{head}");
    Ok(metrics.to_owned())
}
