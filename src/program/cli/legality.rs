//! Which options go with which command, in the reference's order of complaint: that of the table.

use super::UsageError;
use super::options::{Command, Opt};
use crate::ipvs::model::TunnelType;

/// What options have set, each as the first option that sets the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OptionSet(u64);

impl OptionSet {
    const fn of(options: &[Opt]) -> Self {
        let mut bits = 0;
        let mut i = 0;
        while i < options.len() {
            bits |= Self::bit(options[i]);
            i += 1;
        }
        Self(bits)
    }

    const fn bit(option: Opt) -> u64 {
        1 << option.first() as u64
    }

    /// Adds one; false when it, or another that sets the same, was there already.
    pub fn add(&mut self, option: Opt) -> bool {
        let before = self.0;
        self.0 |= Self::bit(option);
        self.0 != before
    }

    /// Whether it, or another that sets the same, was given.
    pub const fn has(self, option: Opt) -> bool {
        self.0 & Self::bit(option) != 0
    }

    /// Whether any of them was given.
    pub fn any(self, options: &[Opt]) -> bool {
        self.0 & Self::of(options).0 != 0
    }
}

/// What a command says of the options; the rest is illegal.
struct Rules {
    needed: u64,
    allowed: u64,
    /// At most one of these.
    alone: u64,
}

static RULES: [Rules; Command::ALL.len()] = {
    let mut all = [const { Rules { needed: 0, allowed: 0, alone: 0 } }; Command::ALL.len()];
    let mut command = 0;
    while command < all.len() {
        all[command] = rules(Command::ALL[command]);
        command += 1;
    }
    all
};

const fn rules(command: Command) -> Rules {
    let mut rules = Rules { needed: 0, allowed: 0, alone: 0 };
    let mut i = 0;
    while i < Opt::ALL.len() {
        let (used, bit) = (Opt::ALL[i].spec().used, OptionSet::bit(Opt::ALL[i]));
        if used.needed.has(command) {
            rules.needed |= bit;
        } else if used.allowed.has(command) {
            rules.allowed |= bit;
        } else if used.alone.has(command) {
            rules.alone |= bit;
        }
        i += 1;
    }
    rules
}

/// The options of tunnels.
pub const TUNNEL_OPTIONS: [Opt; 5] = [Opt::TunType, Opt::TunPort, Opt::TunNocsum, Opt::TunCsum, Opt::TunRemcsum];

/// Those of them of which a tunnel has one.
pub const CHECKSUMS: [Opt; 3] = [Opt::TunNocsum, Opt::TunCsum, Opt::TunRemcsum];

/// Of the options that stand alone, those that may stand together.
const CONNECTIONS_OF: u64 = OptionSet::of(&[Opt::Connection, Opt::TcpService]).0;

/// Judges the options of a command: the first one that is wrong, in the order of the table.
pub fn check(command: Command, given: OptionSet) -> Result<(), UsageError> {
    let Rules { needed, allowed, alone } = RULES[command as usize];
    let missing = needed & !given.0;
    let illegal = given.0 & !(needed | allowed | alone);
    let mut alone = alone & given.0;
    // Ours: the connections may be those of services.
    if alone & CONNECTIONS_OF == CONNECTIONS_OF {
        alone &= !OptionSet::bit(Opt::Connection);
    }
    let mut notable = missing | illegal | alone;
    let mut earlier = None;
    while let Some(option) = Opt::ALL.get(notable.trailing_zeros() as usize) {
        let bit = OptionSet::bit(*option);
        notable ^= bit;
        if missing & bit != 0 {
            return Err(UsageError::Needed(*option, command));
        }
        if illegal & bit != 0 {
            return Err(UsageError::NotWith(*option, command));
        }
        if let Some(earlier) = earlier.replace(*option) {
            return Err(UsageError::Conflict(*option, earlier, command));
        }
    }
    Ok(())
}

/// The options that go with `--drain` only.
const DRAIN_OPTIONS: [Opt; 3] = [Opt::Force, Opt::RestoreWeight, Opt::IgnorePersistent];

