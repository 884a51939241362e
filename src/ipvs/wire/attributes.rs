//! The attributes of the IPVS family: their numbers (linux/ip_vs.h) and what they hold.
//!
//! One that we do not know, or whose value is too short for its type, is kept as it came: a newer kernel is no error,
//! and what a broken one means is for those to judge who need the attribute.

use super::form::{Attribute, Bytes, Form, Host, Mask, Nested, Network, Text};
use crate::ipvs::model::Name;
use netlink_packet_core::{DecodeError, DefaultNla, NLA_TYPE_MASK, Nla, NlaBuffer, Parseable};

/// Declares the numbers of one kind of attributes, and a type for them, of which each variant names what it holds and
/// how that travels.
macro_rules! attributes {
    (
        $(#[$note:meta])*
        $Type:ident:
        $($(#[$doc:meta])* $Variant:ident($Holds:ty, $Form:ty) = $KIND:ident = $number:literal),+ $(,)?
    ) => {
        $(pub(crate) const $KIND: u16 = $number;)+

        $(#[$note])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum $Type {
            $($(#[$doc])* #[doc = concat!("(`", stringify!($KIND), "`).")] $Variant($Holds),)+
            /// An attribute that is not known, or whose value is too short for its type.
            Other(DefaultNla),
        }

        impl Nla for $Type {
            fn value_len(&self) -> usize {
                match self {
                    $(Self::$Variant(value) => <$Form as Form<$Holds>>::length(value),)+
                    Self::Other(attribute) => attribute.value_len(),
                }
            }

            fn kind(&self) -> u16 {
                match self {
                    $(Self::$Variant(_) => $KIND | <$Form as Form<$Holds>>::FLAG,)+
                    Self::Other(attribute) => attribute.kind(),
                }
            }

            fn emit_value(&self, buffer: &mut [u8]) {
                match self {
                    $(Self::$Variant(value) => <$Form as Form<$Holds>>::write(value, buffer),)+
                    Self::Other(attribute) => attribute.emit_value(buffer),
                }
            }
        }

        impl<'b> Parseable<NlaBuffer<&'b [u8]>> for $Type {
            /// Never fails.
            fn parse(attribute: &NlaBuffer<&'b [u8]>) -> Result<Self, DecodeError> {
                let value = attribute.value();
                let known = match attribute.kind() {
                    $($KIND => <$Form as Form<$Holds>>::read(value).map(Self::$Variant),)+
                    _ => None,
                };
                known.map_or_else(|| DefaultNla::parse(attribute).map(Self::Other), Ok)
            }
        }

        impl Attribute for $Type {
            #[cfg(test)]
            fn turn(kind: u16, value: &mut [u8]) {
                match kind {
                    $($KIND => <$Form as Form<$Holds>>::turn(value),)+
                    _ => {}
                }
            }
        }
    };
}

attributes! {
    /// What a message holds.
    CommandAttribute:
    /// A virtual service
    Service(Vec<ServiceAttribute>, Nested) = IPVS_CMD_ATTR_SERVICE = 1,
    /// A real server
    Server(Vec<ServerAttribute>, Nested) = IPVS_CMD_ATTR_DEST = 2,
    /// A sync daemon
    Daemon(Vec<DaemonAttribute>, Nested) = IPVS_CMD_ATTR_DAEMON = 3,
    /// The timeout of established TCP connections in seconds, 0 to leave it
    TimeoutTcp(u32, Host) = IPVS_CMD_ATTR_TIMEOUT_TCP = 4,
    /// The timeout of TCP connections after a FIN in seconds, 0 to leave it
    TimeoutTcpFin(u32, Host) = IPVS_CMD_ATTR_TIMEOUT_TCP_FIN = 5,
    /// The timeout of UDP in seconds, 0 to leave it
    TimeoutUdp(u32, Host) = IPVS_CMD_ATTR_TIMEOUT_UDP = 6,
}

attributes! {
    /// What the reply to `IPVS_CMD_GET_INFO` holds, whose numbers mean other things than those of all other messages.
    InfoAttribute:
    /// The version, `major << 16 | minor << 8 | patch`
    Version(u32, Host) = IPVS_INFO_ATTR_VERSION = 1,
    /// Buckets of the connection table
    ConnectionTableSize(u32, Host) = IPVS_INFO_ATTR_CONN_TAB_SIZE = 2,
}

attributes! {
    /// An attribute of a virtual service.
    ServiceAttribute:
    /// The address family, `AF_*`
    Family(u16, Host) = IPVS_SVC_ATTR_AF = 1,
    /// The protocol, `IPPROTO_*`
    Protocol(u16, Host) = IPVS_SVC_ATTR_PROTOCOL = 2,
    /// `union nf_inet_addr`: an IPv4 address fills the first four bytes
    Address([u8; 16], Bytes) = IPVS_SVC_ATTR_ADDR = 3,
    /// The port
    Port(u16, Network) = IPVS_SVC_ATTR_PORT = 4,
    /// The firewall mark, in place of protocol, address and port
    FirewallMark(u32, Host) = IPVS_SVC_ATTR_FWMARK = 5,
    /// The scheduler's name
    Scheduler(Name, Text) = IPVS_SVC_ATTR_SCHED_NAME = 6,
    /// `struct ip_vs_flags`: the flags, `IP_VS_SVC_F_*`, and the mask of those that are meant
    Flags([u32; 2], Host) = IPVS_SVC_ATTR_FLAGS = 7,
    /// The persistence timeout in seconds
    Timeout(u32, Host) = IPVS_SVC_ATTR_TIMEOUT = 8,
    /// The persistence granularity: the mask for IPv4, for IPv6 a prefix length in the byte order of the machine
    Netmask([u8; 4], Mask) = IPVS_SVC_ATTR_NETMASK = 9,
    /// Counters of 32 bits, but for those of bytes
    Stats(Vec<StatsAttribute>, Nested) = IPVS_SVC_ATTR_STATS = 10,
    /// The persistence engine's name
    PersistenceEngine(Name, Text) = IPVS_SVC_ATTR_PE_NAME = 11,
    /// Counters of 64 bits, since Linux 4.1
    Stats64(Vec<StatsAttribute>, Nested) = IPVS_SVC_ATTR_STATS64 = 12,
}

attributes! {
    /// An attribute of a real server.
    ServerAttribute:
    /// `union nf_inet_addr`: an IPv4 address fills the first four bytes
    Address([u8; 16], Bytes) = IPVS_DEST_ATTR_ADDR = 1,
    /// The port
    Port(u16, Network) = IPVS_DEST_ATTR_PORT = 2,
    /// `IP_VS_CONN_F_*`, of which the low three bits are the forwarding method
    ForwardingMethod(u32, Host) = IPVS_DEST_ATTR_FWD_METHOD = 3,
    /// The weight
    Weight(i32, Host) = IPVS_DEST_ATTR_WEIGHT = 4,
    /// The upper threshold
    UpperThreshold(u32, Host) = IPVS_DEST_ATTR_U_THRESH = 5,
    /// The lower threshold
    LowerThreshold(u32, Host) = IPVS_DEST_ATTR_L_THRESH = 6,
    /// Active connections
    ActiveConnections(u32, Host) = IPVS_DEST_ATTR_ACTIVE_CONNS = 7,
    /// Inactive connections
    InactiveConnections(u32, Host) = IPVS_DEST_ATTR_INACT_CONNS = 8,
    /// Persistent connections
    PersistentConnections(u32, Host) = IPVS_DEST_ATTR_PERSIST_CONNS = 9,
    /// Counters of 32 bits, but for those of bytes
    Stats(Vec<StatsAttribute>, Nested) = IPVS_DEST_ATTR_STATS = 10,
    /// The address family, `AF_*`, since Linux 3.18; the service's when it is missing
    Family(u16, Host) = IPVS_DEST_ATTR_ADDR_FAMILY = 11,
    /// Counters of 64 bits, since Linux 4.1
    Stats64(Vec<StatsAttribute>, Nested) = IPVS_DEST_ATTR_STATS64 = 12,
    /// The tunnel type, `IP_VS_CONN_F_TUNNEL_TYPE_*`, since Linux 5.3
    TunnelType(u8, Host) = IPVS_DEST_ATTR_TUN_TYPE = 13,
    /// The tunnel's UDP port, since Linux 5.3
    TunnelPort(u16, Network) = IPVS_DEST_ATTR_TUN_PORT = 14,
    /// The tunnel's flags, `IP_VS_TUNNEL_ENCAP_FLAG_*`, since Linux 5.3
    TunnelFlags(u16, Host) = IPVS_DEST_ATTR_TUN_FLAGS = 15,
}

attributes! {
    /// An attribute of a sync daemon.
    DaemonAttribute:
    /// `IP_VS_STATE_MASTER` or `IP_VS_STATE_BACKUP`
    State(u32, Host) = IPVS_DAEMON_ATTR_STATE = 1,
    /// The multicast interface
    Interface(Name, Text) = IPVS_DAEMON_ATTR_MCAST_IFN = 2,
    /// The sync id
    SyncId(u32, Host) = IPVS_DAEMON_ATTR_SYNC_ID = 3,
    /// The longest sync message in bytes, since Linux 4.3
    SyncMaxlen(u16, Host) = IPVS_DAEMON_ATTR_SYNC_MAXLEN = 4,
    /// The multicast group in IPv4, since Linux 4.3
    Group([u8; 4], Bytes) = IPVS_DAEMON_ATTR_MCAST_GROUP = 5,
    /// The multicast group in IPv6, since Linux 4.3
    Group6([u8; 16], Bytes) = IPVS_DAEMON_ATTR_MCAST_GROUP6 = 6,
    /// The UDP port, in the byte order of the machine, since Linux 4.3
    Port(u16, Host) = IPVS_DAEMON_ATTR_MCAST_PORT = 7,
    /// The time to live of multicast packets, since Linux 4.3
    Ttl(u8, Host) = IPVS_DAEMON_ATTR_MCAST_TTL = 8,
}

attributes! {
    /// A counter or a rate, see [`Stats`](crate::ipvs::model::Stats).
    StatsAttribute:
    /// Connections
    Connections(Counter, Host) = IPVS_STATS_ATTR_CONNS = 1,
    /// Packets from clients
    InPackets(Counter, Host) = IPVS_STATS_ATTR_INPKTS = 2,
    /// Packets to clients
    OutPackets(Counter, Host) = IPVS_STATS_ATTR_OUTPKTS = 3,
    /// Bytes from clients
    InBytes(Counter, Host) = IPVS_STATS_ATTR_INBYTES = 4,
    /// Bytes to clients
    OutBytes(Counter, Host) = IPVS_STATS_ATTR_OUTBYTES = 5,
    /// Connections a second
    ConnectionRate(Counter, Host) = IPVS_STATS_ATTR_CPS = 6,
    /// Packets from clients a second
    InPacketRate(Counter, Host) = IPVS_STATS_ATTR_INPPS = 7,
    /// Packets to clients a second
    OutPacketRate(Counter, Host) = IPVS_STATS_ATTR_OUTPPS = 8,
    /// Bytes from clients a second
    InByteRate(Counter, Host) = IPVS_STATS_ATTR_INBPS = 9,
    /// Bytes to clients a second
    OutByteRate(Counter, Host) = IPVS_STATS_ATTR_OUTBPS = 10,
}

/// A counter, as wide as the kernel has sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counter {
    /// 32 bits.
    Narrow(u32),
    /// 64 bits.
    Wide(u64),
}

impl From<Counter> for u64 {
    fn from(counter: Counter) -> Self {
        match counter {
            Counter::Narrow(number) => number.into(),
            Counter::Wide(number) => number,
        }
    }
}

impl Form<Counter> for Host {
    fn length(value: &Counter) -> usize {
        match value {
            Counter::Narrow(_) => 4,
            Counter::Wide(_) => 8,
        }
    }

    fn write(value: &Counter, buffer: &mut [u8]) {
        match value {
            Counter::Narrow(number) => Self::write(number, buffer),
            Counter::Wide(number) => Self::write(number, buffer),
        }
    }

    fn read(bytes: &[u8]) -> Option<Counter> {
        Self::read(bytes).map(Counter::Wide).or_else(|| Self::read(bytes).map(Counter::Narrow))
    }

    #[cfg(test)]
    fn turn(value: &mut [u8]) {
        value.reverse();
    }
}

/// The attribute of a kind: the first one, if there are several.
pub(super) fn first<A: Nla>(attributes: &[A], kind: u16) -> Option<&A> {
    attributes.iter().find(|attribute| attribute.kind() & NLA_TYPE_MASK == kind)
}
