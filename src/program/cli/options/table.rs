//! The rows. Options stand in the order of the reference's legality check; the help goes by headings.

use super::Heading::{self, *};
use super::Sets::*;
use super::Value::{self, Operands, Optional, Required};
use super::{CommandSet, Kind, OptionSpec, Use};
use Command::*;

/// Without what is spelled out.
const NO_COMMAND: Use =
    Use { needed: CommandSet::NONE, allowed: CommandSet::NONE, alone: CommandSet::NONE, often: CommandSet::NONE };
/// What names a service.
const SERVICE_KEY: Use = Use {
    needed: CommandSet::of(&[AddService, EditService, DeleteService, AddServer, EditServer, DeleteServer]),
    allowed: CommandSet::of(&[Zero, Diagnose]),
    alone: CommandSet::of(&[List]),
    // A listing of several services is ours.
    often: CommandSet::of(&[List]),
};
/// With a listing, ours, it says which servers.
const SERVER_KEY: Use =
    Use { needed: CommandSet::of(&[AddServer, EditServer, DeleteServer]), ..allowed(&[List, Diagnose]) };
/// What is listed in place of the table.
const LISTED: Use = Use { alone: CommandSet::of(&[List]), ..NO_COMMAND };
const SERVICE: Use = allowed(&[AddService, EditService]);
const SERVER: Use = allowed(&[AddServer, EditServer]);
/// What only `--drain` makes use of, and it itself: see [`super::super::legality::check_drain`].
const DRAINS: Use = allowed(&[EditServer, DeleteServer]);
const ENSURES: Use = allowed(&[AddService, DeleteService, AddServer, DeleteServer, StartDaemon, StopDaemon]);
const LISTS: Use = allowed(&[List]);
const STARTS: Use = allowed(&[StartDaemon]);

const fn allowed(commands: &[Command]) -> Use {
    Use { allowed: CommandSet::of(commands), ..NO_COMMAND }
}

