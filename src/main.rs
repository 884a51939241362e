//! The start of the process: `main` is C's, for the standard library's own start
//!
//! - sets SIGPIPE to be ignored, whatever it was, while scripts see whether the reference inherited it so or was ended by it;
//! - fills the descriptors 0 to 2 with /dev/null for reading and writing, so that a restore without input were an empty one;
//! - reads /proc/self/maps and makes a stack for signals, a tenth of the instructions of a short command.
//!
//! So this file does what is needed of that, and nothing else: arguments and descriptors. Dispositions of signals stay as
//! they were inherited.
#![no_main]
#![allow(unsafe_code)]

use std::ffi::{CStr, c_char, c_int};
use std::fs::File;
use std::os::fd::IntoRawFd;

/// The C library calls this. The standard library knows no arguments here: not every C library tells it of them.
// SAFETY: the one function of this name, with the signature that the C library expects.
#[unsafe(no_mangle)]
extern "C" fn main(count: c_int, words: *const *const c_char) -> c_int {
    fill_descriptors();
    let count = usize::try_from(count).unwrap_or(0);
    // SAFETY: the C library gives as many pointers to strings as it says, and they stay where they are.
    let words = (0..count).map(|n| unsafe { CStr::from_ptr(*words.add(n)) }.to_bytes().to_vec());
    ipvsadm::program::run(&words.collect::<Vec<_>>()).into()
}

/// Fills those of the descriptors 0 to 2 that are closed, or the next file to be opened would be taken for the user's
/// input or output. Reading the one and writing to the others is an error then, as it was.
fn fill_descriptors() {
    for descriptor in 0..=2 {
        // SAFETY: asks for the flags of a descriptor, which may be closed.
        if unsafe { libc::fcntl(descriptor, libc::F_GETFD) } != -1 {
            continue;
        }
        let null = File::options().read(descriptor != 0).write(descriptor == 0).open("/dev/null");
        // Opening takes the lowest descriptor. Without /dev/null there is nothing to do but to go on.
        let _ = null.map(IntoRawFd::into_raw_fd);
    }
}