/// Judges the options of a command with `--drain`, which changes the weight and nothing else.
pub fn check_drain(command: Command, given: OptionSet) -> Result<(), UsageError> {
    if !Opt::Drain.spec().used.allowed.has(command) {
        return Err(UsageError::NotWith(Opt::Drain, command));
    }
    if !given.has(Opt::RealServer) {
        return Err(UsageError::Needed(Opt::RealServer, command));
    }
    let legal = [Opt::TcpService, Opt::RealServer, Opt::Drain, Opt::Json];
    let illegal = |option: &&Opt| {
        given.has(**option) && !legal.iter().chain(&DRAIN_OPTIONS).any(|legal| *legal == option.first())
    };
    match Opt::ALL.iter().find(illegal) {
        Some(option) => Err(UsageError::Conflict(*option, Opt::Drain, command)),
        None => Ok(()),
    }
}

/// Judges the options of a command without `--drain`, as far as that goes.
pub fn check_without_drain(given: OptionSet) -> Result<(), UsageError> {
    match DRAIN_OPTIONS.iter().find(|option| given.has(**option)) {
        Some(option) => Err(UsageError::OnlyWith(*option, Opt::Drain)),
        None => Ok(()),
    }
}

/// What narrows the table that is watched, or says how it is shown.
const WATCH_OPTIONS: [Opt; 7] =
    [Opt::Numeric, Opt::TcpService, Opt::Scheduler, Opt::RealServer, Opt::Weight, Opt::Json, Opt::Watch];

/// Judges the options of a listing with `--watch`.
pub fn check_watch(command: Command, given: OptionSet) -> Result<(), UsageError> {
    let illegal = |option: &&Opt| given.has(**option) && !WATCH_OPTIONS.contains(&option.first());
    match Opt::ALL.iter().find(illegal) {
        Some(option) => Err(UsageError::Conflict(*option, Opt::Watch, command)),
        None => Ok(()),
    }
}

