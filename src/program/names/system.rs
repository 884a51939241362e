//! The C library's name service, which users configure in nsswitch.conf and resolv.conf. No crate offers its lookups
//! of service names, nor of host names in the order that the reference sees, so this is the crate's one file of calls
//! into it.
#![allow(unsafe_code)]

use crate::ipvs::model::Protocol;
use crate::program::names::NameService;
use libc::{c_char, c_int, hostent, size_t, sockaddr, socklen_t};
use std::ffi::{CStr, CString};
use std::mem::{MaybeUninit, size_of};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Mutex, PoisonError};
use std::{ptr, slice};

unsafe extern "C" {
    /// netdb.h; the libc crate declares only its result.
    fn gethostbyname_r(
        name: *const c_char,
        result_buf: *mut hostent,
        buf: *mut c_char,
        buflen: size_t,
        result: *mut *mut hostent,
        h_errnop: *mut c_int,
    ) -> c_int;
}

/// `getservbyname` and `getservbyport` answer in one static record of the C library.
static SERVICES: Mutex<()> = Mutex::new(());

/// The system's name service.
#[derive(Clone, Copy, Debug, Default)]
pub struct System;

impl NameService for System {
    fn host_address(&self, name: &str) -> Option<Ipv4Addr> {
        let name = c_string(name)?;
        let mut buffer = vec![0 as c_char; 1024];
        loop {
            let mut record = MaybeUninit::<hostent>::uninit();
            let mut found = ptr::null_mut();
            let mut h_errno = 0;
            // SAFETY: every pointer is to a live local of the type that netdb.h asks for, the buffer's length is its
            // own, and `found` is null or points to `record`, whose fields point into `buffer`.
            let status = unsafe {
                gethostbyname_r(
                    name.as_ptr(),
                    record.as_mut_ptr(),
                    buffer.as_mut_ptr(),
                    buffer.len(),
                    &raw mut found,
                    &raw mut h_errno,
                )
            };
            if status == libc::ERANGE && buffer.len() < 1 << 20 {
                buffer.resize(buffer.len() * 2, 0);
                continue;
            }
            if status != 0 || found.is_null() {
                return None;
            }
            // SAFETY: `found` is not null, so it is a filled record; its list ends with a null pointer, and each
            // address has `h_length` bytes.
            return unsafe {
                let host = &*found;
                let first = *host.h_addr_list;
                if host.h_addrtype != libc::AF_INET || host.h_length != 4 || first.is_null() {
                    return None;
                }
                let bytes = slice::from_raw_parts(first.cast::<u8>(), 4);
                <[u8; 4]>::try_from(bytes).ok().map(Ipv4Addr::from)
            };
        }
    }

    fn service_port(&self, name: &str, protocol: Protocol) -> Option<u16> {
        let name = c_string(name)?;
        let protocol = protocol_name(protocol)?;
        let _guard = SERVICES.lock().unwrap_or_else(PoisonError::into_inner);
        // SAFETY: both strings end with NUL; the answer is null or the static record, which the lock keeps for us.
        unsafe {
            let service = libc::getservbyname(name.as_ptr(), protocol.as_ptr()).as_ref()?;
            Some(u16::from_be(service.s_port as u16))
        }
    }

    fn host_name(&self, address: IpAddr) -> Option<String> {
        let mut name = [0 as c_char; 1025];
        let answer = |socket_address: *const sockaddr, length: usize, name: &mut [c_char; 1025]| {
            // SAFETY: the caller's pointer is to a socket address of that length, and the buffer's length is its own.
            unsafe {
                libc::getnameinfo(
                    socket_address,
                    length as socklen_t,
                    name.as_mut_ptr(),
                    name.len() as socklen_t,
                    ptr::null_mut(),
                    0,
                    libc::NI_NAMEREQD,
                )
            }
        };
        let status = match address {
            IpAddr::V4(address) => {
                let v4 = libc::sockaddr_in {
                    sin_family: libc::AF_INET as libc::sa_family_t,
                    sin_port: 0,
                    sin_addr: libc::in_addr { s_addr: u32::from_ne_bytes(address.octets()) },
                    sin_zero: [0; 8],
                };
                answer((&raw const v4).cast(), size_of::<libc::sockaddr_in>(), &mut name)
            }
            IpAddr::V6(address) => {
                let v6 = libc::sockaddr_in6 {
                    sin6_family: libc::AF_INET6 as libc::sa_family_t,
                    sin6_port: 0,
                    sin6_flowinfo: 0,
                    sin6_addr: libc::in6_addr { s6_addr: address.octets() },
                    sin6_scope_id: 0,
                };
                answer((&raw const v6).cast(), size_of::<libc::sockaddr_in6>(), &mut name)
            }
        };
        // SAFETY: on success the buffer holds a string with its NUL.
        (status == 0).then(|| text(unsafe { CStr::from_ptr(name.as_ptr()) }))
    }

    fn service_name(&self, port: u16, protocol: Protocol) -> Option<String> {
        let protocol = protocol_name(protocol)?;
        let _guard = SERVICES.lock().unwrap_or_else(PoisonError::into_inner);
        // SAFETY: the string ends with NUL; the answer is null or the static record, which the lock keeps for us, and
        // whose name is a string.
        unsafe {
            let service = libc::getservbyport(port.to_be().into(), protocol.as_ptr()).as_ref()?;
            Some(text(CStr::from_ptr(service.s_name)))
        }
    }
}

fn c_string(name: &str) -> Option<CString> {
    CString::new(crate::ipvs::text::encode(name).as_ref()).ok()
}

fn text(name: &CStr) -> String {
    crate::ipvs::text::decode(name.to_bytes()).into_owned()
}

fn protocol_name(protocol: Protocol) -> Option<&'static CStr> {
    match protocol {
        Protocol::Tcp => Some(c"tcp"),
        Protocol::Udp => Some(c"udp"),
        Protocol::Sctp => Some(c"sctp"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loopback_has_an_address() {
        assert_eq!(System.host_address("localhost"), Some(Ipv4Addr::LOCALHOST));
        assert_eq!(System.host_address("no such host"), None);
        assert_eq!(System.host_address("nul\0inside"), None);
        assert_eq!(System.service_port("no such service", Protocol::Tcp), None);
        assert_eq!(System.service_name(80, Protocol::Other(1)), None);
    }
}
