//! Every option, declared once: the parser, the help text, clap and the manual's check all read this table.

use super::class::Class;

/// An option.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Opt {
    /// `--add-service`.
    AddService,
    /// `--edit-service`.
    EditService,
    /// `--delete-service`.
    DeleteService,
    /// `--clear`.
    Clear,
    /// `--restore`.
    Restore,
    /// `--save`.
    Save,
    /// `--add-server`.
    AddServer,
    /// `--edit-server`.
    EditServer,
    /// `--delete-server`.
    DeleteServer,
    /// `--list`.
    List,
    /// `--zero`.
    Zero,
    /// `--set`.
    Set,
    /// `--start-daemon`.
    StartDaemon,
    /// `--stop-daemon`.
    StopDaemon,
    /// `--help`.
    Help,
    /// `--version`.
    Version,
    /// `--tcp-service`.
    TcpService,
    /// `--udp-service`.
    UdpService,
    /// `--sctp-service`.
    SctpService,
    /// `--fwmark-service`.
    FwmarkService,
    /// `--ipv6`.
    Ipv6,
    /// `--scheduler`.
    Scheduler,
    /// `--sched-flags`.
    SchedFlags,
    /// `--persistent`.
    Persistent,
    /// `--netmask`.
    Netmask,
    /// `--pe`.
    Pe,
    /// `--ops`.
    Ops,
    /// `--real-server`.
    RealServer,
    /// `--gatewaying`.
    Gatewaying,
    /// `--ipip`.
    Ipip,
    /// `--masquerading`.
    Masquerading,
    /// `--weight`.
    Weight,
    /// `--u-threshold`.
    UThreshold,
    /// `--l-threshold`.
    LThreshold,
    /// `--tun-type`.
    TunType,
    /// `--tun-port`.
    TunPort,
    /// `--tun-nocsum`.
    TunNocsum,
    /// `--tun-csum`.
    TunCsum,
    /// `--tun-remcsum`.
    TunRemcsum,
    /// `--numeric`.
    Numeric,
    /// `--connection`.
    Connection,
    /// `--timeout`.
    Timeout,
    /// `--daemon`.
    Daemon,
    /// `--stats`.
    Stats,
    /// `--rate`.
    Rate,
    /// `--thresholds`.
    Thresholds,
    /// `--persistent-conn`.
    PersistentConn,
    /// `--tun-info`.
    TunInfo,
    /// `--exact`.
    Exact,
    /// `--nosort`.
    Nosort,
    /// `--sort`.
    Sort,
    /// `--full`, which the reference does not have.
    Full,
    /// `--mcast-interface`.
    McastInterface,
    /// `--syncid`.
    Syncid,
    /// `--sync-maxlen`.
    SyncMaxlen,
    /// `--mcast-group`.
    McastGroup,
    /// `--mcast-port`.
    McastPort,
    /// `--mcast-ttl`.
    McastTtl,
}

/// Whether an option takes a value, and what the help calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// It takes none.
    None,
    /// It needs one.
    Required(&'static str),
    /// It takes the next word unless that begins with `-`.
    Optional(&'static str),
}

/// One option's declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spec {
    /// Which option.
    pub opt: Opt,
    /// The long name, without dashes.
    pub long: &'static str,
    /// The short names, one letter each.
    pub short: &'static str,
    /// Whether it takes a value.
    pub value: Value,
    /// What it sets; none for commands, `-6` and `--sort`.
    pub class: Option<Class>,
    /// The part of the help that it stands in.
    pub heading: &'static str,
    /// One line of help.
    pub help: &'static str,
}

const COMMANDS: &str = "Commands";
const VIRTUAL_SERVICE: &str = "Virtual service";
const SERVICE_OPTIONS: &str = "Options of a service";
const REAL_SERVER: &str = "Options of a real server";
const LISTING: &str = "Options of a listing";
const SYNC_DAEMON: &str = "Options of a sync daemon";

const fn option(
    opt: Opt,
    long: &'static str,
    short: &'static str,
    value: Value,
    class: Option<Class>,
    heading: &'static str,
    help: &'static str,
) -> Spec {
    Spec { opt, long, short, value, class, heading, help }
}

