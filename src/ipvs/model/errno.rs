//! Error numbers, as the kernel gives them.

use std::{fmt, io};

/// An error number of errno.h, positive: a refusal by the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Errno(pub i32);

/// Declares the error numbers that ip_vs is known to answer.
macro_rules! known {
    ($($(#[$note:meta])+ $name:ident),+ $(,)?) => {
        impl Errno {
            $($(#[$note])+ pub const $name: Self = Self(libc::$name);)+
        }
    };
}

known! {
    /// The caller may not administer ip_vs.
    EPERM,
    /// No such real server, scheduler, persistence engine or Generic Netlink family.
    ENOENT,
    /// No such virtual service or sync daemon.
    ESRCH,
    /// The kernel has no memory for it.
    ENOMEM,
    /// Another command is being worked on, or another dump of the same socket.
    EBUSY,
    /// There is one already.
    EEXIST,
    /// No such network interface.
    ENODEV,
    /// A value that the kernel does not take.
    EINVAL,
    /// A lower threshold above the upper one.
    ERANGE,
    /// There is no ip_vs.
    ENOPROTOOPT,
    /// Not with IPv6.
    EOPNOTSUPP,
    /// The kernel has no such address family.
    EAFNOSUPPORT,
    /// A message of another length than the kernel expects.
    EMSGSIZE,
    /// The socket had no room for an answer.
    ENOBUFS,
}

impl fmt::Display for Errno {
    /// The C library's text, without the number that Rust adds to it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = io::Error::from_raw_os_error(self.0).to_string();
        f.write_str(text.rsplit_once(" (os error ").map_or(text.as_str(), |(plain, _)| plain))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_the_c_librarys() {
        assert_eq!(Errno::ENOENT.to_string(), "No such file or directory");
        assert_eq!(Errno(4095).to_string(), "Unknown error 4095");
    }
}
