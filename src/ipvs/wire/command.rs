//! The commands of the IPVS family (linux/ip_vs.h).

/// Declares the numbers of commands, and the type that names them.
macro_rules! commands {
    ($($(#[$doc:meta])* $Variant:ident = $NUMBER:ident = $number:literal),+ $(,)?) => {
        $(pub(crate) const $NUMBER: u8 = $number;)+

        /// What a message asks for, or what it answers.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Command {
            $($(#[$doc])* #[doc = concat!("(`", stringify!($NUMBER), "`).")] $Variant,)+
            /// Another one, by its number; never one of those above, see [`Command::from_number`].
            Other(u8),
        }

        impl Command {
            /// The number of the command.
            pub fn number(self) -> u8 {
                match self {
                    $(Self::$Variant => $NUMBER,)+
                    Self::Other(number) => number,
                }
            }

            /// The command of a number.
            pub fn from_number(number: u8) -> Self {
                match number {
                    $($NUMBER => Self::$Variant,)+
                    other => Self::Other(other),
                }
            }
        }
    };
}

commands! {
    /// Adds a virtual service; also a reply with one
    NewService = IPVS_CMD_NEW_SERVICE = 1,
    /// Edits a virtual service
    SetService = IPVS_CMD_SET_SERVICE = 2,
    /// Deletes a virtual service and its real servers
    DelService = IPVS_CMD_DEL_SERVICE = 3,
    /// Asks for a virtual service, or in a dump for all of them
    GetService = IPVS_CMD_GET_SERVICE = 4,
    /// Adds a real server; also a reply with one
    NewServer = IPVS_CMD_NEW_DEST = 5,
    /// Edits a real server
    SetServer = IPVS_CMD_SET_DEST = 6,
    /// Deletes a real server
    DelServer = IPVS_CMD_DEL_DEST = 7,
    /// Asks for the real servers of a service, always in a dump
    GetServer = IPVS_CMD_GET_DEST = 8,
    /// Starts a sync daemon; also a reply with one
    NewDaemon = IPVS_CMD_NEW_DAEMON = 9,
    /// Stops a sync daemon
    DelDaemon = IPVS_CMD_DEL_DAEMON = 10,
    /// Asks for the sync daemons, always in a dump
    GetDaemon = IPVS_CMD_GET_DAEMON = 11,
    /// Sets timeouts; also the reply with them
    SetConfig = IPVS_CMD_SET_CONFIG = 12,
    /// Asks for the timeouts
    GetConfig = IPVS_CMD_GET_CONFIG = 13,
    /// The reply to [`Command::GetInfo`]
    SetInfo = IPVS_CMD_SET_INFO = 14,
    /// Asks for the version and the size of the connection table
    GetInfo = IPVS_CMD_GET_INFO = 15,
    /// Zeroes the counters of a service, or of all
    Zero = IPVS_CMD_ZERO = 16,
    /// Deletes all services
    Flush = IPVS_CMD_FLUSH = 17,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_lead_back() {
        for number in 0..=255 {
            assert_eq!(Command::from_number(number).number(), number);
        }
        assert_eq!(Command::from_number(8), Command::GetServer);
    }
}
