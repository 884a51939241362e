//! Short requests beside the long connections: a client each way that connects, asks and leaves, over and over.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use crate::clients::{WAYS, Way};
use crate::network;
use crate::talker;

const PAUSE: Duration = Duration::from_millis(100);
/// A request that takes longer than this is late, and lost when it takes that long.
const LATE: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(10);
/// The clients' address.
const NUMBER: usize = 101;

/// What became of the requests made.
#[derive(Default)]
pub struct Count {
    pub made: usize,
    pub late: usize,
    /// Why each lost one was lost.
    pub lost: Vec<String>,
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "of {} short requests {} late, {} lost", self.made, self.late, self.lost.len())
    }
}

/// The counts of each way. A request belongs to the round in which it began.
#[derive(Default)]
struct Counts {
    round: usize,
    ways: [Count; WAYS.len()],
}

#[derive(Default)]
pub struct Requests(Arc<Mutex<Counts>>);

impl Requests {
    /// Starts them; they go on until this program ends.
    pub fn start(&self) -> Result<()> {
        network::inside("client", || {
            for place in 0..WAYS.len() {
                let requests = Requests(Arc::clone(&self.0));
                thread::spawn(move || {
                    loop {
                        requests.make_one(place);
                        thread::sleep(PAUSE);
                    }
                });
            }
            Ok(())
        })
    }

    fn make_one(&self, place: usize) {
        let round = self.lock().round;
        let (way, started) = (WAYS[place], Instant::now());
        let outcome = request(way);
        let took = started.elapsed();
        let mut counts = self.lock();
        if counts.round != round {
            return;
        }
        let count = &mut counts.ways[place];
        count.made += 1;
        count.late += usize::from(took > LATE);
        if let Err(error) = outcome {
            count.lost.push(format!("a request to {} after {:.1} s: {error:#}", way.address, took.as_secs_f64()));
        }
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a round: counts those that begin from now on.
    pub fn begin(&self) {
        let mut counts = self.lock();
        *counts = Counts { round: counts.round + 1, ..Default::default() };
    }

    /// Those of this round, up to one each way that begins now and ends.
    pub fn count(&self) -> Result<Count> {
        // One may be under way, and is no news.
        let goals = self.lock().ways.each_ref().map(|count| count.made + 2);
        let end = Instant::now() + 6 * PATIENCE;
        while self.lock().ways.iter().zip(goals).any(|(count, goal)| count.made < goal) {
            ensure!(Instant::now() < end, "short requests come to no end");
            thread::sleep(PAUSE / 5);
        }
        Ok(self.lock().ways.iter().fold(Count::default(), |mut sum, count| {
            sum.made += count.made;
            sum.late += count.late;
            sum.lost.extend(count.lost.iter().cloned());
            sum
        }))
    }
}

fn request(way: Way) -> Result<()> {
    let mut stream = talker::connect(way.client(NUMBER)?, way.service(80)?, PATIENCE)?;
    ensure!((b'1'..=b'3').contains(&talker::ask(&mut stream)?), "another answer");
    Ok(())
}
