//! Whether the kernel brings counters and rates up to date. Its estimator does both every two seconds; where it does not
//! run, counters and rates stand still, whatever the traffic.
//!
//! ```
//! use ipvsadm::ipvs::estimation;
//!
//! if !estimation::runs(|path| Ok(Box::new(std::fs::File::open(path)?))) {
//!     println!("counters and rates stand still");
//! }
//! ```

use std::io::{self, Read};
use std::path::Path;

/// 0 stops the estimator; since Linux 5.15.
const RUN: &str = "/proc/sys/net/ipv4/vs/run_estimation";
/// The processors that the estimator may use; since Linux 6.2.
const CPULIST: &str = "/proc/sys/net/ipv4/vs/est_cpulist";

/// Whether it runs: not where it is switched off, nor where it has no processor. Kernels that do not say always run it.
pub fn runs(mut open: impl FnMut(&Path) -> io::Result<Box<dyn Read>>) -> bool {
    let mut says = |path: &str, what: &str| {
        let mut text = String::new();
        let read = open(Path::new(path)).and_then(|mut file| file.read_to_string(&mut text));
        read.is_ok() && text.trim() == what
    };
    !says(RUN, "0") && !says(CPULIST, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_runs_unless_the_kernel_says_otherwise() {
        for (run, cpulist, expected) in [
            (None, None, true),
            (Some("1\n"), None, true),
            (Some("0\n"), None, false),
            (Some("1\n"), Some("0-3\n"), true),
            (Some("1\n"), Some("\n"), false),
            (Some("0\n"), Some("0\n"), false),
            (Some("1\n"), Some(""), false),
        ] {
            let answer = runs(|path| {
                let text = if path == Path::new(RUN) { run } else { cpulist };
                text.map(|text| Box::new(text.as_bytes()) as Box<dyn Read>).ok_or(io::ErrorKind::NotFound.into())
            });
            assert_eq!(answer, expected, "{run:?} {cpulist:?}");
        }
    }
}