/// Judges the options of a tunnelling server.
pub fn check_tunnel(kind: TunnelType, given: OptionSet) -> Result<(), UsageError> {
    let (name, needs_port, checksums): (_, _, &[Opt]) = match kind {
        TunnelType::Gue => ("gue", true, &[Opt::TunNocsum, Opt::TunCsum, Opt::TunRemcsum]),
        TunnelType::Gre => ("gre", false, &[Opt::TunNocsum, Opt::TunCsum]),
        _ => ("ipip", false, &[]),
    };
    match (needs_port, given.has(Opt::TunPort)) {
        (true, false) => return Err(UsageError::TunnelNeeds(Opt::TunPort, name)),
        (false, true) => return Err(UsageError::NotWithTunnel(Opt::TunPort, name)),
        _ => {}
    }
    let mut exclusive = None;
    for option in CHECKSUMS {
        if !given.has(option) {
            continue;
        }
        if !checksums.contains(&option) {
            return Err(UsageError::NotWithTunnel(option, name));
        }
        if let Some(earlier) = exclusive.replace(option) {
            return Err(UsageError::TunnelConflict(option, earlier, name));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(command: Command, options: &[Opt]) -> String {
        check(command, OptionSet::of(options)).map_or_else(|error| error.to_string(), |()| "legal".to_owned())
    }

    /// The reference's messages for these options, and so the order in which it looks at them.
    #[test]
    fn the_first_wrong_option_of_the_table_is_named() {
        use Command::*;
        use Opt::*;
        for (command, options, expected) in [
            (AddService, &[TcpService, Scheduler, Persistent, Netmask, Ops, Pe, SchedFlags][..], "legal"),
            (AddService, &[], "You need to supply the 'service-address' option for the 'add-service' command"),
            (AddService, &[Numeric], "Illegal 'numeric' option with the 'add-service' command"),
            (AddService, &[Weight], "You need to supply the 'service-address' option for the 'add-service' command"),
            (EditService, &[Weight, FwmarkService], "Illegal 'weight' option with the 'edit-service' command"),
            (DeleteService, &[UdpService, Scheduler], "Illegal 'scheduler' option with the 'delete-service' command"),
            (AddServer, &[TcpService], "You need to supply the 'real-server' option for the 'add-server' command"),
            (AddServer, &[SctpService, RealServer, Ipip, TunType, TunPort, TunCsum, LThreshold], "legal"),
            (
                DeleteServer,
                &[TcpService, RealServer, Ipip],
                "Illegal 'forwarding-method' option with the 'delete-server' command",
            ),
            (List, &[TcpService, Numeric, Stats, Rate, Syncid, Exact, Nosort, TunInfo], "legal"),
            (
                List,
                &[Daemon, TcpService],
                "The option 'daemon' conflicts with the 'service-address' option in the 'list' command",
            ),
            (
                List,
                &[Connection, Timeout, Daemon],
                "The option 'timeout' conflicts with the 'connection' option in the 'list' command",
            ),
            (List, &[Connection, Netmask, Timeout], "Illegal 'netmask' option with the 'list' command"),
            // The reference refuses these.
            (List, &[Connection, TcpService, RealServer, Scheduler, Weight], "legal"),
            (
                List,
                &[Connection, TcpService, Timeout],
                "The option 'timeout' conflicts with the 'service-address' option in the 'list' command",
            ),
            (StopDaemon, &[Syncid], "legal"),
            (StopDaemon, &[McastTtl], "Illegal 'mcast-ttl' option with the 'stop-daemon' command"),
            (StartDaemon, &[McastTtl, SyncMaxlen, McastGroup, McastPort, McastInterface, Syncid], "legal"),
            (Zero, &[FwmarkService], "legal"),
            (Zero, &[], "legal"),
            (Save, &[Numeric, Full], "legal"),
            (Save, &[Stats], "Illegal 'stats' option with the 'save' command"),
            (Clear, &[TunRemcsum, Numeric], "Illegal 'numeric' option with the 'flush' command"),
            (Set, &[Exact], "Illegal 'exact' option with the 'set' command"),
            (Restore, &[Full], "Illegal 'full' option with the 'restore' command"),
        ] {
            assert_eq!(judged(command, options), expected, "{command:?} {options:?}");
        }
    }

    #[test]
    fn what_a_tunnel_takes() {
        use Opt::*;
        let judged = |kind, options: &[Opt]| {
            check_tunnel(kind, OptionSet::of(options)).map_or_else(|error| error.to_string(), |()| "legal".to_owned())
        };
        for (kind, options, expected) in [
            (TunnelType::Ipip, &[][..], "legal"),
            (TunnelType::Ipip, &[TunPort], "Illegal 'tun-port' option with the 'ipip' tunnel type"),
            (TunnelType::Ipip, &[TunNocsum], "Illegal 'tun-nocsum' option with the 'ipip' tunnel type"),
            (TunnelType::Gue, &[TunPort, TunRemcsum], "legal"),
            (TunnelType::Gue, &[TunCsum], "You need to supply the 'tun-port' option for the 'gue' tunnel type"),
            (
                TunnelType::Gue,
                &[TunPort, TunCsum, TunNocsum],
                "The option 'tun-csum' conflicts with the 'tun-nocsum' option in the 'gue' tunnel type",
            ),
            (TunnelType::Gre, &[TunCsum], "legal"),
            (TunnelType::Gre, &[TunRemcsum], "Illegal 'tun-remcsum' option with the 'gre' tunnel type"),
            (TunnelType::Gre, &[TunPort, TunRemcsum], "Illegal 'tun-port' option with the 'gre' tunnel type"),
        ] {
            assert_eq!(judged(kind, options), expected, "{kind:?} {options:?}");
        }
    }

    #[test]
    fn options_that_set_the_same_count_as_one() {
        let mut given = OptionSet::default();
        assert!(given.add(Opt::TcpService));
        assert!(!given.add(Opt::FwmarkService));
        assert!(given.has(Opt::UdpService) && !given.has(Opt::Numeric));
        assert!(given.any(&[Opt::Numeric, Opt::SctpService]));
    }
}
