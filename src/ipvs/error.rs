//! What can go wrong between us and the kernel.
//!
//! ```
//! use ipvsadm::ipvs::error::KernelError;
//! use ipvsadm::ipvs::model::Errno;
//!
//! let error = KernelError::Refused(Errno::EEXIST);
//! assert_eq!(error.to_string(), "File exists");
//! assert_eq!(error.errno(), Some(Errno::EEXIST));
//! assert_eq!(KernelError::NoReply.errno(), None);
//! ```

use crate::ipvs::model::{Change, Errno, ServiceKey};
use netlink_packet_core::DecodeError;
use std::io;
use thiserror::Error;

/// A command that did not succeed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum KernelError {
    /// The kernel answered with an error number.
    #[error("{0}")]
    Refused(Errno),
    /// One of several services is not there.
    #[error("no such service: {0}")]
    NoService(ServiceKey),
    /// The socket, or a file of /proc, failed.
    #[error("{}", io_text(.0))]
    Io(#[from] io::Error),
    /// A reply was longer than the buffer: part of it is lost.
    #[error("a reply of the kernel was cut short")]
    Truncated,
    /// A reply does not follow netlink's format.
    #[error("a reply of the kernel cannot be read: {0}")]
    Garbled(#[from] DecodeError),
    /// An attribute is shorter than its type, or holds a value that has no meaning.
    #[error("a reply of the kernel has a malformed {0}")]
    Malformed(&'static str),
    /// An attribute that every kernel sends is not there.
    #[error("a reply of the kernel has no {0}")]
    Missing(&'static str),
    /// No answer came, or none that fits what was asked. The kernel answers before a request has been sent, so that
    /// nothing is gained by waiting for one.
    #[error("the kernel sent no reply")]
    NoReply,
}

impl KernelError {
    /// The error number, where the kernel or the C library gave one.
    pub fn errno(&self) -> Option<Errno> {
        match self {
            Self::Refused(errno) => Some(*errno),
            Self::NoService(_) => Some(Errno::ESRCH),
            Self::Io(error) => error.raw_os_error().map(Errno),
            _ => None,
        }
    }
}

/// The C library's text for an error of a system call, without the number that Rust adds to it.
pub fn io_text(error: &io::Error) -> String {
    error.raw_os_error().map_or_else(|| error.to_string(), |number| Errno(number).to_string())
}

/// A change that was not made, with what stood against it.
#[derive(Debug, Error)]
#[error("cannot {change}: {error}")]
pub struct ChangeError {
    /// What was to be done.
    pub change: Change,
    /// Why it was not.
    pub error: KernelError,
}

impl ChangeError {
    /// The error number, where the kernel or the C library gave one.
    pub fn errno(&self) -> Option<Errno> {
        self.error.errno()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ipvs::model::ServiceKey;

    #[test]
    fn texts_are_the_c_librarys() {
        assert_eq!(KernelError::Refused(Errno::EBUSY).to_string(), "Device or resource busy");
        let error = KernelError::from(io::Error::from_raw_os_error(libc::ENOBUFS));
        assert_eq!(error.to_string(), "No buffer space available");
        assert_eq!(error.errno(), Some(Errno::ENOBUFS));
    }

    #[test]
    fn a_change_that_is_refused_is_named() {
        let change = Change::DeleteService(ServiceKey::tcp([192, 0, 2, 1], 80));
        let error = ChangeError { change, error: KernelError::Refused(Errno::ESRCH) };
        assert_eq!(error.to_string(), "cannot delete the service TCP 192.0.2.1:80: No such process");
    }

    #[test]
    fn errors_without_a_number_name_the_attribute() {
        let error = KernelError::Malformed("IPVS_DEST_ATTR_WEIGHT");
        assert_eq!(error.to_string(), "a reply of the kernel has a malformed IPVS_DEST_ATTR_WEIGHT");
        assert_eq!(error.errno(), None);
    }
}
