//! A name server of a few lines on UDP port 53 of the loopback. It knows a list of records, answers that there is no
//! such name to all else, and says nothing to some. It keeps the questions.

use std::net::{IpAddr, UdpSocket};
use std::sync::{Arc, Mutex};
use std::thread;

use anyhow::{Context, Result, anyhow, bail};

// Record types of RFC 1035 and 3596.
const A: u16 = 1;
const PTR: u16 = 12;
const AAAA: u16 = 28;
const NO_SUCH_NAME: u8 = 3;

/// What the server knows.
#[derive(Clone, Default)]
pub struct Records {
    /// Names with their addresses, in the order of the answer.
    pub forward: Vec<(&'static str, &'static [&'static str])>,
    /// Addresses with their names.
    pub reverse: Vec<(&'static str, &'static str)>,
    /// What gets no answer: names, and addresses for the reverse.
    pub silent: Vec<&'static str>,
    /// Answers are held back until there are as many.
    pub together: usize,
}

/// The questions so far: address for the reverse, otherwise name.
#[derive(Clone, Default)]
pub struct Questions(Arc<Mutex<Vec<String>>>);

impl Questions {
    /// Those since the last time.
    pub fn take(&self) -> Result<Vec<String>> {
        let mut questions = self.0.lock().map_err(|_| anyhow!("the name server panicked"))?;
        Ok(std::mem::take(&mut *questions))
    }
}

/// Starts the server in the namespace of the calling thread.
pub fn serve(records: Records) -> Result<Questions> {
    let socket = UdpSocket::bind("127.0.0.1:53").context("binding the port of name servers")?;
    let questions = Questions::default();
    let asked = questions.clone();
    thread::spawn(move || {
        let mut buffer = [0; 512];
        let mut held = Vec::new();
        while let Ok((length, from)) = socket.recv_from(&mut buffer) {
            let Ok(question) = Question::parse(&buffer[..length]) else { continue };
            if let Ok(mut asked) = asked.0.lock() {
                asked.push(question.subject.clone());
            }
            held.extend(records.answer(&question).map(|answer| (answer, from)));
            if held.len() >= records.together {
                for (answer, from) in held.drain(..) {
                    let _ = socket.send_to(&answer, from);
                }
            }
        }
    });
    Ok(questions)
}

/// A question, of which a message has one.
struct Question<'m> {
    id: &'m [u8],
    /// Name, type and class, as in the message.
    section: &'m [u8],
    subject: String,
    kind: u16,
}

impl<'m> Question<'m> {
    fn parse(message: &'m [u8]) -> Result<Self> {
        let mut labels = Vec::new();
        let mut at = 12;
        while let length @ 1.. = usize::from(*message.get(at).context("a short message")?) {
            labels.push(std::str::from_utf8(message.get(at + 1..at + 1 + length).context("a short name")?)?);
            at += 1 + length;
        }
        let section = message.get(12..at + 5).context("a short question")?;
        let kind = u16::from_be_bytes([section[section.len() - 4], section[section.len() - 3]]);
        let subject = if kind == PTR { reversed(&labels)?.to_string() } else { labels.join(".") };
        Ok(Question { id: &message[..2], section, subject, kind })
    }
}

/// The address of `4.3.2.1.in-addr.arpa` or of 32 digits before `ip6.arpa`.
fn reversed(labels: &[&str]) -> Result<IpAddr> {
    let [labels @ .., zone, "arpa"] = labels else { bail!("no address: {labels:?}") };
    let mut labels: Vec<_> = labels.to_vec();
    labels.reverse();
    Ok(match *zone {
        "in-addr" => labels.join(".").parse()?,
        _ => labels.chunks(4).map(<[_]>::concat).collect::<Vec<_>>().join(":").parse()?,
    })
}

impl Records {
    /// The answer's message; none: silence.
    fn answer(&self, question: &Question<'_>) -> Option<Vec<u8>> {
        let subject = question.subject.as_str();
        if self.silent.contains(&subject) {
            return None;
        }
        let addresses = self.forward.iter().find(|(name, _)| *name == subject).map(|(_, addresses)| *addresses);
        let data: Vec<Vec<u8>> = match question.kind {
            PTR => {
                self.reverse.iter().filter(|(address, _)| same(address, subject)).map(|(_, name)| wire(name)).collect()
            }
            A | AAAA => addresses.unwrap_or_default().iter().filter_map(|text| octets(text, question.kind)).collect(),
            _ => Vec::new(),
        };
        let known = !data.is_empty() || addresses.is_some();
        let mut message = question.id.to_vec();
        message.extend([0x85, 0x80 | if known { 0 } else { NO_SUCH_NAME }]); // an authority's answer
        for count in [1, data.len() as u16, 0, 0] {
            message.extend(count.to_be_bytes());
        }
        message.extend(question.section);
        for data in data {
            message.extend([0xc0, 12]); // the question's name
            message.extend(question.kind.to_be_bytes());
            message.extend([0, 1, 0, 0, 0, 60]); // class, seconds to live
            message.extend((data.len() as u16).to_be_bytes());
            message.extend(data);
        }
        Some(message)
    }
}

fn same(one: &str, other: &str) -> bool {
    one.parse::<IpAddr>().is_ok_and(|one| other.parse() == Ok(one))
}

fn octets(address: &str, kind: u16) -> Option<Vec<u8>> {
    match address.parse().ok()? {
        IpAddr::V4(address) => (kind == A).then(|| address.octets().to_vec()),
        IpAddr::V6(address) => (kind == AAAA).then(|| address.octets().to_vec()),
    }
}

fn wire(name: &str) -> Vec<u8> {
    let labels = name.split('.').flat_map(|label| [&[label.len() as u8], label.as_bytes()].concat());
    labels.chain([0]).collect()
}
