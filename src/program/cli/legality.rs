//! Which options go with which command, in the reference's order of complaint.

use super::UsageError;
use super::class::{Class, Command};
use crate::ipvs::model::TunnelType;

/// A set of options.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen(u64);

impl Seen {
    const fn of(classes: &[Class]) -> Self {
        let mut bits = 0;
        let mut i = 0;
        while i < classes.len() {
            bits |= 1 << classes[i] as u64;
            i += 1;
        }
        Self(bits)
    }

    /// Adds one; false when it was there already.
    pub fn add(&mut self, class: Class) -> bool {
        let before = self.0;
        self.0 |= 1 << class as u64;
        self.0 != before
    }

    /// Whether it was given.
    pub fn has(self, class: Class) -> bool {
        self.0 & (1 << class as u64) != 0
    }

    /// Whether any of them was given.
    pub fn any(self, classes: &[Class]) -> bool {
        self.0 & Self::of(classes).0 != 0
    }
}

/// What a command says of the options; the rest is illegal.
struct Rules {
    needed: Seen,
    allowed: Seen,
    /// At most one of these.
    exclusive: Seen,
}

impl Rules {
    const fn new(needed: &[Class], allowed: &[Class], exclusive: &[Class]) -> Self {
        Self { needed: Seen::of(needed), allowed: Seen::of(allowed), exclusive: Seen::of(exclusive) }
    }
}

/// The options of tunnels.
pub const TUNNEL_OPTIONS: [Class; 5] =
    [Class::TunType, Class::TunPort, Class::TunNocsum, Class::TunCsum, Class::TunRemcsum];

const fn rules(command: Command) -> Rules {
    use Class as O;
    match command {
        Command::AddService | Command::EditService => Rules::new(
            &[O::ServiceAddress],
            &[O::Scheduler, O::Persistent, O::Netmask, O::Ops, O::Pe, O::SchedFlags],
            &[],
        ),
        Command::AddServer | Command::EditServer => Rules::new(
            &[O::ServiceAddress, O::RealServer],
            &[
                O::ForwardingMethod,
                O::Weight,
                O::UThreshold,
                O::LThreshold,
                O::TunType,
                O::TunPort,
                O::TunNocsum,
                O::TunCsum,
                O::TunRemcsum,
            ],
            &[],
        ),
        Command::DeleteService => Rules::new(&[O::ServiceAddress], &[], &[]),
        Command::DeleteServer => Rules::new(&[O::ServiceAddress, O::RealServer], &[], &[]),
        Command::List => Rules::new(
            &[],
            &[
                O::Numeric,
                O::Stats,
                O::Rate,
                O::Thresholds,
                O::PersistentConn,
                O::Nosort,
                O::Exact,
                O::TunInfo,
                // To no effect, as in the reference.
                O::Syncid,
            ],
            &[O::Connection, O::ServiceAddress, O::Timeout, O::Daemon],
        ),
        Command::StartDaemon => Rules::new(
            &[],
            &[O::McastInterface, O::Syncid, O::McastGroup, O::McastPort, O::McastTtl, O::SyncMaxlen],
            &[],
        ),
        Command::StopDaemon => Rules::new(&[], &[O::Syncid], &[]),
        Command::Save => Rules::new(&[], &[O::Numeric, O::Full], &[]),
        Command::Zero => Rules::new(&[], &[O::ServiceAddress], &[]),
        Command::Flush | Command::Set | Command::Restore => Rules::new(&[], &[], &[]),
    }
}

/// Judges the options of a command: the first one that is wrong, in the order of [`Class::ALL`].
pub fn check(command: Command, seen: Seen) -> Result<(), UsageError> {
    let Rules { needed, allowed, exclusive } = rules(command);
    let missing = needed.0 & !seen.0;
    let illegal = seen.0 & !(needed.0 | allowed.0 | exclusive.0);
    let mut notable = missing | illegal | seen.0 & exclusive.0;
    let mut earlier = None;
    while let Some(class) = Class::ALL.get(notable.trailing_zeros() as usize) {
        let bit = notable & notable.wrapping_neg();
        notable ^= bit;
        if missing & bit != 0 {
            return Err(UsageError::Needed(*class, command));
        }
        if illegal & bit != 0 {
            return Err(UsageError::NotWith(*class, command));
        }
        if let Some(earlier) = earlier.replace(*class) {
            return Err(UsageError::Conflict(*class, earlier, command));
        }
    }
    Ok(())
}

/// Judges the options of a tunnelling server.
pub fn check_tunnel(kind: TunnelType, seen: Seen) -> Result<(), UsageError> {
    let (name, needs_port, checksums): (_, _, &[Class]) = match kind {
        TunnelType::Gue => ("gue", true, &[Class::TunNocsum, Class::TunCsum, Class::TunRemcsum]),
        TunnelType::Gre => ("gre", false, &[Class::TunNocsum, Class::TunCsum]),
        _ => ("ipip", false, &[]),
    };
    match (needs_port, seen.has(Class::TunPort)) {
        (true, false) => return Err(UsageError::TunnelNeeds(Class::TunPort, name)),
        (false, true) => return Err(UsageError::NotWithTunnel(Class::TunPort, name)),
        _ => {}
    }
    let mut exclusive = None;
    for class in [Class::TunNocsum, Class::TunCsum, Class::TunRemcsum] {
        if !seen.has(class) {
            continue;
        }
        if !checksums.contains(&class) {
            return Err(UsageError::NotWithTunnel(class, name));
        }
        if let Some(earlier) = exclusive.replace(class) {
            return Err(UsageError::TunnelConflict(class, earlier, name));
        }
    }
    Ok(())
}
