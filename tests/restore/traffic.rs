//! A stream of requests through a service that stays, while restores run in a loop.

use crate::program::{Programs, shell};
use anyhow::{Result, ensure};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How long each stream runs.
const TIME: Duration = Duration::from_secs(6);
const VIRTUAL: &str = "10.9.0.1:80";

pub fn no_request_is_lost(programs: &Programs) -> Result<String> {
    shell("for n in 1 2 3 4; do ip addr add 10.9.0.$n/32 dev lo; done")?;
    for number in 2..=4 {
        let listener = TcpListener::bind(format!("10.9.0.{number}:8080"))?;
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A client that gave up is counted where it did.
                let _ = answer(stream);
            }
        });
    }
    // A weight and the scheduler change, a drained server goes and comes, and so do services beside it.
    let stays = |weight: u8, scheduler: &str, drained: &str| {
        format!(
            "-A -t {VIRTUAL} -s {scheduler}\n-a -t {VIRTUAL} -r 10.9.0.2:8080 -m -w {weight}\n\
             -a -t {VIRTUAL} -r 10.9.0.3:8080 -m\n{drained}-A -t 10.8.0.{weight}:80\n-a -t 10.8.0.{weight}:80 -r 10.9.0.2 -g\n"
        )
    };
    let drained = format!("-a -t {VIRTUAL} -r 10.9.0.4:8080 -m -w 0\n");
    let files = [stays(1, "rr", ""), stays(2, "wrr", &drained)];
    programs.restored(&files[0])?;
    let ours = stream(&files, |file| programs.restored(file))?;
    let theirs = stream(&files, |file| programs.reference_restore(file).map(drop))?;
    // The kernel drops the packets of connections to a server that is removed, so that requests under way there may be
    // lost, whoever removes it. This figure is shown, not judged.
    let swaps = [files[0].clone(), files[0].replace("10.9.0.3:8080", "10.9.0.4:8080")];
    programs.restored(&swaps[0])?;
    let swapped = stream(&swaps, |file| programs.restored(file))?;
    let found = format!(
        "lost of requests, in restores: ours {ours}; the reference's {theirs}; ours where a busy server goes {swapped}"
    );
    ensure!(ours.lost == 0 && ours.requests > 100 && ours.restores > 10, "{found}");
    ensure!(theirs.lost > 0, "the stream cannot tell: {found}");
    Ok(found)
}

struct Count {
    lost: usize,
    requests: usize,
    restores: usize,
}

impl std::fmt::Display for Count {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} of {}, in {}", self.lost, self.requests, self.restores)
    }
}

fn stream(files: &[String; 2], restore: impl Fn(&str) -> Result<()>) -> Result<Count> {
    let end = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let client = scope.spawn(|| {
            let (mut lost, mut requests) = (0, 0);
            while !end.load(Ordering::Relaxed) {
                requests += 1;
                lost += usize::from(request().is_err());
            }
            (lost, requests)
        });
        let started = Instant::now();
        let (mut restores, mut outcome) = (0, Ok(()));
        while started.elapsed() < TIME && outcome.is_ok() {
            restores += 1;
            outcome = restore(&files[restores % 2]);
        }
        end.store(true, Ordering::Relaxed);
        let (lost, requests) = client.join().map_err(|_| anyhow::anyhow!("the client panicked"))?;
        outcome.map(|()| Count { lost, requests, restores })
    })
}

fn answer(mut stream: TcpStream) -> std::io::Result<()> {
    let mut question = [0; 4];
    stream.read_exact(&mut question)?;
    stream.write_all(b"pong")
}

fn request() -> Result<()> {
    let mut stream = TcpStream::connect_timeout(&VIRTUAL.parse::<SocketAddr>()?, Duration::from_secs(3))?;
    stream.set_read_timeout(Some(Duration::from_secs(3)))?;
    stream.write_all(b"ping")?;
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply)?;
    ensure!(reply == b"pong", "a wrong answer");
    Ok(())
}
