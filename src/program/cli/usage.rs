//! The help and version texts. They work without kernel, module or root.

use super::declaration;

/// The version whose interface this is, which scripts look for, and our own.
pub const VERSION: &str = concat!("v1.31 (in Rust, release ", env!("CARGO_PKG_VERSION"), ")");

/// What `-v` prints.
pub fn version() -> String {
    format!("ipvsadm {VERSION}\n")
}

/// What `-h` prints.
pub fn help() -> String {
    let help = declaration::ipvsadm()
        .override_usage(
            "ipvsadm COMMAND [OPTION...]\n       \
             ipvsadm -A|-E SERVICE [-s NAME] [-b FLAGS] [-p [SECONDS]] [-M MASK] [--pe NAME] [-o]\n       \
             ipvsadm -D SERVICE\n       \
             ipvsadm -a|-e SERVICE -r ADDR[:PORT] [-g|-i|-m] [-w N] [-x N] [-y N] [TUNNEL OPTIONS]\n       \
             ipvsadm -d SERVICE -r ADDR[:PORT]\n       \
             ipvsadm -d|-e [SERVICE] -r ADDR[:PORT] --drain[=SECONDS] [DRAINING OPTIONS]\n       \
             ipvsadm -L [SERVICE...] [FILTER] [VIEW | --json | --prometheus] [-n] [-X] [--output FILE]\n       \
             ipvsadm -L --watch[=SECONDS] [SERVICE...] [FILTER] [--json] [-n]\n       \
             ipvsadm -L -c [SERVICE...] [FILTER] [--count] [--json] [-n] [--output FILE]\n       \
             ipvsadm -L --timeout | --daemon [--json] [--output FILE]\n       \
             ipvsadm --diagnose [SERVICE [-r ADDR[:PORT]]] [--json]\n       \
             ipvsadm -Z [SERVICE]\n       \
             ipvsadm -S [-n] [--full] [--output FILE]  |  ipvsadm -R  |  ipvsadm -C\n       \
             ipvsadm --set TCP TCPFIN UDP\n       \
             ipvsadm --start-daemon STATE [DAEMON OPTIONS]  |  ipvsadm --stop-daemon STATE\n       \
             SERVICE is one of -t, -u, --sctp-service, -f [-6]. Without any argument the table is listed.\n       \
             All of them take --netns NAMESPACE.",
        )
        .render_help();
    format!("{}{help}", version())
}
