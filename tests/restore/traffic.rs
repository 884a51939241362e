//! A stream of requests through a service that stays, while restores run in a loop.

use crate::program::{Programs, shell};
use anyhow::{Result, ensure};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

/// How long a request waits. The kernel drops the packets of a connection whose server goes, so that so much time passes
/// with each that is lost; where none may be lost it is more than a busy machine needs.
const IMPATIENT: Duration = Duration::from_secs(3);
const PATIENT: Duration = Duration::from_secs(120);
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
    let enough = |count: &Count| count.restores >= 100 && count.requests >= 500;
    let ours = stream(&files, PATIENT, enough, |file| programs.restored(file))?;
    let lost = |count: &Count| enough(count) && (count.lost > 0 || count.restores >= 5000);
    let theirs = stream(&files, IMPATIENT, lost, |file| programs.reference_restore(file).map(drop))?;
    // Requests under way at a server that is removed may be lost, whoever removes it. This figure is shown, not judged.
    let swaps = [files[0].clone(), files[0].replace("10.9.0.3:8080", "10.9.0.4:8080")];
    programs.restored(&swaps[0])?;
    let swapped = stream(&swaps, IMPATIENT, |count| count.restores >= 100, |file| programs.restored(file))?;
    let found = format!(
        "lost of requests, in restores: ours {ours}; the reference's {theirs}; ours where a busy server goes {swapped}"
    );
    ensure!(ours.lost == 0, "{found}");
    ensure!(theirs.lost > 0, "the stream cannot tell: {found}");
    Ok(found)
}

#[derive(Default)]
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

/// Restores the files in turns, beside requests one after the other, until there were enough of both.
fn stream(
    files: &[String; 2],
    patience: Duration,
    enough: impl Fn(&Count) -> bool,
    restore: impl Fn(&str) -> Result<()>,
) -> Result<Count> {
    let (end, lost, requests) = (AtomicBool::new(false), AtomicUsize::new(0), AtomicUsize::new(0));
    let mut count = Count::default();
    let mut outcome = Ok(());
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !end.load(Ordering::Relaxed) {
                lost.fetch_add(usize::from(request(patience).is_err()), Ordering::Relaxed);
                requests.fetch_add(1, Ordering::Relaxed);
            }
        });
        while outcome.is_ok() && !enough(&count) {
            count.restores += 1;
            outcome = restore(&files[count.restores % 2]);
            count.lost = lost.load(Ordering::Relaxed);
            count.requests = requests.load(Ordering::Relaxed);
        }
        end.store(true, Ordering::Relaxed);
    });
    outcome.map(|()| Count { lost: lost.into_inner(), requests: requests.into_inner(), ..count })
}

fn answer(mut stream: TcpStream) -> std::io::Result<()> {
    let mut question = [0; 4];
    stream.read_exact(&mut question)?;
    stream.write_all(b"pong")
}

fn request(patience: Duration) -> Result<()> {
    let mut stream = TcpStream::connect_timeout(&VIRTUAL.parse::<SocketAddr>()?, patience)?;
    stream.set_read_timeout(Some(patience))?;
    stream.write_all(b"ping")?;
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply)?;
    ensure!(reply == b"pong", "a wrong answer");
    Ok(())
}
