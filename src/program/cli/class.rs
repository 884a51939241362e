//! What options set and which commands take them, by the names that the reference's messages use.

/// What an option sets, as the reference names it in its messages. The order is the order of its legality check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// `numeric`.
    Numeric,
    /// `connection`.
    Connection,
    /// `service-address`.
    ServiceAddress,
    /// `scheduler`.
    Scheduler,
    /// `persistent`.
    Persistent,
    /// `netmask`.
    Netmask,
    /// `real-server`.
    RealServer,
    /// `forwarding-method`.
    ForwardingMethod,
    /// `weight`.
    Weight,
    /// `u-threshold`.
    UThreshold,
    /// `l-threshold`.
    LThreshold,
    /// `mcast-interface`.
    McastInterface,
    /// `timeout`.
    Timeout,
    /// `daemon`.
    Daemon,
    /// `stats`.
    Stats,
    /// `rate`.
    Rate,
    /// `thresholds`.
    Thresholds,
    /// `persistent-conn`.
    PersistentConn,
    /// `nosort`.
    Nosort,
    /// `syncid`.
    Syncid,
    /// `exact`.
    Exact,
    /// `ops`.
    Ops,
    /// `pe`.
    Pe,
    /// `sched-flags`.
    SchedFlags,
    /// `mcast-group`.
    McastGroup,
    /// `mcast-port`.
    McastPort,
    /// `mcast-ttl`.
    McastTtl,
    /// `sync-maxlen`.
    SyncMaxlen,
    /// `tun-info`.
    TunInfo,
    /// `tun-type`.
    TunType,
    /// `tun-port`.
    TunPort,
    /// `tun-nocsum`.
    TunNocsum,
    /// `tun-csum`.
    TunCsum,
    /// `tun-remcsum`.
    TunRemcsum,
    /// `full`.
    Full,
}

impl Class {
    /// All, in the order in which they are checked.
    pub const ALL: [Self; 35] = [
        Self::Numeric,
        Self::Connection,
        Self::ServiceAddress,
        Self::Scheduler,
        Self::Persistent,
        Self::Netmask,
        Self::RealServer,
        Self::ForwardingMethod,
        Self::Weight,
        Self::UThreshold,
        Self::LThreshold,
        Self::McastInterface,
        Self::Timeout,
        Self::Daemon,
        Self::Stats,
        Self::Rate,
        Self::Thresholds,
        Self::PersistentConn,
        Self::Nosort,
        Self::Syncid,
        Self::Exact,
        Self::Ops,
        Self::Pe,
        Self::SchedFlags,
        Self::McastGroup,
        Self::McastPort,
        Self::McastTtl,
        Self::SyncMaxlen,
        Self::TunInfo,
        Self::TunType,
        Self::TunPort,
        Self::TunNocsum,
        Self::TunCsum,
        Self::TunRemcsum,
        Self::Full,
    ];

    /// The name in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Numeric => "numeric",
            Self::Connection => "connection",
            Self::ServiceAddress => "service-address",
            Self::Scheduler => "scheduler",
            Self::Persistent => "persistent",
            Self::Netmask => "netmask",
            Self::RealServer => "real-server",
            Self::ForwardingMethod => "forwarding-method",
            Self::Weight => "weight",
            Self::UThreshold => "u-threshold",
            Self::LThreshold => "l-threshold",
            Self::McastInterface => "mcast-interface",
            Self::Timeout => "timeout",
            Self::Daemon => "daemon",
            Self::Stats => "stats",
            Self::Rate => "rate",
            Self::Thresholds => "thresholds",
            Self::PersistentConn => "persistent-conn",
            Self::Nosort => "nosort",
            Self::Syncid => "syncid",
            Self::Exact => "exact",
            Self::Ops => "ops",
            Self::Pe => "pe",
            Self::SchedFlags => "sched-flags",
            Self::McastGroup => "mcast-group",
            Self::McastPort => "mcast-port",
            Self::McastTtl => "mcast-ttl",
            Self::SyncMaxlen => "sync-maxlen",
            Self::TunInfo => "tun-info",
            Self::TunType => "tun-type",
            Self::TunPort => "tun-port",
            Self::TunNocsum => "tun-nocsum",
            Self::TunCsum => "tun-csum",
            Self::TunRemcsum => "tun-remcsum",
            Self::Full => "full",
        }
    }
}

/// A command that takes options, as the reference names it in its messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// `add-service`.
    AddService,
    /// `edit-service`.
    EditService,
    /// `delete-service`.
    DeleteService,
    /// `flush`.
    Flush,
    /// `list`.
    List,
    /// `add-server`.
    AddServer,
    /// `delete-server`.
    DeleteServer,
    /// `edit-server`.
    EditServer,
    /// `set`.
    Set,
    /// `start-daemon`.
    StartDaemon,
    /// `stop-daemon`.
    StopDaemon,
    /// `restore`.
    Restore,
    /// `save`.
    Save,
    /// `zero`.
    Zero,
}

impl Command {
    /// The name in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::AddService => "add-service",
            Self::EditService => "edit-service",
            Self::DeleteService => "delete-service",
            Self::Flush => "flush",
            Self::List => "list",
            Self::AddServer => "add-server",
            Self::DeleteServer => "delete-server",
            Self::EditServer => "edit-server",
            Self::Set => "set",
            Self::StartDaemon => "start-daemon",
            Self::StopDaemon => "stop-daemon",
            Self::Restore => "restore",
            Self::Save => "save",
            Self::Zero => "zero",
        }
    }
}
