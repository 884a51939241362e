//! What a command line asks for, or what is wrong with it.

use super::SaveOptions;
use super::endpoint::EndpointError;
use super::kept::Kept;
use super::options::{Command, Opt};
use crate::ipvs::model::Change;
use crate::ipvs::text::encode;
use crate::program::diagnosis::Diagnosis;
use crate::program::draining::Draining;
use crate::program::listing::Listing;
use crate::program::quoted::quoted;
use crate::program::watching::Watching;
use std::ffi::OsString;
use std::fmt;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;
use thiserror::Error;

/// One command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Change the kernel's state.
    Change(Change),
    /// Make it so that the change has been made, whatever is there: `--ensure`.
    Ensure(Change),
    /// `-E` or `-e` with `--keep`.
    Keep(Kept),
    /// `-d` or `-e` with `--drain`.
    Drain(Draining),
    /// `--diagnose`.
    Diagnose(Diagnosis),
    /// `-L`, or no arguments at all.
    List {
        /// What is listed.
        listing: Listing,
        /// `--output`: the file that is written in place of standard output.
        output: Option<PathBuf>,
    },
    /// `-L` with `--watch`.
    Watch(Watching),
    /// `-S`.
    Save(SaveOptions),
    /// `-R`.
    Restore,
    /// `-h`.
    Help,
    /// `-v`.
    Version,
}

/// What is wrong with a command line. The texts are the reference's: scripts read them.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum UsageError {
    /// No command where the first option should be one. The text needs `argv[0]`; see [`UsageError::message`].
    #[error("Try the help")]
    TryHelp,
    /// popt: no such option.
    #[error("{0}: unknown option")]
    UnknownOption(String),
    /// popt: the option wants a value and there is no further word.
    #[error("{0}: missing argument")]
    MissingArgument(String),
    /// popt: `--option=value` of an option without a value.
    #[error("{0}: option does not take an argument")]
    UnwantedArgument(String),
    /// A second command.
    #[error("invalid option `{0}'")]
    SecondCommand(String),
    /// An option given twice.
    #[error("multiple '{}' options specified", .0.name())]
    Multiple(Opt),
    /// A word that belongs to no option.
    #[error("unexpected argument {0}")]
    UnexpectedArgument(String),
    /// `-6` where no `-f` stands before it.
    #[error("-6 is for firewall marks only: give -f MARK before it")]
    Ipv6BeforeMark,
    /// A value out of its range, which the reference's text does not quote.
    #[error("illegal {0} specified")]
    Illegal(&'static str, String),
    /// A word that is no address with a port.
    #[error("illegal {0} address[:port] specified")]
    Endpoint(Whose, String, EndpointError),
    /// A value out of its range, quoted.
    #[error("invalid {0} value `{1}' specified")]
    Invalid(&'static str, String),
    /// `--set` with fewer than three operands.
    #[error("--set option requires 3 timeout values")]
    ThreeTimeouts,
    /// A multicast group that is none.
    #[error("invalid {0} mcast-group `{1}'")]
    McastGroup(&'static str, String),
    /// A scheduler flag that is none.
    #[error("invalid scheduler flag `{0}'")]
    SchedulerFlag(String),
    /// A scheduler flag of another scheduler.
    #[error("incompatible scheduler flag `{0}'")]
    IncompatibleFlag(String),
    /// `-b` with no flag at all, only commas, on which the reference crashes.
    #[error("no scheduler flag in `{0}'")]
    NoSchedulerFlag(String),
    /// An option that the command needs.
    #[error("You need to supply the '{}' option for the '{}' command", .0.name(), .1.name())]
    Needed(Opt, Command),
    /// An option that the command does not take.
    #[error("Illegal '{}' option with the '{}' command", .0.name(), .1.name())]
    NotWith(Opt, Command),
    /// Two options that exclude one another.
    #[error("The option '{}' conflicts with the '{}' option in the '{}' command", .0.name(), .1.name(), .2.name())]
    Conflict(Opt, Opt, Command),
    /// An option that makes sense with another one only.
    #[error("The option '{}' goes with '{}' only", .0.name(), .1.name())]
    OnlyWith(Opt, Opt),
    /// An option that the tunnel type needs.
    #[error("You need to supply the '{}' option for the '{}' tunnel type", .0.name(), .1)]
    TunnelNeeds(Opt, &'static str),
    /// An option that the tunnel type does not take.
    #[error("Illegal '{}' option with the '{}' tunnel type", .0.name(), .1)]
    NotWithTunnel(Opt, &'static str),
    /// Two tunnel options that exclude one another.
    #[error("The option '{}' conflicts with the '{}' option in the '{}' tunnel type", .0.name(), .1.name(), .2)]
    TunnelConflict(Opt, Opt, &'static str),
    /// A rule of ours that looks at several options; the whole text.
    #[error("{0}")]
    CrossField(&'static str),
    /// Every port, of a service that keeps no client at its server.
    #[error("Zero port specified for non-persistent service")]
    ZeroPort,
    /// `-o` of a service that is not UDP.
    #[error("One-Packet Scheduling is only for UDP virtual services")]
    OnePacketNotUdp,
    /// An IPv4 server of an IPv6 service, or the other way round, without a tunnel.
    #[error("Different address family is allowed only for tunneling servers")]
    MixedFamilies,
    /// Options of tunnels with another forwarding method.
    #[error("Tunnel options conflict with forward method")]
    TunnelOptionsWithoutTunnel,
    /// Views of what has none.
    #[error("options conflicts in the list command")]
    ListConflict,
}

/// Whose address it is, in the reference's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// The service's.
    VirtualServer,
    /// The real server's.
    RealServer,
}

impl fmt::Display for Whose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::VirtualServer => "virtual server",
            Self::RealServer => "real server",
        })
    }
}

impl UsageError {
    /// The exit status: 255 for errors of syntax, 2 for errors of meaning.
    pub fn status(&self) -> u8 {
        if *self == Self::TryHelp || self.is_syntax() { 255 } else { 2 }
    }

    /// Whether it is one of popt's own errors, after which the reference's restore goes on.
    pub fn is_syntax(&self) -> bool {
        matches!(self, Self::UnknownOption(_) | Self::MissingArgument(_) | Self::UnwantedArgument(_))
    }

    /// The same with the user's words as a terminal may show them, see [`quoted`].
    pub fn shown(mut self) -> Self {
        match &mut self {
            Self::UnknownOption(word)
            | Self::MissingArgument(word)
            | Self::UnwantedArgument(word)
            | Self::SecondCommand(word)
            | Self::UnexpectedArgument(word)
            | Self::Invalid(_, word)
            | Self::McastGroup(_, word)
            | Self::SchedulerFlag(word)
            | Self::IncompatibleFlag(word)
            | Self::NoSchedulerFlag(word) => *word = quoted(word).into_owned(),
            _ => {}
        }
        self
    }

    /// The line for the user; `program` is `argv[0]` as it was called.
    pub fn message(&self, program: &str) -> String {
        match self {
            Self::TryHelp => format!("Try `{program} -h' or '{program} --help' for more information."),
            other => other.to_string(),
        }
    }
}

/// The path that a word names, byte for byte.
pub fn path(word: &str) -> PathBuf {
    OsString::from_vec(encode(word).into_owned()).into()
}
