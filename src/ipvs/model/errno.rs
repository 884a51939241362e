//! Error numbers, as the kernel gives them.

use std::{fmt, io};

/// An error number of errno.h, positive: a refusal by the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Errno(pub i32);

/// Declares the error numbers that ip_vs is known to answer, with glibc's texts: those of other C libraries differ.
macro_rules! known {
    ($($(#[$note:meta])+ $name:ident: $text:literal),+ $(,)?) => {
        impl Errno {
            $($(#[$note])+ pub const $name: Self = Self(libc::$name);)+

            const fn text(self) -> Option<&'static str> {
                match self {
                    $(Self::$name => Some($text),)+
                    _ => None,
                }
            }
        }

        #[cfg(all(test, target_env = "gnu"))]
        const KNOWN: &[Errno] = &[$(Errno::$name),+];
    };
}

known! {
    /// The caller may not administer ip_vs.
    EPERM: "Operation not permitted",
    /// No such real server, scheduler, persistence engine or Generic Netlink family.
    ENOENT: "No such file or directory",
    /// No such virtual service or sync daemon.
    ESRCH: "No such process",
    /// The kernel has no memory for it.
    ENOMEM: "Cannot allocate memory",
    /// Another command is being worked on, or another dump of the same socket.
    EBUSY: "Device or resource busy",
    /// There is one already.
    EEXIST: "File exists",
    /// No such network interface.
    ENODEV: "No such device",
    /// A value that the kernel does not take.
    EINVAL: "Invalid argument",
    /// A lower threshold above the upper one.
    ERANGE: "Numerical result out of range",
    /// There is no ip_vs.
    ENOPROTOOPT: "Protocol not available",
    /// Not with IPv6.
    EOPNOTSUPP: "Operation not supported",
    /// The kernel has no such address family.
    EAFNOSUPPORT: "Address family not supported by protocol",
    /// A message of another length than the kernel expects.
    EMSGSIZE: "Message too long",
    /// The socket had no room for an answer.
    ENOBUFS: "No buffer space available",
}

impl fmt::Display for Errno {
    /// glibc's text; the C library's for a number that ip_vs does not answer, without the number that Rust adds to it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.text() {
            Some(text) => f.write_str(text),
            None => f.write_str(&c_librarys(*self)),
        }
    }
}

fn c_librarys(errno: Errno) -> String {
    let text = io::Error::from_raw_os_error(errno.0).to_string();
    text.rsplit_once(" (os error ").map_or(text.as_str(), |(plain, _)| plain).to_owned()
}

#[cfg(all(test, target_env = "gnu"))]
mod tests {
    use super::*;

    #[test]
    fn texts_are_glibcs() {
        for errno in KNOWN {
            assert_eq!(errno.to_string(), c_librarys(*errno));
        }
        assert_eq!(Errno(4095).to_string(), "Unknown error 4095");
    }
}
