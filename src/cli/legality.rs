//! Which options go with which command, in the reference's order of complaint.

use super::UsageError;
use super::options::{Class, Command};
use crate::model::Tunnel;

/// The options that were given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen(u64);

impl Seen {
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
        classes.iter().any(|class| self.has(*class))
    }
}

/// What a command says of an option.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rule {
    Needed,
    Allowed,
    Illegal,
    /// At most one of these.
    Exclusive,
}

/// The options of tunnels.
pub const TUNNEL_OPTIONS: [Class; 5] =
    [Class::TunType, Class::TunPort, Class::TunNocsum, Class::TunCsum, Class::TunRemcsum];

fn rule(command: Command, class: Class) -> Rule {
    use Class as O;
    let (needed, allowed, exclusive): (&[O], &[O], &[O]) = match command {
        Command::AddService | Command::EditService => {
            (&[O::ServiceAddress], &[O::Scheduler, O::Persistent, O::Netmask, O::Ops, O::Pe, O::SchedFlags], &[])
        }
        Command::DeleteService => (&[O::ServiceAddress], &[], &[]),
        Command::AddServer | Command::EditServer => (
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
        Command::DeleteServer => (&[O::ServiceAddress, O::RealServer], &[], &[]),
        Command::List => (
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
                O::Syncid,
            ],
            &[O::Connection, O::ServiceAddress, O::Timeout, O::Daemon],
        ),
        Command::StartDaemon => {
            (&[], &[O::McastInterface, O::Syncid, O::McastGroup, O::McastPort, O::McastTtl, O::SyncMaxlen], &[])
        }
        Command::StopDaemon => (&[], &[O::Syncid], &[]),
        Command::Save => (&[], &[O::Numeric, O::Full], &[]),
        Command::Zero => (&[], &[O::ServiceAddress], &[]),
        Command::Flush | Command::Set | Command::Restore => (&[], &[], &[]),
    };
    if needed.contains(&class) {
        Rule::Needed
    } else if allowed.contains(&class) {
        Rule::Allowed
    } else if exclusive.contains(&class) {
        Rule::Exclusive
    } else {
        Rule::Illegal
    }
}

/// Judges the options of a command.
pub fn check(command: Command, seen: Seen) -> Result<(), UsageError> {
    let mut exclusive = None;
    for class in Class::ALL {
        match (rule(command, class), seen.has(class)) {
            (Rule::Needed, false) => return Err(UsageError::Needed(class, command)),
            (Rule::Illegal, true) => return Err(UsageError::NotWith(class, command)),
            (Rule::Exclusive, true) => match exclusive.replace(class) {
                Some(earlier) => return Err(UsageError::Conflict(class, earlier, command)),
                None => continue,
            },
            _ => continue,
        }
    }
    Ok(())
}

/// Judges the options of a tunnelling server.
pub fn check_tunnel(kind: u8, seen: Seen) -> Result<(), UsageError> {
    let (name, port, checksums): (_, _, &[Class]) = match kind {
        Tunnel::GUE => ("gue", Rule::Needed, &[Class::TunNocsum, Class::TunCsum, Class::TunRemcsum]),
        Tunnel::GRE => ("gre", Rule::Illegal, &[Class::TunNocsum, Class::TunCsum]),
        _ => ("ipip", Rule::Illegal, &[]),
    };
    match (port, seen.has(Class::TunPort)) {
        (Rule::Needed, false) => return Err(UsageError::TunnelNeeds(Class::TunPort, name)),
        (Rule::Illegal, true) => return Err(UsageError::NotWithTunnel(Class::TunPort, name)),
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
