//! What may be wrong with the kernel's answers.

/// A datagram as it was received.
#[derive(Clone, Debug, PartialEq)]
pub struct Datagram {
    pub bytes: Vec<u8>,
    /// The sender; the kernel's is 0.
    pub port: u32,
    /// Whether it was longer than its room.
    pub truncated: bool,
}

/// What is wrong with them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Wrong {
    /// They do not come.
    Lost,
    /// The last one does not come.
    EndLost,
    /// An older request's come before them.
    Late,
    /// Each comes twice.
    Twice,
    /// Those that came at once come in reverse.
    Reordered,
    /// They have lost their ends, and the socket says so.
    Truncated,
    /// They have lost their ends.
    Half,
    /// They are empty.
    Empty,
    /// Another program has sent them.
    OtherPort,
    /// They are of another family.
    OtherFamily,
    /// They answer another request.
    OtherRequest,
    /// What ends them is a message that means nothing.
    NoEnd,
    /// Acknowledgements end dumps, and the ends of dumps changes.
    OtherEnd,
    /// There is an error in the middle of data.
    Error,
}

/// All of it.
pub const ALL: [Wrong; 14] = [
    Wrong::Lost,
    Wrong::EndLost,
    Wrong::Late,
    Wrong::Twice,
    Wrong::Reordered,
    Wrong::Truncated,
    Wrong::Half,
    Wrong::Empty,
    Wrong::OtherPort,
    Wrong::OtherFamily,
    Wrong::OtherRequest,
    Wrong::NoEnd,
    Wrong::OtherEnd,
    Wrong::Error,
];

/// `NLMSG_NOOP`, `NLMSG_ERROR`, `NLMSG_DONE`.
const NOOP: u16 = 1;
const ERROR: u16 = 2;
const DONE: u16 = 3;

impl Wrong {
    /// Whether a command has to go on as if nothing were wrong.
    pub fn is_bearable(self) -> bool {
        matches!(self, Self::Late | Self::Twice | Self::Reordered)
    }

    /// Makes it wrong.
    pub fn spoil(self, mut all: Vec<Datagram>) -> Vec<Datagram> {
        match self {
            Self::Lost => all.clear(),
            Self::EndLost => drop(all.pop()),
            Self::Late => {
                let mut older = all.clone();
                each_message(&mut older, |_, sequence| *sequence = sequence.wrapping_sub(1000));
                all = [older, all].concat();
            }
            Self::Twice => all = all.into_iter().flat_map(|datagram| [datagram.clone(), datagram]).collect(),
            Self::Reordered => all.reverse(),
            Self::Truncated | Self::Half => {
                for datagram in &mut all {
                    datagram.bytes.truncate(datagram.bytes.len() / 2 + 1);
                    datagram.truncated = self == Self::Truncated;
                }
            }
            Self::Empty => all.iter_mut().for_each(|datagram| datagram.bytes.clear()),
            Self::OtherPort => all.iter_mut().for_each(|datagram| datagram.port = 4711),
            Self::OtherFamily => each_message(&mut all, |kind, _| *kind += 16),
            Self::OtherRequest => each_message(&mut all, |_, sequence| *sequence = sequence.wrapping_add(1000)),
            Self::NoEnd => each_message(&mut all, |kind, _| *kind = if *kind <= DONE { NOOP } else { *kind }),
            Self::OtherEnd => each_message(&mut all, |kind, _| {
                *kind = match *kind {
                    ERROR => DONE,
                    DONE => ERROR,
                    other => other,
                }
            }),
            Self::Error => {
                let mut has_data = false;
                each_message(&mut all, |kind, _| has_data |= *kind > DONE);
                if has_data {
                    let error = error_to(&all[0]);
                    all.insert(all.len() / 2, error);
                }
            }
        }
        all
    }
}

/// Gives the type and the sequence number of each message.
fn each_message(all: &mut [Datagram], mut each: impl FnMut(&mut u16, &mut u32)) {
    for datagram in all {
        let mut rest = &mut datagram.bytes[..];
        while let Some(header) = rest.first_chunk::<16>() {
            let [length, mut sequence] =
                [0, 8].map(|at| u32::from_ne_bytes([0, 1, 2, 3].map(|byte| header[at + byte])));
            let mut kind = u16::from_ne_bytes([header[4], header[5]]);
            each(&mut kind, &mut sequence);
            rest[4..6].copy_from_slice(&kind.to_ne_bytes());
            rest[8..12].copy_from_slice(&sequence.to_ne_bytes());
            let end = (length.max(16) as usize).next_multiple_of(4).min(rest.len());
            rest = &mut rest[end..];
        }
    }
}

/// A message that refuses what the datagram answers.
fn error_to(datagram: &Datagram) -> Datagram {
    let mut bytes = 36_u32.to_ne_bytes().to_vec();
    bytes.extend([ERROR, 0].map(u16::to_ne_bytes).as_flattened());
    bytes.extend(&datagram.bytes[8..16]);
    bytes.extend((-libc::EBUSY).to_ne_bytes());
    bytes.extend([0; 16]);
    Datagram { bytes, ..datagram.clone() }
}
