//! `-b`: the flags of a scheduler by name.

use super::UsageError;
use crate::ipvs::model::ServiceFlags;

/// The flags of a comma list of scheduler flags; `sh-` and `mh-` names only with their scheduler.
pub fn scheduler_flags(text: &str, scheduler: &[u8]) -> Result<ServiceFlags, UsageError> {
    let mut all = ServiceFlags::empty();
    let mut flags = text.split(',').filter(|flag| !flag.is_empty()).peekable();
    if flags.peek().is_none() && !text.is_empty() {
        return Err(UsageError::NoSchedulerFlag(text.to_owned()));
    }
    for flag in flags {
        let (bit, owner): (_, &[u8]) = match flag {
            "flag-1" => (ServiceFlags::SCHED1, scheduler),
            "flag-2" => (ServiceFlags::SCHED2, scheduler),
            "flag-3" => (ServiceFlags::SCHED3, scheduler),
            "sh-fallback" => (ServiceFlags::SCHED1, b"sh"),
            "sh-port" => (ServiceFlags::SCHED2, b"sh"),
            "mh-fallback" => (ServiceFlags::SCHED1, b"mh"),
            "mh-port" => (ServiceFlags::SCHED2, b"mh"),
            _ => return Err(UsageError::SchedulerFlag(flag.to_owned())),
        };
        if owner != scheduler {
            return Err(UsageError::IncompatibleFlag(flag.to_owned()));
        }
        all |= bit;
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the reference made of each list.
    #[test]
    fn lists() {
        let refused = |error: fn(String) -> UsageError, flag: &str| Err(error(flag.to_owned()));
        for (text, scheduler, expected) in [
            ("flag-1,flag-3", "wlc", Ok(0x28)),
            ("sh-port,sh-fallback", "sh", Ok(0x18)),
            ("mh-port,flag-3", "mh", Ok(0x30)),
            ("flag-1,,flag-2,", "rr", Ok(0x18)),
            ("", "rr", Ok(0)),
            ("sh-port", "", refused(UsageError::IncompatibleFlag, "sh-port")),
            ("mh-port", "sh", refused(UsageError::IncompatibleFlag, "mh-port")),
            ("FLAG-1", "rr", refused(UsageError::SchedulerFlag, "FLAG-1")),
            ("foo,sh-port", "rr", refused(UsageError::SchedulerFlag, "foo")),
            (",", "rr", refused(UsageError::NoSchedulerFlag, ",")),
        ] {
            assert_eq!(scheduler_flags(text, scheduler.as_bytes()).map(|flags| flags.bits()), expected, "{text}");
        }
    }
}