declare! {
    commands {
        AddService: "add-service" "A" Value::None, Itself, "Add a virtual service";
        EditService: "edit-service" "E" Value::None, Itself, "Change a virtual service";
        DeleteService: "delete-service" "D" Value::None, Itself, "Remove a virtual service with its servers";
        Clear: "clear" "C" Value::None, As("flush"), "Remove everything";
        Restore: "restore" "R" Value::None, Itself, "Read rules from standard input and add them";
        Save: "save" "S" Value::None, Itself, "Write the rules of the table to standard output";
        AddServer: "add-server" "a" Value::None, Itself, "Add a real server to a service";
        EditServer: "edit-server" "e" Value::None, Itself, "Change a real server of a service";
        DeleteServer: "delete-server" "d" Value::None, Itself, "Remove a real server from a service";
        List: "list" "Ll" Value::None, Itself,
            "List the table or one service; -l is the same";
        Zero: "zero" "Z" Value::None, Itself, "Set the counters of a service, or all, to zero";
        Set: "set" "" Operands(["TCP", "TCPFIN", "UDP"]), Itself,
            "Set the timeouts of connections, in seconds; 0 for no change";
        StartDaemon: "start-daemon" "" Required("STATE"), Itself, "Start a sync daemon: master or backup";
        StopDaemon: "stop-daemon" "" Required("STATE"), Itself, "Stop a sync daemon: master or backup";
        Help: "help" "h" Value::None, Itself, "Print this help";
        Version: "version" "v" Value::None, Itself, "Print the version";
        // What the reference does not have stands behind all that it has.
        Diagnose: "diagnose" "" Value::None, Itself,
            "Say why services do not work: all, or one, or one server of it";
    }
    options {
        Numeric: "numeric" "n" Value::None, Itself, allowed(&[List, Save]), Listing, "Numbers instead of names";
        Connection: "connection" "c" Value::None, Itself, LISTED, Listing, "List the connections";
        TcpService: "tcp-service" "t" Required("ADDR:PORT"), As("service-address"), SERVICE_KEY, VirtualService,
            "A TCP service: IPv4 address, [IPv6 address] or host name, and port";
        UdpService: "udp-service" "u" Required("ADDR:PORT"), SameAs(Opt::TcpService), SERVICE_KEY, VirtualService,
            "A UDP service";
        SctpService: "sctp-service" "" Required("ADDR:PORT"), SameAs(Opt::TcpService), SERVICE_KEY, VirtualService,
            "An SCTP service";
        FwmarkService: "fwmark-service" "f" Required("MARK"), SameAs(Opt::TcpService), SERVICE_KEY, VirtualService,
            "Packets with this firewall mark";
        Ipv6: "ipv6" "6" Value::None, Nothing, NO_COMMAND, VirtualService, "The firewall mark is of IPv6 packets";
        // With a listing, ours, it says which services.
        Scheduler: "scheduler" "s" Required("NAME"), Itself, allowed(&[AddService, EditService, List]), ServiceOptions,
            "How connections are spread: rr wrr lc wlc lblc lblcr dh sh sed nq\n\
             fo ovf mh, or another that the kernel has [wlc]";
        Persistent: "persistent" "p" Optional("SECONDS"), Itself, SERVICE, ServiceOptions,
            "Keep a client at its server for this long [360]";
        Netmask: "netmask" "M" Required("MASK"), Itself, SERVICE, ServiceOptions,
            "Treat clients of one network as one: a mask, or for IPv6 a prefix\nlength";
        RealServer: "real-server" "r" Required("ADDR[:PORT]"), Itself, SERVER_KEY, RealServer,
            "The server; without a port, that of the service";
        Gatewaying: "gatewaying" "g" Value::None, As("forwarding-method"), SERVER, RealServer,
            "Forward by direct routing (this is the default)";
        Ipip: "ipip" "i" Value::None, SameAs(Opt::Gatewaying), SERVER, RealServer, "Forward through a tunnel";
        Masquerading: "masquerading" "m" Value::None, SameAs(Opt::Gatewaying), SERVER, RealServer,
            "Forward by masquerading (NAT)";
        Weight: "weight" "w" Required("N"), Itself, allowed(&[AddServer, EditServer, List]), RealServer,
            "The server's share, 0 for no new connections [1]";
        UThreshold: "u-threshold" "x" Required("N"), Itself, SERVER, RealServer,
            "No new connections from this many on [0, no limit]";
        LThreshold: "l-threshold" "y" Required("N"), Itself, SERVER, RealServer,
            "New connections again below this many [0]";
        McastInterface: "mcast-interface" "" Required("NAME"), Itself, STARTS, SyncDaemon,
            "The multicast interface [eth0]";
        Timeout: "timeout" "" Value::None, Itself, LISTED, Listing, "List the timeouts of connections";
        Daemon: "daemon" "" Value::None, Itself, LISTED, Listing, "List the sync daemons";
        Stats: "stats" "" Value::None, Itself, LISTS, Listing, "Counters";
        Rate: "rate" "" Value::None, Itself, LISTS, Listing, "Rates a second";
        Thresholds: "thresholds" "" Value::None, Itself, LISTS, Listing, "Thresholds";
        PersistentConn: "persistent-conn" "" Value::None, Itself, LISTS, Listing, "Persistent connections";
        Nosort: "nosort" "" Value::None, Itself, LISTS, Listing, "The kernel's order";
        Sort: "sort" "" Value::None, Nothing, NO_COMMAND, Listing, "Sorted, as without it";
        // With a listing to no effect, as in the reference.
        Syncid: "syncid" "" Required("N"), Itself, allowed(&[StartDaemon, StopDaemon, List]), SyncDaemon,
            "The sync id, 0 to 255 [0]";
        Exact: "exact" "X" Value::None, Itself, LISTS, Listing, "All digits of large numbers";
        Ops: "ops" "o" Value::None, Itself, SERVICE, ServiceOptions, "Schedule each UDP packet by itself";
        Pe: "pe" "" Required("NAME"), Itself, SERVICE, ServiceOptions, "The persistence engine: sip";
        SchedFlags: "sched-flags" "b" Required("FLAGS"), Itself, SERVICE, ServiceOptions,
            "Flags of the scheduler, with commas between: flag-1 flag-2 flag-3,\n\
             sh-fallback sh-port, mh-fallback mh-port";
        McastGroup: "mcast-group" "" Required("ADDR"), Itself, STARTS, SyncDaemon, "The multicast group [224.0.0.81]";
        McastPort: "mcast-port" "" Required("PORT"), Itself, STARTS, SyncDaemon, "The UDP port [8848]";
        McastTtl: "mcast-ttl" "" Required("N"), Itself, STARTS, SyncDaemon,
            "The time to live of multicast packets [1]";
        SyncMaxlen: "sync-maxlen" "" Required("BYTES"), Itself, STARTS, SyncDaemon, "The longest sync message [1472]";
        TunInfo: "tun-info" "" Value::None, Itself, LISTS, Listing, "Tunnels";
        TunType: "tun-type" "" Required("TYPE"), Itself, SERVER, RealServer,
            "The tunnel: ipip, gue or gre [ipip]";
        TunPort: "tun-port" "" Required("PORT"), Itself, SERVER, RealServer, "The UDP port of a gue tunnel";
        TunNocsum: "tun-nocsum" "" Value::None, Itself, SERVER, RealServer, "Tunnel without checksums";
        TunCsum: "tun-csum" "" Value::None, Itself, SERVER, RealServer, "Tunnel with checksums";
        TunRemcsum: "tun-remcsum" "" Value::None, Itself, SERVER, RealServer,
            "Tunnel with remote checksums";
        // What the reference does not have stands behind all that it has: from here on.
        Full: "full" "" Value::None, Itself, allowed(&[Save]), Listing,
            "With -S: thresholds, timeouts and sync daemons too";
        Output: "output" "" Required("FILE"), Itself, allowed(&[List, Save]), Listing,
            "Write this file in place of standard output";
        Json: "json" "" Value::None, Itself, allowed(&[List, Diagnose]), Listing,
            "A JSON document, with everything in it; of a drain one for each\n\
             event, of a watch one for each interval";
        Drain: "drain" "" Optional("SECONDS"), Itself, DRAINS, Draining,
            "With -d or -e: weight 0, and wait for connections to end; 0 for\n\
             no limit [300]. Without a service: in all that have the server";
        Force: "force" "" Value::None, Itself, DRAINS, Draining,
            "Also the last server; at the limit, remove it all the same";
        RestoreWeight: "restore-weight" "" Value::None, Itself, DRAINS, Draining,
            "At the limit, put the weight back";
        IgnorePersistent: "ignore-persistent" "" Value::None, Itself, DRAINS, Draining,
            "Do not wait for persistent clients to come back";
        Client: "client" "" Required("NETWORK"), Itself, LISTS, Listing,
            "With -c: connections of clients in this network, ADDR or ADDR/LENGTH";
        State: "state" "" Required("NAME"), Itself, LISTS, Listing, "With -c: connections in this state";
        Count: "count" "" Value::None, Itself, LISTS, Listing,
            "With -c: how many there are, by service, server and state";
        Quiet: "quiet" "" Value::None, Itself, LISTS, Listing,
            "Print nothing; status 0 if there is something to list, else 1";
        Watch: "watch" "" Optional("SECONDS"), Itself, LISTS, Listing,
            "Rates from the difference of two looks, again and again, this\n\
             far apart [2, the least]; on a terminal a screen with keys";
        Prometheus: "prometheus" "" Value::None, Itself, LISTS, Listing,
            "Metrics in Prometheus's text format, for node_exporter or a script";
        // Taken out before the rest is read: see [`super::super::netns`].
        Netns: "netns" "" Required("NAMESPACE"), Nothing, NO_COMMAND, EveryCommand,
            "Work in this network namespace: a name of `ip netns', a\npath, or the PID of a process in it";
        Ensure: "ensure" "" Value::None, Itself, ENSURES, Repeatable,
            "With -A, -a and --start-daemon: make it so, whatever is there;\n\
             with -D, -d and --stop-daemon: status 0 also where it is gone";
        Keep: "keep" "" Value::None, Itself, allowed(&[EditService, EditServer]), Repeatable,
            "With -E and -e: what is not given stays as it is";
    }
}
