//! The flags of virtual services.

use bitflags::bitflags;

bitflags! {
    /// Flags of a virtual service (`IP_VS_SVC_F_*` of linux/ip_vs.h).
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
    pub struct ServiceFlags: u32 {
        /// Connections of one client go to one server, `-p` (`IP_VS_SVC_F_PERSISTENT`).
        const PERSISTENT = 0x1;
        /// The kernel's own mark, in each of its replies (`IP_VS_SVC_F_HASHED`); the library takes it away.
        const HASHED = 0x2;
        /// Each packet is scheduled by itself, `-o` (`IP_VS_SVC_F_ONEPACKET`).
        const ONEPACKET = 0x4;
        /// The scheduler's first flag, `-b flag-1` (`IP_VS_SVC_F_SCHED1`): `sh-fallback` and `mh-fallback`.
        const SCHED1 = 0x8;
        /// The scheduler's second flag, `-b flag-2` (`IP_VS_SVC_F_SCHED2`): `sh-port` and `mh-port`.
        const SCHED2 = 0x10;
        /// The scheduler's third flag, `-b flag-3` (`IP_VS_SVC_F_SCHED3`).
        const SCHED3 = 0x20;
        /// What newer kernels may know.
        const _ = !0;
    }
}

impl ServiceFlags {
    /// The three that mean to a scheduler what it likes.
    pub const SCHEDULER: Self = Self::SCHED1.union(Self::SCHED2).union(Self::SCHED3);
}