/// The table.
#[rustfmt::skip]
pub static OPTIONS: [Spec; 58] = [
    option(Opt::AddService, "add-service", "A", Value::None, None, COMMANDS, "Add a virtual service"),
    option(Opt::EditService, "edit-service", "E", Value::None, None, COMMANDS, "Change a virtual service"),
    option(Opt::DeleteService, "delete-service", "D", Value::None, None, COMMANDS, "Remove a virtual service with its servers"),
    option(Opt::Clear, "clear", "C", Value::None, None, COMMANDS, "Remove everything"),
    option(Opt::Restore, "restore", "R", Value::None, None, COMMANDS, "Read rules from standard input and add them"),
    option(Opt::Save, "save", "S", Value::None, None, COMMANDS, "Write the rules of the table to standard output"),
    option(Opt::AddServer, "add-server", "a", Value::None, None, COMMANDS, "Add a real server to a service"),
    option(Opt::EditServer, "edit-server", "e", Value::None, None, COMMANDS, "Change a real server of a service"),
    option(Opt::DeleteServer, "delete-server", "d", Value::None, None, COMMANDS, "Remove a real server from a service"),
    option(Opt::List, "list", "Ll", Value::None, None, COMMANDS, "List the table, one service, or what -c, --timeout or --daemon names"),
    option(Opt::Zero, "zero", "Z", Value::None, None, COMMANDS, "Set the counters of a service, or all, to zero"),
    option(Opt::Set, "set", "", Value::None, None, COMMANDS, "Set the timeouts of connections: TCP TCPFIN UDP, in seconds, 0 for no change"),
    option(Opt::StartDaemon, "start-daemon", "", Value::Required("STATE"), None, COMMANDS, "Start a sync daemon: master or backup"),
    option(Opt::StopDaemon, "stop-daemon", "", Value::Required("STATE"), None, COMMANDS, "Stop a sync daemon: master or backup"),
    option(Opt::Help, "help", "h", Value::None, None, COMMANDS, "Print this help"),
    option(Opt::Version, "version", "v", Value::None, None, COMMANDS, "Print the version"),
    option(Opt::TcpService, "tcp-service", "t", Value::Required("ADDR:PORT"), Some(Class::ServiceAddress), VIRTUAL_SERVICE, "A TCP service: IPv4 address, [IPv6 address] or host name, and port"),
    option(Opt::UdpService, "udp-service", "u", Value::Required("ADDR:PORT"), Some(Class::ServiceAddress), VIRTUAL_SERVICE, "A UDP service"),
    option(Opt::SctpService, "sctp-service", "", Value::Required("ADDR:PORT"), Some(Class::ServiceAddress), VIRTUAL_SERVICE, "An SCTP service"),
    option(Opt::FwmarkService, "fwmark-service", "f", Value::Required("MARK"), Some(Class::ServiceAddress), VIRTUAL_SERVICE, "Packets with this firewall mark"),
    option(Opt::Ipv6, "ipv6", "6", Value::None, None, VIRTUAL_SERVICE, "The firewall mark is of IPv6 packets"),
    option(Opt::Scheduler, "scheduler", "s", Value::Required("NAME"), Some(Class::Scheduler), SERVICE_OPTIONS, "How connections are spread: rr wrr lc wlc lblc lblcr dh sh sed nq fo ovf mh, or another that the kernel has [wlc]"),
    option(Opt::SchedFlags, "sched-flags", "b", Value::Required("FLAGS"), Some(Class::SchedFlags), SERVICE_OPTIONS, "Flags of the scheduler: flag-1 flag-2 flag-3, sh-fallback sh-port, mh-fallback mh-port, with commas between"),
    option(Opt::Persistent, "persistent", "p", Value::Optional("SECONDS"), Some(Class::Persistent), SERVICE_OPTIONS, "Keep a client at its server for this long [360]"),
    option(Opt::Netmask, "netmask", "M", Value::Required("MASK"), Some(Class::Netmask), SERVICE_OPTIONS, "Treat clients of one network as one: a mask, or an IPv6 prefix length"),
    option(Opt::Pe, "pe", "", Value::Required("NAME"), Some(Class::Pe), SERVICE_OPTIONS, "The persistence engine: sip"),
    option(Opt::Ops, "ops", "o", Value::None, Some(Class::Ops), SERVICE_OPTIONS, "Schedule each UDP packet by itself"),
    option(Opt::RealServer, "real-server", "r", Value::Required("ADDR[:PORT]"), Some(Class::RealServer), REAL_SERVER, "The server; without a port, that of the service"),
    option(Opt::Gatewaying, "gatewaying", "g", Value::None, Some(Class::ForwardingMethod), REAL_SERVER, "Forward by direct routing (this is the default)"),
    option(Opt::Ipip, "ipip", "i", Value::None, Some(Class::ForwardingMethod), REAL_SERVER, "Forward through a tunnel"),
    option(Opt::Masquerading, "masquerading", "m", Value::None, Some(Class::ForwardingMethod), REAL_SERVER, "Forward by masquerading (NAT)"),
    option(Opt::Weight, "weight", "w", Value::Required("N"), Some(Class::Weight), REAL_SERVER, "The server's share, 0 for no new connections [1]"),
    option(Opt::UThreshold, "u-threshold", "x", Value::Required("N"), Some(Class::UThreshold), REAL_SERVER, "No new connections from this many on [0, no limit]"),
    option(Opt::LThreshold, "l-threshold", "y", Value::Required("N"), Some(Class::LThreshold), REAL_SERVER, "New connections again below this many [0]"),
    option(Opt::TunType, "tun-type", "", Value::Required("TYPE"), Some(Class::TunType), REAL_SERVER, "The tunnel: ipip, gue or gre [ipip]"),
    option(Opt::TunPort, "tun-port", "", Value::Required("PORT"), Some(Class::TunPort), REAL_SERVER, "The UDP port of a gue tunnel"),
    option(Opt::TunNocsum, "tun-nocsum", "", Value::None, Some(Class::TunNocsum), REAL_SERVER, "Tunnel without checksums"),
    option(Opt::TunCsum, "tun-csum", "", Value::None, Some(Class::TunCsum), REAL_SERVER, "Tunnel with checksums"),
    option(Opt::TunRemcsum, "tun-remcsum", "", Value::None, Some(Class::TunRemcsum), REAL_SERVER, "Tunnel with remote checksums"),
    option(Opt::Numeric, "numeric", "n", Value::None, Some(Class::Numeric), LISTING, "Numbers instead of names"),
    option(Opt::Connection, "connection", "c", Value::None, Some(Class::Connection), LISTING, "The connections"),
    option(Opt::Timeout, "timeout", "", Value::None, Some(Class::Timeout), LISTING, "The timeouts"),
    option(Opt::Daemon, "daemon", "", Value::None, Some(Class::Daemon), LISTING, "The sync daemons"),
    option(Opt::Stats, "stats", "", Value::None, Some(Class::Stats), LISTING, "Counters"),
    option(Opt::Rate, "rate", "", Value::None, Some(Class::Rate), LISTING, "Rates a second"),
    option(Opt::Thresholds, "thresholds", "", Value::None, Some(Class::Thresholds), LISTING, "Thresholds"),
    option(Opt::PersistentConn, "persistent-conn", "", Value::None, Some(Class::PersistentConn), LISTING, "Persistent connections"),
    option(Opt::TunInfo, "tun-info", "", Value::None, Some(Class::TunInfo), LISTING, "Tunnels"),
    option(Opt::Exact, "exact", "X", Value::None, Some(Class::Exact), LISTING, "All digits of large numbers"),
    option(Opt::Nosort, "nosort", "", Value::None, Some(Class::Nosort), LISTING, "The kernel's order"),
    option(Opt::Sort, "sort", "", Value::None, None, LISTING, "Sorted, as without it"),
    option(Opt::Full, "full", "", Value::None, Some(Class::Full), LISTING, "With -S: thresholds, timeouts and sync daemons too"),
    option(Opt::McastInterface, "mcast-interface", "", Value::Required("NAME"), Some(Class::McastInterface), SYNC_DAEMON, "The multicast interface [eth0]"),
    option(Opt::Syncid, "syncid", "", Value::Required("N"), Some(Class::Syncid), SYNC_DAEMON, "The sync id, 0 to 255 [0]"),
    option(Opt::SyncMaxlen, "sync-maxlen", "", Value::Required("BYTES"), Some(Class::SyncMaxlen), SYNC_DAEMON, "The longest sync message [1472]"),
    option(Opt::McastGroup, "mcast-group", "", Value::Required("ADDR"), Some(Class::McastGroup), SYNC_DAEMON, "The multicast group [224.0.0.81]"),
    option(Opt::McastPort, "mcast-port", "", Value::Required("PORT"), Some(Class::McastPort), SYNC_DAEMON, "The UDP port [8848]"),
    option(Opt::McastTtl, "mcast-ttl", "", Value::Required("N"), Some(Class::McastTtl), SYNC_DAEMON, "The time to live of multicast packets [1]"),
];

impl Spec {
    /// Whether the option is a command.
    pub fn is_command(&self) -> bool {
        self.heading == COMMANDS
    }

    /// The option of a long name.
    pub fn by_long(name: &str) -> Option<&'static Self> {
        OPTIONS.iter().find(|spec| spec.long == name)
    }

    /// The option of a short name.
    pub fn by_short(name: u8) -> Option<&'static Self> {
        OPTIONS.get(usize::from(*BY_SHORT.get(usize::from(name))?))
    }
}

/// The place in the table of each short name, or one beyond the table.
static BY_SHORT: [u8; 128] = {
    let mut places = [u8::MAX; 128];
    let mut place = 0;
    while place < OPTIONS.len() {
        let names = OPTIONS[place].short.as_bytes();
        let mut i = 0;
        while i < names.len() {
            places[names[i] as usize] = place as u8;
            i += 1;
        }
        place += 1;
    }
    places
};
